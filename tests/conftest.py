"""What all tests share: an empty place for files, one person for each role and an outsider, reference data."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from tests.factories import standards
from tests.factories.object_store import ObjectStore, serving
from tests.factories.people import organisation, person

# Once for all folders: two sessions of a browser's driver cannot live in one process.
from tests.journeys.living import browser, fragile_portal, portal, pytest_runtest_makereport, static_files

__all__ = ["browser", "fragile_portal", "portal", "pytest_runtest_makereport", "static_files"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without reference data its tests are left out by name, and the run says so."""
    if os.environ.get("REFERENCE_DATA"):
        return
    left_out = [item for item in items if item.get_closest_marker("reference")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("reference")]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] = [item.nodeid for item in left_out]


LEFT_OUT: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_collection_finish() -> None:
    """What is imported by now stays until the end: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    left_out = config.stash.get(LEFT_OUT, [])
    if left_out:
        terminalreporter.write_line(f"Not run, as REFERENCE_DATA names no folder: {len(left_out)} reference tests.")


@pytest.fixture(scope="session", autouse=True)
def shipped_standards_are_read_once() -> Iterator[None]:
    """Where rows are made of the shipped files; that they are sound has tests of its own, which read them anew."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_document", "load_document"):
            patch.setattr(f"assessments.standards.services.{name}", standards.once(name))
        yield


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Artifacts, uploads and mail of each test in a folder of its own."""
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    settings.COPIES_ROOT = tmp_path / "copies"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """A server that speaks S3, for the tests that ask for it."""
    with serving() as store:
        yield store


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Each test starts in English, whatever the last request of the test before was answered in."""
    with translation.override("en"):
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that servers and jobs of other users may walk through; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="portal-test-") as place:
        Path(place).chmod(0o711)
        yield Path(place)


@pytest.fixture
def vendor(db: None) -> Any:
    return organisation("vendor", "Aurora Vision Ltd", "极光视觉有限公司")


@pytest.fixture
def other_vendor(db: None) -> Any:
    return organisation("vendor", "Borealis Analytics Ltd", "北光分析有限公司")


@pytest.fixture
def body(db: None) -> Any:
    return organisation("body", "Meridian Evaluation Body", "子午评估中心")


@pytest.fixture
def other_body(db: None) -> Any:
    return organisation("body", "Zenith Evaluation Body", "天顶评估中心")


@pytest.fixture
def authority(db: None) -> Any:
    return organisation("authority", "Office for Trustworthy AI", "可信人工智能管理局")


@pytest.fixture
def alice(vendor: Any) -> Any:
    return person("Alice", vendor, "vendor_member")


@pytest.fixture
def bob(vendor: Any) -> Any:
    return person("Bob", vendor, "vendor_member")


@pytest.fixture
def charlie(other_vendor: Any) -> Any:
    return person("Charlie", other_vendor, "vendor_member")


@pytest.fixture
def lead(body: Any) -> Any:
    return person("Lena", body, "lead_evaluator")


@pytest.fixture
def evaluator1(body: Any) -> Any:
    return person("Erik", body, "evaluator")


@pytest.fixture
def evaluator2(body: Any) -> Any:
    return person("Eva", body, "evaluator")


@pytest.fixture
def reviewer(body: Any) -> Any:
    return person("Rita", body, "reviewer")


@pytest.fixture
def other_lead(other_body: Any) -> Any:
    return person("Otto", other_body, "lead_evaluator")


@pytest.fixture
def regulator(authority: Any) -> Any:
    return person("Regina", authority, "regulator")


@pytest.fixture
def administrator(db: None) -> Any:
    return person("Adam", organisation("operator", "Portal Operations", "平台运营部"), "administrator")
