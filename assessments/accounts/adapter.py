"""How sign-up and sign-in behave: self sign-up makes a vendor organisation and its first member, nothing else."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.utils import timezone, translation

from .models import Person
from .notices import SUBJECTS
from .sign_ins import device, network_of

log = structlog.get_logger("assessments.accounts")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: Any, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "")
        user.language = translation.get_language() or "en"
        return super().save_user(request, user, form, commit=commit)

    def format_email_subject(self, subject: str) -> str:
        """The subject alone: the sender says already who writes."""
        return subject

    def post_login(self, request: Any, user: Any, **kwargs: Any) -> Any:
        """Pages come in the person's language, unless another was chosen in this browser."""
        response = super().post_login(request, user, **kwargs)
        log.info("signed_in", person=str(user.pk), network=network_of(request))
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember_language(response, user.language)
        return response

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        """A line for whoever watches: which account, if there is one, from which network; never what was typed."""
        email = credentials.get("email") or credentials.get("username") or ""
        person = Person.objects.filter(email__iexact=email).values_list("pk", flat=True).first() if email else None
        log.warning("sign_in_failed", person=str(person) if person else None, network=network_of(request))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has signed in this very minute has just said who they are."""
        person = self.request.user if self.request is not None else None
        signed_in = [record["at"] for record in get_authentication_records(self.request, person)] if person else []
        fresh = bool(signed_in) and timezone.now().timestamp() - signed_in[-1] < app_settings.REAUTHENTICATION_TIMEOUT
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))

    def send_notification_mail(self, template_prefix: str, user: Any, context: Any = None, email: Any = None) -> None:
        """What changed in the account, in the person's language, all by one template of ours."""
        with translation.override(user.language):
            told = {**(context or {}), "subject": SUBJECTS[template_prefix], "name": user.name}
            told["device"] = device(self.request.META.get("HTTP_USER_AGENT", "")) if self.request else ""
            super().send_notification_mail("accounts/email/notice", user, told, email)


def remember_language(response: Any, language: str) -> None:
    """Keep the language in the usual cookie, as the switch in the page does."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
