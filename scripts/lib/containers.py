"""A container's inside as a folder of this machine: where its mounts, addresses and commands are here."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.compose import Service

PROJECT = Path(__file__).resolve().parents[2]
OWN_ADDRESS = re.compile(r"\b(?:0\.0\.0\.0|127\.0\.0\.1):(\d+)\b")
# What the nginx image's own start does: only names that the environment has are put in.
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass
class Container:
    """One replica of a service. `host` is its name; `folder` holds what it sees as its root.

    `port(service, number)` gives the port of this machine that stands for a port of a service.
    """

    service: Service
    host: str
    folder: Path
    port: Callable[[str, int], int]
    names: frozenset[str]
    places: dict[str, Path] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def furnish(self, volumes: Path, secrets: Path, image: Mapping[str, Path]) -> None:
        """Make the folders of its mounts, and note which place in the container is which path here."""
        self.places = dict(image)
        for place in self.service.tmpfs:
            self._link(place, None)
        for place, source in self.service.mounts.items():
            self._link(place, PROJECT / source if source.startswith(".") else volumes / source)
        for name in self.service.secrets:
            self._link(f"/run/secrets/{name}", secrets / name)

    def _link(self, place: str, source: Path | None) -> None:
        inside = self.root / place.lstrip("/")
        self.places[place] = source or inside
        if inside.is_symlink() or inside.exists():
            return
        if source is None:
            inside.mkdir(parents=True)
            return
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.symlink_to(source)

    def here(self, text: str) -> str:
        """The text with every place and address of the container as it is on this machine."""
        text = OWN_ADDRESS.sub(lambda found: f"127.0.0.1:{self.port(self.service.name, int(found[1]))}", text)
        others = "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
        text = re.sub(
            rf"(?<![\w.-])({others}):(\d+)\b",
            lambda found: f"127.0.0.1:{self.port(found[1], int(found[2]))}",
            text,
        )
        places = "|".join(re.escape(place) for place in sorted(self.places, key=len, reverse=True))
        return re.sub(rf"(?<![\w/.-])({places})(?![\w-])", lambda found: str(self.places[found[1]]), text)

    def environment(self, image: Mapping[str, str], outer: Mapping[str, str]) -> dict[str, str]:
        """What its programs find in their environment: the caller's, the image's, the service's."""
        made = dict(outer)
        for name, value in {**image, **self.service.environment}.items():
            made[name] = self.here(value).replace("$PATH", outer["PATH"])
        temporary = self.places.get("/tmp", self.folder)  # noqa: S108 - a name inside the container
        return made | {"HOSTNAME": self.host, "TMPDIR": str(temporary)}

    def write_templates(self, environment: Mapping[str, str]) -> None:
        """What the nginx image does with /etc/nginx/templates before it starts the server."""
        known = {name: value for name, value in environment.items() if name in self.service.environment}
        folder = Path(environment["NGINX_ENVSUBST_OUTPUT_DIR"])
        for place, source in self.service.mounts.items():
            if place.endswith(".template"):
                text = (PROJECT / source).read_text(encoding="utf-8")
                # nginx serves folders of its own root, which holds several mounts.
                text = self.here(text).replace("root /srv;", f"root {self.root}/srv;")
                text = PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text)
                (folder / Path(place).name.removesuffix(".template")).write_text(text, encoding="utf-8")


def image_places(folder: Path) -> dict[str, Path]:
    """Where this machine has what the Dockerfile puts into the image."""
    return {"/opt/portal": Path(sys.prefix), "/srv/portal": PROJECT, "/srv/static": folder / "static"}


def program(name: str) -> str:
    """The program's path; servers stand in /usr/sbin, which is not in everybody's search path."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit(f"{name} is not installed; scripts/production-rehearsal says which packages are needed.")
    return found
