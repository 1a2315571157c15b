"""What cannot be taken back says what will happen before it happens, to whom, and works without script.

Either the button asks back in a dialog of its own, or it stands on a page that says it; all other acts name why they
need neither. A new address that takes a POST must be decided here.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

from tests.pages.catalogue import Page, Site
from tests.portal.access.expectations import TABLE

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

# The address of the act, and what its dialog says.
ASKED = {
    "accounts:interest-end": "ends today and counts for two years more",
    "accounts:token-revoke": "cannot be made valid again",
    "applications:decline": "The application ends",
    "applications:discard": "are deleted",
    "applications:return": "can change the application and the version again",
    "applications:withdraw": "The application ends",
    "cases:assignment-end": "closed at once",
    "cases:finding-take": "reads (that its corrective action is accepted|your remark and answers once more)",
    "cases:findings-tell": r"Access [AB] Ltd is notified .* no longer changes .* by \d+ \w+ \d{4}",
    "cases:hand-in": "you can no longer change them.* Only the lead evaluator can give the sheet back",
    "cases:hand-over": "Only the reviewer can return it",
    "cases:plan-approve": "is frozen with the standard, thresholds, parameters and file digests",
    "cases:reopen-scores": "may change their scores and hand in again",
    "drafts:consultation-end": "The round ends now",
    "drafts:criterion-remove": "taken out of this draft",
    "drafts:discard": "are deleted",
    "organisations:membership-end": "is no longer",
    "people:deactivate": "signed out at once",
    "people:factor-reset": "lost app, keys and recovery codes",
    "runs:again": "runs on the same files",
}
# Acts on a page of their own that says what will happen.
SAID = {
    "applications:admission": "An admission cannot be taken back",
    "applications:sign": "cannot be taken back",
    "applications:submit": r"Body [AB] gets the application and your files\. The version is frozen",
    "assurance:cancel": "ends for good at your own wish",
    "assurance:reinstate": "shows the certificate as in force again",
    "assurance:suspend": "Only your organisation can lift",
    "assurance:withdraw": "ends for good and cannot be reinstated",
    "cases:decide": r"certificate .* to Access [AB] Ltd.* Either way the decision is final",
    "cases:finding-answer": "no longer changes, unless they ask",
    "cases:lower-target": "not raise it again",
    "cases:offer-version": "It is frozen when you offer it",
    "cases:plan-revise": "All test scores fall",
    "cases:recuse": "ends at once",
    "cases:review": "your review no longer changes",
    "cases:statement": "cannot be taken back",
    "drafts:publish": "published and frozen",
    "drafts:withdraw": "cannot be undone",
}
# Why an act needs neither: it can be done again, undone, or changes nothing that anybody relies on.
LIGHT = {
    "verification:start": "reads a file",
    "standards:consultation": "a comment waits until it is let through",
    "drafts:begin": "a draft can be deleted",
    "drafts:import": "a draft can be deleted",
    "drafts:consultation": "the text can be taken back",
    "drafts:general": "a draft is written again",
    "drafts:criterion": "a draft is written again",
    "drafts:criterion-add": "a draft is written again",
    "drafts:criterion-move": "a draft is written again",
    "drafts:scheme": "a draft is written again",
    "drafts:thresholds": "a draft is written again",
    "drafts:comment": "an answer is part of the draft's record",
    "accounts:account": "settings",
    "accounts:interests": "an interest can be ended",
    "accounts:token-make": "a token can be revoked",
    "accounts:others-end": "one signs in again",
    "accounts:sign-in-end": "one signs in again",
    "accounts:typed-discard": "words that nobody else has seen",
    "organisations:create": "can be changed",
    "organisations:edit": "can be changed",
    "organisations:invite": "an invitation can be withdrawn",
    "organisations:invitation-resend": "the same invitation",
    "organisations:invitation-withdraw": "one invites again",
    "people:role-give": "a role can be ended",
    "people:reactivate": "can be closed again",
    "people:sign-out": "one signs in again",
    "operations:audit-check": "reads",
    "notifications:read": "a mark",
    "notifications:read-all": "a mark",
    "notifications:preferences": "settings",
    "notifications:calendar": "a new address is made in a moment",
    "systems:create": "can be changed",
    "systems:version-create": "can be changed",
    "systems:version-edit": "can be changed",
    "systems:upload": "a file can be removed",
    "systems:artifact-remove": "a file is uploaded again",
    "applications:start": "a draft can be discarded",
    "applications:copy": "fills only what is empty",
    "applications:criterion": "saved as typed",
    "applications:step": "saved as typed",
    "cases:assign": "a part can be ended",
    "cases:plan-item": "changes until the approval",
    "cases:score": "changes until it is handed in",
    "cases:settle-agreed": "settled again until the hand-over",
    "cases:settle-criterion": "settled again until the hand-over",
    "cases:answer-file-back": "a document is put to the answer again",
    "cases:finding-write": "changes until the client is told",
    "cases:finding-edit": "changes until the client is told",
    "cases:report-preview": "prints",
    "runs:cancel": "can be run again",
    "runs:self-tests": "not a certificate",
}
# Their buttons stand in states or before people that the world of these pages does not have: read in the templates.
IN_TEMPLATES = {
    "accounts:interest-end",
    "cases:hand-in",
    "cases:hand-over",
    "cases:reopen-scores",
    "drafts:consultation-end",
    "drafts:criterion-remove",
    "drafts:discard",
    "drafts:publish",
    "drafts:withdraw",
    "people:factor-reset",
}


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: where to, whether in a dialog that asks back, and what they say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, bool, str]] = []
        self._dialog = False
        self._action: str | None = None
        self._said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "dialog":
            self._dialog = "confirm-dialog" in (given.get("class") or "")
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self._action, self._said = given.get("action") or "", []

    def handle_endtag(self, tag: str) -> None:
        if tag == "dialog":
            self._dialog = False
        if tag == "form" and self._action is not None:
            self.found.append((self._action, self._dialog, " ".join(" ".join(self._said).split())))
            self._action = None

    def handle_data(self, data: str) -> None:
        self._said.append(data)


def acts() -> set[str]:
    return {name for name, rule in TABLE.items() if "POST" in rule.methods and not name.startswith("api:")}


def test_every_act_is_decided_once() -> None:
    decided = [*ASKED, *SAID, *LIGHT]
    assert sorted(decided) == sorted(set(decided))
    rooms_of_others = {"orders", "privacy"}  # each act of theirs has a page of its own, and tests beside it
    assert {act for act in acts() if act.partition(":")[0] not in rooms_of_others} == set(decided)


def test_what_cannot_be_taken_back_says_what_will_happen(pages: list[Page], site: Site) -> None:
    met, wrong = set(), []
    for page in pages:
        _status, _kind, text = site.ask(page.address, page.actor)
        main = text[text.find("<main") : text.find("</main>")]
        words = " ".join(re.sub(r"<[^>]+>", " ", main).split())
        for action, in_dialog, said in Forms(main).found:
            act = name_of(action or page.address)
            met.add(act)
            if act in ASKED and not (in_dialog and re.search(ASKED[act], said)):
                wrong.append(f"{act} on {page}: {said[:200]}")
            if act in SAID and not re.search(SAID[act], words):
                wrong.append(f"{act} on {page} does not say {SAID[act]}")
    assert wrong == []
    assert {*ASKED, *SAID} - met <= IN_TEMPLATES


def test_what_no_page_here_shows_asks_back_in_its_template() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(settings.BASE_DIR, "templates").rglob("*.html")]
    for act in IN_TEMPLATES & ASKED.keys():
        asking = re.compile(rf"{{% url '{act}' [^%]+ as \w+ %}}.{{,1500}}?components/confirm\.html", re.DOTALL)
        assert any(asking.search(source) and re.search(ASKED[act], source) for source in sources), act
        assert not any(f"action=\"{{% url '{act}'" in source for source in sources), act
    for act in IN_TEMPLATES & SAID.keys():
        assert any(re.search(SAID[act], source) for source in sources), act


def name_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""
