"""Message catalogues: compiled at set-up, and checked against every text that the source marks.

    python -m portal.catalogues compile     writes locale/<room>/zh_Hans/LC_MESSAGES/django.mo (no GNU gettext needed)
    python -m portal.catalogues check       exits 1 and names file and line of every text that is not translated

Each room keeps its own catalogue; a text may stand in any of them, but not with two translations.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("portal", "assessments", "evaluations")
# Where each function keeps its context, its text and its plural among the arguments.
PLACES: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
CALL = re.compile(r"(?<![\w.])(_|n?p?gettext)\(")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)[^{}]*\}|%[sd]")
HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}


@dataclass(frozen=True)
class Message:
    """One text that the source marks for translation: what gettext looks it up by, and where it stands."""

    context: str | None
    text: str
    plural: str | None
    place: str

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.text


def catalogues(root: Path = ROOT) -> list[Path]:
    """Every room's catalogue, sorted by path."""
    return sorted((root / "locale").glob("*/*/LC_MESSAGES/django.po"))


def compile_catalogues(root: Path = ROOT) -> int:
    """Write the binary catalogue beside each source; answers how many there are."""
    for path in catalogues(root):
        target = path.with_suffix(".mo")
        fresh = path.with_suffix(".mo.part")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(target)  # a running server never reads half a file
    return len(catalogues(root))


def messages(root: Path = ROOT) -> Iterator[Message]:
    """Every marked text of the source: Python by its syntax tree, templates as Django itself reads them."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from of_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield from of_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)))


def of_python(source: str, place: str) -> Iterator[Message]:
    """The marked texts of one module; functions may have been imported under another name."""
    tree = ast.parse(source, filename=place)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            function = names.get(called, called if isinstance(node.func, ast.Attribute) else "")
            yield from _of_call(re.sub(r"_(lazy|noop)$", "", function), node, f"{place}:{node.lineno}")


def of_template(source: str, place: str) -> Iterator[Message]:
    """The marked texts of one template."""
    for number, line in enumerate(templatize(source, origin=place).split("\n"), start=1):
        for found in CALL.finditer(line):
            call = _call_at(line, found.start())
            if call is not None:
                function = "gettext" if found[1] == "_" else found[1]
                yield from _of_call(function, call, f"{place}:{number}")


def _call_at(line: str, start: int) -> ast.Call | None:
    """The Python call that begins at `start`, of which only the closing bracket must be found."""
    end = line.find(")", start)
    while end >= 0:
        try:
            node = ast.parse(line[start : end + 1], mode="eval").body
        except SyntaxError:
            end = line.find(")", end + 1)
        else:
            return node if isinstance(node, ast.Call) else None
    return None


def _of_call(function: str, call: ast.Call, place: str) -> Iterator[Message]:
    if function not in PLACES:
        return
    context, text, plural = (None if at is None else _constant(call, at) for at in PLACES[function])
    if text is not None:  # a text that is only known when the program runs is marked where it is written
        yield Message(context, text, plural, place)


def _constant(call: ast.Call, at: int) -> str | None:
    argument = call.args[at] if at < len(call.args) else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def check_catalogues(root: Path = ROOT) -> list[str]:
    """What is wrong, one line each: missing, empty, fuzzy, unused or contradicting texts, lost placeholders."""
    faults: list[str] = []
    known: dict[tuple[str | None, str], tuple[str, str]] = {}
    used = {message.key: message for message in reversed(list(messages(root)))}
    for path in catalogues(root):
        name = str(path.relative_to(root))
        catalogue = polib.pofile(str(path))
        faults += [
            f"{name}:1: the header must say {key}: {value}"
            for key, value in HEADER.items()
            if catalogue.metadata.get(key) != value
        ]
        for entry in catalogue:
            place = f"{name}:{entry.linenum}"
            faults += _faults_of(entry, place, known)
            if not entry.obsolete and (entry.msgctxt, entry.msgid) not in used:
                faults.append(f"{place}: no source marks this text any more: {entry.msgid!r}")
    for message in used.values():
        if message.key not in known:
            faults.append(f"{message.place}: not translated: {message.text!r}{_named(message.context)}")
    return faults


def _faults_of(entry: polib.POEntry, place: str, known: dict[tuple[str | None, str], tuple[str, str]]) -> Iterator[str]:
    if entry.obsolete:
        yield f"{place}: obsolete entries are deleted"
        return
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        yield f"{place}: fuzzy: {entry.msgid!r}"
    if not translations or not all(text.strip() for text in translations):
        yield f"{place}: empty translation: {entry.msgid!r}"
    wanted = _placeholders(entry.msgid_plural or entry.msgid)
    for text in translations:
        if text and _placeholders(text) != wanted:
            yield f"{place}: placeholders differ: {sorted(wanted)} and {sorted(_placeholders(text))} in {entry.msgid!r}"
    first = known.setdefault((entry.msgctxt, entry.msgid), (translations[0] if translations else "", place))
    if translations and first[0] != translations[0]:
        yield f"{place}: translated otherwise at {first[1]}: {entry.msgid!r}"


def _placeholders(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def _named(context: str | None) -> str:
    return f" (context {context!r})" if context else ""


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        sys.stdout.write(f"{compile_catalogues()} catalogues compiled\n")
        return 0
    if arguments == ["check"]:
        faults = check_catalogues()
        for fault in faults:
            sys.stdout.write(f"{fault}\n")
        sys.stdout.write(f"{len(faults)} faults in the message catalogues\n")
        return 1 if faults else 0
    sys.stderr.write("Usage: python -m portal.catalogues compile|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
