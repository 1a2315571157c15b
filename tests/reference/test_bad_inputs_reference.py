"""Every bad input goes through the browser's upload path and gets what its manifest expects: said clearly, no harm."""

from __future__ import annotations

import json
import os
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.form_post import Answer, PlainBrowser
from tests.journeys.stack import Portal, eventually
from tests.journeys.visitor import Visitor
from tests.journeys.wire import Wire

pytestmark = [pytest.mark.reference, pytest.mark.journey, pytest.mark.timeout(900)]

ROLES = {".onnx": "model", ".pkl": "model", ".pt": "model", ".bin": "model", ".json": "evidence", ".svg": "evidence"}
ENDED = ("accepted", "refused", "failed")


@dataclass
class Sent:
    """A file that was sent, the page that answered, and what became of the file (None: never taken)."""

    name: str
    expected: str
    version: str
    answer: Answer
    artifact: dict[str, Any] | None = None
    page: str = ""
    page_zh: str = ""


def folder() -> Path:
    return Path(os.environ["REFERENCE_DATA"])


@cache
def entries() -> list[dict[str, Any]]:
    everything = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    return [entry for entry in everything if entry["name"].startswith("bad_inputs/")]


def workers(portal: Portal) -> set[int]:
    """The processes of the workers, each child of the pool too."""
    return {number for number, command in portal.processes().items() if "celery" in command and "worker" in command}


@pytest.fixture(scope="module")
def sent(portal: Portal) -> list[Sent]:
    """All files, each sent to a version of its own by the form without script, and read by the workers."""
    wire = Wire(portal, portal.token("alice@example.org"))
    english = PlainBrowser(portal).sign_in("Alice")
    chinese = PlainBrowser(portal).sign_in("Alice").switch_language("zh-hans")
    system = wire.call("POST", "/api/systems/", {"name_en": "Bad inputs"}, expected=201)["id"]
    before, everything = workers(portal), []
    for entry in entries():
        path = folder() / entry["name"]
        label = entry["name"].removeprefix("bad_inputs/")
        version = wire.call("POST", f"/api/systems/{system}/versions/", {"label": label}, expected=201)["id"]
        role = ROLES.get(path.suffix, "test")
        answer = english.send_file(f"/systems/versions/{version}/upload/", path.name, path.read_bytes(), role=role)
        everything.append(Sent(path.name, entry["facts"].get("expected", ""), version, answer))
    for one in everything:
        follow(one, wire, english, chinese)
    portal.check()
    assert workers(portal) == before, "a worker was lost"
    return everything


def follow(one: Sent, wire: Wire, english: PlainBrowser, chinese: PlainBrowser) -> None:
    """Wait until the file has been read, then look at the page as a vendor does, in both languages."""

    def files() -> list[dict[str, Any]]:
        return list(wire.call("GET", f"/api/versions/{one.version}/files/")["results"])

    if one.answer.status == 200:
        eventually(lambda: all(f["inspection"] in ENDED for f in files()), seconds=240, what=f"{one.name} is read")
        one.artifact = next(iter(files()), None)
        one.page = english.get(f"/systems/versions/{one.version}/").words
        one.page_zh = chinese.get(f"/systems/versions/{one.version}/").words


def told(one: Sent) -> list[dict[str, str]]:
    """What is said against the file: the reason of its refusal, or warnings."""
    assert one.artifact is not None
    if one.artifact["inspection"] == "refused":
        return [one.artifact["refusal"]["refused"]]
    return list(one.artifact["description"].get("warnings", []))


def test_each_file_is_accepted_refused_or_reported_as_expected(sent: list[Sent]) -> None:
    wrong = [f"{one.name}: {verdict}" for one in sent if (verdict := judged(one))]
    assert not wrong, "\n".join(wrong)
    assert len(sent) >= 38


def judged(one: Sent) -> str:
    """Why the outcome is not what the manifest expects; empty when it is."""
    if one.artifact is None:
        empty = one.answer.status == 422 and "The submitted file is empty." in one.answer.words
        return "" if empty and one.name == "onnx_empty.onnx" else f"{one.answer.status} {one.answer.words[-300:]}"
    inspection, summary = one.artifact["inspection"], one.artifact["description"].get("summary", {}).get("en", "")
    if one.expected.startswith("control"):
        return "" if inspection == "accepted" and summary in one.page else f"{inspection}, no control"
    if one.expected.startswith("refused without unpickling") and inspection != "refused":
        return f"{inspection}, although it is or holds a pickle"
    if inspection == "failed":
        return "the portal failed to read it"
    if one.expected and not told(one) and "UTF-16" not in summary:
        return f"nothing is said: {summary}"
    return ""


def test_what_is_said_stands_on_the_page_in_both_languages(sent: list[Sent]) -> None:
    for one in sent:
        if one.artifact is not None:
            for text in told(one):
                assert re.sub(r"\s+", " ", text["en"]) in one.page, one.name
                assert re.sub(r"\s+", " ", text["zh"]) in one.page_zh, one.name
                assert re.search(r"[一-鿿]", text["zh"]), one.name


def test_corrupt_pictures_are_named(sent: list[Sent]) -> None:
    suite = next(one for one in sent if one.name == "pngsuite.zip")
    corrupt = next(e for e in entries() if e["name"].endswith("pngsuite.zip"))["facts"]["corrupt on purpose (14)"]
    assert suite.artifact is not None
    damaged = suite.artifact["description"]["facts"]["damaged"]
    assert {name.rsplit("/", 1)[-1] for name in damaged} == set(corrupt)


def test_nothing_was_executed_and_nothing_written_outside(sent: list[Sent], portal: Portal) -> None:
    said = [line.strip() for log in portal.folder.glob("*.log") for line in log.read_text(errors="replace").split("\n")]
    assert "456" not in said  # what the pickles would print
    with zipfile.ZipFile(folder() / "bad_inputs/generated/zip_slip_relative.zip") as archive:
        escaping = {Path(name).name for name in archive.namelist() if ".." in name}
    assert escaping
    places = [portal.folder, *Path("/tmp").glob("*")]  # noqa: S108 - where a sandbox's folder may be
    found = [path for place in places for name in escaping if (path := place / name).exists()]
    assert not found
    assert not [path for name in escaping for path in portal.folder.rglob(name)]
    assert not list((portal.var / "uploads").glob("form-*")), "a file was left in quarantine"


@pytest.mark.parametrize(
    ("name", "role", "words"),
    [
        ("pickle/malicious1_v4.pkl", "model", "refused"),
        ("generated/csv_script_in_header.csv", "test data", "holds markup or quotes"),
        ("generated/control_good_identity.onnx", "model", "readable"),
    ],
)
def test_the_browser_shows_the_same(name: str, role: str, words: str, portal: Portal, browser: Browser) -> None:
    wire = Wire(portal, portal.token("alice@example.org"))
    version = wire.version(f"By browser: {name}")
    visitor = Visitor(browser, portal).sign_in("Alice", going_to=f"/systems/versions/{version}/upload/")
    visitor.page.on("dialog", lambda dialog: visitor.complaints.append(f"a script ran: {dialog.message}"))
    visitor.choose("What the file is", role).attach("File", folder() / "bad_inputs" / name)
    visitor.page.get_by_role("main").get_by_role("button", name="Send the file").click()
    visitor.page.wait_for_url(re.compile(rf"/systems/versions/{version}/(#files)?$"))
    visitor.sees(re.compile("readable|refused"), seconds=120).inspect()
    visitor.sees(re.compile(re.escape(words)))
    visitor.close()
