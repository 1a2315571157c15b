"""A real portal and a browser, for reference data that goes through the browser's upload path."""

from tests.journeys.living import browser, portal, pytest_runtest_makereport, static_files

__all__ = ["browser", "portal", "pytest_runtest_makereport", "static_files"]
