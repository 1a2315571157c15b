"""The base page, the design page, forms and the pages of errors, as a reader meets them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from assessments.presentation import icons, statuses
from assessments.presentation.specimens import SpecimenForm

pytestmark = pytest.mark.django_db


def test_design_page_shows_every_component(client: Client) -> None:
    page = client.get("/design/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "style=" not in text
    assert not re.search(r"<script(?![^>]*src=)", text)
    assert text.count("<svg") > 20
    assert '<html lang="en">' in text


def test_design_page_leaves_no_component_out(client: Client) -> None:
    shown = {template.name for template in client.get("/design/").templates}
    folder = settings.BASE_DIR / "templates"
    components = (folder / "presentation" / "components").glob("*.html")
    assert {str(path.relative_to(folder)) for path in components} - shown == set()


def test_design_page_is_not_there_unless_the_installation_shows_it(client: Client, settings: Any) -> None:
    settings.DESIGN_PAGE = False
    settings.DEBUG = False
    assert client.get("/design/").status_code == 404


def test_page_is_chinese_for_who_asks_for_it(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/design/"})
    text = client.get("/design/").content.decode()
    assert '<html lang="zh-Hans">' in text
    assert "可信评估平台" in text
    assert "跳到正文" in text


def test_page_blocks_on_three_style_sheets_at_most(client: Client) -> None:
    text = client.get("/design/").content.decode()
    assert len(re.findall(r'<link rel="stylesheet"', text)) <= 3
    assert all("defer" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_unknown_address_says_so_without_telling_what_exists(client: Client) -> None:
    page = client.get("/no-such-page/")
    assert page.status_code == 404
    assert "or it is not open to you" in page.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_of_failure_need_no_request_and_speak_both_languages(name: str) -> None:
    text = render_to_string(name)
    assert 'lang="zh-Hans"' in text
    assert "<h1>" in text


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "presentation/conflict.html"])
def test_pages_of_refusal_render(name: str) -> None:
    request = RequestFactory().get("/")
    text = render_to_string(name, {"texts": [("Reason", "a <b> c")]}, request=request)
    assert "<h1>" in text
    if "conflict" in name:
        assert "a &lt;b&gt; c" in text


def test_field_with_an_error_is_tied_to_it() -> None:
    form = SpecimenForm({"name": ""})
    text = str(form)
    assert 'id="id_name_error"' in text
    assert re.search(r'<input[^>]*aria-invalid="true"[^>]*aria-describedby="id_name_helptext id_name_error"', text)
    assert '<fieldset class="field field-wrong" aria-describedby="id_tier_error"' in text


def test_error_summary_links_to_each_field() -> None:
    form = SpecimenForm({"name": ""})
    text = render_to_string("presentation/components/error_summary.html", {"form": form})
    assert 'href="#id_name"' in text
    # Of several choices the first takes the focus.
    assert 'href="#id_tier_0"' in text
    assert 'id="id_tier_0"' in str(form)
    assert 'role="alert"' in text


def test_every_state_has_a_tone_with_a_shape_that_is_drawn() -> None:
    for tone in statuses.TONES.values():
        assert statuses.SHAPES[tone] in icons.PATHS
    assert statuses.tone_of("something new") == "quiet"


def test_every_chinese_text_has_full_width_punctuation() -> None:
    with translation.override("zh-hans"):
        text = render_to_string("404.html", request=RequestFactory().get("/"))
    assert "页面不存在，" in text
