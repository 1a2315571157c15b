"""The end of a day, after everything else that is asked of the rehearsed stack."""

from __future__ import annotations

import pytest

from scripts.lib.topology import Topology

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(300)]


def test_everything_is_taken_down(stack: Topology) -> None:
    stack.stop()
    assert stack.processes() == {}
    assert stack.groups == {}
