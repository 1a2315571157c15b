"""The text of the evaluation agreement: a versioned file that never changes once anybody has signed it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "agreements"
CURRENT = "1"


@dataclass(frozen=True)
class Block:
    """A piece of the text: `kind` is title, heading, paragraph or list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class AgreementText:
    """One version of the agreement in both languages; `sha256` is taken over the whole file."""

    version: str
    sha256: str
    en: tuple[Block, ...]
    zh: tuple[Block, ...]


@cache
def agreement_text(version: str = CURRENT) -> AgreementText:
    """The text of a version. Raises FileNotFoundError when there is none."""
    if not version.isalnum():
        raise FileNotFoundError(version)
    content = (FOLDER / f"{version}.md").read_bytes()
    blocks = [_block(part) for part in content.decode("utf-8").split("\n\n") if part.strip()]
    second = [index for index, block in enumerate(blocks) if block.kind == "title"][1]
    digest = hashlib.sha256(content).hexdigest()
    return AgreementText(version, digest, tuple(blocks[:second]), tuple(blocks[second:]))


def _block(part: str) -> Block:
    lines = part.strip().split("\n")
    if lines[0].startswith("# "):
        return Block("title", (lines[0][2:],))
    if lines[0].startswith("## "):
        return Block("heading", (lines[0][3:],))
    if lines[0].startswith("- "):
        return Block("list", tuple(line[2:] for line in lines))
    return Block("paragraph", (" ".join(lines),))
