"""Tokens for the REST API: made once, shown once, stored as a digest; what a token may do is decided here alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated

from assessments.ledger.services import append

from . import second_factor
from .models import Person, Token

PREFIX = "tap_"
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(person: Person, name: str, *, scope: str = Token.Scope.SUBMIT, expires_at: Any = None) -> str:
    """Make a token and return its secret; it cannot be read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(person=person, name=name, scope=scope, digest=digest(secret), expires_at=expires_at)
    append(person, "token_made", actor=person, details={"token": token.pk, "scope": scope})
    return secret


@transaction.atomic
def revoke_token(token: Token) -> None:
    """End a token at once."""
    key, person = token.pk, token.person
    token.delete()
    append(person, "token_revoked", actor=person, details={"token": key})


def digest(secret: str) -> str:
    """SHA-256 of a token. The secret has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer tap_…`."""

    def authenticate(self, request: Any) -> tuple[Person, Token] | None:
        parts = get_authorization_header(request).split()
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            return None
        token = (
            Token.objects.select_related("person")
            .filter(digest=digest(parts[1].decode("latin-1")), person__is_active=True)
            .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
            .first()
        )
        if token is None:
            raise AuthenticationFailed(_("This token is unknown or has expired."))
        if second_factor.is_missing(token.person):
            raise AuthenticationFailed(
                _("Your role needs a second factor. Sign in and set it up; then this token works.")
            )
        now = timezone.now()
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
        return token.person, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class WithinScope(IsAuthenticated):
    """The permission of every address of the interface that is not public: a token of scope `read` changes nothing."""

    message = _("This token may only read. Make one that may submit.")

    def has_permission(self, request: Any, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        token = request.auth
        return not isinstance(token, Token) or token.scope == Token.Scope.SUBMIT or request.method in SAFE_METHODS


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "assessments.accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
