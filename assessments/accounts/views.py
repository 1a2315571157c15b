"""Pages about oneself: details, language, tokens; and the mail of a development portal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import mail as development_mail
from . import second_factor, sign_ins
from .account_forms import DetailsForm, TokenForm
from .adapter import remember_language
from .models import Person, Token
from .tokens import make_token, revoke_token

FRESH = "fresh_token"


def fresh_person(request: HttpRequest) -> Person:
    """Who is signed in, read anew: a form that is refused must not change the person shown in the header."""
    person: Any = request.user
    return Person.objects.get(pk=person.pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    person = fresh_person(request)
    form = DetailsForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        response = redirect("accounts:account")
        remember_language(response, person.language)
        return response
    return _page(request, form=form)


def _page(request: HttpRequest, *, form: Any = None, token_form: Any = None) -> HttpResponse:
    person: Any = request.user
    context = {
        "form": form or DetailsForm(instance=fresh_person(request)),
        "token_form": token_form or TokenForm(prefix="token"),
        "memberships": person.memberships.select_related("organisation").order_by("organisation__name_en", "role"),
        "is_staff_of_body": person.has_perm("accounts.use_body_pages"),
        "has_factor": second_factor.has_one(person),
        "sign_ins": sign_ins.current(person).count(),
        "has_password": person.has_usable_password(),
        "single_sign_on": bool(settings.OIDC_ISSUER),
        "tokens": Token.objects.filter(person=person.pk).order_by("-created_at"),
        # Kept for the one page that follows its making, so that a reload neither repeats nor shows it again.
        "fresh": request.session.pop(FRESH, ""),
    }
    wrong = any(shown is not None and shown.errors for shown in (form, token_form))
    return render(request, "accounts/account.html", context, status=422 if wrong else 200)


@login_required
@require_POST
def token_make(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST, prefix="token")
    if not form.is_valid():
        return _page(request, token_form=form)
    person = fresh_person(request)
    request.session[FRESH] = make_token(
        person, form.cleaned_data["name"], scope=form.cleaned_data["scope"], expires_at=form.expires_at()
    )
    return redirect("accounts:account")


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    revoke_token(get_object_or_404(Token, pk=pk, person=request.user.pk))
    messages.success(request, _("Revoked. Programs that use it are refused from now on."))
    return redirect("accounts:account")


@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The mail of a development portal; on any other it does not exist."""
    if not development_mail.is_shown_to(request):
        raise Http404
    return render(request, "accounts/mail.html", {"letters": development_mail.letters()})
