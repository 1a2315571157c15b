"""What is fuzzed: each target takes a file's name and bytes, and says whether it was taken or refused.

Anything else than an answer or a refusal with words in both languages and a place is a fault of ours.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_ANSWER = 200_000
PATTERN = r"[A-Z]{2,5}-\d{4}-\d{4,6}"


@dataclass(frozen=True)
class Target:
    """`take` reads one file; `share` is how many of a hundred cases it gets."""

    take: Callable[[str, bytes], str]
    share: int
    preload: str


def _sound_text(value: Any) -> None:
    """An answer that the portal can store and send: JSON without NaN, NUL or half characters, of bounded length."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    assert not _holds_nul(json.loads(text)), "a NUL in the answer"
    assert len(json.dumps(value)) <= MOST_ANSWER, f"an answer of {len(text)} characters"


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return _holds_nul([*value, *value.values()])
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\x00" in value


def inspect(name: str, data: bytes) -> str:
    """The inspection of an upload."""
    from evaluations.readers.inspection import inspect as described
    from evaluations.readers.refusal import Refused

    path = Path("tmp/file")
    path.write_bytes(data)
    try:
        _sound_text(described(path, name).as_json())
    except Refused as refused:
        _said(refused, name)
        return "refused"
    return "taken"


def _said(refused: Any, name: str) -> None:
    assert refused.reason.en, "a refusal without words"
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.reason.zh), "a refusal without Chinese"
    assert refused.place.startswith(name), f"a refusal without its place: {refused.place!r}"
    _sound_text(refused.as_json())


def _keeps_to_itself(told: str, place: str) -> None:
    assert place not in told, "a path of this machine in a refusal"


def bundle(name: str, data: bytes) -> str:
    """A bundle in which one file is damaged, read as a method reads it."""
    from evaluations.readers.bundle import load_bundle
    from evaluations.readers.refusal import Refused

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "bundle")
        folder.mkdir()
        for sound in Path("input/seeds/bundle").iterdir():
            (folder / sound.name).write_bytes(data if sound.name == name else sound.read_bytes())
        try:
            loaded = load_bundle(folder)
            _sound_text(loaded.facts())
            model, test = loaded.model, loaded.data("test")
            if model is not None and test is not None:
                model.run(test.inputs[:4])
        except Refused as refused:
            _said(refused, "")
            _keeps_to_itself(f"{refused.place} {refused.reason.en}", place)
            return "refused"
    return "taken"


def signed_pdf(name: str, data: bytes) -> str:
    """The examination behind the verification page, which never refuses."""
    from evaluations.readers.signed_pdf import TrustBundle, examine

    facts = examine(data, TrustBundle.from_pem(Path("input/trust.pem").read_bytes()), PATTERN)
    _sound_text(facts.as_json())
    return "taken" if facts.signatures else "refused"


def standard(name: str, data: bytes) -> str:
    """A standard that somebody imports: workbook, YAML, OSCAL."""
    from assessments.standards.documents import DocumentRefused
    from assessments.standards.exchange.formats import read_any

    try:
        read_any(data, name)
    except DocumentRefused as refused:
        _named(refused.problems, name)
        return "refused"
    return "taken"


def _named(problems: Any, name: str) -> None:
    assert problems, "a refusal without a problem"
    for problem in problems[:50]:
        assert problem.file == name, "a problem without its file"
        assert problem.text.zh, "a problem without Chinese"
        problem.in_language("en").encode()


READERS = "evaluations.readers.inspection"
TARGETS: dict[str, Target] = {
    "onnx": Target(inspect, 16, READERS),
    "skops": Target(inspect, 8, "sklearn.ensemble"),
    "npz": Target(inspect, 10, READERS),
    "csv": Target(inspect, 10, READERS),
    "parquet": Target(inspect, 8, READERS),
    "picture": Target(inspect, 8, READERS),
    "zip": Target(inspect, 7, READERS),
    "document": Target(inspect, 12, READERS),
    "pdf": Target(inspect, 5, READERS),
    "bundle": Target(bundle, 6, "evaluations.readers.bundle"),
    "signed_pdf": Target(signed_pdf, 5, "evaluations.readers.signed_pdf"),
    "standard": Target(standard, 5, "assessments.standards.exchange.formats"),
}
