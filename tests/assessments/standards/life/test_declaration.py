"""What its makers declare for themselves: no word of certificates, and nobody can apply for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from assessments.applications import services as applications
from assessments.standards.models import Edition, Scheme
from tests.factories import cases

pytestmark = pytest.mark.django_db


def words_of(client: Client, url: str, language: str) -> str:
    """The main part of a page, without markup."""
    page = client.get(url, headers={"accept-language": language}).content.decode()
    return re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main")])


def test_pages_of_a_declaration_speak_of_no_certificate(published: Edition) -> None:
    for url in ("/standards/PRE/1/", "/standards/schemes/PRE/1/"):
        english, chinese = (words_of(Client(), url, language) for language in ("en", "zh-hans"))
        assert not re.search(r"certif", english, re.IGNORECASE), url
        assert not re.search("认证|证书|发证", chinese), url
    assert "Self-declared pre-check" in words_of(Client(), "/standards/schemes/PRE/1/", "en")


def test_nobody_applies_for_a_declaration(published: Edition, db: Any) -> None:
    team = cases.people()
    cases.shipped_standard()
    application = applications.start_application(cases.submitted_version(team), actor=team.applicant)
    declared = Scheme.objects.get(code="PRE")
    with pytest.raises(ValidationError):
        applications.choose_standard(application, actor=team.applicant, scheme=declared, target_level="")
    client = Client()
    client.force_login(team.applicant)
    page = client.get(f"/applications/{application.pk}/step/standard/").content.decode()
    assert "TAI 0.9" in page
    assert "pre-check" not in page
