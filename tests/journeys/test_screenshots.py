"""The contact sheets: pages are found by their links, photographed for a role, and put on one sheet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.journeys.stack import PASSWORD, PEOPLE, PROJECT, Portal

pytestmark = pytest.mark.journey
SCRIPT = PROJECT / "scripts" / "lib" / "screenshots.py"


NEWCOMERS = [["vendor", "Cirrus Analytics Ltd", "卷云分析有限公司", [["Nora", "vendor_member"]]]]


@pytest.fixture(scope="module")
def newcomer(portal: Portal) -> str:
    """Somebody whose vendor has no system yet, whatever other journeys left in the portal."""
    portal.code(PEOPLE, json.dumps(NEWCOMERS))
    return "nora@example.org"


@pytest.fixture
def summary(portal: Portal, newcomer: str, tmp_path: Path) -> Path:
    login = {"role": "vendor_member", "email": newcomer, "password": PASSWORD}
    path = tmp_path / "summary.json"
    path.write_text(json.dumps({"url": portal.url, "logins": [login]}), encoding="utf-8")
    return path


def test_a_role_s_pages_are_found_and_stand_on_its_sheet(summary: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    options = ["--summary", str(summary), "--out", str(out), "--role", "vendor_member", "--only", "/systems/"]
    command = [sys.executable, str(SCRIPT), *options, "--width", "360", "--language", "zh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    # The list of systems and the form for a new one, which only links lead to.
    assert "vendor_member: 2 pages" in done.stdout
    names = sorted(path.name for path in (out / "vendor_member").iterdir())
    expected = [f"{page}-360-{scheme}-zh.png" for page in ("systems", "systems-new") for scheme in ("dark", "light")]
    assert names == sorted(expected)
    light, dark = (
        Image.open(out / "vendor_member" / f"systems-360-{each}-zh.png").convert("RGB") for each in ("light", "dark")
    )
    assert light.width == dark.width == 360
    assert light.getpixel((5, 5)) > (200, 200, 200) > dark.getpixel((5, 5))
    with Image.open(out / "vendor_member.png") as sheet:
        assert sheet.size == (2 * 208 + 8, 2 * 288 + 8)
    assert "/systems/new/" in (out / "vendor_member.html").read_text(encoding="utf-8")
    assert "vendor_member.html" in (out / "index.html").read_text(encoding="utf-8")


def test_an_unknown_role_is_named(summary: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--summary", str(summary), "--out", str(tmp_path), "--role", "king"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert done.returncode != 0
    assert "No such role: king" in done.stderr
