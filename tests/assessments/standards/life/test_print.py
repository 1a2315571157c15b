"""An edition on paper: made once by a worker, in the reader's language, tagged, with its YAML attached."""

from __future__ import annotations

import io
import subprocess
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader

from assessments.presentation.paper.coverage import require_coverage
from assessments.standards import printing
from assessments.standards.documents import parse_bytes
from assessments.standards.loading import shipped_files
from assessments.standards.models import Edition, EditionPrint
from assessments.standards.services import digest_of

pytestmark = pytest.mark.django_db

ADDRESS = "/standards/PRE/1/pdf/"


def text_of(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_a_worker_makes_it_once_for_each_language(published: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(printing.current_app, "send_task", lambda name, args, retry: sent.append((name, args)))
    client = Client()
    waiting = client.get(ADDRESS)
    assert (waiting.status_code, waiting["Refresh"]) == (202, "5")
    row = EditionPrint.objects.get()
    assert printing.print_edition(row.pk) is True
    assert printing.print_edition(row.pk) is False
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    root = PdfFileReader(io.BytesIO(answer.content)).root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/Outlines"]["/First"]["/Title"] == "Pre-check of an AI system"
    assert "Risks were listed before release" in text_of(answer.content)
    attached = root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"].data
    assert digest_of(parse_bytes(attached, "standard.yaml").content) == published.digest
    assert client.get(ADDRESS, headers={"accept-language": "zh-hans"}).status_code == 202
    assert EditionPrint.objects.count() == 2
    chinese = printing.render_edition(published, "zh-hans")
    assert "发布前列出风险" in text_of(chinese)


def test_draft_is_printed_as_it_stands_for_its_owner(draft: Edition, owner: Any, alice: Any) -> None:
    url = reverse("standards:pdf", args=["PRE", "2"])
    keeper, other = Client(), Client()
    keeper.force_login(owner)
    other.force_login(alice)
    assert other.get(url).status_code == 404
    assert keeper.get(url).status_code == 202
    old = EditionPrint.objects.get()
    Edition.objects.filter(pk=draft.pk).update(digest="1" * 64)
    assert printing.print_edition(old.pk) is False
    assert not EditionPrint.objects.exists()


def test_missing_libraries_are_told_and_given_up_on(published: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: Any) -> bytes:
        raise printing.PrintingUnavailableError("install pango")

    monkeypatch.setattr(printing, "render_edition", unavailable)
    row = printing.wanted(published, "en")
    for _ in range(printing.MOST_ATTEMPTS):
        EditionPrint.objects.update(lease_until=None)
        assert printing.print_edition(row.pk) is False
    answer = Client().get(ADDRESS)
    assert answer.status_code == 503
    assert EditionPrint.objects.get().trouble == "install pango"


def test_faces_hold_every_character_of_what_is_shipped() -> None:
    for path in shipped_files():
        require_coverage(parse_bytes(path.read_bytes(), path.name).content)
