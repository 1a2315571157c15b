from __future__ import annotations

from typing import Any

import pytest

from assessments.standards.applicability import applies, evaluate, open_facts

WHITE_BOX = {"all": [{"fact": "attack_exposure", "is": "white-box"}, {"fact": "differentiable", "is": True}]}


@pytest.mark.parametrize(
    ("predicate", "profile", "expected"),
    [
        ({}, {}, True),
        (WHITE_BOX, {"attack_exposure": "white-box", "differentiable": True}, True),
        (WHITE_BOX, {"attack_exposure": "query", "differentiable": True}, False),
        (WHITE_BOX, {"attack_exposure": "white-box"}, None),
        (WHITE_BOX, {"attack_exposure": "query"}, False),
        ({"fact": "modality", "in": ["image", "audio"]}, {"modality": "audio"}, True),
        ({"fact": "personal_data", "is": True}, {"personal_data": 1}, False),
        ({"not": {"fact": "personal_data", "is": True}}, {"personal_data": False}, True),
        ({"not": {"fact": "personal_data", "is": True}}, {}, None),
        (
            {"any": [{"fact": "modality", "is": "image"}, {"fact": "biometric", "is": True}]},
            {"modality": "image"},
            True,
        ),
    ],
)
def test_predicate_over_a_profile(predicate: dict[str, Any], profile: dict[str, Any], expected: bool | None) -> None:
    assert evaluate(predicate, profile) is expected


def test_fact_left_open_never_removes_a_criterion() -> None:
    assert applies(WHITE_BOX, {})
    assert open_facts([WHITE_BOX], {"attack_exposure": "white-box"}) == ["differentiable"]
    assert open_facts([WHITE_BOX], {"attack_exposure": "none"}) == []


def test_other_forms_are_refused() -> None:
    with pytest.raises(ValueError, match="not a predicate"):
        evaluate({"eval": "1"}, {})
