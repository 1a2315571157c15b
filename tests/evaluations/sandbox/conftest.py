"""What every test of the sandbox shares."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(open_folder: Path) -> Path:
    """A folder that the sandbox's own user may pass through, as through the product's; pytest's are closed to it."""
    return open_folder
