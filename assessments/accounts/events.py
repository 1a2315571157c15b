"""What allauth and Django tell of signing in, written down: the browser, and each change of how somebody signs in."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction

from assessments.ledger.services import append

from . import sign_ins
from .models import SignIn


def signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    sign_ins.begin(request, user)


def signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    sign_ins.sign_out(request)


@transaction.atomic
def password_changed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """The other browsers are signed out with the old password; tokens stay, as programs do not know the password."""
    _end_others(request, user)
    append(user, "password_changed", actor=user)


@transaction.atomic
def factor_added(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    """Browsers that signed in without it are signed out."""
    _end_others(request, user)
    append(user, "second_factor_added", actor=user, details={"type": authenticator.type})


@transaction.atomic
def factor_removed(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    append(user, "second_factor_removed", actor=user, details={"type": authenticator.type})


@transaction.atomic
def codes_renewed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    append(user, "recovery_codes_renewed", actor=user)


def _end_others(request: Any, user: Any) -> None:
    here = request.session.get(sign_ins.NOTED, {}).get("row")
    others = SignIn.objects.filter(person_id=user.pk).exclude(pk=here)
    sign_ins.end(others, user, actor=user)


def connect() -> None:
    """Listen; called once, when all apps are loaded."""
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    for signal in (account.password_changed, account.password_set, account.password_reset):
        signal.connect(password_changed)
    mfa.authenticator_added.connect(factor_added)
    mfa.authenticator_removed.connect(factor_removed)
    mfa.authenticator_reset.connect(codes_renewed)
