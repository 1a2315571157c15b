"""Parameters: what is taken, what is refused and in which words."""

import jsonschema
import pytest

from evaluations.methods import parameters
from evaluations.methods.frame import Parameter, Text
from evaluations.methods.parameters import InvalidParameters

T = Text("a title", "标题")
DECLARED = (
    Parameter("steps", "integer", 10, T, T, minimum=1, maximum=100),
    Parameter("rate", "number", 0.5, T, T, minimum=0),
    Parameter("exact", "boolean", default=True, title=T, description=T),
    Parameter("family", "choice", "a", T, T, choices=("a", "b")),
    Parameter("levels", "numbers", (0.1, 0.2), T, T, minimum=0, maximum=1),
    Parameter("comment", "text", "", T, T),
)


def test_defaults_are_given_when_nothing_is():
    assert parameters.checked(DECLARED, {}) == {
        "steps": 10,
        "rate": 0.5,
        "exact": True,
        "family": "a",
        "levels": [0.1, 0.2],
        "comment": "",
    }


def test_text_is_read_by_type():
    given = parameters.pairs(["steps=7", "rate=1e-3", "exact=no", "family=b", "levels=0, 0.5,1", "comment=a=b"])
    assert parameters.parsed(DECLARED, given) == {
        "steps": 7,
        "rate": 0.001,
        "exact": False,
        "family": "b",
        "levels": [0, 0.5, 1],
        "comment": "a=b",
    }


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("steps", 0, "at least 1"),
        ("steps", 101, "at most 100"),
        ("steps", 1.5, "whole number"),
        ("steps", True, "finite number"),
        ("rate", float("nan"), "finite number"),
        ("rate", "0.5", "finite number"),
        ("exact", 1, "true or false"),
        ("family", "c", "one of: a, b"),
        ("levels", [], "list of 1 to"),
        ("levels", [0.5, 2], "at most 1"),
        ("comment", "x" * 501, "at most 500"),
        ("unknown", 1, "not a parameter"),
    ],
)
def test_wrong_value_is_refused_in_both_languages(name, value, words):
    with pytest.raises(InvalidParameters) as caught:
        parameters.checked(DECLARED, {name: value})
    problem = caught.value.problems[0]
    assert problem.parameter == name
    assert words in problem.reason.en
    assert any("\u4e00" <= character <= "\u9fff" for character in problem.reason.zh)


@pytest.mark.parametrize("text", ["steps=seven", "steps=1_0x", "exact=perhaps", "levels=0.1,x", "levels="])
def test_wrong_text_is_refused(text):
    with pytest.raises(InvalidParameters):
        parameters.parsed(DECLARED, parameters.pairs([text]))


@pytest.mark.parametrize("arguments", [["steps"], ["=1"], ["steps=1", "steps=2"]])
def test_malformed_pairs_are_refused(arguments):
    with pytest.raises(InvalidParameters):
        parameters.pairs(arguments)


def test_all_problems_are_told_at_once():
    with pytest.raises(InvalidParameters) as caught:
        parameters.checked(DECLARED, {"steps": 0, "rate": -1})
    assert [problem.parameter for problem in caught.value.problems] == ["rate", "steps"]


def test_published_schema_agrees_with_the_check():
    schema = parameters.json_schema(DECLARED)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(parameters.defaults(DECLARED))
    for wrong in ({"steps": 0}, {"family": "c"}, {"levels": []}, {"unknown": 1}, {"comment": "x" * 501}):
        assert not validator.is_valid(wrong)


def test_a_large_bound_is_told_in_figures():
    rows = Parameter("rows", "integer", 0, T, T, minimum=0, maximum=1_000_000)
    with pytest.raises(InvalidParameters, match="at most 1000000"):
        parameters.checked((rows,), {"rows": 1_000_001})
