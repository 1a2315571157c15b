"""From text to search terms, the same way for what is stored and what is asked.

Latin and other letters make whole words. Chinese has no spaces: each run of characters is stored as its single
characters and its pairs of neighbours, so that a word of any length from one character on is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
MOST_TERMS = 24
LONGEST_TERM = 80


def stored_terms(texts: Iterable[str]) -> list[str]:
    """All terms under which a record with these texts is found, each once, in order of appearance."""
    found: dict[str, None] = {}
    for run in _runs(" ".join(texts)):
        pieces = [*run, *_pairs(run)] if _is_chinese(run) else [run[:LONGEST_TERM]]
        found.update(dict.fromkeys(pieces))
    return list(found)


def asked_terms(question: str) -> list[str]:
    """The terms that a record must all have to answer a question; empty if it holds no letter and no digit."""
    found: dict[str, None] = {}
    for run in _runs(question):
        pieces = (_pairs(run) or [run]) if _is_chinese(run) else [run[:LONGEST_TERM]]
        found.update(dict.fromkeys(pieces))
    return list(found)[:MOST_TERMS]


def _runs(text: str) -> list[str]:
    """Runs of Chinese, and runs of other letters and digits; full-width forms count as their plain ones."""
    return RUNS.findall(unicodedata.normalize("NFKC", text).casefold())


def _is_chinese(run: str) -> bool:
    return re.match(f"[{HAN}]", run) is not None


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]
