"""The printed certificate: the same bytes each time, readable by people, screen readers and machines."""

import io
import json
import re
import subprocess
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from assessments.presentation.paper.coverage import UncoveredCharactersError
from portal.certificates.document import ATTACHMENT, DoesNotFitError, render_pdf
from portal.certificates.snapshot import canonical
from tests.factories.certificates import pair, snapshot


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render_pdf(snapshot())


def text_of(pdf: bytes, *options: str) -> str:
    return subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_the_same_data_gives_the_same_bytes(pdf: bytes) -> None:
    assert render_pdf(snapshot()) == pdf
    assert render_pdf(snapshot(number="TAI-2026-000124-4")) != pdf


def test_poppler_reads_all_names_in_both_languages(pdf: bytes) -> None:
    text = text_of(pdf)
    first_page = text.split("\f")[0]
    for words in (
        "可信人工智能评估证书",
        "Certificate of Trustworthy AI Evaluation",
        "TAI-2026-000123-6",
        "极光视觉有限公司",
        "Aurora Vision Ltd",
        "增强级（有限风险）",
        "Enhanced (limited risk)",
        "2028年11月23日",
        "2028-11-23",
        "子午评估中心",
        "测试签发",
        "DP-5, DP-6",
    ):
        assert words in first_page, words
    assert "RC-1" in text.split("\f")[1]


def test_wording_follows_the_schemes_kind_of_attestation() -> None:
    scheme = {"code": "TAI", "edition": "1", "attestation": "certification"}
    text = text_of(render_pdf(snapshot(scheme=scheme)))
    assert "可信人工智能认证证书" in text
    assert "评估证书" not in text


def test_what_is_not_rated_or_not_in_chinese_is_said_and_not_invented(pdf: bytes) -> None:
    text = text_of(pdf, "-layout")
    assert re.search(r"多元包容 Diversity and inclusiveness\s+–", text)


def test_one_page_and_an_annex_with_bookmarks_and_tags(pdf: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(pdf))
    assert int(reader.root["/Pages"]["/Count"]) >= 2
    assert reader.root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in reader.root
    assert "/Outlines" in reader.root
    metadata = reader.root["/Metadata"].data
    for declared in (b"pdfaid:part", b"pdfuaid:part", b"TAI-2026-000123-6"):
        assert declared in metadata


def test_the_data_is_attached_for_machines(pdf: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(pdf))
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    attached = names[1]["/EF"]["/F"].data
    assert names[1]["/UF"] == ATTACHMENT
    assert attached == canonical(snapshot())
    assert json.loads(attached)["level"] == "enhanced"


def test_only_own_faces_are_embedded(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert lines
    assert all("Trust" in line.split()[0] and " yes " in line for line in lines), lines


def test_long_scope_is_cut_on_the_first_page_and_whole_in_the_annex() -> None:
    scope = {**snapshot()["scope"], "intended_use": pair("Reading digits. " * 60, "识别数字。" * 60)}
    pages = text_of(render_pdf(snapshot(scope=scope))).split("\f")
    assert "(annex)" in pages[0]
    assert pages[1].replace("\n", " ").count("Reading digits.") == 60


def test_what_cannot_fit_on_one_page_is_refused() -> None:
    with pytest.raises(DoesNotFitError):
        render_pdf(snapshot(conditions=[pair("A condition that goes on. " * 20, "")] * 20))


def test_texts_of_a_vendor_are_text_and_not_markup() -> None:
    holder = {"name": pair('<img src="file:///etc/passwd"> & Co', ""), "address": pair("", "")}
    assert '<img src="file:///etc/passwd"> & Co' in text_of(render_pdf(snapshot(holder=holder))).replace("\n", " ")


def test_a_text_anywhere_in_the_snapshot_is_refused_by_name() -> None:
    bad = snapshot(holder={"name": pair("Smile 😀 Ltd", ""), "address": pair("", "")})
    with pytest.raises(UncoveredCharactersError, match=r"U\+1F600 GRINNING FACE"):
        render_pdf(bad)
