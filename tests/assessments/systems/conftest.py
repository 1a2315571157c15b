"""A version of the vendor's, and a way to begin an upload for it."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.systems import services
from assessments.systems.models import SystemVersion


@pytest.fixture
def version(alice: Any, vendor: Any) -> SystemVersion:
    system = services.create_system(organisation=vendor, actor=alice, name_en="Digit reader")
    return services.create_version(system, actor=alice, label="1.0.0")
