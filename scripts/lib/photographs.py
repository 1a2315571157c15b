"""Photographs of the demo's pages for README and guides: serves the demo, signs in, and writes PNG files.

Pictures are reduced to a palette, so that each stays far below the limit; a page that does not is an error.
"""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from portal.demo.processes import free_port  # noqa: E402

WIDTH, HEIGHT = 1440, 1000
LIMIT = 200_000
PATIENCE = 900  # seconds until the demo must be ready
CHROMIUM = "/usr/bin/chromium"


def first_page(page: Page) -> None:
    """The registry's first page."""
    page.goto("/")


def certificate(page: Page) -> None:
    """The page of the newest certificate."""
    page.goto("/")
    page.locator("a[href^='/certificates/TAI-']").first.click()


def sheet(page: Page) -> None:
    """The scoring sheet of a case that waits for an evaluator: the first of the case board that has one."""
    page.goto("/cases/")
    cases = page.locator("main a[href^='/cases/']").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    for address in cases:
        answer = page.goto(f"{address}sheet/") if address.count("/") == 3 else None
        if answer is not None and answer.ok:
            part = page.locator("main a[href*='/sheet/']").first
            if part.count():
                part.click()
            return
    raise SystemExit("No case of the demo has a scoring sheet for this evaluator.")


def dashboard(page: Page) -> None:
    """What waits for the lead evaluator."""
    page.goto("/dashboard/")


# Name of the file: how to reach the page, and the role that is signed in ("" for nobody).
PICTURES: dict[str, tuple[Callable[[Page], None], str]] = {
    "portal": (first_page, ""),
    "certificate": (certificate, ""),
    "sheet": (sheet, "evaluator"),
    "dashboard": (dashboard, "lead_evaluator"),
}


@contextmanager
def demo(folder: Path) -> Any:
    """A demo on a free port with files of its own; gives its summary when it is ready, and stops it afterwards."""
    out = folder / "out"
    command = [sys.executable, "manage.py", "demo", "--port", str(free_port()), "--out", str(out)]
    environment = {"PATH": "/usr/bin:/bin", "PORTAL_VAR": str(folder / "var"), "HOME": str(folder)}
    with (folder / "demo.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield _summary(process, out / "summary.json", folder / "demo.log")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _summary(process: subprocess.Popen[bytes], path: Path, log: Path) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE
    while not path.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"The demo did not get ready:\n{log.read_text()[-2000:]}")
        time.sleep(1)
    summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return summary


def photograph(browser: Browser, summary: dict[str, Any], name: str) -> bytes:
    """One picture as PNG."""
    reach, role = PICTURES[name]
    context = browser.new_context(
        base_url=summary["url"],
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="light",
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if role:
        sign_in(page, next(login for login in summary["logins"] if login["role"] == role))
    reach(page)
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    return picture


def sign_in(page: Page, login: dict[str, str]) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", login["email"])
    page.fill("input[name=password]", login["password"])
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url("**/dashboard/")


def reduced(picture: bytes) -> bytes:
    """The picture without its alpha channel; with at most 256 colours only if it is too large otherwise."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    whole = _as_png(image)
    return whole if len(whole) <= LIMIT else in_palette(image)


def in_palette(image: Image.Image) -> bytes:
    """The picture with at most 256 colours, as what the repository keeps: a third of the bytes, to the eye the same."""
    return _as_png(image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE))  # small marks keep theirs


def _as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    parser = ArgumentParser(description="Photograph pages of the demo.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder for the pictures")
    parser.add_argument("--summary", type=Path, help="summary.json of a demo that runs already")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.summary:
        write(json.loads(options.summary.read_text(encoding="utf-8")), options.out)
        return
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as summary:
        write(summary, options.out)


def write(summary: dict[str, Any], out: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in PICTURES:
            content = in_palette(Image.open(io.BytesIO(photograph(browser, summary, name))).convert("RGB"))
            if len(content) > LIMIT:
                raise SystemExit(f"{name}.png has {len(content)} bytes; the limit is {LIMIT}.")
            (out / f"{name}.png").write_bytes(content)
            print(f"{out / name}.png  {len(content) // 1024} kB")
        browser.close()


if __name__ == "__main__":
    main()
