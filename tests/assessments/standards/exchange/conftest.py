"""A whole small standard written for these tests: every field that the schema knows is used at least once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessments.standards.documents import read_document
from assessments.standards.loading import DATA

MODIFIED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def both(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


@pytest.fixture
def small() -> dict[str, Any]:
    anchors = [both(f"grade {score}", f"第 {score} 级") for score in range(6)]
    return {
        "document": "standard",
        "code": "SMALL",
        "edition": "1.0",
        "stage": "pilot",
        "status": "draft",
        "title": both("A small standard", "小标准"),
        "summary": both("Two lines\nof summary", "两行\n摘要"),
        "status_note": both("Only for tests.", "仅用于测试。"),
        "scope": both("Everything.", "一切。"),
        "facts": [
            {
                "name": "modality",
                "title": both("Modality", "模态"),
                "values": ["image", "text"],
                "titles": {"image": both("image", "图像"), "text": both("text", "文本")},
            },
            {"name": "federated", "title": both("Federated", "联邦学习"), "values": [True, False]},
        ],
        "characteristics": [
            {"code": "RC", "title": both("Reliability", "可靠"), "description": both("What holds.", "经得起检验。")},
            {"code": "GM", "title": both("Management", "管理"), "beside": True},
        ],
        "anchors": anchors,
        "criteria": [
            {
                "code": "RC-1",
                "title": both("=1+1", "@性能"),
                "statement": both("-2 is not a formula.\n\nA second paragraph.", "+不是公式。"),
                "rationale": both("Why.", "理由。"),
                "kind": "T",
                "methods": [
                    {"id": "performance.claim"},
                    {"id": "robustness.corruption", "when": {"fact": "modality", "is": "image"}},
                ],
                "gate": "M",
                "weight": 3,
                "phases": ["P", "D"],
                "applies_when": {
                    "all": [{"fact": "modality", "in": ["image", "text"]}, {"not": {"fact": "federated", "is": True}}]
                },
                "belongs_to": "system",
                "extension": True,
                "evidence": [both("A report.", "一份报告。"), both("A log.", "一份日志。")],
                "guidance": both("Look closely.", "仔细看。"),
                "anchors": anchors,
                "references": [
                    {"to": "Framework X, 9(2)", "relation": "subset", "note": both("A part.", "一部分。")},
                    {"to": "A paper", "relation": "source"},
                    {"to": "Framework Y"},
                ],
            },
            {
                "code": "GM-1",
                "title": both("Records", "记录"),
                "statement": both("Records are kept.", "保存记录。"),
                "kind": "E",
                "gate": "M+",
                "weight": 2,
                "phases": ["G"],
                "references": [{"to": "Framework X, 12", "relation": "equal"}],
            },
            {
                "code": "RC-2",
                "title": both("Order", "次序"),
                "statement": both("A criterion of the first characteristic after the second.", "位于其后的评估项。"),
                "kind": "E",
                "gate": "none",
                "weight": 1,
                "phases": ["O"],
            },
        ],
    }  # fmt: skip


@pytest.fixture
def pilot() -> dict[str, Any]:
    """The shipped pilot edition."""
    return read_document(DATA / "TAI-0.9.yaml").content


@pytest.fixture
def full() -> dict[str, Any]:
    """The shipped full edition, whose every criterion has evidence, guidance, anchors and relations."""
    return read_document(DATA / "TAI-1.0.yaml").content


@pytest.fixture
def scheme() -> dict[str, Any]:
    return read_document(Path(DATA / "TAI-scheme.yaml")).content
