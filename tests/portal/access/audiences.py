"""Who belongs to an address, in the words of the product's role table.

Written from what a person is (world.Actor) and where the object stands (world.Place), never by asking the rules of the
rooms: a rule and its expectation must be able to disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.portal.access.world import AFTER_PLAN, REVIEW, Actor, Place


@dataclass(frozen=True)
class Audience:
    """A set of people, for each place. `public` ones are served without signing in."""

    words: str
    holds: Callable[[Actor, Place], bool]
    public: bool = False
    anywhere: bool = False  # also where the world has no object: the address names none

    def __call__(self, actor: Actor, place: Place) -> bool:
        if self.public:
            return self.holds(actor, place)
        return actor.signed_in and (self.anywhere or place.stage != "nothing") and self.holds(actor, place)

    def __or__(self, other: Audience) -> Audience:
        return Audience(f"{self.words}, {other.words}", lambda a, p: self(a, p) or other(a, p), self.public)

    def at(self, *stages: str) -> Audience:
        """The same people, but only where the object stands at one of these stages."""
        return Audience(f"{self.words} while {' or '.join(stages)}", lambda a, p: p.stage in stages and self(a, p))

    def whose_client_is_not(self) -> Audience:
        """The same people, but for those with an interest in the vendor."""
        return Audience(f"{self.words} without interest", lambda a, p: self(a, p) and a.interested_in != p.vendor)


def _part(actor: Actor, place: Place) -> str:
    """The part that the person has signed for in the case; an interest on record has closed it."""
    return "" if actor.interested_in == place.vendor else place.parts.get(actor.name, "")


def _role(role: str) -> Audience:
    return Audience(role, lambda a, p: role in a.roles)


everybody = Audience("everybody", lambda a, p: True, public=True)
existing = Audience("everybody, where it exists", lambda a, p: p.stage != "nothing", public=True)
nobody = Audience("nobody", lambda a, p: False)
none_at_all = Audience("nobody, signed in or not", lambda a, p: False, public=True)

vendor_people = _role("vendor_member")
leads = _role("lead_evaluator")
body_people = leads | _role("evaluator") | _role("reviewer")
regulator = _role("regulator")
regulators_anywhere = Audience("regulators", lambda a, p: "regulator" in a.roles, anywhere=True)
administrators = _role("administrator")
administrators_anywhere = Audience("administrators", lambda a, p: "administrator" in a.roles, anywhere=True)
signed_in = Audience("whoever is signed in", lambda a, p: True, anywhere=True)

client = Audience("members of the vendor", lambda a, p: a.vendor != "" and a.vendor == p.vendor)
applicant = Audience(
    "the person who began it", lambda a, p: a.name == {"A": "applicant", "B": "other vendor"}.get(p.vendor)
)
# Their own page is seen by everybody who belongs to an organisation; people are invited by vendors' members.
belonging = client | administrators
lead_of_body = Audience("leads of the body", lambda a, p: a.body == p.body and "lead_evaluator" in a.roles)
reviewer_of_body = Audience("reviewers of the body", lambda a, p: a.body == p.body and "reviewer" in a.roles)
waiting = Audience("the person whose statement waits", lambda a, p: a.name == p.get("waiting"))

case_lead = Audience("the lead of the case", lambda a, p: _part(a, p) == "lead")
case_evaluator = Audience("declared evaluators of the case", lambda a, p: _part(a, p) == "evaluator")
case_reviewer = Audience("the reviewer of the case", lambda a, p: _part(a, p) == "reviewer").at(*REVIEW)
evaluating_people = case_lead | case_evaluator
case_people = evaluating_people | case_reviewer
# A case that nobody leads is open to its body's leads, so that one of them fills the place.
cases_readers = case_people | lead_of_body.at("unled")

scheme_owners = _role("scheme_owner")
keepers = Audience("scheme owners of the body", lambda a, p: a.body == p.body and "scheme_owner" in a.roles)

# The stage of an application that a body does not see yet.
_handed_in = ("submitted", "admitted", "opened", "unled", "planning", *AFTER_PLAN)
applications_readers = client | lead_of_body.at(*_handed_in) | case_people
admitting = lead_of_body.whose_client_is_not().at(*_handed_in)
assigning = case_lead | lead_of_body.whose_client_is_not().at("unled")
signatories = client | lead_of_body.whose_client_is_not().at(*_handed_in)
# The client reads the report once it is decided upon.
report_readers = cases_readers.at(*AFTER_PLAN) | client.at("decided")
# Leads look into the files while they admit, unless they have an interest; then an assignment opens them.
versions_readers = client | case_people | lead_of_body.whose_client_is_not().at("submitted", "admitted")
files_givers = client | evaluating_people.at("planning", "evaluating")
runs_readers = client.at("draft") | case_people
runs_steerers = client.at("draft") | evaluating_people.at("planning", "evaluating")
suspending = reviewer_of_body.whose_client_is_not() | regulator

# Orders for surveillance: leads and reviewers answer for their body, unless they have an interest in the holder.
order_readers = regulator | lead_of_body | reviewer_of_body | client
order_answering = (lead_of_body | reviewer_of_body).whose_client_is_not()
order_people = Audience(
    "regulator, leads, reviewers and vendors",
    lambda a, p: bool(a.roles & {"regulator", "lead_evaluator", "reviewer", "vendor_member"}),
    anywhere=True,
)
