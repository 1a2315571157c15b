"""Standing declarations of interest: a person's own page. One is ended by its date, never taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assessments.ledger.services import append

from .models import InterestDeclaration, Organisation


class InterestForm(forms.ModelForm):
    """In whom, what kind, since when, and until when if it has ended. Vendors are named, not listed."""

    vendor = forms.CharField(
        max_length=200,
        label=gettext_lazy("Vendor"),
        help_text=gettext_lazy("Its full name, in English or Chinese, as it stands on certificates."),
    )

    class Meta:
        model = InterestDeclaration
        fields = ["vendor", "nature", "since", "until"]
        widgets = {name: forms.DateInput(attrs={"type": "date"}) for name in ("since", "until")}

    def clean_vendor(self) -> Organisation:
        name = self.cleaned_data["vendor"].strip()
        vendors = Organisation.objects.filter(kind=Organisation.Kind.VENDOR)
        found = vendors.filter(Q(name_en__iexact=name) | Q(name_zh__iexact=name)).first()
        if found is None:
            raise forms.ValidationError(_("No vendor of this name is here."))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and since > timezone.now().date():
            self.add_error("since", _("This day is still to come."))
        if since and until and until < since:
            self.add_error("until", _("It cannot end before it began."))
        return given


@transaction.atomic
def declare(person: Any, organisation: Organisation, *, nature: str, since: Any, until: Any = None) -> None:
    """Put an interest on record: from now on nobody proposes the person in cases of this client."""
    InterestDeclaration.objects.create(
        person=person, organisation=organisation, nature=nature, since=since, until=until
    )
    details = {"organisation": str(organisation.pk), "since": str(since), "until": str(until or "")}
    append(person, "interest_declared", actor=person, details=details)


@transaction.atomic
def end(declaration: InterestDeclaration, *, actor: Any) -> None:
    """The interest ends today; it counts for two years more."""
    today = timezone.now().date()
    if InterestDeclaration.objects.filter(pk=declaration.pk, until=None).update(until=today):
        details = {"organisation": str(declaration.organisation_id), "until": str(today)}
        append(declaration.person, "interest_changed", actor=actor, details=details)


def staff_only(request: HttpRequest) -> None:
    """Who evaluates, leads or reviews; 404 for everybody else."""
    if not request.user.has_perm("accounts.use_body_pages"):
        raise Http404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def interest_list(request: HttpRequest) -> HttpResponse:
    staff_only(request)
    form = InterestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        declare(request.user, given["vendor"], nature=given["nature"], since=given["since"], until=given["until"])
        messages.success(
            request, _("On record. You are not proposed in cases of this vendor, and open ones close to you.")
        )
        return redirect("accounts:interests")
    rows = InterestDeclaration.objects.filter(person=request.user.pk).select_related("organisation").order_by("-since")
    return render(request, "accounts/interests.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)


@login_required
@require_POST
def interest_end(request: HttpRequest, pk: int) -> HttpResponse:
    staff_only(request)
    end(get_object_or_404(InterestDeclaration, pk=pk, person=request.user.pk), actor=request.user)
    messages.success(request, _("Ended today. It counts for two years more."))
    return redirect("accounts:interests")
