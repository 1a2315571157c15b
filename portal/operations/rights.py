"""Who may see the operator's pages: administrators, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponseBase]


def for_operators(view: View) -> View:
    """For everybody else there is nothing at this address; a visitor is asked to sign in."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("accounts.administer"):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(asked))
