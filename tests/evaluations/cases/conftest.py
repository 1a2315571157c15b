"""What the tests of this room share: the shipped standard is parsed once for all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest


@pytest.fixture(autouse=True, scope="session")
def parsed_once() -> Iterator[None]:
    """Parsing and checking the shipped files takes seconds, and each test loads them into its own database."""
    from assessments.standards import services

    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_document", "load_document"):
            patch.setattr(services, name, cache(getattr(services, name)))
        yield
