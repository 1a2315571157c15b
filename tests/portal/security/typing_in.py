"""Forms as they stand on pages, what is typed into them, and what came of it: read from HTML, never named by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any, Self

from django.db.models import Model
from django.db.models.signals import post_save

TYPED = ("text", "search", "")
LONGEST = 3000  # characters of a text without a limit in its form
NEVER = {"style", "iframe", "object", "embed", "base", "math", "frame", "applet", "h7"}
LEADING = ("href", "src", "action", "formaction", "xlink:href", "data", "srcdoc", "ping", "poster", "background")
_numbers = count(1)


@dataclass
class Form:
    """A form of a page: where it goes, what it sends as it stands, and which of its fields take text (with length)."""

    action: str
    method: str
    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)


class Reader(HTMLParser):
    """All forms of a page, all that it says, and whatever acts in it although nothing may."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.said: list[str] = []
        self.acting: list[str] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        self.said += given.values()
        if tag == "form":
            self.forms.append(Form(given.get("action") or self.address, given.get("method", "get").lower()))
        elif self.forms and given.get("name") and "form" not in given and "disabled" not in given:
            self._field(tag, given)
        elif tag == "option" and self._select and self.forms:
            self._option(given)
        if tag == "select":
            self._select = given.get("name", "")

    def _option(self, given: dict[str, str]) -> None:
        if "selected" in given or self._select not in self.forms[-1].values:
            self.forms[-1].values[self._select] = given.get("value", "")

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], given["name"], given.get("type", "")
        if tag == "textarea":
            self._area = name
            form.values[name] = ""
            form.texts[name] = int(given.get("maxlength") or LONGEST)
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in given or (kind == "radio" and name not in form.values):
                form.values[name] = given.get("value", "on")
        elif tag == "input" and kind not in ("submit", "file", "image", "reset"):
            form.values[name] = given.get("value", "")
            if kind in TYPED and "list" not in given:
                form.texts[name] = int(given.get("maxlength") or 200)

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if self._area and self.forms:
            self.forms[-1].values[self._area] += data
        if self.lasttag in ("script", "style") and "naughty" in data:
            self.acting.append(f"<{self.lasttag}> {data[:60]}")

    def _look(self, tag: str, given: dict[str, str]) -> None:
        led = [value.strip().lower() for name, value in given.items() if name in LEADING]
        leads = [value for value in led if value.startswith(("javascript:", "data:t", "//"))]
        acts = [n for n in given if n.startswith("on") or n in ("style", "naughty", "srcdoc")]
        odd = tag in NEVER or (tag == "script" and not given.get("src")) or (tag == "meta" and "http-equiv" in given)
        if leads or acts or odd:
            self.acting.append(f"<{tag} {given}>")


def read(text: str, address: str = "") -> Reader:
    reader = Reader(address)
    reader.feed(text)
    reader.close()
    return reader


class Texts:
    """Hands out naughty texts one after the other, as many as fit; each with a number before and behind it."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts, self.next = texts, 0

    def fill(self, room: int) -> str:
        mark = f"n{next(_numbers):05}"
        room -= 2 * len(mark) + 2
        taken: list[str] = []
        for _ in range(len(self.texts)):
            text = self.texts[self.next % len(self.texts)]
            if taken and sum(len(t) + 1 for t in taken) + len(text) > room:
                break
            self.next += 1
            taken.append(text[: max(1, room)])
        return f"{mark} {' '.join(taken)} {mark}"


class Kept:
    """What was written to the database while it is open: every text of every row that was saved."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __enter__(self) -> Self:
        post_save.connect(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        post_save.disconnect(self._note)

    def _note(self, sender: Any, instance: Model, **_: Any) -> None:
        for column in instance._meta.concrete_fields:
            self.texts += strings(getattr(instance, column.attname))

    def of(self, value: str) -> list[str]:
        """The kept texts that hold this value, by its number."""
        return [text for text in self.texts if value[:6] in text]


def strings(value: Any) -> Iterator[str]:
    """Each text of a value as JSON knows them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)
