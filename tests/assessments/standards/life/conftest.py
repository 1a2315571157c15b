"""A standard that a body keeps, its scheme owner, and drafts small enough to be quick."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.standards.drafting import begin_edition, entrust
from assessments.standards.loading import DATA
from assessments.standards.models import Edition
from assessments.standards.services import load_scheme, load_standard, publish
from tests.factories.people import person


@pytest.fixture
def owner(body: Any) -> Any:
    return person("Sofia", body, "scheme_owner")


@pytest.fixture
def other_owner(other_body: Any) -> Any:
    return person("Silas", other_body, "scheme_owner")


@pytest.fixture
def published(body: Any) -> Edition:
    """The pre-check, published as a pilot, in the keeping of the body; with its scheme."""
    edition = load_standard(DATA / "PRE-1.yaml")
    scheme = load_scheme(DATA / "PRE-scheme.yaml")
    publish(edition)
    publish(scheme, resolution=None)
    entrust(edition.standard, body)
    return Edition.objects.select_related("standard").get(pk=edition.pk)


@pytest.fixture
def draft(published: Edition, owner: Any) -> Edition:
    """Edition 2 of the pre-check, begun from edition 1, with a draft scheme."""
    edition = begin_edition(published, "2", actor=owner)
    return Edition.objects.select_related("standard").get(pk=edition.pk)


@pytest.fixture
def full_edition(body: Any) -> tuple[Edition, Edition]:
    """TAI 0.9 superseded with a transition until tomorrow, and TAI 1.0 published with its scheme."""
    from django.utils import timezone

    old = load_standard(DATA / "TAI-0.9.yaml")
    load_scheme(DATA / "TAI-scheme.yaml")
    new = load_standard(DATA / "TAI-1.0.yaml")
    scheme = load_scheme(DATA / "TAI-scheme-2.yaml")
    entrust(old.standard, body)
    now = timezone.now()
    for row in (new, scheme):
        type(row).objects.filter(pk=row.pk).update(status="published", published_at=now)
    Edition.objects.filter(pk=old.pk).update(status="superseded", applications_until=now.date())
    return old, new
