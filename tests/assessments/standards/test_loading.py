"""Files that are broken in one place each are refused with that place; the shipped ones are clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessments.standards.documents import DocumentRefused, Problem, parse_document
from assessments.standards.loading import DATA, initial_files, load_document, load_scheme_document, shipped_files
from evaluations.methods.registry import declared

STANDARD = DATA / "TAI-0.9.yaml"
SCHEME = DATA / "TAI-scheme.yaml"

Refused = tuple[str, str, str, str]

BROKEN_STANDARD: dict[str, Refused] = {
    "undeclared method": ("{id: robustness.corruption}", "{id: robustness.magic}", "methods[0].id", "not a declared"),
    "vendor's tool as a test": ("{id: robustness.corruption}", "{id: remedy.fairness}", "methods[0].id", "not a decl"),
    "unknown parameter": (
        "{id: performance.claim}", "{id: performance.claim, parameters: {colour: red}}", "parameters", "colour",
    ),
    "code twice": ("- code: RC-2\n", "- code: RC-1\n", "criteria[1].code", "RC-1 stands twice"),
    "unknown characteristic": ("- code: RC-2\n", "- code: XX-2\n", "criteria[1].code", "no characteristic XX"),
    "predicate on an unknown fact": ("{fact: dp_claim, is: true}", "{fact: moon, is: true}", "applies_when", "moon"),
    "predicate on an impossible value": (
        "{fact: attack_exposure, in: [query, white-box]}", "{fact: attack_exposure, in: [sometimes]}",
        "applies_when", "never has the value",
    ),
    "predicate without comparison": ("{fact: dp_claim, is: true}", "{fact: dp_claim}", "applies_when", "predicate is"),
    "missing Chinese": (', zh: "推理可复现"}', "}", "title", "missing: zh"),
    "unknown kind": ("    kind: T+E\n", "    kind: TE\n", "kind", "must be T or E or T+E"),
    "weight as text": ("    weight: 3\n", "    weight: heavy\n", "weight", "must be integer"),
    "unknown key": ("    weight: 3\n", "    weight: 3\n    wieght: 3\n", "wieght", "not known here"),
    "key twice": ("    weight: 3\n", "    weight: 3\n    weight: 2\n", "weight", "stands twice"),
    "test without a method": ("    methods: [{id: data.quality}]\n", "", "kind", "names a method"),
    "examination with a method": ("    kind: T\n", "    kind: E\n", "methods", "only with"),
    "alias": ("    weight: 3\n", "    weight: &w 3\n    x: *w\n", "(document)", "aliases"),
    "python object": ("    weight: 3\n", "    weight: !!python/object:os.system 3\n", "weight", "tag"),
    "not YAML": ("    weight: 3\n", "    weight: [3\n", "(document)", "not valid YAML"),
}  # fmt: skip

BROKEN_SCHEME: dict[str, Refused] = {
    "thresholds out of order": ("[0.05, 0.20, 0.35, 0.50,", "[0.05, 0.20, 0.55, 0.50,", "points", "rise strictly"),
    "undeclared method": ("  robustness.pgd:\n", "  robustness.pdg:\n", "thresholds.robustness.pdg", "not a declared"),
    "method without a criterion": ("  robustness.pgd:\n", "  llm.jailbreak:\n", "llm.jailbreak", "no criterion"),
    "levels not nested": ("{each: 90,", "{each: 70,", "levels[2].characteristics", "less than enhanced"),
    "gate easier above": ("{gate: M, at_least: 4.0}", "{gate: M, at_least: 2.0}", "levels[2].gates", "gates M"),
    "unknown tier": ("tiers: [high]", "tiers: [extreme]", "gates[1].tiers", "no tier extreme"),
    "two decimals": ("criteria_at_least: 2.0", "criteria_at_least: 2.05", "criteria_at_least", "one decimal"),
    "unknown criterion": ("[CR-4, GM-6,", "[CR-4, GM-66,", "surveillance.criteria[1]", "no criterion GM-66"),
    "unknown characteristic": ("named: {GM: 75}", "named: {GX: 75}", "characteristics", "no characteristic GX"),
    "weights": ("gates: 3}", "gates: 4}", "weights", "is allowed"),
    "unknown fact": ("{attack_exposure: [none]}", "{attack_exposure: [never]}", "facts_refused", "not a fact"),
    "last step with a condition": (
        "      - {score: 0, when: []}\n\n  data.quality", "\n  data.quality", "steps[4].when", "must hold always",
    ),
    "step out of order": ("{score: 4, when", "{score: 2, when", "score", "must fall"),
    "no form of a cap": ("      - flag: ratio_imprecise\n        at", "      - at", "caps[0]", "none of the forms"),
}  # fmt: skip


def broken(tmp_path: Path, source: Path, old: str, new: str) -> tuple[Path, int]:
    """A copy with one place changed, and the line of that place."""
    text = source.read_text(encoding="utf-8")
    assert old in text, f"the file has changed; {old!r} is not in it"
    path = tmp_path / source.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


def only_problem(refusal: DocumentRefused) -> Problem:
    return refusal.problems[0]


def test_shipped_files_are_clean_and_complete() -> None:
    standard_path, scheme_path = initial_files()
    assert {standard_path, scheme_path} < set(shipped_files())
    content = load_document(standard_path).content
    assert len(content["criteria"]) == 79
    scheme = load_scheme_document(scheme_path, content).content
    tested = {method["id"] for criterion in content["criteria"] for method in criterion.get("methods", [])}
    assert set(scheme["thresholds"]) <= tested <= set(declared())


@pytest.mark.parametrize("case", BROKEN_STANDARD)
def test_broken_standard_is_refused_with_file_line_and_path(case: str, tmp_path: Path) -> None:
    old, new, place, words = BROKEN_STANDARD[case]
    path, line = broken(tmp_path, STANDARD, old, new)
    with pytest.raises(DocumentRefused) as refusal:
        load_document(path)
    problem = only_problem(refusal.value)
    shown = str(problem)
    assert shown.startswith("TAI-0.9.yaml, line ")
    assert abs(problem.line - line) <= 3
    assert place in shown
    assert words in problem.text.en
    assert problem.in_language("zh-hans").startswith(f"TAI-0.9.yaml，第 {problem.line} 行")


@pytest.mark.parametrize("case", BROKEN_SCHEME)
def test_broken_scheme_is_refused_with_file_line_and_path(case: str, tmp_path: Path) -> None:
    old, new, place, words = BROKEN_SCHEME[case]
    path, line = broken(tmp_path, SCHEME, old, new)
    with pytest.raises(DocumentRefused) as refusal:
        load_scheme_document(path, load_document(STANDARD).content)
    problem = only_problem(refusal.value)
    assert abs(problem.line - line) <= 8
    assert place in str(problem)
    assert words in problem.text.en
    assert problem.text.zh


def test_line_of_a_problem_is_exact(tmp_path: Path) -> None:
    path, line = broken(tmp_path, STANDARD, "- code: RC-2\n", "- code: RC-1\n")
    with pytest.raises(DocumentRefused) as refusal:
        load_document(path)
    assert str(only_problem(refusal.value)) == f"TAI-0.9.yaml, line {line}, criteria[1].code: RC-1 stands twice"


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"document: standard\ncode: \xff\xfe\n", 2, "not UTF-8"),
        (b"- a list\n", 1, "a mapping is expected"),
        (b"", 1, "a mapping is expected"),
        (b"document: poem\n", 1, "must be"),
        (b"a: " + b"x" * 4_000_001, 1, "larger than 4 MB"),
        (b"[" * 5000, 1, "not valid YAML"),
    ],
)
def test_file_that_is_no_document_is_refused(raw: bytes, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(raw)
    with pytest.raises(DocumentRefused) as refusal:
        load_document(path)
    assert only_problem(refusal.value).line == line
    assert words in only_problem(refusal.value).text.en


def test_every_value_has_its_line() -> None:
    document = parse_document("a: 1\nb:\n  - x\n  - {c: 2026-01-01}\n", "f.yaml")
    assert document.content == {"a": 1, "b": ["x", {"c": "2026-01-01"}]}
    assert document.lines[("b", 1, "c")] == 4
    assert document.lines[("b",)] == 2
