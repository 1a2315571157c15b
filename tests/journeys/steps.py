"""The main job as people do it: each function is one person's turn, by what stands on the page.

A turn begins on the dashboard, as it does in life: what waits for the person stands there with the way to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator

from tests.journeys.visitor import Visitor, as_whole

LOW = ("GM-7",)  # both evaluators find these weak: a minor nonconformity that the client answers
DIFFERING = ("GM-2", "GM-8")  # the second evaluator gives one point less


@dataclass(frozen=True)
class Product:
    """What the vendor hands in."""

    name: str
    name_zh: str
    folder: Path
    files: tuple[tuple[str, str], ...] = (
        ("model", "digits.onnx"),
        ("test data", "digits-test.npz"),
        ("training sample", "digits-training.npz"),
        ("delivery record or its signature", "record.json"),
        ("delivery record or its signature", "record.sig"),
    )


def from_dashboard(visitor: Visitor, task: str, label: str, about: str = "") -> Visitor:
    """Go from the dashboard to what waits there under these words, about this object."""
    visitor.visit("/dashboard/")
    return visitor.follow(label, inside=task_row(visitor, task, about))


def task_row(visitor: Visitor, task: str, about: str = "") -> Locator:
    """The row of the dashboard about that object, looked for again until it is there (workers take seconds)."""
    rows = visitor.page.get_by_role("main").get_by_role("listitem").filter(has_text=re.compile(task))
    row = rows.filter(has_text=about).first
    for _ in range(60):
        if row.count():
            break
        visitor.portal.check()
        visitor.page.wait_for_timeout(500)
        visitor.visit("/dashboard/")
    return row


def answer(visitor: Visitor, question: str | re.Pattern[str], option: str | re.Pattern[str]) -> None:
    """Choose one of several answers to a question."""
    visitor.tick(option, inside=group(visitor, question))


def group(visitor: Visitor, question: str | re.Pattern[str]) -> Locator:
    return visitor.page.get_by_role("main").get_by_role("group", name=as_whole(question))


def choose_beginning(visitor: Visitor, label: str, beginning: str, inside: Locator) -> None:
    """Choose the option whose words begin so (workload stands behind a name)."""
    field = inside.get_by_label(as_whole(label))
    words = [option for option in field.locator("option").all_inner_texts() if option.strip().startswith(beginning)]
    assert words, f"no option begins with {beginning}"
    visitor.pick(field, words[0].strip())
