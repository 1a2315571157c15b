"""What every test of the sandbox shares."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that the sandbox's own user may pass through, as through the product's; pytest's are closed to it."""
    with tempfile.TemporaryDirectory(prefix="sandbox-test-") as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path
