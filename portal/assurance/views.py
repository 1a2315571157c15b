"""The pages on which a certificate's status is changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.ledger.workflow import Conflict, may_move
from portal.certificates.models import Certificate
from portal.certificates.workflow import WORKFLOW

from .forms import ReasonForm
from .services import change_status
from .wording import WORDS


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def status_change(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Say exactly what will happen, ask for the reason, and do it."""
    certificate = get_object_or_404(Certificate.objects.published(), number=number)
    if not request.user.has_perm(WORKFLOW[action].permission, certificate):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_status(certificate, action, actor=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error("reason", error)
        except Conflict:
            return render(request, "presentation/conflict.html", {"back_url": request.path}, status=409)
        else:
            messages.success(request, _("Done. The registry shows the change and its reason from now on."))
            return redirect("certificates:certificate", number=number)
    context = {
        "certificate": certificate,
        "form": form,
        "words": WORDS[action],
        "possible": may_move(WORKFLOW, action, certificate, request.user),
    }
    return render(request, "assurance/status_change.html", context, status=422 if form.errors else 200)


def actions_for(request: HttpRequest, certificate: Certificate) -> list[dict[str, Any]]:
    """The status changes that this person may make on the certificate now."""
    return [
        {
            "url": reverse(f"assurance:{action}", args=[certificate.number]),
            "label": words["label"],
            "severe": words["severe"],
        }
        for action, words in WORDS.items()
        if may_move(WORKFLOW, action, certificate, request.user)
    ]
