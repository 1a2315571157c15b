"""Each address by which somebody outside a vendor reads what belongs to it: what trace that leaves, or why none.

An address in the table of expectations that people outside the vendor get, about the vendor's objects, and that is in
neither list, fails the test.
"""

from __future__ import annotations

# The kind of the reading that is noted (assessments.systems.models.Reading.Kind).
TRACED: dict[str, str] = {
    "systems:download": "file",
    "api:file": "file",
    "applications:answers": "evidence",
    "applications:admission": "evidence",
    "api:evidences": "evidence",
    "cases:sheet-part": "evidence",
    "cases:settle-criterion": "evidence",
    "applications:agreement": "agreement",
    "api:application-agreement": "agreement",
    "cases:report": "report",
    "cases:report-file": "report",
    "cases:report-pdf": "report",
    "cases:review": "report",
    "api:case-report": "report",
    "api:case-report-pdf": "report",
}
_STATE = "tells where something stands, and gives no file and no evidence"
_LISTS = "names files and what the portal read from them; their bytes are elsewhere"
_WORK = "the evaluation's own work: plan, figures of runs, scores, findings"
UNTRACED: dict[str, str] = {
    "api:application": _STATE,
    "api:application-case": _STATE,
    "api:applications": _STATE,
    "api:case": _STATE,
    "applications:application": _STATE,
    "cases:case": _STATE,
    "cases:assign": _STATE,
    "cases:decide": _STATE,
    "cases:sheet": _STATE,
    "cases:settle": _STATE,
    "api:files": _LISTS,
    "api:version": _LISTS,
    "systems:version": _LISTS,
    "systems:upload": _LISTS,
    "api:run": _WORK,
    "runs:run": _WORK,
    "runs:progress": _WORK,
    "runs:compare": _WORK,
    "runs:result": _WORK,
    "cases:runs": _WORK,
    "cases:plan": _WORK,
    "cases:plan-item": _WORK,
    "cases:plan-revise": _WORK,
    "cases:plan-revision": _WORK,
    "cases:finding-edit": _WORK,
    "cases:finding-write": _WORK,
    "cases:findings": _WORK,
    "cases:level": _WORK,
}
