"""What must hold of a portal whatever happened to it, asked of its rows, its ledger and its files.

Each violation is {"kind": lost, doubled or broken, "what": …, "of": …}. Lost: something acknowledged is not there, or
has no end. Doubled: something that happens once happened twice. Broken: something is neither as before nor as after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q

from assessments.applications.models import Application
from assessments.ledger import services as ledger
from assessments.ledger.models import Entry
from assessments.systems import storage, storekeeping
from assessments.systems.models import Artifact, Blob, Upload
from evaluations.cases.models import Case, PlannedRun, ReportPrint
from evaluations.cases.printing import MOST_ATTEMPTS as MOST_PRINTS
from evaluations.runs.models import Run
from evaluations.runs.sealing import is_seal_intact
from portal.certificates.models import Certificate, NumberSequence, StatusEvent
from portal.certificates.services import awaiting_attestation
from portal.notifications.models import Notification
from portal.registry.models import SearchEntry

Violation = dict[str, str]
ENDS = {"finish": "finished", "fail": "failed", "cancel": "cancelled", "stop": "cancelled"}
READ = {Artifact.Inspection.ACCEPTED, Artifact.Inspection.REFUSED, Artifact.Inspection.FAILED}


def unfinished() -> list[str]:
    """What the portal has still to do by itself while nobody asks for anything; empty when it is quiet."""
    unread = Artifact.objects.exclude(inspection__in=READ)
    prints = ReportPrint.objects.filter(status=ReportPrint.Status.WAITING, attempt__lt=MOST_PRINTS)
    waiting: dict[str, Iterable[Any]] = {
        "run": Run.objects.unfinished().values_list("pk", flat=True),
        "file to be read": unread.values_list("pk", flat=True),
        "case to be opened": Application.objects.filter(status="agreed", case=None).values_list("pk", flat=True),
        "plan to begin": Case.objects.filter(status=Case.Status.PLAN_APPROVED).values_list("pk", flat=True),
        "case to be certified": awaiting_attestation().values_list("pk", flat=True),
        "certificate to be issued": Certificate.objects.filter(status="preparing").values_list("pk", flat=True),
        "certificate to be listed": Certificate.objects.published()
        .filter(search_entry=None)
        .values_list("pk", flat=True),
        "report to be printed": prints.values_list("pk", flat=True),
    }
    return [f"{name} {key}" for name, keys in waiting.items() for key in keys]


def check(acknowledged: list[dict[str, Any]]) -> tuple[list[Violation], int]:
    """Every violation, and how many files were swept that nothing names; asked while the portal is quiet.

    Such a file is let lie for a day in case its owner comes; nobody does now, so it is swept at once.
    """
    found = [*_of_bytes()]
    swept = storekeeping.sweep(grace=timedelta(0))
    found += [
        *_of_journal(acknowledged),
        *_of_runs(),
        *_of_files(),
        *_of_certificates(),
        *_of_notifications(),
        *({"kind": "broken", "what": f"ledger: {fault.code}", "of": str(fault.sequence)} for fault in ledger.verify()),
    ]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            said = cursor.execute("PRAGMA integrity_check").fetchone()[0]
        found += [] if said == "ok" else [_violation("broken", "database", said)]
    return found, swept.quarantine + swept.store


def totals() -> dict[str, int]:
    """What has been done in all, by the rows."""
    ended = Run.objects.exclude(status__in=["queued", "running"])
    return {
        "cases_completed": Case.objects.filter(status=Case.Status.DECIDED).count(),
        "certificates": Certificate.objects.published().count(),
        "runs_completed": ended.filter(status=Run.Status.FINISHED).count(),
        "runs_repeated_by_the_portal": ended.filter(attempt__gt=1).count(),
        "runs_failed": ended.filter(status=Run.Status.FAILED).count(),
        "runs_cancelled": ended.filter(status=Run.Status.CANCELLED).count(),
        "files_kept": Blob.objects.count(),
        "ledger_entries": Entry.objects.count(),
        "reports_given_up": ReportPrint.objects.filter(status="waiting", attempt__gte=MOST_PRINTS).count(),
    }


def _violation(kind: str, what: str, of: Any) -> Violation:
    return {"kind": kind, "what": what, "of": str(of)}


def _of_journal(acknowledged: list[dict[str, Any]]) -> Iterator[Violation]:
    """What the portal has said yes to is there."""
    runs = {str(pk) for pk in Run.objects.values_list("pk", flat=True)}
    files = {str(pk): digest for pk, digest in Artifact.objects.values_list("pk", "blob_id")}
    certificates = dict(Certificate.objects.values_list("number", "pdf_sha256"))
    for fact in acknowledged:
        kind = fact["kind"]
        if kind == "run" and fact["id"] not in runs:
            yield _violation("lost", "an acknowledged run", fact["id"])
        elif kind == "upload" and files.get(fact["artifact"]) != fact["sha256"]:
            yield _violation("lost", "an acknowledged file", fact["artifact"])
        elif kind == "certificate" and certificates.get(fact["number"]) != fact["pdf_sha256"]:
            yield _violation("lost", "a certificate", fact["number"])
        elif kind in ("bytes lost", "bytes changed", "stuck"):
            yield _violation("lost", kind, {name: value for name, value in fact.items() if name != "kind"})


def _of_runs() -> Iterator[Violation]:
    """Each run ended once, with one sealed result or a stated reason, and was begun as often as its row says."""
    moves: dict[str, list[str]] = {}
    label = Run._meta.label_lower
    for key, move in Entry.objects.filter(object_type=label).values_list("object_id", "transition"):
        moves.setdefault(key, []).append(move)
    for run in Run.objects.iterator(chunk_size=200):
        made = moves.get(str(run.pk), [])
        ends = [move for move in made if move in ENDS]
        if len(ends) > 1:
            yield _violation("doubled", f"the end of a run: {', '.join(made)}", run.pk)
        elif [ENDS[move] for move in ends] != [run.status]:
            yield _violation("lost", f"a {run.status} run tells of {', '.join(made)}", run.pk)
        if made.count("start") != run.attempt:
            yield _violation("doubled", f"{run.attempt} attempts, told: {', '.join(made)}", run.pk)
        if run.status == Run.Status.FINISHED and not is_seal_intact(run):
            yield _violation("broken", "the seal of a result", run.pk)
        if run.status == Run.Status.FAILED and not (run.failure_kind and run.failure_reason):
            yield _violation("lost", "the reason of a failed run", run.pk)
        if run.failure_kind == Run.FailureKind.VENDOR:  # every model of the load is sound
            yield _violation("broken", "a run blamed on its object", f"{run.pk} {run.failure_reason.get('en')}")
    items = PlannedRun.objects.filter(counted=True).values("item").annotate(n=Count("pk")).filter(n__gt=1)
    for row in items:
        yield _violation("doubled", "the counted run of a planned test", row["item"])


def _of_bytes() -> Iterator[Violation]:
    """Every file of the store is whole, whether a row names it or not."""
    for found in storekeeping.verify():
        yield _violation("lost", f"a stored file: {found.fault}", found.sha256)
    kept = set(Blob.objects.values_list("pk", flat=True))
    for stored in storage.backing().stored():
        if stored.sha256 not in kept and storage.digest_of(stored.sha256) != stored.sha256:
            yield _violation("broken", "a stored file that is not whole", stored.sha256)


def _of_files() -> Iterator[Violation]:
    """Files have a row, each file was read once, and each upload is whole."""
    kept = set(Blob.objects.values_list("pk", flat=True))
    stored = {one.sha256 for one in storage.backing().stored()}
    for digest in sorted(stored - kept):
        yield _violation("broken", "a file without a row", digest)
    open_uploads = {f"upload-{pk}" for pk in Upload.objects.filter(status="open").values_list("pk", flat=True)}
    for path in Path(settings.UPLOAD_ROOT).glob("*"):
        if path.is_file() and path.name not in open_uploads:
            yield _violation("broken", "a file left in quarantine", path.name)
    for upload in Upload.objects.filter(status="finished", artifact=None):
        yield _violation("lost", "the file of a finished upload", upload.pk)
    for artifact in Artifact.objects.filter(inspection=Artifact.Inspection.REFUSED):  # every file of the load is sound
        yield _violation("broken", "a sound file refused", f"{artifact.pk} {artifact.refusal}")
    for key in _more_than_once(Artifact, "inspect"):
        yield _violation("doubled", "the reading of a file", key)


def _of_certificates() -> Iterator[Violation]:
    """One certificate of a case, each number once and none left out, one issue, one file, one entry in the registry."""
    stored = {one.sha256 for one in storage.backing().stored()}
    granted = Case.objects.filter(decision__outcome="granted")
    for case in granted.filter(certificate=None):
        yield _violation("lost", "the certificate of a granted case", case.pk)
    for label, model in (("certificates", Certificate), ("cases", Case)):
        numbers = list(model.objects.values_list("number", flat=True))
        if len(numbers) != len(set(numbers)):
            yield _violation("doubled", f"a number of {label}", numbers)
    given = sum(NumberSequence.objects.values_list("last", flat=True))
    if given != Certificate.objects.count():
        yield _violation("lost", f"{given} numbers given, certificates:", Certificate.objects.count())
    issued = StatusEvent.objects.filter(status="in_force").values("certificate").annotate(n=Count("pk"))
    for row in issued.filter(n__gt=1):
        yield _violation("doubled", "the issue of a certificate", row["certificate"])
    for key in (
        *_more_than_once(Certificate, "issue"),
        *_more_than_once(Case, "decide"),
        *_more_than_once(Case, "open"),
    ):
        yield _violation("doubled", "a move that is made once", key)
    for certificate in Certificate.objects.published():
        if certificate.pdf_sha256 not in stored:
            yield _violation("lost", "the file of a certificate", certificate.number)
    listed = SearchEntry.objects.values("certificate").annotate(n=Count("pk")).filter(n__gt=1)
    for row in listed:
        yield _violation("doubled", "an entry of the registry", row["certificate"])


def _of_notifications() -> Iterator[Violation]:
    """Nobody finds a task twice in the inbox."""
    rows = Notification.objects.values("person", "kind", "entry_sequence").annotate(n=Count("pk")).filter(n__gt=1)
    for row in rows:
        yield _violation("doubled", f"a notification: {row['kind']}", row["entry_sequence"])
    letters = Notification.objects.exclude(letter=None).filter(~Q(letter__person=F("person")))
    for row in letters:
        yield _violation("broken", "a letter to somebody else", row.pk)


def _more_than_once(model: Any, move: str) -> list[str]:
    """The objects of which the ledger tells this move more than once."""
    label = model._meta.label_lower
    rows = Entry.objects.filter(object_type=label, transition=move).values("object_id").annotate(n=Count("pk"))
    return [row["object_id"] for row in rows.filter(n__gt=1)]
