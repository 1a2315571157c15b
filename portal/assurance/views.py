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
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.ledger.workflow import Conflict, may_move
from portal.certificates.models import Certificate
from portal.certificates.showing import STANDINGS
from portal.certificates.workflow import WORKFLOW

from .forms import ReasonForm
from .models import SurveillanceOrder
from .ordering import may_be_ordered
from .services import change_status
from .wording import ORDER, WORDS


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
        "standing_word": STANDINGS[certificate.standing()],
        "possible": may_move(WORKFLOW, action, certificate, request.user),
    }
    return render(request, "assurance/status_change.html", context, status=422 if form.errors else 200)


def actions_for(request: HttpRequest, certificate: Certificate) -> list[dict[str, Any]]:
    """What this person may do about the certificate now: order surveillance, change its status."""
    found = [
        {
            "url": reverse(f"assurance:{action}", args=[certificate.number]),
            "label": words["label"],
            "severe": words["severe"],
        }
        for action, words in WORDS.items()
        if may_move(WORKFLOW, action, certificate, request.user)
    ]
    if request.user.has_perm("assurance.order_surveillance", certificate) and may_be_ordered(certificate):
        found.insert(
            0, {"url": reverse("orders:new", args=[certificate.number]), "label": ORDER["label"], "plain": True}
        )
    made = SurveillanceOrder.objects.visible_to(request.user).filter(certificate=certificate)
    if request.user.is_authenticated and (count := made.count()):
        label = ngettext("%(count)d order for surveillance", "%(count)d orders for surveillance", count)
        newest = made.order_by("-made_at").values_list("pk", flat=True)[0]
        url = reverse("orders:order", args=[newest]) if count == 1 else reverse("orders:list")
        found.append({"url": url, "label": label % {"count": count}, "plain": True})
    return found
