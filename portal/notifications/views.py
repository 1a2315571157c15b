"""The inbox, how one wants to be told, and the calendar of deadlines. Each page shows the reader's own and no other."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.presentation.paging import keyset_page

from .deadlines import as_calendar, deadlines_of
from .forms import PreferencesForm
from .models import CalendarFeed, Notification
from .wording import shown_to

PAGE = 30


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; `?show=unread` leaves out what was read."""
    unread_only = request.GET.get("show") == "unread"
    rows = Notification.objects.filter(person=request.user.pk)
    if unread_only:
        rows = rows.filter(read_at=None)
    page = keyset_page(rows, order="-entry_sequence", cursor=request.GET.get("page", ""), size=PAGE)
    context = {
        "page": page,
        "items": shown_to(request.user, page.items),
        "unread_only": unread_only,
        "has_unread": Notification.objects.unread_of(request.user).exists(),
    }
    return render(request, "notifications/inbox.html", context)


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and, when `open` is sent, go to what it is about."""
    row = get_object_or_404(Notification, pk=pk, person=request.user.pk)
    Notification.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())
    (item,) = shown_to(request.user, [row])
    if "open" in request.POST and item.is_open:
        return redirect(item.url)
    return redirect("notifications:inbox")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what stood on the page: nothing that came since, which nobody has seen."""
    newest = request.POST.get("newest", "")
    if not newest.isdecimal():
        return redirect("notifications:inbox")
    rows = Notification.objects.unread_of(request.user).filter(entry_sequence__lte=min(int(newest), 2**63 - 1))
    rows.update(read_at=timezone.now())
    return redirect("notifications:inbox")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("notifications:preferences")
    feed = CalendarFeed.objects.filter(person=request.user.pk).first()
    context = {"form": form, "feed_url": _address(feed) if feed else ""}
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


def _address(feed: CalendarFeed) -> str:
    return settings.SITE_URL + reverse("notifications:deadlines", args=[feed.token])


@login_required
@require_POST
def calendar(request: HttpRequest) -> HttpResponse:
    """Make the address of one's calendar, or a new one in place of the old; with `stop` there is none any more."""
    person: Any = request.user
    CalendarFeed.objects.filter(person=person.pk).delete()
    if "stop" in request.POST:
        messages.success(request, _("The calendar’s address no longer works."))
    else:
        CalendarFeed.objects.create(person_id=person.pk)
        messages.success(request, _("The calendar has a new address."))
    return redirect(f"{reverse('notifications:preferences')}#calendar")


@never_cache
@require_safe
def deadlines(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar for programs that cannot sign in: who knows the secret address reads the deadlines, nothing else."""
    feed = CalendarFeed.of_token(token)
    if feed is None:
        raise Http404
    with translation.override(feed.person.language):
        content = as_calendar(deadlines_of(feed.person))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
