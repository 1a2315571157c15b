"""By mouse, what each role does beside the main job: lead evaluator, evaluator, anybody, regulator, administrator."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.factories import cases
from tests.journeys.roles import JOURNEYS, Journey
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_role_by_mouse(journey: Journey, here: Any, arrive: Any, tmp_path: Path) -> None:
    journey(arrive(here, partial(Visitor, audited=False)), cases.people(), tmp_path)
