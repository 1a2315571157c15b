"""Keys and files of each test in a folder of its own, and one certificate issued for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.certificates.document import render_pdf
from portal.certificates.keys import development_keys
from portal.certificates.snapshot import canonical
from tests.factories.certified import issued_certificate


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    development_keys(folder)
    return folder


@pytest.fixture(autouse=True)
def own_keys(settings: Any, key_folder: Path) -> None:
    settings.KEY_ROOT = key_folder


@pytest.fixture(scope="session")
def printed() -> dict[bytes, bytes]:
    """What was printed so far: the same data gives the same bytes, as test_document shows."""
    return {}


@pytest.fixture
def quick_printing(monkeypatch: pytest.MonkeyPatch, printed: dict[bytes, bytes]) -> None:
    """Print the same data once a session only."""

    def render(snapshot: Any) -> bytes:
        key = canonical(snapshot)
        if key not in printed:
            printed[key] = render_pdf(snapshot)
        return printed[key]

    monkeypatch.setattr("portal.certificates.services.render_pdf", render)


@pytest.fixture
def issued(quick_printing: None, vendor: Any, body: Any, reviewer: Any) -> Any:
    return issued_certificate(vendor, body, reviewer)
