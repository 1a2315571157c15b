"""What this room puts into pages of the room below."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import second_factor, typed
from .mail import is_shown_to
from .single_sign_on import PROVIDER


def is_administrator(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("accounts.administer"))


def account_link(request: HttpRequest, **context: Any) -> SafeString:
    """In the menu of the person who is signed in."""
    return render_to_string("accounts/_menu.html", request=request)


def mail_link(request: HttpRequest, **context: Any) -> SafeString | None:
    """Where a message was sent: the way to read it on a development portal."""
    return render_to_string("accounts/_mail_link.html", request=request) if is_shown_to(request) else None


def typed_notice(request: HttpRequest | None, **context: Any) -> SafeString | None:
    """On the page from which a form came too late: what was typed, to be put back, sent, or thrown away."""
    kept = typed.kept_for(request) if request is not None else None
    return render_to_string("accounts/_typed.html", {"kept": kept}, request=request) if kept else None


def sign_in_notice(request: HttpRequest, **context: Any) -> SafeString:
    """On the sign-in page: what waits, the way by single sign-on, and that a demo asks for no second factor."""
    about = {
        "typed_waits": typed.is_waiting(request),
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "provider_id": PROVIDER,
        "no_second_factor": not settings.REQUIRE_MFA,
        "next": request.GET.get("next", ""),
    }
    return render_to_string("accounts/_sign_in.html", about, request=request)


def second_factor_notice(request: HttpRequest, **context: Any) -> SafeString | None:
    """Where a second factor is set up: that nothing else is open until then."""
    if not second_factor.must_have_one(request.user):
        return None
    return render_to_string("accounts/_second_factor.html", request=request)
