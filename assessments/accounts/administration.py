"""Django's administration, behind the portal's own sign-in, to be read: changes are made on pages with a ledger."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

FLOORS = ("assessments", "evaluations", "portal")


class Administration(AdminSite):
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The sign-in of the portal, with its throttle and second factor; who is no staff finds nothing here."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or request.path)
        if not self.has_permission(request):
            raise Http404
        return redirect("admin:index")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our own models only: the tables of sessions, factors and providers hold secrets."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        ours = [model for model in models if model.__module__.partition(".")[0] in FLOORS]
        if ours:
            super().register(ours, admin_class, **options)
