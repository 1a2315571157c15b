"""The pages of orders for surveillance: the list, one order with what was said, and each step with its form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role, is_regulator, organisations_of
from assessments.ledger.workflow import Conflict, may_move
from assessments.presentation.paging import keyset_page
from portal.certificates.models import Certificate
from portal.certificates.showing import STANDINGS

from .forms_orders import FORMS, OrderForm
from .models import SurveillanceOrder
from .ordering import act_on, may_be_ordered, order_surveillance
from .wording import ORDER, ORDER_WORDS
from .workflow import ORDERS

PAGE_SIZE = 25
RELATED = ("certificate__body", "certificate__holder", "authority")
READERS = (Role.REGULATOR, Role.LEAD_EVALUATOR, Role.REVIEWER, Role.VENDOR_MEMBER)
SHOWN = ("", "overdue", *SurveillanceOrder.Status.values)


def orders_of(person: Any, show: str = "") -> QuerySet[SurveillanceOrder]:
    """The orders that the person may see; with `show` those of one status, or those whose day has gone by."""
    rows = SurveillanceOrder.objects.visible_to(person).select_related(*RELATED)
    if show == "overdue":
        return rows.filter(status=SurveillanceOrder.Status.OPEN, due_on__lt=timezone.now().date())
    return rows.filter(status=show) if show in SurveillanceOrder.Status.values else rows


def order_of(person: Any, pk: Any) -> SurveillanceOrder:
    """One order that the person may see; else 404."""
    return get_object_or_404(orders_of(person), pk=pk)


@login_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """All orders that concern the reader, newest first."""
    if not any(has_role(request.user, role) for role in READERS):
        raise Http404
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    page = keyset_page(
        orders_of(request.user, show), order="-made_at", cursor=request.GET.get("page", ""), size=PAGE_SIZE
    )
    words = {"": _("All"), "overdue": pgettext("orders", "overdue"), **dict(SurveillanceOrder.Status.choices)}
    context = {
        "page": page,
        "rows": [(order, who_acts(order)) for order in page.items],
        "show": show,
        "filters": [(code, words[code]) for code in SHOWN],
        "oversees": is_regulator(request.user),
        "today": timezone.now().date(),
    }
    return render(request, "assurance/orders.html", context)


@login_required
@require_safe
def order_page(request: HttpRequest, pk: Any) -> HttpResponse:
    """One order: where it stands, who must act by when, and everything that was said."""
    order = order_of(request.user, pk)
    context = {
        "order": order,
        "events": timeline(order),
        "who": who_acts(order),
        "acts": acts_for(request.user, order),
        "is_overdue": order.is_overdue(),
        "standing_word": STANDINGS[order.certificate.standing()],
    }
    return render(request, "assurance/order.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest, number: str) -> HttpResponse:
    """An authority orders surveillance of a certificate."""
    certificate = get_object_or_404(Certificate.objects.published(), number=number)
    if not request.user.has_perm("assurance.order_surveillance", certificate):
        raise Http404
    running = SurveillanceOrder.objects.unfinished().filter(
        certificate=certificate, authority__in=organisations_of(request.user, Role.REGULATOR)
    )
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            order = order_surveillance(certificate, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except Conflict:
            return render(request, "presentation/conflict.html", {"back_url": request.path}, status=409)
        else:
            messages.success(request, _("The order is made. The body and the holder are told."))
            return redirect("orders:order", pk=order.pk)
    context = {
        "heading": ORDER["heading"],
        "words": {**ORDER, "severe": False},
        "form": form,
        "certificate": certificate,
        "back": reverse("certificates:certificate", args=[number]),
        "running": running.first(),
        "possible": may_be_ordered(certificate),
    }
    return render(request, "assurance/order_step.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_step(request: HttpRequest, pk: Any, act: str) -> HttpResponse:
    """Say exactly what a step of an order does, ask for the words, and do it."""
    order = order_of(request.user, pk)
    if not request.user.has_perm(ORDERS[act].permission, order):
        raise Http404
    form = FORMS[act](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act_on(order, act, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except Conflict:
            page = reverse("orders:order", args=[pk])
            texts = [(form[name].label, form[name].value()) for name in form.fields]
            return render(request, "presentation/conflict.html", {"back_url": page, "texts": texts}, status=409)
        else:
            messages.success(request, _("Done. Those concerned are told."))
            return redirect("orders:order", pk=pk)
    context = {
        "heading": ORDER_WORDS[act]["heading"],
        "words": ORDER_WORDS[act],
        "form": form,
        "certificate": order.certificate,
        "order": order,
        "events": timeline(order),
        "back": reverse("orders:order", args=[pk]),
        "possible": may_move(ORDERS, act, order, request.user),
    }
    return render(request, "assurance/order_step.html", context, status=422 if form.errors else 200)


def who_acts(order: SurveillanceOrder) -> str:
    """Whose turn it is, by name; empty when the order has ended."""
    if order.status == SurveillanceOrder.Status.OPEN:
        return str(order.certificate.body.name)
    return str(order.authority.name) if order.status == SurveillanceOrder.Status.ANSWERED else ""


def acts_for(person: Any, order: SurveillanceOrder) -> list[dict[str, Any]]:
    """The steps that the person may make now, the one that leads on first."""
    return [
        {**words, "url": reverse(f"orders:{act}", args=[order.pk])}
        for act, words in ORDER_WORDS.items()
        if may_move(ORDERS, act, order, person)
    ]


def timeline(order: SurveillanceOrder) -> list[dict[str, Any]]:
    """What was said, oldest first, for the component `timeline`."""
    tones = {"order": "attention", "return": "attention", "answer": "running", "accept": "passed"}
    return [
        {
            "at": event.happened_at,
            "title": _joined(event.get_act_display(), event.get_outcome_display()),
            "who": event.organisation.name,
            "text": event.text,
            "tone": tones.get(event.act, "quiet"),
        }
        for event in order.events.select_related("organisation")
    ]


def _joined(*words: object) -> str:
    return " · ".join(str(word) for word in words if word)
