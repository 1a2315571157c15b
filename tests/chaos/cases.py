"""Whole cases under chaos: the demo's steps on a small system, each repeated until the portal takes it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assessments.systems.models import Artifact
from assessments.systems.services import current_artifacts, remove_artifact
from evaluations.runs.models import Run
from evaluations.runs.services import rerun_with_reason
from portal.demo import applying, mainjob, people
from portal.demo.cases import trained
from portal.demo.dossier import Dossier, NotCertified
from portal.demo.progress import Progress
from tests.chaos.pace import NotRefused, Pace

PATIENCE = 120


class Waiting(Progress):
    """Waits for the workers as somebody at a page does, and rests when the load rests."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def wait(self, ready: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
        waited = 0.0
        while not ready():
            if waited > seconds:
                raise RuntimeError(f"{what}: nothing after {seconds:.0f} s")
            began = time.monotonic()
            time.sleep(0.25)
            waited += time.monotonic() - began  # time at rest is not counted
            self.pace.breathe()


class Cases:
    """Case after case, from a description to a certificate that verifies."""

    def __init__(self, pace: Pace, folder: Path) -> None:
        self.pace, self.folder = pace, folder
        self.script = people.script()
        self.cast = people.assemble(self.script["people"])
        self.bundle = trained("digits", folder)
        self.numbers = itertools.count(1)
        self.waiting = Waiting(pace)

    @property
    def vendor(self) -> Any:
        return self.cast.vendor(self.script["systems"]["digits"]["vendor"])

    def dossier(self) -> Dossier:
        number = next(self.numbers)
        words = {**self.script["systems"]["digits"], "name_zh": f"数字识别 {number}"}
        name = f"Digit reader {number}"
        return Dossier(
            self.bundle, words, self.script, self.cast, self.folder, name=name, label="1.0", until="certified"
        )

    def first_version(self) -> str:
        """A version with a model and test data, for self-tests; read as soon as there is load."""
        dossier = self.dossier()
        applying.describe(dossier, self.waiting)
        version = dossier.version
        schema = json.loads(json.dumps(self.bundle.schema))
        type(version).objects.filter(pk=version.pk).update(profile=self.bundle.profile, schema=schema)
        for delivery in self.bundle.deliveries(self.folder / "record.json"):
            applying.send(version, delivery, dossier.vendor, dossier.organisation)
        return str(version.pk)

    def next(self) -> None:
        dossier = self.dossier()
        try:
            for text, act in mainjob.UNTIL["certified"]:
                self.pace.until_done(f"{dossier.name}: {text}", lambda act=act: self._do(act, dossier))
                self.pace.counts["steps"] += 1
        except NotRefused as outcome:
            self.pace.note("case", version=str(dossier.version.pk), outcome=str(outcome))
            return
        certificate: Any = dossier.certificate
        self.pace.note("certificate", number=certificate.number, pdf_sha256=certificate.pdf_sha256)

    def _do(self, act: Any, dossier: Dossier) -> None:
        """One step; before it, what the portal's own fault has ended is asked for again."""
        if act in (applying.upload, mainjob.evaluating.test):
            self._repeat(dossier)
        try:
            act(dossier, self.waiting)
        except NotCertified as outcome:
            raise NotRefused(str(outcome)) from outcome

    def _repeat(self, dossier: Dossier) -> None:
        for artifact in current_artifacts(dossier.version).filter(inspection=Artifact.Inspection.FAILED):
            remove_artifact(artifact, actor=dossier.vendor)
        broken = Run.objects.filter(
            planned__item__plan__case__application__version=dossier.version,
            planned__counted=True,
            status=Run.Status.FAILED,
            failure_kind=Run.FailureKind.PLATFORM,
            superseded_by=None,
        )
        for run in broken:
            rerun_with_reason(run, actor=self.cast.people["first"], reason="The worker was lost.")
            self.pace.counts["repeated"] += 1
