"""The pictures of the guides (static/images/help): pages of the demo in both languages, as WebP of at most 36 kB.

    scripts/screenshots --guides [--summary FILE] [--only NAME …]     FILE: summary.json of a demo that runs already

Without a running demo it starts one as `photographs.py` does. What a page needs and the demo does not leave behind, a
draft of an application, is made through the vendor's own forms.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from photographs import CHROMIUM, ROOT, demo, sign_in

FOLDER = ROOT / "static" / "images" / "help"
LANGUAGES = ("en", "zh-hans")
SIZE = {"width": 1080, "height": 720}
SHOWN = (810, 540)  # as large as a guide shows them; more would only weigh
LIMIT = 36_000
NAMES = ("Parcel sorter", "包裹分拣系统")


def at(address: str, anchor: str = "") -> Callable[[Page], None]:
    """A page of a fixed address, scrolled to an element if one is named."""

    def reach(page: Page) -> None:
        page.goto(address)
        if anchor:
            page.locator(anchor).first.scroll_into_view_if_needed()

    return reach


def first(listed_at: str, link: str, tail: str = "") -> Callable[[Page], None]:
    """The page behind the first link that fits of a list, or one below it."""

    def reach(page: Page) -> None:
        page.goto(listed_at)
        address = page.locator(f"main {link}").first.get_attribute("href")
        page.goto(f"{address}{tail}")

    return reach


def version(page: Page) -> None:
    first("/systems/", "a[href^='/systems/']:not([href$='/new/'])")(page)
    page.goto(page.locator("main a[href^='/systems/versions/']").first.get_attribute("href") or "/")


def draft(page: Page) -> None:
    """An application just begun, on a version described for it; begun once, then found again."""
    page.goto("/systems/")
    name = re.compile("|".join(NAMES))
    if page.locator("main").get_by_text(name).count():
        page.goto("/applications/")
        row = page.locator("main :is(tr, li)", has_text=name)
        page.goto(row.locator("a[href^='/applications/']").first.get_attribute("href") or "/")
        return
    page.goto("/systems/new/")
    for field, text in zip(("name_en", "name_zh"), NAMES, strict=True):
        page.fill(f"[name={field}]", text)
    send(page, "name_en")
    page.fill("[name=label]", "2.0.0")
    page.fill("[name=intended_use]", "Reads the postcode on parcels. Not for handwriting.")
    send(page, "label")
    page.goto("/applications/start/")
    page.get_by_role("radio", name=name).first.check()
    send(page, "version")


def send(page: Page, field: str) -> None:
    """Press the button of the form that has the field, and wait for the page behind it."""
    before = page.url
    page.locator(f"main form:has([name={field}]) button:not([type=button])").last.click()
    page.wait_for_url(lambda url: url != before)


def sheet(page: Page) -> None:
    """The first part of a scoring sheet, at a criterion that was tested."""
    first("/cases/?show=over", "th a[href^='/cases/']", "sheet/")(page)
    page.goto(page.locator("main a[href*='/sheet/']").first.get_attribute("href") or "/")


def run(page: Page) -> None:
    first("/cases/?show=over", "th a[href^='/cases/']", "runs/")(page)
    page.goto(page.locator("main a[href^='/runs/']").first.get_attribute("href") or "/")


OVER = ("/cases/?show=over", "th a[href^='/cases/']")
# Name of the picture: how to reach its page, and the role that is signed in ("" for nobody).
PICTURES: dict[str, tuple[Callable[[Page], None], str]] = {
    "registry": (at("/registry/"), ""),
    "certificate": (first("/registry/", "a[href^='/certificates/']"), ""),
    "verify": (at("/verify/"), ""),
    "version": (version, "vendor_member"),
    "application": (draft, "vendor_member"),
    "case": (first(*OVER), "lead_evaluator"),
    "plan": (first(*OVER, "plan/"), "lead_evaluator"),
    "run": (run, "evaluator"),
    "sheet": (sheet, "evaluator"),
    "review": (first(*OVER, "review/"), "reviewer"),
    "regulator": (at("/dashboard/"), "regulator"),
    "administrator": (at("/dashboard/"), "administrator"),
}


def photograph(browser: Browser, summary: dict[str, Any], name: str, language: str) -> bytes:
    """One picture as PNG."""
    reach, role = PICTURES[name]
    context = browser.new_context(
        base_url=summary["url"], viewport=SIZE, color_scheme="light", timezone_id="UTC", reduced_motion="reduce"
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": summary["url"]}])
    page = context.new_page()
    if role:
        login = next((login for login in summary["logins"] if login["role"] == role), None)
        if login is None:
            raise SystemExit(f"{name}: the demo has no login of the role {role}.")
        sign_in(page, login)
    reach(page)
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    return picture


def reduced(picture: bytes) -> bytes:
    """As WebP, at the highest quality that stays below the limit. Raises ValueError when none does."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS)
    for quality in (80, 70, 60, 50):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= LIMIT:
            return buffer.getvalue()
    raise ValueError("too large")


def write(summary: dict[str, Any], names: list[str]) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in LANGUAGES:
            (FOLDER / language).mkdir(parents=True, exist_ok=True)
            for name in names:
                content = reduced(photograph(browser, summary, name, language))
                (FOLDER / language / f"{name}.webp").write_bytes(content)
                print(f"{language}/{name}.webp  {len(content) // 1000} kB")
        browser.close()


def main() -> None:
    parser = ArgumentParser(description="Photograph the pages that the guides show.")
    parser.add_argument("--summary", type=Path, help="summary.json of a demo that runs already")
    parser.add_argument("--only", nargs="*", choices=list(PICTURES), default=list(PICTURES), metavar="NAME")
    options = parser.parse_args()
    if options.summary:
        write(json.loads(options.summary.read_text(encoding="utf-8")), options.only)
        return
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as summary:
        write(summary, options.only)


if __name__ == "__main__":
    main()
