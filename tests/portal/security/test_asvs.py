"""docs/security.md answers every requirement of ASVS 4.0.3, levels 1 and 2, and what it names as proof exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs/security.md"
ROW = re.compile(r"^\| (V[\d.]+) \| ([^|]+) \| (met|open|n/a): ([^|]+) \|$", re.MULTILINE)
PROOF = re.compile(r"`([\w./-]+?)(::|#)([^`]+)`")
COUNTED = re.compile(r"^\| (V\d+|all) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)

# How many requirements each section has; OWASP ASVS 4.0.3, October 2021.
SECTIONS = {
    1: {1: 7, 2: 4, 4: 5, 5: 4, 6: 4, 7: 2, 8: 2, 9: 2, 10: 1, 11: 3, 12: 2, 14: 6},
    2: {1: 12, 2: 7, 3: 3, 4: 5, 5: 7, 6: 3, 7: 6, 8: 7, 9: 3, 10: 4},
    3: {1: 1, 2: 4, 3: 4, 4: 5, 5: 3, 6: 2, 7: 1},
    4: {1: 5, 2: 2, 3: 3},
    5: {1: 5, 2: 8, 3: 10, 4: 3, 5: 4},
    6: {1: 3, 2: 8, 3: 3, 4: 2},
    7: {1: 4, 2: 2, 3: 4, 4: 3},
    8: {1: 6, 2: 3, 3: 8},
    9: {1: 3, 2: 5},
    10: {1: 1, 2: 6, 3: 3},
    11: {1: 8},
    12: {1: 3, 2: 1, 3: 6, 4: 2, 5: 2, 6: 1},
    13: {1: 5, 2: 6, 3: 2, 4: 2},
    14: {1: 5, 2: 6, 3: 3, 4: 7, 5: 4},
}
DELETED = {"V1.4.2", "V1.4.3", "V1.12.1", "V4.1.4", "V7.3.2", "V13.1.2", "V13.2.4", "V14.3.1"}
LEVEL_3_ONLY = {
    *("V1.11.3", "V2.2.4", "V2.2.5", "V2.2.6", "V2.2.7", "V3.6.1", "V3.6.2", "V6.2.7", "V6.2.8", "V6.3.3"),
    *("V8.1.5", "V8.1.6", "V9.2.5", "V10.1.1", "V10.2.3", "V10.2.4", "V10.2.5", "V10.2.6", "V14.1.5"),
}


def asked() -> list[str]:
    numbers = [
        f"V{chapter}.{section}.{item}"
        for chapter, sections in SECTIONS.items()
        for section, items in sections.items()
        for item in range(1, items + 1)
    ]
    return [number for number in numbers if number not in DELETED | LEVEL_3_ONLY]


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def missing(path: str, kind: str, name: str) -> bool:
    """Whether the test (below tests/) or the line of a file (below the root) is not there."""
    file = ROOT / "tests" / path if kind == "::" else ROOT / path
    if not file.is_file():
        return True
    return name not in (names_in(file) if kind == "::" else file.read_text(encoding="utf-8"))


def test_every_requirement_is_answered_in_order() -> None:
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert [number for number, *_ in rows] == asked()
    assert len(rows) == 286 - len(DELETED | LEVEL_3_ONLY)  # 286 numbers in all
    assert all(len(text.strip()) >= 7 for *_, text in rows)


def test_what_is_named_as_proof_exists_and_nothing_is_met_without() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    proofs = PROOF.findall(document)
    assert [proof for proof in proofs if proof[0] != "path" and missing(*proof)] == []
    assert [
        number for number, _, state, text in ROW.findall(document) if state == "met" and not PROOF.search(text)
    ] == []
    assert len(document.splitlines()) > len(asked())


def test_the_search_for_proof_can_fail() -> None:
    assert missing("portal/security/test_asvs.py", "::", "test_that_nobody_wrote")
    assert missing("portal/security/test_nothing.py", "::", "test_asvs")
    assert missing("portal/settings.py", "#", "A_SETTING_THAT_IS_NOT_THERE = 1")
    assert not missing("portal/security/test_asvs.py", "::", "test_the_search_for_proof_can_fail")


def test_the_counts_are_those_of_the_list() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    found = Counter(
        (chapter, state) for number, _, state, _ in ROW.findall(document) for chapter in (number.split(".")[0], "all")
    )
    told = {chapter: tuple(map(int, counts)) for chapter, *counts in COUNTED.findall(document)}
    chapters = [f"V{chapter}" for chapter in SECTIONS] + ["all"]
    assert told == {chapter: tuple(found[chapter, state] for state in ("met", "n/a", "open")) for chapter in chapters}


def test_the_scope_tells_the_same_counts() -> None:
    scope = (ROOT / "docs/scope.md").read_text(encoding="utf-8")
    chapter = next(row for row in COUNTED.findall(DOCUMENT.read_text(encoding="utf-8")) if row[0] == "all")
    met, other, still = chapter[1:]
    assert f"{met} met by a named test or line, {other} not applicable, {still} open" in scope
