"""What is declared, what is installed, and whether each method of our own keeps the contract."""

import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from evaluations.methods import parameters, registry
from evaluations.methods.frame import Text
from evaluations.methods.registry import BrokenMethod, UnknownMethod

ROOT = Path(__file__).parents[3]
OURS = (
    "performance.claim",
    "robustness.corruption",
    "robustness.fgsm",
    "robustness.pgd",
    "robustness.blackbox",
    "fairness.group",
    "privacy.membership",
    "privacy.pii",
    "explanation.lime",
    "reproducibility.inference",
    "data.quality",
    "traceability.provenance",
)


def is_chinese(text):
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_the_twelve_are_installed():
    assert set(OURS) <= set(registry.installed_ids())


def test_every_id_is_declared_in_both_languages():
    declared = registry.declared()
    assert set(OURS) <= set(declared)
    assert {"robustness.cw", "backdoor.scan", "data.timeliness", "llm.jailbreak", "remedy.pruning"} <= set(declared)
    for method_id, declaration in declared.items():
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", method_id)
        assert is_chinese(declaration.title.zh), method_id
        jsonschema.Draft202012Validator.check_schema(declaration.parameters)


def test_method_to_come_is_declared_but_not_installed():
    assert not registry.is_installed("robustness.patch")
    with pytest.raises(UnknownMethod):
        registry.get("robustness.patch")


def test_tool_is_told_from_a_scored_method():
    assert registry.is_tool("remedy.pruning")
    assert not registry.is_tool("fairness.group")


@pytest.mark.parametrize("method_id", OURS)
def test_method_of_our_own_keeps_the_contract(method_id):
    method = registry.get(method_id)
    assert method.characteristic in {"RC", "TE", "DP", "CR", "DI"}
    assert method.validation is not None
    record = method.validation
    texts = [method.title, method.description, record.reference, record.positive_check, record.negative_check]
    texts += [record.limits, *(p.title for p in method.parameters), *(p.description for p in method.parameters)]
    for text in texts:
        assert isinstance(text, Text)
        assert text.en
        assert is_chinese(text.zh), text
    values = parameters.checked(method.parameters, parameters.defaults(method.parameters))
    facts = {"rows": {"test": 500, "training": 500}, "classes": 10, "input_shape": [64], "features": 64}
    assert 0 < method.cost(facts, values) < 3600


def test_object_that_lacks_something_is_no_method():
    with pytest.raises(BrokenMethod, match="lacks"):
        registry._complete("fairness.group", object())


def test_method_under_another_name_is_refused():
    with pytest.raises(BrokenMethod, match="announced as"):
        registry._complete("fairness.individual", registry.get("fairness.group"))


def test_declarations_load_without_the_libraries_that_only_runs_need() -> None:
    # A fresh web process reads all declarations for its first plan page; these libraries take seconds.
    heavy = ("scipy.stats", "scipy.special", "sklearn", "onnx", "onnxruntime")
    program = (
        "import sys; from evaluations.methods import registry;"
        f"print(len(registry.all_methods()), [name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == f"{len(registry.installed_ids())} []"
