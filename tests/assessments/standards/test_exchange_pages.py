"""Search and filters of an edition, what can be taken away, the comparison of two editions, and the command."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook

from assessments.standards.documents import read_document
from assessments.standards.exchange.formats import FORMATS, Exported
from assessments.standards.exchange.oscal.reading import read_catalog
from assessments.standards.loading import DATA
from assessments.standards.models import Edition, Scheme, Status
from assessments.standards.services import load_scheme, load_standard

pytestmark = pytest.mark.django_db

PAGE = "/standards/TAI/0.9/"


@pytest.fixture
def edition() -> Edition:
    loaded = load_standard(DATA / "TAI-0.9.yaml")
    load_scheme(DATA / "TAI-scheme.yaml")
    return loaded


@pytest.fixture
def next_edition(edition: Edition, tmp_path: Path) -> Edition:
    content: dict[str, Any] = {**edition.content, "edition": "0.9.1", "status": "published"}
    criteria = [dict(criterion) for criterion in content["criteria"]]
    criteria[0]["weight"] = 2
    criteria[0]["title"] = {"en": "A claim is verified", "zh": "声明经过验证"}
    dropped = criteria.pop()
    criteria.append({**dropped, "code": f"{dropped['code'].rpartition('-')[0]}-99"})
    content["criteria"] = criteria
    path = tmp_path / "next.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_standard(path)


def chinese(client: Client, url: str) -> str:
    return client.get(url, headers={"accept-language": "zh-hans"}).content.decode()


def codes(client: Client, query: str) -> list[str]:
    page = client.get(f"{PAGE}?{query}").content.decode()
    return re.findall(r'<article id="([A-Z]+-\d+)"', page)


def test_filters_show_what_fits_and_no_more(client: Client, edition: Edition) -> None:
    rows = list(edition.criteria.all())
    assert len(codes(client, "")) == len(rows)
    assert set(codes(client, "phase=O")) == {row.code for row in rows if "O" in row.phases}
    assert set(codes(client, "kind=T%2BE")) == {row.code for row in rows if row.kind == "T+E"}
    assert set(codes(client, "tier=limited")) == {row.code for row in rows if row.gate == "M"}
    assert set(codes(client, "tier=high")) == {row.code for row in rows if row.gate != "none"}
    both = set(codes(client, "phase=D&kind=T"))
    assert both == {row.code for row in rows if "D" in row.phases and row.kind == "T"}
    assert 0 < len(both) < len(rows)


def test_a_modality_leaves_out_only_what_can_never_apply(client: Client, edition: Edition) -> None:
    shown = set(codes(client, "modality=tabular"))
    for row in edition.criteria.all():
        named = re.search(r"'fact': 'modality', '(?:is|in)': (\[.*?\]|'.*?')", str(row.applies_when))
        if row.applies_when and named and "not" not in row.applies_when and "any" not in row.applies_when:
            assert (row.code in shown) == ("tabular" in named[1]), row.code
        elif not row.applies_when:
            assert row.code in shown


def test_search_finds_words_in_both_languages_and_says_how_many(client: Client, edition: Edition) -> None:
    assert codes(client, "q=carlini") == ["RC-5"]
    assert codes(client, "q=投影梯度") == ["RC-4"]
    assert codes(client, "q=rc-5+attack") == ["RC-5"]
    page = client.get(f"{PAGE}?q=carlini").content.decode()
    assert f"1 of {edition.criteria.count()} criteria fit." in page
    assert 'value="carlini"' in page
    assert f"{edition.criteria.count()} 个评估项中有 1 个符合条件。" in chinese(client, f"{PAGE}?q=carlini")


@pytest.mark.parametrize("query", ["phase=X", "kind=", "tier=%00", "modality=<script>", "unknown=1", "phase=P%27"])
def test_values_that_no_filter_knows_filter_nothing(client: Client, edition: Edition, query: str) -> None:
    assert len(codes(client, query)) == edition.criteria.count()


def test_search_words_are_shown_as_text(client: Client, edition: Edition) -> None:
    page = client.get(PAGE, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert "0 of " in page


def test_every_download_that_the_page_offers_is_there(client: Client, edition: Edition) -> None:
    page = client.get(PAGE).content.decode()
    links = re.findall(r'href="(/standards/TAI/0\.9/download/([a-z-]+)/)"', page)
    # The pilot edition states no relations, so that there is no mapping to take away.
    assert {name for _, name in links} == set(FORMATS) - {"oscal-mapping"}
    for url, name in links:
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == FORMATS[name].media_type
        assert answer["Content-Disposition"] == f'attachment; filename="TAI-0.9.{FORMATS[name].suffix}"'
        assert answer.content
    assert client.get(f"{PAGE}download/oscal-mapping/").status_code == 404
    assert client.get(f"{PAGE}download/exe/").status_code == 404


def test_downloads_hold_the_edition_and_follow_the_language(client: Client, edition: Edition) -> None:
    raw = client.get(f"{PAGE}download/oscal/").content
    assert raw == client.get(f"{PAGE}download/oscal/").content
    assert read_catalog(raw, "x.json").content == {**edition.content, "status": "draft"}
    assert "- [ ] **RC-1 性能声明验证**（应）" in chinese(client, f"{PAGE}download/markdown/")
    answer = client.get(f"{PAGE}download/checklist/", headers={"accept-language": "zh-hans"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet["B2"].value == "性能声明验证"


def test_nobody_takes_a_draft_away_or_compares_it(client: Client, edition: Edition, tmp_path: Path) -> None:
    content = {**edition.content, "edition": "0.8", "status": "draft"}
    path = tmp_path / "draft.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert load_standard(path).status == Status.DRAFT
    assert client.get("/standards/TAI/0.8/download/yaml/").status_code == 404
    assert client.get("/standards/TAI/compare/0.8/0.9/").status_code == 404
    assert "0.8" not in re.sub(r"[\d.]+ *[<-]", "", client.get(PAGE).content.decode().split('id="downloads"')[1][:2000])


def test_comparison_shows_what_changed(client: Client, next_edition: Edition) -> None:
    url = "/standards/TAI/compare/0.9/0.9.1/"
    page = client.get(url).content.decode()
    assert "A claim is verified" in page
    assert re.search(r"Weight</th><td[^>]*>3</td><td[^>]*>2</td>", page)
    assert "1 criterion added" in page
    assert "-99</a>" in page
    assert f'href="/standards/TAI/0.9.1/#{next_edition.criteria.first().code}"' in page
    assert url in client.get("/standards/TAI/0.9.1/").content.decode()
    shown = chinese(client, url)
    assert "从 0.9 版到 0.9.1 版的变化" in shown
    assert "新增 1 项" in shown
    assert "The two editions say the same." in client.get("/standards/TAI/compare/0.9/0.9/").content.decode()
    assert client.get("/standards/TAI/compare/0.9/7/").status_code == 404


def run(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with translation.override("en"):
        call_command("standards", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", ["oscal", "xlsx", "yaml"])
def test_command_exports_and_imports_the_same(edition: Edition, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"tai.{FORMATS[name].suffix}"
    said, _ = run("export", "TAI", "0.9", "--format", name, "--out", str(file))
    assert f"TAI 0.9, {name}" in said
    assert run("import", str(file)) == (f"{file.name}: TAI 0.9, published, {edition.digest}\n", "")
    assert (
        run("diff", str(file), "TAI/0.9")[0] == f"0 added, 0 removed, 0 changed, {edition.criteria.count()} unchanged\n"
    )


def test_command_imports_an_edited_workbook_as_a_draft(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "mine.xlsx"
    run("export", "TAI", "0.9", "--format", "xlsx", "--out", str(file))
    book = load_workbook(file)
    rows = {row[0].value: row for row in book["standard"].iter_rows()}
    rows["edition"][1].value = "0.9-mine"
    book["criteria"]["J2"] = 1
    book.save(file)
    assert "TAI 0.9-mine, draft" in run("import", str(file))[0]
    assert Edition.objects.get(edition="0.9-mine").criteria.first().weight == 1
    assert "~ RC-1 weight: 3 → 1\n" in run("diff", "TAI/0.9", "TAI/0.9-mine")[0]
    book["criteria"]["J2"] = "much"
    book.save(file)
    err = io.StringIO()
    with translation.override("en"), pytest.raises(CommandError, match="Refused"):
        call_command("standards", "import", str(file), stdout=io.StringIO(), stderr=err)
    assert "mine.xlsx, sheet “criteria”, row 2, column “weight” (J2): must be integer" in err.getvalue()


def test_command_writes_to_standard_output_and_to_yaml(edition: Edition, tmp_path: Path) -> None:
    shown, _ = run("export", "TAI", "0.9", "--format", "cyclonedx")
    assert json.loads(shown)["definitions"]["standards"][0]["levels"]
    file, target = tmp_path / "c.json", tmp_path / "c.yaml"
    file.write_text(run("export", "TAI", "0.9", "--format", "oscal")[0], encoding="utf-8")
    before = Edition.objects.count()
    run("import", str(file), "--out", str(target))
    assert Edition.objects.count() == before
    assert load_standard(target) == edition


def test_command_adds_the_relations_of_a_mapping(edition: Edition, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(json.dumps(edition.content))
    content["criteria"][0]["references"] = [{"to": "A framework, 4", "relation": "subset"}]
    source, mapping, target = tmp_path / "s.yaml", tmp_path / "m.json", tmp_path / "t.yaml"
    source.write_bytes(FORMATS["yaml"].write(Exported(edition.content, timezone.now())))
    mapping.write_bytes(FORMATS["oscal-mapping"].write(Exported(content, timezone.now())))
    run("import", str(source), "--mapping", str(mapping), "--out", str(target))
    assert read_document(target).content == {**content, "status": "draft"}
    with translation.override("en"), pytest.raises(CommandError, match="Refused"):
        run("import", str(mapping))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("export", "TAI"), "Give CODE EDITION"),
        (("export", "TAI", "7"), "TAI 7 is not loaded"),
        (("export", "TAI", "0.9", "--format", "oscal-mapping"), "no criterion states how it relates"),
        (("import", "absent.xlsx"), "No such file"),
        (("diff", "TAI/0.9", "absent"), "not loaded"),
    ],
)
def test_command_says_what_is_wrong(edition: Edition, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(*words)
    assert Scheme.objects.count() == 1
