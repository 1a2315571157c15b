"""The editor of a draft: saved as typed, checked by the same checks as files, safe for two people at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.standards import drafting
from assessments.standards.documents import read_document
from assessments.standards.exchange.formats import write_yaml
from assessments.standards.loading import DATA, content_problems
from assessments.standards.models import Edition, Scheme
from assessments.standards.services import digest_of, load_scheme, load_standard

pytestmark = pytest.mark.django_db

FIELD = re.compile(r"<(input)\b([^>]*)>()|<(textarea|select)\b([^>]*)>(.*?)</(?:textarea|select)>", re.DOTALL)


@pytest.fixture
def keeper(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back from the page's main form, untouched."""
    from html import unescape

    page = client.get(url).content.decode()
    form = page[page.index('<form method="post" class="stack stack-loose">') :]
    form = form[: form.index("</form>")]
    data: dict[str, Any] = {}
    for parts in FIELD.findall(form):
        tag, attributes, inner = parts[:3] if parts[0] else parts[3:]
        found = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        name, kind = found.get("name"), found.get("type")
        if not name or name == "csrfmiddlewaretoken":
            continue
        if kind == "checkbox":
            if re.search(r"\bchecked\b", attributes):
                data.setdefault(name, []).append(unescape(found.get("value", "on")))
        elif tag == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', inner)
            data[name] = unescape(chosen.group(1)) if chosen else ""
        else:
            data[name] = unescape(inner if tag == "textarea" else found.get("value", "")).removeprefix("\n")
    return data


def test_every_criterion_of_the_full_edition_comes_back_as_it_was(keeper: Client, owner: Any, body: Any) -> None:
    """What the forms show and send back is the same content: nothing of 79 criteria is lost or rewritten."""
    edition = load_standard(DATA / "TAI-1.0.yaml")
    drafting.entrust(edition.standard, body)
    for code in ("RC-1", "RC-3", "TE-5", "TE-9", "DP-3", "GM-1", "DI-1", "CR-5"):
        url = reverse("drafts:criterion", args=[edition.pk, code])
        answer = keeper.post(url, form_of(keeper, url))
        assert answer.status_code == 302, re.findall(r"field-error.*?</p>", answer.content.decode(), re.DOTALL)
    url = reverse("drafts:general", args=[edition.pk])
    assert keeper.post(url, form_of(keeper, url)).status_code == 302
    again = Edition.objects.get(pk=edition.pk)
    assert again.digest == edition.digest
    assert again.revision == edition.revision


def test_page_names_the_field_that_is_wrong_and_saves_all_the_same(keeper: Client, draft: Edition) -> None:
    url = reverse("drafts:criterion", args=[draft.pk, "PU-2"])
    sent = {**form_of(keeper, url), "statement_zh": "", "weight": "2", "methods-0-id": "fairness.group"}
    live = keeper.post(url, {**sent, "action": "check"}, headers={"HX-Request": "true"}).content.decode()
    assert live.strip().startswith("<div")
    assert f'href="{url}#id_statement_zh">Requirement (Chinese)</a>: is empty' in live
    assert Edition.objects.get(pk=draft.pk).digest == draft.digest
    assert "Requirement (Chinese)" in keeper.post(url, {**sent, "action": "check"}).content.decode()
    assert keeper.post(url, sent).status_code == 302
    saved = Edition.objects.get(pk=draft.pk)
    assert saved.digest == digest_of(saved.content) != draft.digest
    assert saved.criteria.get(code="PU-2").statement_zh == ""
    page = keeper.get(reverse("drafts:draft", args=[draft.pk])).content.decode()
    assert f"{url}#id_statement_zh" in page
    assert keeper.get(reverse("standards:edition", args=["PRE", "2"])).status_code == 404


def test_same_checks_as_of_files(keeper: Client, draft: Edition, owner: Any) -> None:
    """An examined criterion with a method, and a parameter that the method does not take: as `standards check` says."""
    url = reverse("drafts:criterion", args=[draft.pk, "PU-1"])
    sent = {**form_of(keeper, url), "methods-0-id": "fairness.group", "methods-0-parameters": "{nonsense: 1}"}
    live = keeper.post(url, {**sent, "action": "check"}, headers={"HX-Request": "true"}).content.decode()
    assert "an examined criterion names a method only with" in live
    assert "not a parameter that fairness.group takes" in live
    broken = {**sent, "methods-0-parameters": "{nonsense"}
    answer = keeper.post(url, broken)
    assert answer.status_code == 400
    assert "Not a mapping in YAML" in answer.content.decode()


def test_two_people_write_different_criteria_and_not_the_same(keeper: Client, draft: Edition) -> None:
    first, second = (reverse("drafts:criterion", args=[draft.pk, code]) for code in ("PU-1", "PU-2"))
    mine, other, late = form_of(keeper, first), form_of(keeper, second), form_of(keeper, first)
    assert keeper.post(first, {**mine, "title_en": "Mine"}).status_code == 302
    assert keeper.post(second, {**other, "title_en": "Another"}).status_code == 302
    conflict = keeper.post(first, {**late, "title_en": "Too late"})
    assert conflict.status_code == 409
    assert "Too late" in conflict.content.decode()
    titles = dict(Edition.objects.get(pk=draft.pk).criteria.values_list("code", "title_en"))
    assert (titles["PU-1"], titles["PU-2"]) == ("Mine", "Another")


def test_criteria_are_added_moved_and_removed(keeper: Client, draft: Edition) -> None:
    def codes() -> list[str]:
        return [item["code"] for item in Edition.objects.get(pk=draft.pk).content["criteria"]]

    before = codes()
    assert keeper.post(reverse("drafts:criterion-add", args=[draft.pk]), {"characteristic": "PU"}).status_code == 302
    assert "PU-5" in codes()
    place = codes().index("PU-5")
    keeper.post(reverse("drafts:criterion-move", args=[draft.pk, "PU-5"]), {"direction": "up"})
    assert codes().index("PU-5") == place - 1
    keeper.post(reverse("drafts:criterion-remove", args=[draft.pk, "PU-5"]))
    assert codes() == before


def test_scheme_is_written_as_yaml_with_lines(keeper: Client, draft: Edition) -> None:
    scheme = draft.schemes.get()
    url = reverse("drafts:scheme", args=[draft.pk, scheme.pk])
    sent = form_of(keeper, url)
    spoilt = sent["text"].replace("at_least: 3.0", "at_least: 3.05")
    line = spoilt[: spoilt.index("at_least: 3.05")].count("\n") + 1
    live = keeper.post(url, {**sent, "text": spoilt, "action": "check"}, headers={"HX-Request": "true"})
    assert f"PRE/2, line {line}," in live.content.decode()
    better = sent["text"].replace("validity_months: 6", "validity_months: 9")
    assert keeper.post(url, {**sent, "text": better}).status_code == 302
    saved = Scheme.objects.get(pk=scheme.pk)
    assert saved.content["tiers"][0]["validity_months"] == 9
    assert content_problems(saved.content, "PRE/2", draft.content) == []
    assert keeper.post(url, {**sent, "text": better}).status_code == 409


def test_thresholds_are_written_in_a_table(keeper: Client, owner: Any, body: Any) -> None:
    """Every method's page gives back what it was given; a wrong order is named; a changed value is kept."""
    edition = load_standard(DATA / "TAI-1.0.yaml")
    scheme = load_scheme(DATA / "TAI-scheme-2.yaml")
    drafting.entrust(edition.standard, body)
    place = lambda method: reverse("drafts:thresholds", args=[edition.pk, scheme.pk, method])  # noqa: E731
    shown = keeper.get(reverse("drafts:scheme", args=[edition.pk, scheme.pk])).content.decode()
    for method in scheme.content["thresholds"]:
        assert place(method) in shown
        assert keeper.post(place(method), form_of(keeper, place(method))).status_code == 302, method
    scheme = Scheme.objects.get(pk=scheme.pk)
    assert (scheme.digest, scheme.revision) == (digest_of(read_document(DATA / "TAI-scheme-2.yaml").content), 0)

    url = place("fairness.group")
    sent = form_of(keeper, url)
    assert sent["tables-0-metric"] == "difference"
    live = keeper.post(url, {**sent, "tables-0-point3": "0.3", "action": "check"}, headers={"HX-Request": "true"})
    assert "tables[0].points" in live.content.decode()
    assert "give all six values" in keeper.post(url, {**sent, "tables-0-point3": ""}).content.decode()
    assert keeper.post(url, {**sent, "rest": "levels: []"}).status_code == 400
    added = {f"tables-2-point{score}": str(value) for score, value in enumerate((1, 0.9, 0.8, 0.7, 0.6, 0.5))}
    changed = {**sent, "tables-0-point3": "0.11", "tables-1-metric": "", **dict.fromkeys(
        (f"tables-1-point{score}" for score in range(6)), ""), "tables-2-metric": "worst_gap", **added}  # fmt: skip
    assert keeper.post(url, changed).status_code == 302
    tables = Scheme.objects.get(pk=scheme.pk).content["thresholds"]["fairness.group"]["tables"]
    assert tables[0] == {"metric": "difference", "points": [0.25, 0.2, 0.15, 0.11, 0.05, 0.02], "minimum_n": 100}
    assert tables[1] == {"metric": "worst_gap", "points": [1, 0.9, 0.8, 0.7, 0.6, 0.5]}
    assert keeper.post(url, changed).status_code == 409

    emptied = {
        name: "" if name.startswith("tables-") and "FORMS" not in name else value for name, value in sent.items()
    }
    emptied |= {"rest": "", "revision": "1", "tables-1-optional": []}
    assert keeper.post(url, emptied).status_code == 302
    assert "fairness.group" not in Scheme.objects.get(pk=scheme.pk).content["thresholds"]
    assert keeper.get(place("no.such")).status_code == 404


def test_file_becomes_a_draft_of_ones_own(keeper: Client, body: Any, draft: Edition, other_body: Any) -> None:
    url = reverse("drafts:import")
    content = {**draft.content, "code": "OWN", "edition": "1"}

    def send(raw: bytes, name: str = "own.yaml") -> Any:
        return keeper.post(url, {"owner": str(body.pk), "file": SimpleUploadedFile(name, raw)})

    assert send(write_yaml({**content, "status": "published"})).status_code == 302
    taken = Edition.objects.select_related("standard").get(standard__code="OWN")
    assert (taken.status, taken.standard.owner_id) == ("draft", body.pk)
    refused = send(write_yaml({**content, "criteria": []})).content.decode()
    assert "criteria: is empty" in refused
    assert "not valid YAML" in send(b"{", "x.yaml").content.decode()
    assert send(b"not a workbook", "x.xlsx").status_code == 400
    drafting.entrust(taken.standard, other_body)
    assert "is not in the keeping of your organisation" in send(write_yaml(content)).content.decode()


def test_draft_is_discarded_until_the_public_has_seen_it(keeper: Client, draft: Edition) -> None:
    assert keeper.post(reverse("drafts:discard", args=[draft.pk])).status_code == 302
    assert not Edition.objects.filter(pk=draft.pk).exists()
    assert not Scheme.objects.filter(code="PRE", edition="2").exists()


def test_lists_take_as_few_queries_with_many_editions(
    keeper: Client, draft: Edition, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        Edition.objects.create(
            standard=draft.standard, edition=f"d{number}", content=draft.content, digest=draft.digest
        )
    with django_assert_max_num_queries(10):
        assert keeper.get(reverse("drafts:list")).content.count(b'class="record"') == 32
