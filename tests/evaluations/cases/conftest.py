"""What the tests of this room share: each begins in English, and the shipped standard is parsed once for all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Whatever language the page of the test before spoke."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True, scope="session")
def parsed_once() -> Iterator[None]:
    """Parsing and checking the shipped files takes seconds, and each test loads them into its own database."""
    from assessments.standards import services

    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_document", "load_document"):
            patch.setattr(services, name, cache(getattr(services, name)))
        yield
