"""What an upload turned out to be, said back to the person who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaluations.readers.text import Text


@dataclass(frozen=True)
class Description:
    """`kind` is the format as a manifest names it: onnx, skops, csv, parquet, npz, images; or manifest, record,
    cyclonedx, json, text, yaml, pdf, svg, picture, archive.

    `summary` is one line; `facts` are fit for JSON; `warnings` name what was read but deserves a look.
    """

    kind: str
    summary: Text
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "summary": self.summary.as_json(),
            "facts": self.facts,
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def size_text(size: int) -> str:
    """Bytes as people say them: 104 B, 26 kB, 1.1 MB."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB"


def counted(number: int, noun: str) -> str:
    """1 row, 1,000 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(parts_en: list[str], parts_zh: list[str]) -> Text:
    """Parts of a summary joined in the manner of each language."""
    return Text(en=", ".join(parts_en), zh="，".join(parts_zh))
