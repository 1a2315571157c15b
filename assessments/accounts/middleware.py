"""What every request of somebody signed in passes: their sign-in is noted, and a missing second factor stops it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from . import second_factor, sign_ins, typed

Answer = Callable[[HttpRequest], HttpResponse]


class SignInMiddleware:
    """Notes the browser, ends a sign-in whose day is over, and keeps what was typed into a form that came too late."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and sign_ins.is_over(request):
            logout(request)
        response = typed.keep(request, self.get_response(request))
        # A page that has not asked who is there stays the same for everybody, and may be cached.
        if request.session.accessed and request.user.is_authenticated:
            sign_ins.note(request)
            # What somebody signed in has seen is left in no browser and no proxy, unless its view says how it may.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SecondFactorMiddleware:
    """Whoever must have a second factor and has none is led to set one up, and reaches nothing else."""

    # By the name of the address: setting one up, confirming who one is, leaving, the language.
    OPEN = frozenset(
        {
            "account_logout",
            "account_reauthenticate",
            "account_email",
            "account_confirm_email",
            "account_set_password",
            "mfa_index",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_reauthenticate",
            "set_language",
        }
    )

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if not settings.REQUIRE_MFA or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        match = request.resolver_match
        if match is None or match.view_name in self.OPEN:
            return None
        if not request.user.is_authenticated or not second_factor.is_missing(request.user):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("Set up a second factor first.")}, status=HTTPStatus.FORBIDDEN)
        return redirect("mfa_index")
