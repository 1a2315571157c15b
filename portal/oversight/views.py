"""The authority's pages: the board, the history with its search, and what is taken away. 404 for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.accounts.models import Organisation
from assessments.accounts.rules import is_regulator
from assessments.applications.models import Level, Tier
from assessments.ledger.models import Entry
from assessments.presentation.paging import keyset_page
from portal.registry import indexing

from . import board, history, tables

PAGE_SIZE = 30
View = Callable[..., Any]


def for_regulators(view: View) -> View:
    """Only people of an authority find the page."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_regulator(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(require_safe(asked)))


class HistoryForm(forms.Form):
    """What is looked for; every field narrows the search."""

    words = forms.CharField(label=_("Number, system, vendor or body"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Event"), required=False)
    body = forms.ModelChoiceField(
        label=_("Evaluation body"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("any"),
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, kind.words) for code, kind in history.KINDS.items()]
        self.fields["kind"].choices = [("", _("any")), *kinds]  # type: ignore[attr-defined]
        bodies = Organisation.objects.filter(kind=Organisation.Kind.BODY)
        self.fields["body"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["body"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.asked = True  # type: ignore[attr-defined]  # in a search no field is worth being called optional

    def entries(self) -> Any:
        """What is found; nothing while a field cannot be read."""
        if not self.is_valid():
            return Entry.objects.none()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return history.entries(**given)


@for_regulators
def oversight(request: HttpRequest) -> HttpResponse:
    """Certificates by sector, tier, level and body with what is wrong, and what came of applications."""
    indexing.catch_up()
    return render(request, "oversight/board.html", board.page_context(board.read()))


@for_regulators
def past(request: HttpRequest) -> HttpResponse:
    """Everything that happened, published or not, newest first."""
    form = HistoryForm(request.GET)
    page = keyset_page(form.entries(), order="-sequence", cursor=request.GET.get("page", ""), size=PAGE_SIZE)
    asked = {name: value for name in form.fields if (value := request.GET.get(name, ""))}
    context = {
        "form": form,
        "page": page,
        "lines": history.lines(page.items),
        "narrowed": bool(asked),
        "export_query": urlencode(asked),
        "tiers": dict(Tier.choices),
        "levels": dict(Level.choices),
        "most": tables.WORKBOOK_ROWS,
    }
    return render(request, "oversight/history.html", context, status=422 if form.errors else 200)


@for_regulators
def export(request: HttpRequest, what: str, kind: str) -> Any:
    """Certificates, history (as searched) or orders, as CSV, workbook or JSON."""
    indexing.catch_up()
    sources: dict[str, tuple[tuple[str, ...], Callable[[], Iterable[tables.Record]]]] = {
        "certificates": (tables.CERTIFICATE_FIELDS, lambda: tables.certificates(request.build_absolute_uri)),
        "history": (tables.HISTORY_FIELDS, lambda: tables.events(HistoryForm(request.GET).entries())),
        "orders": (tables.ORDER_FIELDS, lambda: tables.orders(tables.order_rows())),
    }
    if what not in sources or kind not in tables.FORMATS:
        raise Http404
    fields, records = sources[what]
    response: HttpResponse | StreamingHttpResponse
    if kind == "xlsx":
        book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(tables.workbook(what, fields, records()), content_type=book)
    elif kind == "csv":
        response = StreamingHttpResponse(tables.csv_lines(fields, records()), content_type="text/csv; charset=utf-8")
    else:
        response = StreamingHttpResponse(tables.json_parts(records()), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{what}.{kind}"'
    return response
