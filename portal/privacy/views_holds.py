"""Retention and legal holds: the administrator's page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assessments.accounts.models import Organisation
from assessments.accounts.people_views import administrators_only
from assessments.presentation.paging import keyset_page
from evaluations.cases.models import Case

from . import holds, retention
from .models import LegalHold, RetentionRun


class HoldForm(forms.Form):
    """An organisation or a case, and the reason."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.order_by("name_en"), required=False, label=gettext_lazy("Organisation")
    )
    case = forms.CharField(
        required=False,
        max_length=30,
        label=gettext_lazy("Or the number of a case"),
        help_text=gettext_lazy("Name one of the two."),
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Such as the authority or the proceedings, and the file number. Administrators see it."),
    )

    def clean_case(self) -> Case | None:
        number = self.cleaned_data["case"].strip()
        found = Case.objects.filter(number__iexact=number).first() if number else None
        if number and found is None:
            raise forms.ValidationError(_("There is no case of this number."))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and bool(given.get("organisation")) == bool(given.get("case")):
            raise forms.ValidationError(_("Name an organisation or a case, not both."))
        return given


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_list(request: HttpRequest) -> HttpResponse:
    """The periods, the holds, and what the last runs deleted; the form places a hold."""
    administrators_only(request)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            holds.place(**form.cleaned_data, actor=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Placed. Nothing of it is deleted or erased until you lift it."))
            return redirect("privacy:holds")
    rows = LegalHold.objects.select_related("organisation", "case", "placed_by", "lifted_by")
    context = {
        "form": form,
        "kinds": retention.KINDS,
        "page": keyset_page(rows, order="-placed_at", cursor=request.GET.get("page", "")),
        "last": RetentionRun.objects.first(),
    }
    return render(request, "privacy/holds.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def hold_lift(request: HttpRequest, pk: Any) -> HttpResponse:
    administrators_only(request)
    hold = get_object_or_404(LegalHold, pk=pk)
    try:
        holds.lift(hold, reason=request.POST.get("reason", "")[:2000], actor=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("Lifted. What is past its period goes with the next run."))
    return redirect("privacy:holds")
