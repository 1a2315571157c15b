"""Where an application stands: what is the case, who must act, what comes next; and what happened so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from assessments.accounts.models import Membership, Person
from assessments.accounts.rules import organisations_of
from assessments.ledger.services import history

from .models import Application

S = Application.Status

EVENTS: dict[str, str | Promise] = {
    "start": gettext_lazy("Application begun"),
    "submit": gettext_lazy("Submitted"),
    "return": gettext_lazy("Returned for completion"),
    "decline": gettext_lazy("Declined"),
    "admit": gettext_lazy("Admitted"),
    "sign": gettext_lazy("Agreement signed by the applicant"),
    "agree": gettext_lazy("Agreement signed by the evaluation body"),
    "conclude": gettext_lazy("Evaluation concluded"),
    "withdraw": gettext_lazy("Withdrawn by the applicant"),
}
TONES = {"return": "attention", "decline": "failed", "agree": "passed", "submit": "running", "admit": "running"}

# The row of a list, in a few words: who must act.
WAITING: dict[str, str | Promise] = {
    S.DRAFT: pgettext_lazy("who must act", "applicant: complete and submit"),
    S.SUBMITTED: pgettext_lazy("who must act", "evaluation body: admit, return or decline"),
    S.RETURNED: pgettext_lazy("who must act", "applicant: complete and submit again"),
    S.DECLINED: pgettext_lazy("who must act", "nobody"),
    S.ADMITTED: pgettext_lazy("who must act", "both: sign the agreement"),
    S.AGREED: pgettext_lazy("who must act", "evaluation body: evaluate"),
    S.CONCLUDED: pgettext_lazy("who must act", "nobody"),
    S.WITHDRAWN: pgettext_lazy("who must act", "nobody"),
}


@dataclass(frozen=True)
class Standing:
    """What is the case, the name of who must act (empty: nobody), and what comes next."""

    now: str
    who: str
    next: str


def standing_of(application: Application) -> Standing:
    """Where the application stands, in the reader's language."""
    vendor = application.organisation.name
    body = application.body.name if application.body else _("the evaluation body")
    if application.status == S.ADMITTED:
        return _signatures(application, vendor, body)
    rows = {
        S.DRAFT: Standing(
            _("The application is being filled in. Nobody but your organisation sees it."),
            vendor,
            _("When all parts are complete, check your answers and submit."),
        ),
        S.SUBMITTED: Standing(
            _("The application was submitted; the version is frozen meanwhile."),
            body,
            _(
                "The body checks that it is complete and that it can evaluate it; "
                "it admits, returns or declines, with reasons."
            ),
        ),
        S.RETURNED: Standing(
            _("The body returned the application; the reasons stand below. You can change it again."),
            vendor,
            _("Complete what the reasons name, and submit again."),
        ),
        S.DECLINED: Standing(
            _("The body declined the application; the reasons stand below."), "", _("You may apply to another body.")
        ),
        S.AGREED: Standing(
            _("The agreement is signed by both."),
            body,
            _("The body plans and carries out the evaluation, and tells you all nonconformities before the decision."),
        ),
        S.CONCLUDED: Standing(
            _("The evaluation is concluded: a decision was made."), "", _("The decision stands in the case.")
        ),
        S.WITHDRAWN: Standing(_("The application was withdrawn."), "", _("You may apply again at any time.")),
    }
    return rows[S(application.status)]


def _signatures(application: Application, vendor: str, body: str) -> Standing:
    now = _("The application was admitted as %(tier)s.") % {"tier": application.get_tier_display()}
    if application.agreement.vendor_signed_at is None:
        return Standing(now, vendor, _("The applicant signs the evaluation agreement, then the body."))
    return Standing(now, body, _("The applicant has signed; the body signs next, and the evaluation begins."))


def events_of(application: Application, reader: Any) -> list[dict[str, Any]]:
    """What happened, oldest first. A reader sees the names of people of their own organisations, and of others the
    organisation."""
    entries = list(history(application))
    names = _actor_names({entry.actor for entry in entries if entry.actor}, reader)
    return [
        {
            "at": entry.recorded_at,
            "title": EVENTS.get(entry.transition, entry.transition),
            "who": names.get(entry.actor, ""),
            "text": next((text.text for text in entry.texts.all() if text.name == "reason"), ""),
            "tone": TONES.get(entry.transition, "quiet"),
        }
        for entry in entries
    ]


def _actor_names(actors: set[Any], reader: Any) -> dict[Any, str]:
    own = set(organisations_of(reader))
    memberships = Membership.objects.filter(person__in=actors).select_related("organisation")
    organisations = {row.person_id: row.organisation for row in memberships}
    people = {person.pk: str(person) for person in Person.objects.filter(pk__in=actors)}
    return {
        key: people.get(key, "") if organisation.pk in own else organisation.name
        for key, organisation in organisations.items()
    }
