"""Reading a Dockerfile: its stages with their instructions, and what its last stage gives every container."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

PAIR = re.compile(r"""([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S+)""")


@dataclass(frozen=True)
class Step:
    """One instruction, its continued lines joined."""

    word: str
    argument: str


@dataclass
class Stage:
    """A `FROM` with what follows it."""

    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What its ENV lines set, in their order; a value may name earlier ones."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.word == "ENV":
                found.update({name: value.strip("\"'") for name, value in PAIR.findall(step.argument)})
        return found

    @property
    def command(self) -> list[str]:
        """What a container runs when it is told nothing else."""
        last = [step.argument for step in self.steps if step.word == "CMD"][-1]
        return list(json.loads(last)) if last.startswith("[") else shlex.split(last)


def read(path: Path) -> list[Stage]:
    """The stages of a Dockerfile. Raises ValueError for an instruction before the first FROM."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        word, _, argument = line.strip().partition(" ")
        if word.upper() == "FROM":
            image, _, name = argument.partition(" AS ")
            stages.append(Stage(image.strip(), name.strip()))
        elif not stages:
            raise ValueError(f"{path.name}: {word} stands before the first FROM")
        else:
            stages[-1].steps.append(Step(word.upper(), argument.strip()))
    return stages
