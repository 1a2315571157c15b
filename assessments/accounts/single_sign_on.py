"""Signing in by OpenID Connect: the provider says who it is, the portal knows already who that may be.

An account is never made for a stranger: the address must be confirmed by the provider and either belong to somebody
here or be invited. A second factor of the portal is asked for all the same.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from . import invitations
from .models import Invitation

PROVIDER = "sso"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> Any:
        """Only the provider that the environment names: none can be added in the database."""
        return [app for app in super().list_apps(request, provider, client_id) if app.pk is None]

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        return _invited(sociallogin).exists()

    def populate_user(self, request: Any, sociallogin: Any, data: Any) -> Any:
        person = sociallogin.user
        person.email = (data.get("email") or "").lower()
        person.name = (data.get("name") or person.email)[:120]
        person.language = translation.get_language() or "en"
        return person

    @transaction.atomic
    def save_user(self, request: Any, sociallogin: Any, form: Any = None) -> Any:
        """The account of somebody invited: the provider has confirmed the address, as the link in the letter would."""
        person = super().save_user(request, sociallogin, form)
        append(person, "joined", actor=person, details={"provider": PROVIDER})
        for invitation in list(_invited(sociallogin).select_related("organisation")):
            try:
                with transaction.atomic():
                    invitations.accept(invitation, person)
            except (Conflict, ValidationError):
                continue  # another kind of organisation, or withdrawn meanwhile: the letter's link still tells why
        return person


def _invited(sociallogin: Any) -> Any:
    confirmed = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
    return Invitation.objects.open().filter(email__in=confirmed).order_by("made_at")
