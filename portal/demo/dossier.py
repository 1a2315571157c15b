"""One main job: which bundle, by which vendor, how far, and where it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessments.accounts.models import Organisation, Person, Role
from assessments.applications.models import Application
from assessments.systems.models import SystemVersion
from evaluations.cases.models import Case
from portal.certificates.models import Certificate

from .bundles import Bundle
from .people import Cast


class NotCertified(Exception):
    """The main job ended without a certificate, for a reason that lies in the system."""


@dataclass
class Dossier:
    """What a main job needs. `words` are the system's texts of data/scores.yaml, `script` the whole file."""

    bundle: Bundle
    words: Mapping[str, Any]
    script: Mapping[str, Any]
    cast: Cast
    workspace: Path
    name: str
    label: str
    until: str
    # Test data that the evaluation body drew itself, where it does.
    drawn: Path | None = None

    @property
    def vendor(self) -> Person:
        return self.cast.vendor(self.words["vendor"])

    @property
    def organisation(self) -> Organisation:
        return self.vendor.memberships.get(role=Role.VENDOR_MEMBER).organisation

    @property
    def version(self) -> SystemVersion:
        return SystemVersion.objects.select_related("system").get(
            system__organisation=self.organisation, system__name_en=self.name, label=self.label
        )

    @property
    def application(self) -> Application:
        return Application.objects.get(version=self.version)

    def has_case(self) -> bool:
        return Case.objects.filter(application__version=self.version).exists()

    def has_decision(self) -> bool:
        return Case.objects.filter(application__version=self.version, status=Case.Status.DECIDED).exists()

    @property
    def case(self) -> Case:
        return Case.objects.get(application__version=self.version)

    @property
    def certificate(self) -> Certificate | None:
        return Certificate.objects.filter(case=self.case).first()

    def points_for(self, code: str, evaluator: int) -> int:
        """What an evaluator (0 or 1) gives for an examined criterion."""
        entry = self.script["criteria"].get(code, {})
        points: int = entry.get("points", self.script["points"])[evaluator]
        return points

    def text_for(self, code: str, kind: str) -> str:
        """What the vendor shows (`shown`) or an evaluator finds (`found`), marked as fiction."""
        text = self.script["criteria"].get(code, {}).get(kind, "See the file of the evaluation.")
        return f"{text} ({self.script['note']})"
