"""Reading a freshly uploaded file in the sandbox, to say what it is or why it is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import structlog
from django.conf import settings

from assessments.systems import storage
from assessments.systems.models import Artifact
from assessments.systems.services import record_inspection
from evaluations.methods.frame import Text
from evaluations.sandbox.job import Ended, Job, Level, Limits, Outcome, SandboxError

from .confined import run_confined
from .storable import is_storable

log = structlog.get_logger(__name__)

# The exit code by which `python -m evaluations.readers inspect` says no.
REFUSED = 3

# Shorter than the lease on an inspection, so that an inspection ends before another worker takes over.
LIMITS = Limits(cpu_seconds=30, wall_seconds=45, memory=3 << 30, disk=64 << 20)
DESCRIPTION_BYTES = 200_000

_TOO_MUCH = Text(
    "It could not be read within the limits of time and memory for one file. "
    "Check that it is not damaged, or hand in a smaller file.",
    "无法在单个文件的时间和内存限制内读取。请检查文件是否损坏，或提交较小的文件。",
)
_CRASH = Text(
    "Reading it ended the reader: the file is malformed. Export it again from the original.",
    "读取该文件导致读取程序终止：文件格式有误。请从原始来源重新导出。",
)


def kind_of_job() -> Job:
    """What all inspections have in common."""
    return Job(
        module="evaluations.readers",
        limits=LIMITS,
        minimum=Level[settings.SANDBOX_MINIMUM],
        sources=("evaluations/__init__.py", "evaluations/readers"),
        preload=("evaluations.readers.inspection",),
    )


def inspect(artifact: Artifact) -> None:
    """Read a claimed file and record the description or the refusal."""
    job = replace(kind_of_job(), arguments=("inspect", "input/file", artifact.filename))
    try:
        with storage.local(artifact.blob_id) as path:
            outcome = run_confined(replace(job, inputs=[(path, "file")]))
    except (SandboxError, OSError):
        log.exception("inspection_not_carried_out", artifact=str(artifact.pk))
        record_inspection(artifact, artifact.attempt, platform_fault=True)
        return
    record_inspection(artifact, artifact.attempt, **answer(outcome))


def answer(outcome: Outcome) -> dict[str, Any]:
    """What to record: `description`, `refusal` ({refused: text, place}), or that the portal is at fault."""
    if outcome.ended in (Ended.WALL_TIME, Ended.CPU_TIME, Ended.MEMORY, Ended.DISK, Ended.TASKS):
        return {"refusal": {"refused": _TOO_MUCH.as_json(), "place": ""}}
    if outcome.exit_code > 128 and not outcome.was_killed:
        return {"refusal": {"refused": _CRASH.as_json(), "place": ""}}
    if outcome.exit_code in (0, REFUSED):
        said = _said(outcome.stdout)
        if said is not None:
            return {"refusal" if outcome.exit_code == REFUSED else "description": said}
    log.error("inspection_failed", exit_code=outcome.exit_code, stderr=outcome.stderr[-2000:])
    return {"platform_fault": True}


def _said(stdout: str) -> dict[str, Any] | None:
    """The one JSON object that the reader wrote, None if it is something else."""
    text = stdout.strip()
    if len(text) > DESCRIPTION_BYTES:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not ("summary" in said or "refused" in said):
        return None
    return said if is_storable(said) and _shows_well(said) else None


def _shows_well(said: dict[str, Any]) -> bool:
    """Whether a preview, if there is one, is text or a JPEG: it came out of a process that opened a foreign file."""
    facts = said.get("facts", {})
    preview = facts.get("preview", {}) if isinstance(facts, dict) else None
    if not isinstance(preview, dict):
        return False
    try:
        picture = base64.b64decode(preview.get("jpeg", ""), validate=True)
    except (ValueError, TypeError):
        return False
    return isinstance(preview.get("text", ""), str) and (not picture or picture.startswith(b"\xff\xd8\xff"))
