"""Every page that a role can reach by links, photographed in each size, scheme and language; one contact sheet a role.

The pages are found by following links from the role's home, so that a new page appears without being named. Of pages
with one form of address (numbers and identifiers apart) those are kept whose content is built differently.
"""

from __future__ import annotations

import html
import json
import re
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from photographs import CHROMIUM, demo, reduced, sign_in

WIDTHS, SCHEMES, LANGUAGES = (360, 1440), ("light", "dark"), ("en", "zh")
COOKIES = {"en": "en", "zh": "zh-hans"}
VISITOR = "visitor"
STATES = 3  # of one form of address
TRIED = 12  # addresses of one form, in search of another state
MOST = 120  # pages a role
TALLEST = 4000  # pixels of a photograph
THUMB = (200, 280)
# What differs between objects, not between pages.
KEYS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|TAI-\d{4}-\d+-\w|(?<=/)[A-Z]{2}-\d+(?=/)|(?<=/)\d+(?=/)"
    r"|(?<=/crosswalk/)[^/]+|(?<=/methods/)[^/]+"
)
# Addresses that act, leave the session, are Django's own, or are one page in many orders.
APART = re.compile(
    r"^/(admin|api|static|i18n)/|/logout/|\.(csv|json|pdf|ics|atom|pem|yaml|xlsx|md)$|/(download|feed|pdf)/"
)


@dataclass
class Found:
    """A page: where it is, and how it is named in file names."""

    address: str
    name: str


@dataclass
class Sheet:
    """What was photographed for one role."""

    role: str
    rows: list[tuple[Found, dict[str, Path]]] = field(default_factory=list)


def crawl(page: Page, home: list[str]) -> list[Found]:
    """The pages reached from `home`, breadth first."""
    waiting, seen, kept = list(home), set(home), dict[str, list[frozenset[str]]]()
    tried = Counter[str]()
    found: list[Found] = []
    while waiting and len(found) < MOST:
        address = waiting.pop(0)
        kind = KEYS.sub("*", address.partition("?")[0])
        shapes = kept.setdefault(kind, [])
        if len(shapes) >= STATES or tried[kind] >= TRIED:
            continue
        tried[kind] += 1
        answer = page.context.request.get(address, headers={"Accept": "text/html"}, max_redirects=0)
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        text = answer.text()
        shape = shape_of(text)
        if not any(shape <= other for other in shapes):
            shapes.append(shape)
            found.append(Found(address, f"{named(kind)}{'' if len(shapes) == 1 else f'-{len(shapes)}'}"))
        fresh = [link for link in links_of(text, address) if link not in seen]
        seen |= set(fresh)
        waiting += fresh
    return found


def links_of(text: str, address: str) -> Iterator[str]:
    """Addresses on our own server that a page links to; of queries only the first of each page."""
    queries = 0
    for link in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', text):
        target = html.unescape(link)
        if target.startswith("?"):
            target = address.partition("?")[0] + target
        if not target.startswith("/") or target.startswith("//") or APART.search(target):
            continue
        if "?" in target:
            queries += 1
            if queries > 1:
                continue
        yield target


def shape_of(text: str) -> frozenset[str]:
    """The kinds of elements of the content, with their classes."""
    main = text[text.find("<main") : text.find("</main")]
    return frozenset(f"{tag}.{given}" for tag, given in re.findall(r'<([a-z0-9]+)[^>]*?class="([^"]*)"', main))


def named(kind: str) -> str:
    return kind.strip("/").replace("/", "-").replace("*", "_") or "home"


def photographs(context: BrowserContext, found: Found, folder: Path, chosen: Namespace) -> dict[str, Path]:
    """One picture for each language, size and scheme; the page is loaded once a language."""
    taken = {}
    page = context.new_page()
    for language in chosen.language:
        context.add_cookies([{"name": "django_language", "value": COOKIES[language], "url": chosen.url}])
        page.goto(found.address)
        for width in chosen.width:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in chosen.scheme:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                height = min(TALLEST, page.evaluate("() => document.documentElement.scrollHeight"))
                picture = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
                variant = f"{width}-{scheme}-{language}"
                taken[variant] = folder / f"{found.name}-{variant}.png"
                taken[variant].write_bytes(reduced(picture))
    page.close()
    return taken


def of_role(browser: Browser, role: str, login: dict[str, str] | None, out: Path, chosen: Namespace) -> Sheet:
    context = browser.new_context(base_url=chosen.url, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    page = context.new_page()
    if login:
        sign_in(page, login)
    folder = out / role
    folder.mkdir(parents=True, exist_ok=True)
    sheet = Sheet(role)
    home = ["/dashboard/", "/account/"] if login else ["/", "/accounts/login/", "/nothing-is-here/", "/design/"]
    for found in crawl(page, home):
        if chosen.only and not any(part in found.address for part in chosen.only):
            continue
        sheet.rows.append((found, photographs(context, found, folder, chosen)))
    context.close()
    return sheet


def write_sheet(sheet: Sheet, out: Path) -> None:
    """ROLE.html, where each picture leads to its full size, and ROLE.png, one row a page."""
    variants = list(sheet.rows[0][1]) if sheet.rows else []
    image = Image.new(
        "RGB", (max(1, len(variants)) * (THUMB[0] + 8) + 8, max(1, len(sheet.rows)) * (THUMB[1] + 8) + 8), "#888"
    )
    lines = []
    for at, (found, taken) in enumerate(sheet.rows):
        cells = []
        for column, variant in enumerate(variants):
            thumb = thumbnail(taken[variant])
            image.paste(thumb, (8 + column * (THUMB[0] + 8), 8 + at * (THUMB[1] + 8)))
            place = taken[variant].relative_to(out)
            alt = html.escape(f"{found.name} {variant}")
            cells.append(f'<td><a href="{place}"><img src="{place}" alt="{alt}" width="200" loading="lazy"></a></td>')
        lines.append(f"<tr><th>{html.escape(found.address)}</th>{''.join(cells)}</tr>")
    image.save(out / f"{sheet.role}.png", optimize=True)
    heads = "".join(f"<th>{variant}</th>" for variant in variants)
    write_page(out / f"{sheet.role}.html", sheet.role, f"<table><tr><th></th>{heads}</tr>{''.join(lines)}</table>")


def thumbnail(path: Path) -> Image.Image:
    """The top of a page at the width of a column."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    scale = THUMB[0] / whole.width
    top = whole.crop((0, 0, whole.width, min(whole.height, round(THUMB[1] / scale))))
    return top.resize((THUMB[0], max(1, round(top.height * scale))), Image.Resampling.LANCZOS)


def write_page(path: Path, title: str, body: str) -> None:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
    path.write_text(f"{head}<h1>{html.escape(title)}</h1>{body}</html>\n", encoding="utf-8")


def photograph_all(summary: dict[str, Any], out: Path, chosen: Namespace) -> None:
    """Every role that was asked for, or all that the demo has a login for, and a visitor."""
    chosen.url = summary["url"]
    logins: dict[str, dict[str, str] | None] = {VISITOR: None}
    for login in summary["logins"]:
        logins.setdefault(login["role"], login)
    unknown = set(chosen.role) - set(logins)
    if unknown:
        raise SystemExit(f"No such role: {', '.join(sorted(unknown))}. There are: {', '.join(logins)}.")
    out.mkdir(parents=True, exist_ok=True)
    index = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for role in chosen.role or logins:
            sheet = of_role(browser, role, logins[role], out, chosen)
            write_sheet(sheet, out)
            print(f"{role}: {len(sheet.rows)} pages", flush=True)
            index.append(f'<li><a href="{role}.html">{role}</a>: {len(sheet.rows)} pages</li>')
        browser.close()
    write_page(out / "index.html", "Contact sheets", f"<ul>{''.join(index)}</ul>")


def asked(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="scripts/screenshots", description="Photograph every page of the demo.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--role", action="append", default=[])
    parser.add_argument("--only", action="append", default=[], help="a part of the address")
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--scheme", action="append", choices=SCHEMES)
    parser.add_argument("--width", action="append", type=int)
    parser.add_argument("--summary", type=Path, help="summary.json of a demo that runs already")
    chosen = parser.parse_args(arguments)
    chosen.language, chosen.scheme = chosen.language or LANGUAGES, chosen.scheme or SCHEMES
    chosen.width = chosen.width or WIDTHS
    return chosen


def main(arguments: list[str]) -> None:
    chosen = asked(arguments)
    if chosen.summary:
        photograph_all(json.loads(chosen.summary.read_text(encoding="utf-8")), chosen.out, chosen)
        return
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as summary:
        photograph_all(summary, chosen.out, chosen)


if __name__ == "__main__":
    main(sys.argv[1:])
