"""A certificate whose signed file lies in a bucket is given out byte for byte, and verifies."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from assessments.systems import storage, storekeeping
from tests.factories.certified import issued_certificate
from tests.factories.object_store import ObjectStore


@pytest.mark.django_db
def test_the_signed_file_comes_out_of_the_bucket_as_it_was_issued(
    settings: Any, object_store: ObjectStore, quick_printing: None, vendor: Any, body: Any, reviewer: Any, client: Any
) -> None:
    settings.STORE = object_store.new_bucket("portal/")
    certificate = issued_certificate(vendor, body, reviewer)
    assert certificate.pdf_sha256 in {one.sha256 for one in storage.backing().stored()}
    answer = client.get(f"/certificates/{certificate.number}/certificate.pdf")
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == certificate.pdf_sha256
    assert list(storekeeping.verify()) == []
    assert not settings.ARTIFACT_ROOT.exists()
