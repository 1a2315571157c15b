"""The manifest: its documented examples pass, and each mistake is answered with its field."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evaluations.readers.manifest import parse_manifest, schema
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.refusal import Refused

DOCUMENT = (Path(__file__).parents[3] / "docs" / "manifest.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]


def parsed(manifest: dict[str, Any]) -> dict[str, Any]:
    return parse_manifest(json.dumps(manifest).encode())


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_documented_examples_pass() -> None:
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        assert parsed(example) == example


def _without_version(manifest: dict[str, Any]) -> None:
    del manifest["system"]["version"]


def _with(path: list[str | int], value: Any) -> Any:
    def change(manifest: dict[str, Any]) -> None:
        target: Any = manifest
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_without_version, "system"),
        (_with(["profile", "modality"], "smell"), "profile.modality"),
        (_with(["model", "colour"], 1), "model"),
        (_with(["model", "classes"], ["only one"]), "model.classes"),
        (_with(["data", 0, "role"], "exam"), "data[0].role"),
        (_with(["data", 0, "file"], "../other/test.npz"), "data[0].file"),
        (_with(["model", "file"], "/etc/hostname"), "model.file"),
        (_with(["data", 1, "role"], "test"), "data[1].role"),
        (_with(["model", "threshold"], 0.5), "model.threshold"),
    ],
)
def test_mistake_is_refused_with_its_field(change: Any, field: str) -> None:
    manifest = copy.deepcopy(EXAMPLES[0])
    change(manifest)
    with pytest.raises(Refused) as caught:
        parsed(manifest)
    assert caught.value.place == f"manifest.json: {field}"


def test_broken_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(Refused) as caught:
        parse_manifest(b'{\n "manifest": 1,,\n}')
    assert caught.value.place.startswith("manifest.json: line 2")
    for data in (b"[" * 100_000, b'{"manifest": NaN}'):
        with pytest.raises(Refused):
            parse_manifest(data)


@pytest.mark.parametrize(
    "entry",
    [{"std": [0]}, {"range": [1, 0]}, {"shape": [3, 8, 8], "mean": [0.1, 0.2]}, {"scale": 0}],
)
def test_preprocessing_that_contradicts_itself_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Preprocessing.from_manifest(entry)
