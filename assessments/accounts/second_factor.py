"""The second factor: who must have one, how its secrets are kept, and what it may not do."""

from __future__ import annotations

import base64
import io
from typing import Any

import segno
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.ledger.services import append

from .models import Membership, Person, Role

# Everybody but the vendors' own people and insurers: these decide, oversee, or administer.
DEMANDING_ROLES = (
    Role.EVALUATOR,
    Role.LEAD_EVALUATOR,
    Role.REVIEWER,
    Role.SCHEME_OWNER,
    Role.REGULATOR,
    Role.ADMINISTRATOR,
)
# Recovery codes are no factor of their own: they stand in for a lost one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_one(person: Any) -> bool:
    """Whether a role of the person, or the right to enter the administration, demands a second factor here."""
    if not settings.REQUIRE_MFA:
        return False
    if person.is_staff or person.is_superuser:
        return True
    return Membership.objects.filter(person_id=person.pk, role__in=DEMANDING_ROLES).exists()


def has_one(person: Any) -> bool:
    return Authenticator.objects.filter(user_id=person.pk, type__in=FACTORS).exists()


def is_missing(person: Any) -> bool:
    """Whether nothing but setting one up is open to the person."""
    return must_have_one(person) and not has_one(person)


@transaction.atomic
def remove_all(person: Person, *, actor: Any) -> int:
    """Take all factors and recovery codes of somebody who has lost them; gives how many there were."""
    number, _by_model = Authenticator.objects.filter(user_id=person.pk).delete()
    if number:
        append(person, "second_factor_reset", actor=actor, details={"factors": number})
    return number


def note_use(person: Any, code: str) -> bool:
    """Whether this is the first use of a code of the app that was right; remembered for as long as it could be."""
    lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(_used(person, code), 1, lasts))


def was_used(person: Any, code: str) -> bool:
    return cache.get(_used(person, code)) is not None


def _used(person: Any, code: str) -> str:
    return f"totp-used:{person.pk}:{''.join(code.split())}"[:200]


def _cipher() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"second factors").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's factors with secrets encrypted at rest, under a key that is derived from SECRET_KEY."""

    error_messages = {
        "add_email_blocked": _("While a second factor is set up, no e-mail address can be added. Remove it first."),
        "cannot_delete_authenticator": _("Your role needs a second factor. Set up another one before you remove this."),
        "cannot_generate_recovery_codes": _("Recovery codes stand in for a second factor. Set one up first."),
        "incorrect_code": _("This code is not right, or its time is over. Try the next one."),
        "unverified_email": _("Confirm all your e-mail addresses before you set up a second factor."),
    }

    def get_totp_issuer(self) -> str:
        return "Trust Assessment Portal"

    def build_totp_svg(self, url: str) -> str:
        written = io.BytesIO()
        segno.make(url, error="m").save(written, kind="svg", scale=5, light="#ffffff", xmldecl=False)
        return written.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor of a person who must have one stays."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return others.exclude(pk=authenticator.pk).exists() or not must_have_one(authenticator.user)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return str(_("Security key {number}")).format(number=number)
