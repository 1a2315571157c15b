"""Keys and files of each test in a folder of its own, and one certificate issued for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.certificates.keys import development_keys
from tests.factories.certified import issued_certificate


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    development_keys(folder)
    return folder


@pytest.fixture(autouse=True)
def own_keys(settings: Any, key_folder: Path) -> None:
    settings.KEY_ROOT = key_folder


@pytest.fixture
def issued(vendor: Any, body: Any, reviewer: Any) -> Any:
    return issued_certificate(vendor, body, reviewer)
