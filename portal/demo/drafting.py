"""What the scheme owner of the demo finds: edition 1.0 of the standard under public consultation, with comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.standards import consulting, drafting
from assessments.standards.loading import DATA
from assessments.standards.models import Edition, Standard, Status
from assessments.standards.services import load_scheme, load_standard

from .people import Cast

FILES = ("TAI-1.0.yaml", "TAI-scheme-2.yaml")
DAYS = 45


def put_to_the_public(words: Mapping[str, Any], cast: Cast) -> None:
    """Load the draft, open its consultation, comment as a visitor; what has been done is left as it is."""
    owner = cast.people[words["owner"]]
    drafting.entrust(Standard.objects.get(code="TAI"), cast.body)
    edition = Edition.objects.filter(standard__code="TAI", edition="1.0").select_related("standard").first()
    if edition is None:
        edition = load_standard(DATA / FILES[0])
        load_scheme(DATA / FILES[1])
    if edition.status == Status.DRAFT and not edition.consultations.exists():
        day = timezone.now().date()
        consulting.open_consultation(edition, opens_on=day, closes_on=day + timedelta(days=DAYS), actor=owner)
    for said in words["comments"]:
        _say(edition, said, owner)


def _say(edition: Edition, said: Mapping[str, Any], owner: Any) -> None:
    """One comment, let through when the script says so and answered when it has an answer."""
    consultation = edition.consultations.first()
    if consultation is None or consultation.comments.filter(text=said["text"]).exists():
        return
    keys = ("name", "affiliation", "email", "criterion", "text", "proposal")
    row = consulting.comment(consultation, **{key: said[key] for key in keys if key in said})
    if said.get("public"):
        consulting.release(row, actor=owner)
    if "answer" in said:
        consulting.answer(row, actor=owner, outcome=said["outcome"], text=said["answer"])
