"""Whom a new edition touches: what is under way and in force, with names only where they are not confidential."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from assessments.applications import services as applications
from assessments.applications.completeness import missing_parts
from assessments.applications.models import Application
from assessments.standards.drafting import begin_edition, entrust
from assessments.standards.models import Edition
from tests.factories import cases
from tests.factories.certified import issued_certificate
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def test_list_names_what_is_public_or_ones_own_and_counts_the_rest(django_assert_max_num_queries: Any) -> None:
    team = cases.people()
    edition, _scheme = cases.shipped_standard()
    owner = person("Sofia", team.body, "scheme_owner")
    entrust(edition.standard, team.body)
    # Drafts first: they take running numbers, the factories of later stages count what is there.
    draft = applications.start_application(cases.submitted_version(team, label="9.0.0"), actor=team.applicant)
    under_way = cases.admitted_application(team)
    certificate = issued_certificate(team.vendor, team.body, team.reviewer)
    newer = begin_edition(edition, "0.9.1", actor=owner)
    client = Client()
    client.force_login(owner)
    url = reverse("drafts:transition", args=[newer.pk])
    with django_assert_max_num_queries(16):
        page = client.get(url).content.decode()
    assert under_way.number in page
    assert certificate.number in page
    assert draft.number not in page
    assert "1 application that is a draft or lies with another body" in page
    Application.objects.filter(pk=under_way.pk).update(body=None)
    assert under_way.number not in client.get(url).content.decode()


def test_returned_application_stays_on_the_edition_that_it_was_handed_in_under() -> None:
    application = cases.admitted_application()
    Application.objects.filter(pk=application.pk).update(status="returned", submitted_at=application.created_at)
    Edition.objects.filter(pk=application.edition_id).update(status="superseded")
    application.refresh_from_db()
    assert "standard" not in {item.step for item in missing_parts(application)}
    Application.objects.filter(pk=application.pk).update(status="draft", submitted_at=None)
    application.refresh_from_db()
    assert "standard" in {item.step for item in missing_parts(application)}
    Application.objects.filter(pk=application.pk).update(submitted_at=application.created_at)
    Edition.objects.filter(pk=application.edition_id).update(status="withdrawn")
    assert "standard" in {item.step for item in missing_parts(Application.objects.get(pk=application.pk))}


def test_operator_entrusts_a_standard_to_a_body(published: Edition, other_body: Any, vendor: Any) -> None:
    out = io.StringIO()
    call_command("standards", "entrust", "PRE", other_body.name_en, stdout=out)
    assert out.getvalue().strip() == f"PRE: {other_body.name_en}"
    published.standard.refresh_from_db()
    assert published.standard.owner_id == other_body.pk
    for words in (["NONE", other_body.name_en], ["PRE", vendor.name_en]):
        with pytest.raises(CommandError):
            call_command("standards", "entrust", *words)
