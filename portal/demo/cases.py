"""Which main jobs the demo does: its own two systems, one more at each place of work, or a bundle that was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .bundles import Bundle
from .dossier import Dossier
from .people import Cast
from .systems.delivery import MANIFEST, signing_key
from .systems.diabetes import draw_test, make_diabetes
from .systems.digits import make_digits

MAKERS = {"digits": make_digits, "diabetes": make_diabetes}


def trained(key: str, workspace: Path) -> Bundle:
    """The bundle of one of the demo's systems, trained on first use and kept: training again would change digests."""
    folder = workspace / key
    if not (folder / MANIFEST).exists():  # it is written last
        MAKERS[key](folder, signing_key(workspace / f"{key}-vendor.pem"))
    return Bundle(folder)


def own(key: str, bundle: Bundle, script: Mapping[str, Any], cast: Cast, workspace: Path) -> Dossier:
    """The main job of one of the demo's systems."""
    words = script["systems"][key]
    drawn = draw_test(workspace / f"{key}-body") if key == "diabetes" else None
    return Dossier(
        bundle,
        words,
        script,
        cast,
        workspace / key,
        name=bundle.name,
        label=bundle.version,
        until=words["until"],
        drawn=drawn,
    )


def given(folder: Path, script: Mapping[str, Any], cast: Cast, workspace: Path) -> Dossier:
    """The main job of another bundle; its version is told apart by its digest, as several may bear one number."""
    bundle = Bundle(folder)
    words, digest = script["systems"]["bundle"], bundle.digest()
    label = f"{bundle.version}+{digest[:8]}"
    return Dossier(
        bundle,
        words,
        script,
        cast,
        workspace / f"given-{digest[:8]}",
        name=bundle.name,
        label=label,
        until=words["until"],
    )


def waiting(bundle: Bundle, script: Mapping[str, Any], cast: Cast, workspace: Path) -> Iterator[Dossier]:
    """One application at each place where somebody has work to do, all on the digits network."""
    for entry in script["waiting"]:
        words = {**script["systems"]["digits"], **entry}
        yield Dossier(
            bundle,
            words,
            script,
            cast,
            workspace / "digits",
            name=entry["name"],
            label=bundle.version,
            until=entry["until"],
        )
