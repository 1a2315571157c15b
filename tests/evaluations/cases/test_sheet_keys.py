"""The keys of the scoring sheet, in a real browser on a page of the same shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

VALUES = [*range(6), "not_demonstrated"]
SCORES = "".join(f'<input type="radio" name="s" value="{value}">' for value in VALUES)
FORM = f'<form><div data-score>{SCORES}</div><textarea name="rationale">{{}}</textarea></form>'
PAGE = f"""<details data-keys><summary>Keys</summary></details>
<section data-criterion><h2>A</h2>{FORM.format("")}</section>
<section data-criterion><h2 id="only">B</h2></section>
<section data-criterion><h2>C</h2>{FORM.format("It holds.")}
<div data-evidence><a href="#" id="paper">paper</a></div>
<details data-finding id="finding"><summary>Finding</summary><textarea id="found"></textarea></details></section>"""
FOCUS = "() => document.activeElement.id || document.activeElement.tagName + (document.activeElement.value || '')"


def press(page: Any, keys: str) -> list[str]:
    found = []
    for key in keys:
        page.keyboard.press(key)
        found.append(page.evaluate(FOCUS))
    return found


@pytest.mark.journey
def test_keys_go_through_the_sheet_and_can_be_turned_off(browser: Any) -> None:
    script = Path(settings.BASE_DIR, "static/js/sheet.js").read_text(encoding="utf-8")
    page = browser.new_page()
    page.route("http://sheet.test/", lambda route: route.fulfill(content_type="text/html", body=PAGE))
    page.goto("http://sheet.test/")
    page.add_script_tag(content=script)
    assert press(page, "nnne") == ["INPUT0", "only", "INPUT0", "paper"]
    assert press(page, "pp") == ["only", "INPUT0"]
    assert press(page, "?") == ["SUMMARY"]
    assert page.locator("details").first.get_attribute("open") is not None
    page.locator("summary").first.focus()
    assert press(page, "n3m") == ["INPUT0", "INPUT3", "INPUT0"]  # the next that lacks something is C: it has no score
    assert press(page, "xe4f") == ["INPUTnot_demonstrated", "paper", "INPUT4", "found"]
    assert page.locator("#finding").get_attribute("open") is not None
    page.locator("textarea").first.focus()
    page.keyboard.type("np?e3x")
    assert page.locator("textarea").first.input_value() == "np?e3x"  # a letter that is typed is a letter
    page.locator("#paper").focus()
    assert press(page, "r") == ["TEXTAREAIt holds."]
    page.evaluate("localStorage.setItem('portal:shortcut', 'off')")
    page.locator("summary").first.focus()
    assert press(page, "n4") == ["SUMMARY", "SUMMARY"]
    page.close()
