"""The public pages of the registry, as anybody reads them."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from .conftest import Publish

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


def test_first_page_shows_figures_and_the_newest(client: Client, publish: Publish) -> None:
    assert "No certificate has been issued yet" in text_of(client, "/")
    publish("Digit reader")
    text = text_of(client, "/")
    assert "Digit reader 1.0" in text
    assert "/certificates/TAI-2026-000001-C/" in text
    assert 'aria-label="Scores of the characteristics' in text


def test_list_says_status_in_words(client: Client, publish: Publish) -> None:
    publish(status="suspended")
    assert "suspended" in text_of(client, "/registry/")


def test_list_in_chinese(client: Client, publish: Publish) -> None:
    publish()
    client.cookies["django_language"] = "zh-hans"
    text = text_of(client, "/registry/?q=数字")
    assert "手写数字识别系统" in text
    assert "证书登记库" in text
    assert "共 1 张证书" in text


def test_nothing_found_says_what_to_do(client: Client, publish: Publish) -> None:
    publish()
    text = text_of(client, "/registry/?q=zebra")
    assert "No certificate fits" in text
    assert "0 certificates" in text


def test_a_whole_number_leads_to_its_certificate(client: Client, publish: Publish) -> None:
    number = publish().number
    page = client.get("/registry/", {"q": number.lower()})
    assert page.status_code == 302
    assert page["Location"] == f"/certificates/{number}/"


@pytest.mark.parametrize("sort", ["newest", "oldest", "number", "validity", "nonsense"])
def test_pages_give_each_certificate_once(client: Client, publish: Publish, sort: str) -> None:
    wanted = {publish().number for _n in range(45)}
    address, seen = f"/registry/?sort={sort}", []
    while address:
        page = client.get(address).context["page"]
        seen += [entry.number for entry in page.items]
        address = f"/registry/?sort={sort}&page={page.next}" if page.next else ""
    assert len(seen) == 45
    assert set(seen) == wanted


def test_as_many_queries_for_thirty_as_for_one(client: Client, publish: Publish) -> None:
    publish()
    client.get("/registry/")
    with CaptureQueriesContext(connection) as few:
        client.get("/registry/")
    for _n in range(29):
        publish()
    client.get("/registry/")
    with CaptureQueriesContext(connection) as many:
        client.get("/registry/")
    assert len(many) == len(few) <= 20


def test_csv_opens_in_a_spreadsheet_and_holds_no_formula(client: Client, publish: Publish) -> None:
    publish("=HYPERLINK(1)", "计算", sector="finance, retail")
    text_of(client, "/registry/")
    page = client.get("/registry/certificates.csv")
    content = b"".join(page.streaming_content).decode("utf-8-sig")
    row = next(iter(csv.DictReader(io.StringIO(content))))
    assert row["system_en"] == "'=HYPERLINK(1)"
    assert row["system_zh"] == "计算"
    assert row["sector"] == "finance, retail"
    assert row["url"] == "http://testserver/certificates/TAI-2026-000001-C/"


def test_json_is_the_same_records(client: Client, publish: Publish) -> None:
    publish("Reader", level="basic")
    publish("Other", level="enhanced")
    text_of(client, "/registry/")
    page = client.get("/registry/certificates.json?level=basic")
    records = json.loads(b"".join(page.streaming_content))
    assert [(r["system_en"], r["status"]) for r in records] == [("Reader", "in_force")]
    answer = client.get("/api/registry/?level=basic").json()
    assert answer["results"] == records
    assert answer["next"] == ""


def test_feed_is_atom(client: Client, publish: Publish) -> None:
    publish("Digit reader")
    page = client.get("/registry/feed.atom")
    assert page["Content-Type"].startswith("application/atom+xml")
    entry = ET.fromstring(page.content).find("{http://www.w3.org/2005/Atom}entry")  # noqa: S314  our own text
    assert "Digit reader" in entry.find("{http://www.w3.org/2005/Atom}title").text


@pytest.mark.parametrize(
    "address", ["/", "/registry/", "/registry/certificates.csv", "/registry/feed.atom", "/api/registry/"]
)
def test_nobody_can_write_to_the_registry(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405 or address.endswith(".atom")


@pytest.mark.parametrize(
    "query", ["page=%00", "q=%00", "page=x&sort=y", "status=%00", "holder=1&year=99999", "q=" + "字" * 3000]
)
def test_odd_addresses_are_answered(client: Client, publish: Publish, query: str) -> None:
    publish()
    assert client.get(f"/registry/?{query}").status_code == 200
