"""Nothing is wired to TAI: another standard with other characteristics, one tier, one level and no method."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assessments.standards.documents import DocumentRefused
from assessments.standards.loading import DATA, load_document, load_scheme_document
from assessments.standards.models import Edition, Scheme, Status
from assessments.standards.outcome import CriterionRule, CriterionState
from assessments.standards.scheme import SchemeRules
from assessments.standards.scoring import assess
from assessments.standards.services import load_file, publish

STANDARD, SCHEME = DATA / "PRE-1.yaml", DATA / "PRE-scheme.yaml"
TAI = DATA / "TAI-0.9.yaml"
CONTENT = load_document(STANDARD).content
RULES = SchemeRules.from_content(load_scheme_document(SCHEME, CONTENT).content)
CRITERIA = [
    CriterionRule(row["code"], row["code"].rpartition("-")[0], row["gate"], row["weight"])
    for row in CONTENT["criteria"]
]


def states(**changes: CriterionState) -> dict[str, CriterionState]:
    plain = {rule.code: CriterionState("scored", 30, "examination") for rule in CRITERIA}
    return plain | {code.replace("_", "-"): state for code, state in changes.items()}


def test_pre_check_is_assessed_by_the_same_function() -> None:
    found = assess(CRITERIA, states(), RULES, "any", "ready")
    assert (found.level, found.missing) == ("ready", ())
    assert {code: score.tenths for code, score in found.characteristics.items()} == {"DA": 600, "OP": 600, "PU": 600}
    assert found.reasons[0].zh == "达到等级：可以申请（不分风险等级）。"


def test_pre_check_has_its_own_gates_and_words() -> None:
    found = assess(CRITERIA, states(PU_2=CriterionState("scored", 20, "examination")), RULES, "any", "ready")
    assert (found.level, found.gates_failed) == (None, ("PU-2",))
    assert found.reasons[0].en == "Not ready."
    alone = assess(CRITERIA, states(DA_3=CriterionState("not_applicable")), RULES, "any", "ready")
    assert alone.level == "ready"


@pytest.mark.django_db
def test_nobody_applies_for_a_declaration() -> None:
    edition, scheme = load_file(STANDARD), load_file(SCHEME)
    publish(edition)
    publish(scheme)
    assert Scheme.objects.get().status == Status.PUBLISHED
    assert not Scheme.objects.open_for_applications().exists()
    assert not Edition.objects.open_for_applications().exists()
    load_file(TAI)
    load_file(DATA / "TAI-scheme.yaml")
    assert [str(row) for row in Edition.objects.open_for_applications()] == ["TAI 0.9"]


# Each case: the file that is broken, what stands in place of what, and the one line that the check must say of it.
TWELVE: dict[str, tuple[Path, str, str, str]] = {
    "weight too heavy": (
        SCHEME, "gates: 2}", "gates: 3}", "weights: PU-1 weighs 2; 3 to 2 is allowed",
    ),
    "weights upside down": (
        SCHEME, "{minimum: 1, maximum: 2,", "{minimum: 3, maximum: 2,", "weights: the minimum is above the maximum",
    ),
    "level out of reach": (
        SCHEME, "applicable_at_least: 2}", "applicable_at_least: 4}",
        "levels[0]: ready can never be reached: DA is not rated, but must be; OP is not rated, but must be",
    ),
    "gate that no criterion has": (
        SCHEME, "[{gate: M, at_least: 3.0}]", "[{gate: M+, at_least: 3.0}]",
        "levels[0].gates[0]: the standard has no gate M+",
    ),
    "characteristic that is not there": (
        SCHEME, "rated: [PU, DA, OP]", "rated: [PU, DA, OX]",
        "levels[0].characteristics: there is no characteristic OX",
    ),
    "criterion that is not there": (
        SCHEME, "surveillance: {criteria: []", "surveillance: {criteria: [OP-9]",
        "surveillance.criteria[0]: there is no criterion OP-9",
    ),
    "score with two decimals": (
        SCHEME, "{gate_below: 3.0}", "{gate_below: 3.05}",
        "nonconformities.major.gate_below: a score has one decimal, not 3.05",
    ),
    "thresholds of an unknown method": (
        SCHEME, "thresholds: {}",
        "thresholds: {moon.phase: {source: {en: x, zh: x}, tables: [{metric: m, points: [0, 1, 2, 3, 4, 5]}]}}",
        "thresholds.moon.phase: moon.phase is not a declared test method",
    ),
    "unknown method": (
        TAI, "{id: robustness.fgsm}", "{id: robustness.magic}",
        "criteria[2].methods[0].id: robustness.magic is not a declared test method",
    ),
    "code twice": (STANDARD, "code: PU-2\n", "code: PU-1\n", "criteria[1].code: PU-1 stands twice"),
    "unknown fact": (
        STANDARD, "{fact: affects_people, is", "{fact: moon, is",
        "criteria[6].applies_when: moon is not a fact of the profile",
    ),
    "examination with a method": (
        STANDARD, "    kind: E\n", "    kind: E\n    methods: [{id: data.quality}]\n",
        "criteria[0].methods: an examined criterion names a method only with “when”",
    ),
}  # fmt: skip


def line_of(path: Path, place: tuple[str | int, ...]) -> int:
    """The line (from 1) of a key or a list item, found by walking the file anew."""
    node, line = yaml.compose(path.read_text(encoding="utf-8")), 1
    for part in place:
        if isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            key, node = next((key, value) for key, value in node.value if key.value == part)
            line = key.start_mark.line + 1
    return line


@pytest.mark.parametrize("case", TWELVE)
def test_contradiction_is_refused_with_the_exact_place(case: str, tmp_path: Path) -> None:
    source, old, new, words = TWELVE[case]
    text = source.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / source.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refusal:
        load_document(path) if source != SCHEME else load_scheme_document(path, CONTENT)
    problem = refusal.value.problems[0]
    line = line_of(path, problem.place)
    assert str(problem) == f"{source.name}, line {line}, {words}"
    assert problem.text.zh != problem.text.en


def test_parameter_that_a_method_does_not_take_and_twin_levels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "TAI-0.9.yaml"
    old = "{id: performance.claim}"
    path.write_text(TAI.read_text(encoding="utf-8").replace(old, "{id: performance.claim, parameters: {colour: red}}"))
    with pytest.raises(DocumentRefused, match=r"criteria\[0\]\.methods\[0\]\.parameters.*colour"):
        load_document(path)
    twin = tmp_path / "PRE-scheme.yaml"
    text = SCHEME.read_text(encoding="utf-8")
    level = text[text.index("  - code: ready") : text.index("\nsurveillance")]
    twin.write_text(text.replace(level, level + level.replace("code: ready", "code: readier")), encoding="utf-8")
    with pytest.raises(DocumentRefused, match="readier asks for nothing more than ready"):
        load_scheme_document(twin, CONTENT)
