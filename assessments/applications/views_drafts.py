"""A draft as a whole: thrown away, or filled from an earlier application."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from assessments.ledger.workflow import Conflict

from . import drafts
from .access import application_for
from .views import conflict, seen_revision


@login_required
@require_POST
def discard(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk, "applications.edit_application")
    number = application.number
    application.revision = seen_revision(request, application)
    try:
        drafts.discard(application, actor=request.user)
    except Conflict:
        return conflict(request, application)
    messages.success(request, _("The draft %(number)s was discarded.") % {"number": number})
    return redirect("applications:list")


@login_required
@require_POST
def copy(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk, "applications.edit_application")
    source = application_for(request.user, _key(request.POST.get("source", "")), "applications.edit_application")
    try:
        copied = drafts.copy_answers(application, source, actor=request.user)
    except Conflict:
        return conflict(request, application)
    text = ngettext(
        "What was empty was filled from %(number)s, with evidence for %(count)d criterion.",
        "What was empty was filled from %(number)s, with evidence for %(count)d criteria.",
        copied,
    )
    messages.success(request, text % {"number": source.number, "count": copied})
    return redirect("applications:application", pk=pk)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
