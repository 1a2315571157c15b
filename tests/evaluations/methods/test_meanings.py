"""Each figure that a method can return is explained, in both languages: what it says and what it does not show."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessments.standards.loading import initial_files
from evaluations.methods import registry, results, words
from evaluations.methods.frame import Context, Metric, Result

METHODS = Path(results.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]")
INSTALLED = [method for method in registry.installed_ids() if method in registry.DECLARED]


def metric_names() -> set[str]:
    """Every name that is written as the first argument of a metric, anywhere among the methods."""
    found = set()
    for file in METHODS.glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            makes = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS
            if makes and isinstance(call.args[0], ast.Constant):  # type: ignore[attr-defined]
                found.add(call.args[0].value)  # type: ignore[attr-defined]
    return found


MAKERS = {"Metric", "robust_metric", "retention_metric", "_resampled", "_share", "_rate"}


@pytest.mark.parametrize("method", INSTALLED)
def test_meaning_is_whole_in_both_languages(method: str) -> None:
    meanings = registry.meanings(method)
    assert meanings
    assert len(meanings) == len(registry.get(method).meanings)
    for meaning in meanings.values():
        for text in (meaning.title, meaning.unit, meaning.says, meaning.silent, meaning.source):
            assert text.en.strip()
            assert text.zh.strip()
            assert not HALF_WIDTH.search(text.zh), text.zh
        assert CHINESE.search(meaning.title.zh)
        assert meaning.says.en != meaning.silent.en
        assert len(meaning.says.en) > len(meaning.title.en)


def test_meaning_is_there_for_every_metric_that_a_method_or_a_scheme_names() -> None:
    explained = {name for method in INSTALLED for name in registry.meanings(method)}
    written = metric_names()
    assert len(written) > 20
    assert written <= explained
    for file in initial_files():
        for method, rule in (yaml.safe_load(file.read_text("utf-8")).get("thresholds") or {}).items():
            if method in INSTALLED:
                assert set(named(rule)) <= set(registry.meanings(method)), (file.name, method)


def named(rule: dict[str, Any]) -> list[str]:
    """The metrics that a rule of thresholds reads."""
    tests = [test for step in rule.get("steps", ()) for test in step["when"]]
    return [row["metric"] for row in [*rule.get("tables", ()), *rule.get("caps", ()), *tests] if "metric" in row]


def test_run_whose_figure_nobody_explained_is_refused(tmp_path: Path) -> None:
    class Silent:
        id = "performance.claim"
        version = "1"
        meanings = registry.get("performance.claim").meanings
        validation = None

        def run(self, _context: Context) -> Result:
            return Result(metrics=[Metric("unheard_of", 1.0, 5, "higher")])

    with pytest.raises(results.ResultRefused, match="unheard_of"):
        results.run_method(Silent(), None, {}, seed=1, folder=tmp_path)  # type: ignore[arg-type]


def test_units_and_intervals_of_our_own_methods_have_chinese_words() -> None:
    source = "\n".join(file.read_text("utf-8") for file in METHODS.glob("*.py") if file.name != "words.py")
    for name in words._INTERVALS:
        assert f'"{name}' in source, f"no method names the interval {name}"
        assert CHINESE.search(words.interval_words(name).zh)
    for unit in words._UNITS:
        assert f'"{unit}"' in source
    assert words.interval_words("BCa bootstrap, stratified, B = 2000").zh == "分层 BCa 自助法，B = 2000"
    assert words.unit_words("‰").zh == "‰"
