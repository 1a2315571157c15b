"""Edition 1.0 is published by a balanced committee's resolution only, and then takes the place of 0.9."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.exceptions import PermissionDenied

from assessments.ledger.services import history
from assessments.standards.adoption import adopt
from assessments.standards.documents import DocumentRefused
from assessments.standards.loading import DATA, initial_files, load_document
from assessments.standards.models import Edition, Scheme, Status
from assessments.standards.services import load_file, publish

RESOLUTION: dict[str, Any] = {
    "document": "resolution",
    "number": "2026/7",
    "date": "2026-11-20",
    "scheme_owner": "The body that runs the portal",
    "adopts": [
        {"document": "standard", "code": "TAI", "edition": "1.0", "digest": "0" * 64},
        {"document": "scheme", "code": "TAI", "edition": "2", "digest": "0" * 64},
    ],
    "supersedes": [{"document": "standard", "code": "TAI", "edition": "0.9"}],
    "committee": [
        {"interest": "vendors", "members": 3, "in_favour": 2, "against": 1},
        {"interest": "users", "members": 3, "in_favour": 3, "against": 0},
        {"interest": "evaluators", "members": 3, "in_favour": 2, "against": 0},
    ],
}


def written(tmp_path: Path, resolution: dict[str, Any]) -> Path:
    path = tmp_path / "resolution.yaml"
    path.write_text(yaml.safe_dump(resolution, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.django_db
def test_resolution_publishes_the_voted_text_and_supersedes_the_pilot(tmp_path: Path) -> None:
    for path in (*initial_files(), DATA / "TAI-1.0.yaml", DATA / "TAI-scheme-2.yaml"):
        load_file(path)
    full, scheme = Edition.objects.get(edition="1.0"), Scheme.objects.get(edition="2")
    assert list(Edition.objects.open_for_applications()) == [Edition.objects.get(edition="0.9")]
    with pytest.raises(PermissionDenied):
        publish(full)
    with pytest.raises(DocumentRefused, match=r"TAI 1\.0 has another content than was voted on"):
        adopt(written(tmp_path, RESOLUTION))
    resolution = deepcopy(RESOLUTION)
    resolution["adopts"][0]["digest"], resolution["adopts"][1]["digest"] = full.digest, scheme.digest
    adopt(written(tmp_path, resolution))
    assert list(Edition.objects.open_for_applications()) == [Edition.objects.get(edition="1.0")]
    assert list(Scheme.objects.open_for_applications()) == [Scheme.objects.get(edition="2")]
    old = Edition.objects.get(edition="0.9")
    assert old.status == Status.SUPERSEDED
    assert old in Edition.objects.public()
    entry = history(full)[0]
    assert (entry.transition, entry.details["resolution"], entry.details["digest"]) == (
        "publish",
        "2026/7",
        full.digest,
    )
    assert entry.details["committee"] == RESOLUTION["committee"]
    with pytest.raises(DocumentRefused, match=r"TAI 0\.9 is not published"):
        adopt(written(tmp_path, resolution))


@pytest.mark.django_db
def test_resolution_on_something_that_is_not_loaded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match=r"standard TAI 1\.0 is not loaded"):
        adopt(written(tmp_path, RESOLUTION))
    with pytest.raises(DocumentRefused, match="this is no resolution"):
        adopt(DATA / "frameworks.yaml")


@pytest.mark.parametrize(
    ("index", "changes", "words"),
    [
        (0, {"members": 6, "in_favour": 6}, "vendors predominate"),
        (0, {"interest": "users"}, "at least 3 interests"),
        (1, {"in_favour": 3, "against": 1}, "more votes than members"),
        (1, {"in_favour": 0}, "fewer than two thirds"),
        (2, {"interest": "friends"}, "must be vendors"),
    ],
)
def test_unbalanced_committee_is_refused(index: int, changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    resolution = deepcopy(RESOLUTION)
    resolution["committee"][index].update(changes)
    with pytest.raises(DocumentRefused, match=words):
        load_document(written(tmp_path, resolution))


def test_balanced_committee_is_taken(tmp_path: Path) -> None:
    assert load_document(written(tmp_path, RESOLUTION)).content["number"] == "2026/7"
