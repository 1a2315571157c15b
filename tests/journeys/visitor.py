"""A person at a browser: acts by roles and labels as they stand on the page, and has every page seen checked.

Every page that a visitor comes to must have no message on the browser's console (a breach of the content security
policy would stand there), no failed request, and must not be an error page. Each state of a page must have no axe
violation: pages of one address that are made of the same elements are looked at once in a session.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, ViewportSize, expect

from tests.journeys.stack import PASSWORD, Portal
from tests.pages.shapes import shape_of

PATIENCE = 30_000
# What axe sees differs with no database and no queue: it looks on the embedded stack.
LOOKING = not os.environ.get("DATABASE_URL", "").startswith("postgres")
# What names one object in an address.
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[A-Z]{2,3}-[\d-]+|(?<=/)\d+(?=/)")
Words = str | re.Pattern[str]


class Visitor:
    """One browser of its own (cookies, storage), in one language, with or without script.

    `audited` holds each page to axe, which takes longer than the page itself. The hand is a mouse; other hands
    (hands.py) do the same acts in their own way.
    """

    present: ClassVar[list[Visitor]] = []  # who has not left: what they see is told when a test fails
    seen: ClassVar[dict[str, list[frozenset[str]]]] = {}  # what was held to axe: the shapes of each address

    def __init__(
        self,
        browser: Browser,
        portal: Portal,
        *,
        language: str = "en",
        script: bool = True,
        audited: bool = True,
        size: ViewportSize | None = None,
    ) -> None:
        self.portal, self.script, self.audited = portal, script, audited and script and LOOKING
        # As for somebody who wants no motion: where a page rolls slowly, each click waits until it stands still.
        self.context = browser.new_context(
            base_url=portal.url,
            locale=language,
            java_script_enabled=script,
            accept_downloads=True,
            viewport=size,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._response)
        self.present.append(self)

    def close(self) -> None:
        self.present.remove(self)
        self.context.close()

    def sign_in(self, name: str, *, going_to: str = "/dashboard/") -> Visitor:
        """Sign in by the form, as everybody does; the portal then leads to where one wanted to go."""
        self.visit(f"/accounts/login/?next={going_to}")
        self.fill("Email", f"{name.lower()}@example.org")
        self.fill("Password", PASSWORD)
        self.press("Sign in", inside=self.page.get_by_role("main"))
        self.sees_not_the_address("/accounts/login/")
        return self

    # Going about

    def visit(self, address: str) -> Visitor:
        self.page.goto(address)
        return self.inspect()

    def follow(self, words: Words, *, inside: Locator | None = None) -> Visitor:
        """Click the link of that name."""
        self.act(self._one("link", words, inside))
        return self.inspect()

    def press(self, words: Words, *, inside: Locator | None = None) -> Visitor:
        """Press the button of that name and wait for the page that follows (a form may first await its autosave)."""
        with self.page.expect_navigation():
            self.act(self._one("button", words, inside))
        return self.inspect()

    def confirm(self, words: Words, *, reason: str = "") -> Visitor:
        """Press what asks back, give the reason if there is one, and confirm; then the page that follows."""
        asking = (
            self.page.locator("main details.confirm").filter(has=self.page.locator("summary", has_text=words)).first
        )
        self.act(asking.locator("summary"))
        dialog = asking.locator("dialog")
        expect(dialog).to_be_visible()
        if reason:
            self.write(dialog.locator("textarea"), reason)
        with self.page.expect_navigation():
            self.act(dialog.locator("button:not([data-close])"))
        return self.inspect()

    def has_link(self, words: Words) -> bool:
        return self._named("link", words, None).count() > 0

    # Filling in

    def fill(self, label: Words, value: str, *, inside: Locator | None = None) -> Visitor:
        return self.write(self._labelled(label, inside), value)

    def choose(self, label: Words, option: str, *, inside: Locator | None = None) -> Visitor:
        """Choose the option by its words in the drop-down list of that label."""
        return self.pick(self._labelled(label, inside), option)

    def tick(self, label: Words, *, inside: Locator | None = None) -> Visitor:
        """Tick a box, or choose one of several, by its label."""
        return self.check(self._labelled(label, inside))

    def attach(self, label: Words, file: Path | dict[str, Any]) -> Visitor:
        self._labelled(label, None).set_input_files(file)  # type: ignore[arg-type]
        return self

    # What the hand does

    def act(self, target: Locator) -> Visitor:
        """Use a link or a button."""
        target.click()
        return self

    def write(self, field: Locator, value: str) -> Visitor:
        """Put words (or a day as 2027-04-15) into a field in place of what stands there."""
        field.fill(value)
        return self

    def pick(self, field: Locator, option: str) -> Visitor:
        """Choose from a drop-down list by the option's words."""
        field.select_option(label=option)
        return self

    def check(self, box: Locator) -> Visitor:
        """Tick a box or choose one of several."""
        box.check()
        return self

    def give(self, form: Locator, points: int) -> Visitor:
        """Choose a score of 0 to 5."""
        return self.check(form.locator(f"input[type=radio][value='{points}']"))

    def open_menu(self) -> Visitor:
        """On a narrow screen the main links stand in a menu."""
        opener = self.page.get_by_role("button", name="Menu", exact=True)
        if opener.is_visible():
            self.act(opener)
        return self

    # Looking

    def sees(self, *words: Words, seconds: float = 30) -> Visitor:
        for text in words:
            found = self.page.get_by_role("main").get_by_text(text).locator("visible=true").first
            expect(found).to_be_visible(timeout=seconds * 1000)
        return self

    def sees_not(self, *words: Words) -> Visitor:
        for text in words:
            expect(self.page.get_by_role("main").get_by_text(text).locator("visible=true")).to_have_count(0)
        return self

    def sees_not_the_address(self, address: str) -> Visitor:
        expect(self.page).not_to_have_url(re.compile(re.escape(address)))
        return self

    def reloads_until(self, words: Words, *, seconds: float) -> Visitor:
        """Look again, as a person without script does, until the words stand on the page."""
        for _ in range(int(seconds * 2)):
            self.portal.check()
            if self.page.get_by_role("main").get_by_text(words).locator("visible=true").count():
                return self.inspect()
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"after {seconds} s not on {self.page.url}: {words}\n{self.text()}")

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text(timeout=2000)

    def inspect(self) -> Visitor:
        """Wait until the page is there, then hold it to what every page must be."""
        self.page.wait_for_load_state("load")
        self._is_no_error_page()
        if self.audited:
            self._is_accessible()
        assert not self.complaints, f"{self.page.url}: {self.complaints}"
        return self

    def _is_accessible(self) -> None:
        shape = shape_of(self.page.content())
        known = self.seen.setdefault(KEYS.sub("*", urlsplit(self.page.url).path), [])
        if any(shape <= each for each in known):
            return
        known.append(shape)
        found = Axe().run(self.page).response["violations"]
        told = [f"{v['id']}: {v['help']}: {[node['html'][:200] for node in v['nodes'][:3]]}" for v in found]
        assert not told, f"{self.page.url}\n" + "\n".join(told)

    def _is_no_error_page(self) -> None:
        heading = self.page.locator("h1")
        expect(heading.first).to_be_attached()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "the server responded with a status of 422" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        # 422 is a form that is shown again with its errors; the test that sends one says what it expects.
        if response.status >= 400 and response.status != 422:
            self.complaints.append(f"{response.request.method} {response.url} gave {response.status}")

    def _named(self, role: Any, words: Words, inside: Locator | None) -> Locator:
        return (inside or self.page).get_by_role(role, name=as_whole(words)).locator("visible=true")

    def _one(self, role: Any, words: Words, inside: Locator | None) -> Locator:
        found = self._named(role, words, inside or self.page.get_by_role("main"))
        return (found if found.count() else self._named(role, words, inside)).first

    def _labelled(self, label: Words, inside: Locator | None) -> Locator:
        return (inside or self.page.get_by_role("main")).get_by_label(as_whole(label))


def as_whole(words: Words) -> re.Pattern[str]:
    """The whole name, whatever its capitals, with or without the mark of an optional field; a pattern stays itself."""
    if isinstance(words, re.Pattern):
        return words
    return re.compile(rf"^\s*{re.escape(words)}\s*(\(optional\)|（选填）)?\s*$", re.IGNORECASE)


def options_of(found: Locator) -> Sequence[str]:
    """The words of a drop-down list."""
    return found.locator("option").all_inner_texts()
