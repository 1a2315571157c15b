"""What README and docs name exists: files, pages, addresses of the REST interface."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import resolve

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CALL = re.compile(r'(?:-X (\w+) )?"\$PORTAL(/api/[^"?]*)|(?:-X (\w+) )"\$PORTAL(/api/[^"?]*)')
SOME_ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_address_of_the_rest_examples_exists_with_its_method() -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8").replace("\\\n", " ")
    calls = [(first or third or "", second or fourth) for first, second, third, fourth in CALL.findall(text)]
    assert len(calls) > 18
    for method, address in calls:
        found = resolve(re.sub(r"\$[A-Z]+", SOME_ID, address))
        allowed = getattr(getattr(found.func, "view_class", None), "http_method_names", None)
        assert allowed is not None, address
        handler = method.lower() or ("post" if address == "/api/verify/" else "get")
        assert hasattr(found.func.view_class, handler), (method, address)


def test_pictures_of_the_readme_are_light() -> None:
    pictures = sorted((ROOT / "docs/images").glob("*.png"))
    assert {"portal.png", "certificate.png", "sheet.png"} <= {picture.name for picture in pictures}
    assert all(picture.stat().st_size <= 200_000 for picture in pictures)


def test_scope_counts_what_is_there() -> None:
    import yaml

    from evaluations.methods import registry

    scope = (ROOT / "docs/scope.md").read_text(encoding="utf-8")
    standard = yaml.safe_load((ROOT / "assessments/standards/data/TAI-0.9.yaml").read_text(encoding="utf-8"))
    assert f"{len(standard['criteria'])} criteria" in scope
    assert f"{len(registry.declared()) - len(registry.installed_ids())} further ids" in scope
