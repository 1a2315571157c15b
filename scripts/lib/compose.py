"""Reading docker-compose.yml: each service as it would be started, with the caller's values put in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[-?])([^{}]*))?\}|(\w+))")
DURATION = re.compile(r"(\d+)(m|s)")


class MissingValueError(ValueError):
    """The file asks for a value that the caller must give."""


@dataclass(frozen=True)
class Service:
    """One service of the file, with defaults filled in; `content` is all that the file says of it."""

    name: str
    content: Mapping[str, Any]

    @property
    def image(self) -> str:
        return str(self.content["image"])

    @property
    def is_built(self) -> bool:
        return "build" in self.content

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.content.get("environment", {}).items()}

    @property
    def command(self) -> list[str]:
        """Empty when the image's own command runs."""
        command = self.content.get("command", [])
        return shlex.split(command) if isinstance(command, str) else list(command)

    @property
    def secrets(self) -> list[str]:
        return list(self.content.get("secrets", []))

    @property
    def mounts(self) -> dict[str, str]:
        """Place in the container → named volume, or path beginning with "." (a file of the project)."""
        pairs = (volume.split(":") for volume in self.content.get("volumes", []))
        return {pair[1]: pair[0] for pair in pairs}

    @property
    def tmpfs(self) -> list[str]:
        return [place.split(":")[0] for place in self.content.get("tmpfs", [])]

    @property
    def replicas(self) -> int:
        return int(self.content.get("deploy", {}).get("replicas", 1))

    @property
    def depends_on(self) -> dict[str, str]:
        return {name: rule["condition"] for name, rule in self.content.get("depends_on", {}).items()}

    @property
    def health_test(self) -> list[str]:
        """The program that asks the service's health, or an empty list."""
        kind, *words = self.content.get("healthcheck", {}).get("test", ["NONE"])
        return ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words

    @property
    def patience(self) -> int:
        """Seconds it is given to end by itself."""
        return seconds(self.content.get("stop_grace_period", "10s"))


def seconds(duration: str) -> int:
    """Whole seconds of "1m30s" and the like."""
    return sum(int(number) * (60 if unit == "m" else 1) for number, unit in DURATION.findall(duration))


def put_in(text: str, values: Mapping[str, str]) -> str:
    """Put values in as compose does: ${NAME}, ${NAME:-default}, ${NAME:?what is missing}, and $$ for a dollar sign."""

    def value(match: re.Match[str]) -> str:
        dollar, name, kind, rest, bare = match.groups()
        if dollar:
            return "$"
        given = values.get(name or bare, "")
        if given or kind is None:
            return given
        if kind.endswith("?"):
            raise MissingValueError(f"{name} is not set: {rest}")
        return str(rest)

    return VARIABLE.sub(value, text)


def read(path: Path, values: Mapping[str, str]) -> dict[str, Service]:
    """All services by name. Raises MissingValueError."""
    content = fill(yaml.safe_load(path.read_text(encoding="utf-8")), values)
    return {name: Service(name, service) for name, service in content["services"].items()}


def fill(content: Any, values: Mapping[str, str]) -> Any:
    """The same content with values put into every text."""
    if isinstance(content, dict):
        return {name: fill(value, values) for name, value in content.items()}
    if isinstance(content, list):
        return [fill(value, values) for value in content]
    return put_in(content, values) if isinstance(content, str) else content


def in_start_order(services: Mapping[str, Service]) -> list[Service]:
    """Each service behind those that it waits for. Raises ValueError when two wait for each other."""
    done: list[Service] = []
    waiting = dict(services)
    while waiting:
        names = {service.name for service in done}
        ready = [service for service in waiting.values() if set(service.depends_on) <= names]
        if not ready:
            raise ValueError(f"these wait for each other or for nobody: {', '.join(sorted(waiting))}")
        done += ready
        for service in ready:
            del waiting[service.name]
    return done
