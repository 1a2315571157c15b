"""Other hands than the mouse: a narrow screen without script, and the keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ElementHandle, Locator

from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor, Words

FARTHEST = 400  # presses of Tab: no page may ask for more to come to anything on it

# Where the focus stands, seen from the target: "here", "before", "after", or "outside" the page. A group of radio
# buttons is one stop, as it is for the Tab key.
WHERE = """target => {
  const now = document.activeElement;
  if (!now || now === document.body || now === document.documentElement) return "outside";
  const same = now.type === "radio" && target.type === "radio" && now.name === target.name && now.form === target.form;
  if (now === target || same) return "here";
  if (now.matches(".skip-link") && target.closest("main")) return "skip";
  return now.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING ? "before" : "after";
}"""
# What is wrong with the focus as a person sees it; empty when it is well.
FAULT = """() => {
  const now = document.activeElement, style = getComputedStyle(now);
  if (!now.matches(":focus-visible")) return "the focus is not shown";
  const marked = node => {
    const style = getComputedStyle(node);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  if (!marked(now) && !(now.labels?.length && [...now.labels].some(marked))) return "the focus has no mark";
  const box = now.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth)
    return "the focus is out of sight";
  if (document.querySelector("[tabindex]:not([tabindex='0']):not([tabindex='-1'])")) return "an order of its own";
  return "";
}"""
# What reaches beyond the screen, the innermost last.
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`).slice(-4).join(" | ")"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class PlainVisitor(Visitor):
    """Without script on 360 by 740 points: forms, links, and asking again. No page may scroll sideways."""

    def __init__(self, browser: Browser, portal: Portal, *, language: str = "en") -> None:
        super().__init__(browser, portal, language=language, script=False, size={"width": 360, "height": 740})

    def inspect(self) -> Visitor:
        super().inspect()
        assert self.page.evaluate(WIDER) <= 0, f"{self.page.url} is wider than the screen: {self.page.evaluate(WIDE)}"
        return self


class KeyboardVisitor(Visitor):
    """Never touches a mouse: Tab and Shift+Tab to get there, Enter, Space, arrows, digits and letters to do it."""

    def __init__(self, browser: Browser, portal: Portal, *, language: str = "en", audited: bool = False) -> None:
        super().__init__(browser, portal, language=language, audited=audited)
        # Heard all the time: a dialog that opens before anybody listens is the system's own, and blocks the field.
        self.page.on("filechooser", lambda _: None)

    def act(self, target: Locator) -> Visitor:
        self.reach(target)
        self.page.keyboard.press("Enter")
        return self

    def write(self, field: Locator, value: str) -> Visitor:
        element = self.reach(field)
        if element.get_attribute("type") == "date":
            year, month, day = value.split("-")
            self.page.keyboard.type(month + day + year)
        else:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.press("Delete")
            self.page.keyboard.type(value)
        assert element.input_value() == value
        return self

    def pick(self, field: Locator, option: str) -> Visitor:
        element = self.reach(field)
        chosen = "node => node.selectedOptions[0]?.label.trim()"
        self.page.keyboard.press("Home")
        for _ in range(FARTHEST):
            if element.evaluate(chosen) == option:
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {option}")

    def check(self, box: Locator) -> Visitor:
        element = self.reach(box)
        if element.get_attribute("type") == "radio":
            for _ in range(FARTHEST):
                if element.is_checked():
                    return self
                here = element.evaluate("node => node === document.activeElement")
                self.page.keyboard.press("Space" if here else "ArrowDown")
            raise AssertionError(f"not to be chosen by the arrows: {box}")
        if not element.is_checked():
            self.page.keyboard.press("Space")
        assert element.is_checked()
        return self

    def give(self, form: Locator, points: int) -> Visitor:
        """The digit itself, while the score has the focus."""
        choice = form.locator(f"input[type=radio][value='{points}']")
        self.reach(choice)
        self.page.keyboard.press(str(points))
        assert choice.is_checked()
        return self

    def attach(self, label: Words, file: Path | dict[str, Any]) -> Visitor:
        self.reach(self._labelled(label, None))
        with self.page.expect_file_chooser() as opened:
            self.page.keyboard.press("Enter")
        opened.value.set_files(file)  # type: ignore[arg-type]
        return self

    def reach(self, target: Locator) -> ElementHandle:
        """Press Tab or Shift+Tab until the target has the focus, and is seen to have it."""
        element = target.element_handle()
        was = ""
        for _ in range(FARTHEST):
            where = element.evaluate(WHERE)
            if where == "here":
                self._sees_the_focus()
                return element
            assert {where, was} != {"before", "after"}, f"{self.page.url}: Tab passes by {target}"
            was = where
            self.page.keyboard.press({"skip": "Enter", "after": "Shift+Tab"}.get(where, "Tab"))
        raise AssertionError(f"{self.page.url}: {FARTHEST} presses of Tab do not come to {target}")

    def _sees_the_focus(self) -> None:
        """The page may still be rolling to it."""
        for _ in range(20):
            fault = self.page.evaluate(FAULT)
            if not fault:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(
            f"{self.page.url}: {fault}: {self.page.evaluate('document.activeElement.outerHTML')[:300]}"
        )
