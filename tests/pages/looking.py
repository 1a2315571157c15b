"""Holds a page, as a browser shows it, to what every page of the portal must be; each check gives its complaints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, ConsoleMessage, Route

from tests.pages.catalogue import SHOWN, Page, Site
from tests.pages.chinese import english_in

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SHIFT = 0.05  # of Google's "good" 0.1, half
WIDE = {"width": 1280, "height": 900}
NARROW = (360, 320)  # a telephone; and 1280 at 400 % (WCAG 2.2, 1.4.10)
RULES_ON_COLOUR = ["color-contrast", "link-in-text-block"]
RULES_ON_LANGUAGE = ["html-has-lang", "html-lang-valid", "html-xml-lang-mismatch", "valid-lang"]

CHECKS = Path(__file__).with_name("checks.js")


def stay(route: Route) -> None:
    """A page that shows itself again after some seconds keeps still while it is looked at."""
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={name: v for name, v in answer.headers.items() if name != "refresh"})


class Tabs:
    """One tab, lent to one person after the other by their cookies; what it complains of is gathered."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.site = site
        self.context = browser.new_context(base_url=site.url, viewport=WIDE, locale="en-GB", reduced_motion="reduce")
        self.context.add_init_script(path=CHECKS)
        self.context.route("**/pdf/", stay)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def close(self) -> None:
        self.context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def go(self, page: Page, language: str = "en") -> list[str]:
        """Open the page in its person's name; what the browser said meanwhile."""
        self.complaints.clear()
        self.context.clear_cookies()
        given = {**self.site.cookies(page.actor), "django_language": language}
        self.context.add_cookies([{"name": n, "value": v, "url": self.site.url} for n, v in given.items()])
        answer = self.page.goto(page.address)
        status = answer.status if answer else 0
        return [*self.complaints, *([f"status {status}"] if status not in SHOWN else [])]

    def check(self, name: str, *arguments: float) -> list[str]:
        """What a check of checks.js says."""
        told: list[str] | None = self.page.evaluate(f"(given) => window.pageChecks.{name}(...given)", list(arguments))
        return told or []

    def violations(self, options: dict[str, Any] | None = None, inside: str = "") -> list[str]:
        """What axe finds, with the place."""
        if not self.page.evaluate("() => Boolean(window.axe)"):
            self.page.evaluate(AXE)
        asked = {"resultTypes": ["violations"], **(options or {})}
        found = self.page.evaluate("([c, o]) => axe.run(c || document, o)", [inside, asked])["violations"]
        return [f"{v['id']}: {[node['html'][:160] for node in v['nodes'][:3]]}" for v in found]

    def only(self, *rules: str) -> list[str]:
        return self.violations({"runOnly": {"type": "rule", "values": list(rules)}})

    def english(self, page: Page) -> list[str]:
        """All that holds for a page on a wide and a narrow screen, light and dark, with forced colours."""
        told = self.go(page)
        told += self.check("structure", SHIFT)
        told += [f"reduced motion, yet {each}" for each in self.check("moving")]
        self.check("openAll")
        told += self.violations({"rules": {"target-size": {"enabled": True}}})
        told += self.dialogs()
        self.page.emulate_media(color_scheme="dark")
        told += [f"dark: {each}" for each in self.only(*RULES_ON_COLOUR)]
        self.page.emulate_media(color_scheme="light", forced_colors="active")
        told += [f"forced colours: {each}" for each in self.check("focus")]
        self.page.emulate_media(forced_colors="none")
        told += self.narrow()
        return told

    def chinese(self, page: Page) -> list[str]:
        """The page in Chinese says that it is, and says nothing in English."""
        told = [*self.go(page, "zh-hans"), *self.only(*RULES_ON_LANGUAGE)]
        return told + [f"English: {each}" for each in english_in(self.check("texts"))]

    def refused(self, page: Page, language: str = "en") -> list[str] | None:
        """The page after its form was sent with nothing filled in; None where that leads elsewhere."""
        self.go(page, language)
        with self.page.expect_navigation() as arrival:
            self.check("sendNothing")
        answer = arrival.value
        if answer is None or answer.request.redirected_from is not None or answer.status == 404:
            return None
        told = [*self.complaints, *self.check("structure", SHIFT)]
        if answer.status not in (200, 400, 403, 409, 422):
            told.append(f"status {answer.status}")
        if language != "en":
            return told + [f"English: {each}" for each in english_in(self.check("texts"))]
        told += self.violations()
        return told + self.narrow()

    def narrow(self) -> list[str]:
        told: list[str] = []
        for width in NARROW:
            self.page.set_viewport_size({"width": width, "height": 800})
            told += self.check("overflow")
        told += [f"at {NARROW[-1]}: {each}" for each in self.only("target-size", "scrollable-region-focusable")]
        self.page.set_viewport_size(WIDE)
        return told

    def dialogs(self) -> list[str]:
        """Each confirmation, opened as a person opens it: named, in front, and closed again by Escape."""
        told: list[str] = []
        for summary in self.page.locator("main details:has(dialog) > summary").locator("visible=true").all():
            summary.click()
            dialog = self.page.locator("dialog[open]")
            if dialog.count() != 1:
                told.append(f"{dialog.count()} dialogs opened by {summary.inner_text()}")
                continue
            told += [f"dialog: {each}" for each in self.violations(inside="dialog[open]")]
            self.page.keyboard.press("Escape")
            if self.page.locator("dialog[open]").count():
                told.append(f"Escape does not close what {summary.inner_text()} opened")
        return told
