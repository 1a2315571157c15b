"""One portal filled once, and one browser with a tab for each person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.stack import Portal
from tests.pages.catalogue import Page, Site, collect
from tests.pages.looking import Tabs
from tests.portal.access.world import Actor, Place


@pytest.fixture(scope="session")
def filled(static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal whose web server runs and whose workers do not, so that each state stays as it was made."""
    portal = Portal(tmp_path_factory.mktemp("pages"), static_files)
    portal.environment["PORTAL_DESIGN_PAGE"] = "true"
    try:
        portal.prepare()
        portal.start_web()
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="session")
def site(filled: Portal) -> Site:
    made = json.loads(filled.code("from tests.pages.building import main; main()").splitlines()[-1])
    sessions = {each["name"]: each.pop("session") for each in made["actors"]}
    actors = [Actor(**{**each, "roles": frozenset(each["roles"])}) for each in made["actors"]]
    return Site(
        filled.url, {actor.name: actor for actor in actors}, [Place(**each) for each in made["places"]], sessions
    )


@pytest.fixture(scope="session")
def collected(site: Site) -> tuple[list[Page], dict[str, list[str]]]:
    return collect(site)


@pytest.fixture(scope="session")
def pages(collected: tuple[list[Page], dict[str, list[str]]]) -> list[Page]:
    return collected[0]


@pytest.fixture(scope="session")
def tabs(browser: Browser, site: Site) -> Iterator[Tabs]:
    opened = Tabs(browser, site)
    yield opened
    opened.close()
