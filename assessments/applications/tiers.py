"""The risk tier by a decision path: a few questions, asked in order, of which the first that applies decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .models import Tier


@dataclass(frozen=True)
class Question:
    """One step of the path: a yes leads to `tier`, a no to the next question; text and hint are lazy translations."""

    code: str
    text: Any
    hint: Any
    tier: Tier


# Our own words; the order and the areas follow Regulation (EU) 2024/1689, articles 5, 6, 50 and annex III.
PATH = (
    Question(
        "unacceptable_practice",
        _("Is it made for, or used in, a practice that is not acceptable?"),
        _(
            "Manipulating people against their interest, exploiting the weakness of a group, general social scoring by "
            "authorities, predicting crime from a person’s profile alone, collecting faces without aim, reading "
            "emotions at work or school, sorting people by sensitive traits from biometrics, or remote "
            "identification in public without a legal ground."
        ),
        Tier.UNACCEPTABLE,
    ),
    Question(
        "safety_component",
        _("Is it a safety component of a product or of critical infrastructure?"),
        _(
            "Where its failure can endanger life or health: vehicles, machines, medical devices, energy, water, "
            "traffic."
        ),
        Tier.HIGH,
    ),
    Question(
        "sensitive_area",
        _("Does it decide, or essentially prepare decisions, about people in a sensitive area?"),
        _(
            "Biometrics, education, work, credit and insurance, health care, essential public or private services, "
            "law enforcement, migration, justice, elections."
        ),
        Tier.HIGH,
    ),
    Question(
        "affects_people",
        _("Do its outputs affect individual people in another way that matters to them?"),
        _("For example which offer, content or service somebody gets, or how quickly."),
        Tier.LIMITED,
    ),
    Question(
        "interacts_with_people",
        _("Do people deal with it directly, or with content that it made?"),
        _("For example in a conversation, or by an image or a text whose origin they should know."),
        Tier.LIMITED,
    ),
    Question(
        "errors_matter",
        _("Could a wrong output cause damage that is more than a nuisance?"),
        _("For example loss of money, waste, a breach of law, or harm to the environment."),
        Tier.LIMITED,
    ),
)


def follow_path(answers: Mapping[str, Any]) -> tuple[Tier, list[dict[str, Any]]]:
    """The tier, and the path to it: each {question, answer} up to the question that decided.

    Raises KeyError (the code of the question) when a question on the way is not answered by True or False.
    """
    path: list[dict[str, Any]] = []
    for question in PATH:
        answer = answers.get(question.code)
        if not isinstance(answer, bool):
            raise KeyError(question.code)
        path.append({"question": question.code, "answer": answer})
        if answer:
            return question.tier, path
    return Tier.MINIMAL, path


def described_path(path: list[dict[str, Any]]) -> list[tuple[Any, bool]]:
    """A stored path in words: pairs of question and answer."""
    texts = {question.code: question.text for question in PATH}
    return [(texts.get(step["question"], step["question"]), step["answer"]) for step in path]
