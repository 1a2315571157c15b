"""The journeys' portals and browser."""

from tests.journeys.living import browser, fragile_portal, portal, pytest_runtest_makereport, static_files

__all__ = ["browser", "fragile_portal", "portal", "pytest_runtest_makereport", "static_files"]
