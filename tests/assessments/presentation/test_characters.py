"""Characters that nobody sees: refused in every form and by the interface, with the place; all others are kept."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from assessments.accounts.models import Organisation
from assessments.presentation.characters import refuse_unseen
from assessments.systems.models import System
from tests.portal.security.naughty import HALVES, SEEN, UNSEEN


def test_each_is_refused_by_its_place_in_both_languages() -> None:
    for text in (*UNSEEN, *HALVES):
        with pytest.raises(ValidationError, match="invisible character"):
            refuse_unseen(text)
    for text in SEEN:
        refuse_unseen(text)
    refuse_unseen("two\nlines\r\nand\ta tab")
    for language, told in (
        ("en", "Line 2 holds an invisible character (U+202E) after “of Aurora”. Type that place anew."),
        ("zh-hans", "第 2 行“of Aurora”之后含有不可见字符（U+202E），请重新输入该处。"),
    ):
        with translation.override(language), pytest.raises(ValidationError) as refused:
            refuse_unseen("First\nof Aurora\u202e gpj")
        assert refused.value.messages == [told]


@pytest.mark.parametrize(
    "field",
    [
        forms.CharField(),
        forms.EmailField(),
        forms.URLField(assume_scheme="https"),
        forms.SlugField(),
        forms.RegexField(r".*"),
    ],
    ids=lambda field: type(field).__name__,
)
def test_every_text_field_of_a_form_refuses_it(field: forms.Field) -> None:
    assert refuse_unseen in field.validators


def test_a_json_field_is_looked_through() -> None:
    field = forms.JSONField()
    assert field.clean('{"id": "x", "extensions": [1, null]}') == {"id": "x", "extensions": [1, None]}
    for given in ('{"a": ["\\u202e"]}', '{"\\u200b": 1}'):
        with pytest.raises(ValidationError, match="invisible character"):
            field.clean(given)


@pytest.mark.django_db
def test_a_name_is_refused_on_the_page_and_by_the_interface(client: Client, alice: Any) -> None:
    client.force_login(alice)
    given = {"name_en": "Reader\u202egpj", "name_zh": "阅读器", "sector": "other"}
    page = client.post("/systems/new/", given)
    assert (page.status_code in (200, 422), "U+202E" in page.content.decode()) == (True, True)
    answer = client.post("/api/systems/", given, content_type="application/json")
    assert (answer.status_code, "U+202E" in answer.json()["detail"]) == (400, True)
    assert not System.objects.exists()
    new = {"email": "new@example.org", "password1": "a long password", "password2": "a long password"}
    Client().post("/accounts/signup/", {**new, "name": "Vera\u200b", "organisation": "Aurora\u2066"})
    assert not Organisation.objects.filter(name_en__contains="\u2066").exists()
