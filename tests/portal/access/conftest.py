"""One world for the whole module: built once in a transaction of its own, and rolled back at the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from weasyprint import HTML

from portal.certificates.keys import development_keys
from tests.factories import cases
from tests.portal.access.world import World, build


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access")


@pytest.fixture(autouse=True)
def own_files() -> None:
    """In place of the folder of each test: the world keeps its files as long as it stands."""


@pytest.fixture(autouse=True)
def own_keys() -> None:
    """Likewise."""


@pytest.fixture(scope="module")
def quick_building() -> Iterator[None]:
    """What takes long and does not matter to access: a certificate's print, and reading the same standard again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("portal.certificates.services.render_pdf", lambda snapshot: small_pdf())
        patch.setattr(cases, "shipped_standard", cache(cases.shipped_standard))
        yield


def small_pdf() -> bytes:
    written: bytes = HTML(string="<p>Certificate</p>").write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return written


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any, quick_building: None, folder: Path) -> Iterator[World]:
    development_keys(folder / "keys")
    own = override_settings(
        ARTIFACT_ROOT=folder / "artifacts",
        UPLOAD_ROOT=folder / "uploads",
        KEY_ROOT=folder / "keys",
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with own, django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def plain_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("Not found", status=404)


@pytest.fixture(scope="module", autouse=True)
def quick_refusals() -> Iterator[None]:
    """Thousands of refusals: without their page, which has tests of its own, and without a line in the log for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("portal.urls.handler404", plain_not_found, raising=False)
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)
