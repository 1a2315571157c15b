"""The main job as a list of named steps, and how far each kind of demo application goes."""

from __future__ import annotations

from collections.abc import Callable

from . import applying, evaluating
from .dossier import Dossier
from .progress import Progress

Step = tuple[str, Callable[[Dossier, Progress], None]]

DESCRIBE: list[Step] = [
    ("describe the system and its version", applying.describe),
    ("upload model, data and record; read them in the sandbox", applying.upload),
    ("apply: profile, standard, body, evidence, declarations", applying.apply),
]
SUBMIT: list[Step] = [("submit the application", applying.submit)]
AGREE: list[Step] = [
    ("admit with the risk tier", applying.admit),
    ("sign the agreement; open the case", applying.agree),
]
PLAN: list[Step] = [
    ("assign two evaluators without an interest", evaluating.assign),
    ("test data that the body drew itself", evaluating.draw),
    ("freeze the plan; draw seeds", evaluating.approve),
]
TEST: list[Step] = [
    ("run the tests", evaluating.test),
    ("score, each evaluator blind to the other", evaluating.score),
]
SETTLE: list[Step] = [
    ("settle the scores", evaluating.settle),
    ("tell the client of every finding", evaluating.tell),
]
HAND_OVER: list[Step] = [
    ("corrective actions planned and accepted", evaluating.answer),
    ("freeze the report; hand over to review", evaluating.hand_over),
]
DECIDE: list[Step] = [
    ("review", evaluating.review),
    ("decide", evaluating.decide),
    ("print and sign the certificate", evaluating.issue),
    ("verify the certificate", evaluating.verify),
]
SUBMITTED = [*DESCRIBE, *SUBMIT]
AGREED = [*SUBMITTED, *AGREE]
SCORED = [*AGREED, *PLAN, *TEST]

# Where an application stops, so that somebody finds work there.
UNTIL: dict[str, list[Step]] = {
    "draft": DESCRIBE,
    "submitted": SUBMITTED,
    "returned": [*SUBMITTED, ("return it with reasons", applying.give_back)],
    "planning": [*AGREED, PLAN[0]],
    "scores": SCORED,
    "findings": [*SCORED, *SETTLE],
    "in_review": [*SCORED, *SETTLE, *HAND_OVER],
    "certified": [*SCORED, *SETTLE, *HAND_OVER, *DECIDE],
}


def do_main_job(dossier: Dossier, progress: Progress) -> None:
    """Do the steps up to where the dossier ends; those that are done already take no time.

    Raises NotCertified, Ended (a process of the portal is gone), RuntimeError, or what a service raises.
    """
    steps = UNTIL[dossier.until]
    progress.heading(f"{dossier.name} {dossier.label} ({dossier.organisation.name_en})")
    for number, (text, act) in enumerate(steps, start=1):
        with progress.step(number, len(steps), text):
            act(dossier, progress)
