"""privacy.pii: published check-digit examples, planted identifiers, and data that must not alarm."""

import json

import numpy as np
import pytest

from evaluations.methods.identifiers import (
    card_number_is_valid,
    hong_kong_identity_is_valid,
    iban_is_valid,
    luhn_is_valid,
    machine_line_is_valid,
    masked,
    resident_number_is_valid,
    social_security_is_valid,
)
from evaluations.methods.privacy_pii import scan_column
from evaluations.methods.registry import get
from evaluations.methods.results import run_method
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import diabetes_bundle, digits_bundle, write_csv

PLANTED = {
    "e-mail address": "write to li.wei+test@example.co.uk please",
    "Chinese resident identity number": "身份证11010519491231002X已核",
    "Chinese phone number": "call 138 1234 5678 today",
    "international phone number": "phone +44 20 7946 0958.",
    "payment card number": "paid by 4111 1111 1111 1111 in May",
    "bank account number (IBAN)": "to GB82 WEST 1234 5698 7654 32 on Monday",
    "machine-readable passport line": "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "US social security number": "SSN 078-05-1120 on file",
    "Hong Kong identity card number": "HKID A123456(3) shown",
    "public IP address": "from 8.8.8.8 at noon",
}
QUIET = [
    "2026-11-24 06:25:26",
    "version 1.2.3.4567",
    "192.168.0.1",
    "10.0.0.5 to 127.0.0.1",
    "12:30:45",
    "ratio 0.1234567890123456",
    "4111 1111 1111 1112",
    "110105194912310021",
    "GB82 WEST 1234 5698 7654 33",
    "000-12-3456",
    "A123456(4)",
    "user at example",
    "1234567",
    "std::vector",
]


def test_check_digits_of_published_examples():
    assert resident_number_is_valid("11010519491231002X")  # GB 11643-1999, annex A
    assert not resident_number_is_valid("110105194912310021")
    assert not resident_number_is_valid("110105194913310028")  # no thirteenth month
    assert not resident_number_is_valid("99010519491231002X")
    assert luhn_is_valid("79927398713")
    assert not luhn_is_valid("79927398710")
    assert card_number_is_valid("378282246310005")
    assert card_number_is_valid("5555 5555 5555 4444")
    assert not card_number_is_valid("79927398713")
    assert iban_is_valid("DE89 3704 0044 0532 0130 00")
    assert iban_is_valid("FR1420041010050500013M02606")
    assert not iban_is_valid("DE88 3704 0044 0532 0130 00")
    assert machine_line_is_valid("L898902C36UTO7408122F1204159ZE184226B<<<<<10")  # ICAO Doc 9303-4, appendix A
    assert not machine_line_is_valid("L898902C37UTO7408122F1204159ZE184226B<<<<<10")
    assert hong_kong_identity_is_valid("A123456(3)")
    assert not hong_kong_identity_is_valid("A123456(A)")


@pytest.mark.parametrize("value", ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000"])
def test_numbers_that_social_security_never_gave_out(value):
    assert not social_security_is_valid(value)
    assert social_security_is_valid("078-05-1120")


@pytest.mark.parametrize(("kind", "text"), PLANTED.items())
def test_planted_identifier_is_found_at_its_row(kind, text):
    cells = np.array([f"remark number {row}" for row in range(300)], dtype=object)
    cells[137] = text
    found = scan_column("remarks", cells).rows
    assert list(found) == [137]
    assert found[137][0].en == kind


def test_passport_and_plain_numbers_count_under_their_heading_only():
    cells = np.array(["E12345678", "EA1234567", ""], dtype=object)
    assert set(scan_column("护照号", cells).rows) == {0, 1}
    assert scan_column("batch", cells).rows == {}
    assert set(scan_column("SSN", np.array(["078051120", "000051120"], dtype=object)).rows) == {0}


def test_names_count_under_their_heading_if_they_look_like_names():
    people = np.array(["王小明", "李华", "Anna Maria Schmidt", "O’Brien", ""], dtype=object)
    assert set(scan_column("姓名", people).rows) == {0, 1, 2, 3}
    assert set(scan_column("last_name", people).rows) == {0, 1, 2, 3}
    assert scan_column("city", people).rows == {}
    assert scan_column("name", np.array(["model-7", "unit 12", "a_b"], dtype=object)).rows == {}


@pytest.mark.parametrize("text", QUIET)
def test_what_only_looks_alike_does_not_alarm(text):
    assert scan_column("remarks", np.array([text], dtype=object)).rows == {}


@pytest.mark.parametrize("seed", range(5))
def test_order_numbers_pass_luhn_by_chance_and_are_not_counted(seed):
    rng = np.random.default_rng(seed)
    cells = np.array([f"4{rng.integers(0, 10**15):015d}" for _ in range(2000)], dtype=object)
    scan = scan_column("order", cells)
    assert scan.rows == {}
    ((_, look_alikes, passing),) = scan.by_chance
    assert look_alikes == 2000
    assert 100 < passing < 300


def test_a_column_of_cards_is_no_chance():
    rng = np.random.default_rng(0)
    bodies = [f"4{rng.integers(0, 10**14):014d}" for _ in range(100)]
    cards = [body + next(d for d in "0123456789" if luhn_is_valid(body + d)) for body in bodies]
    assert len(scan_column("payment", np.array(cards, dtype=object)).rows) == 100


def run(folder, **changes):
    method = get("privacy.pii")
    parameters = {parameter.name: parameter.default for parameter in method.parameters} | changes
    return run_method(method, load_bundle(folder), parameters, seed=3, folder=folder)


@pytest.fixture
def table(tmp_path):
    """The diabetes bundle with three more columns in its test data: a mobile number, an ID number, a remark."""
    folder = diabetes_bundle(tmp_path / "bundle")
    lines = [line.split(",") for line in (folder / "test.csv").read_text().splitlines()]
    extra = [["mobile", "id_card", "remark"]] + [["", "", "nothing"] for _ in lines[1:]]
    extra[11][0], extra[21][1], extra[31][2] = "13812345678", "110105194912310038", "ask anna@example.org"
    write_csv(folder / "test.csv", lines[0] + extra[0], [a + b for a, b in zip(lines[1:], extra[1:], strict=True)])
    return folder


def test_identifiers_in_numeric_columns_keep_their_digits(table):
    """An 18-digit number is no float: 110105194912310038 must not be read as …040."""
    assert resident_number_is_valid("110105194912310038")
    document = run(table)
    places = [(row[1], row[2]) for row in document["tables"][0]["rows"]]
    assert places == [("mobile", 10), ("id_card", 20), ("remark", 30)]
    (metric,) = document["metrics"]
    assert metric["value"] == pytest.approx(1000 * 3 / 442)
    assert document["flags"] == {"manual_sample_missing": True}


def test_no_value_leaves_the_data(table):
    written = json.dumps(run(table), ensure_ascii=False)
    for value in ("13812345678", "110105194912310038", "anna@example.org", "anna"):
        assert value not in written
    assert masked("anna@example.org 王1") == "xxxx@xxxxxxx.xxx 某9"


def test_declared_columns_are_not_counted(table):
    manifest = json.loads((table / "manifest.json").read_text())
    manifest["data"][0]["personal"] = ["mobile", "id_card", "remark"]
    (table / "manifest.json").write_text(json.dumps(manifest))
    assert run(table)["metrics"][0]["value"] == 0


def test_pixels_and_measurements_do_not_alarm_and_the_skip_is_said(tmp_path):
    for folder in (digits_bundle(tmp_path / "digits"), diabetes_bundle(tmp_path / "diabetes")):
        document = run(folder)
        assert document["metrics"][0]["value"] == 0
        assert any("skipped" in row[3] for row in document["tables"][1]["rows"])


def test_manual_sample_is_drawn_by_the_seed_and_can_be_recorded(tmp_path):
    folder = diabetes_bundle(tmp_path / "bundle")
    first, second = run(folder), run(folder, sample_read=True)
    assert first["samples"] == second["samples"]
    assert len(set(first["samples"]["manual_sample_test"])) == 100
    assert second["flags"] == {"manual_sample_missing": False}
