"""The production stack of docker-compose.yml as processes, and a browser that takes its certificate."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.lib.topology import Topology
from tests.journeys.living import ACCOUNTS, CHROMIUM, FLAGS
from tests.journeys.stack import PEOPLE


@pytest.fixture(scope="session")
def stack() -> Iterator[Topology]:
    """Everything started, with accounts and nothing else."""
    # Not among pytest's own folders: servers run as users of their own and must be able to walk in.
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as folder,
        Topology(Path(folder), {"PORTAL_REQUIRE_MFA": "false", "PORTAL_READING_PACE": "0"}) as made,
    ):
        made.start()
        made.code(PEOPLE, json.dumps(ACCOUNTS))
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium has a list of authorities of its own; that the certificate is right is tested without it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--ignore-certificate-errors"])
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    report = yield
    if report.failed:
        for made in getattr(item, "funcargs", {}).values():
            if isinstance(made, Topology):
                for host in made.containers:
                    report.sections.append((host, made.log_end(host)))
    return report
