"""The operator's pages: how things stand, what is being worked on, files and keys. No case content."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluations.runs.models import Run
from portal.certificates.models import Certificate
from portal.notifications.models import Letter

from . import keys as signing
from . import overview as standing
from . import queues, stores
from .models import Process, Tally
from .rights import for_operators

RECENT = timedelta(days=1)
TROUBLED = 20
COUNTED = ("runs", "run_retries", "run_leases_lost")


@for_operators
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Each part in words; what needs somebody comes first."""
    parts = standing.parts(queues.work())
    order = (standing.BAD, standing.LOOK, standing.GOOD)
    needing = [part for part in parts if part.state != standing.GOOD]
    context = {
        "parts": parts,
        "needing": sorted(needing, key=lambda part: order.index(part.state)),
        "worst": min((part.state for part in parts), key=order.index),
    }
    return render(request, "operations/overview.html", context)


@for_operators
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Queues, workers, the clock, runs by outcome, certificates that are held up, and mail."""
    processes = list(Process.objects.all())
    troubled = Certificate.objects.filter(status=Certificate.Status.PREPARING).exclude(trouble="")
    letters = Letter.objects.order_by("status").values_list("status").annotate(count=Count("pk"))
    context = {
        "work": queues.work(),
        "messages_in": queues.messages(),
        "workers_of": queues.workers_by_queue(processes),
        "workers": [_worker(row) for row in processes if row.kind == Process.Kind.WORKER],
        "ticked_at": standing.ticked_at(processes),
        "outcomes": _outcomes(),
        "troubled": troubled.order_by("number")[:TROUBLED],
        "mail": [(Letter.Status(status).label, count) for status, count in letters],
        "minimum": settings.SANDBOX_MINIMUM,
    }
    return render(request, "operations/work.html", context)


def _worker(row: Process) -> dict[str, Any]:
    tasks = {
        "evaluations.runs.tasks.execute_run": _("test run"),
        "evaluations.runs.tasks.inspect_artifact": _("reading a file"),
        "portal.certificates.tasks.issue": _("printing and signing a certificate"),
        "portal.verification.tasks.examine": _("verifying a file"),
        "portal.operations.tasks.check_chain": _("checking the audit trail"),
    }
    doing = [{**task, "word": tasks.get(task["task"], "")} for task in row.facts.get("doing", ())]
    return {"row": row, "facts": row.facts, "doing": doing}


@dataclass(frozen=True)
class Outcome:
    """How many runs ended so: since the portal began, and in the last day where that is known."""

    word: str
    in_all: int
    lately: int | None = None


def _outcomes() -> list[Outcome]:
    words = {
        ("finished", ""): _("finished with a result"),
        ("failed", "vendor"): _("failed: the object or its data"),
        ("failed", "evaluator"): _("failed: the plan’s parameters"),
        ("failed", "platform"): _("failed: the portal"),
        ("cancelled", ""): _("cancelled"),
    }
    ended = Run.objects.filter(ended_at__gte=timezone.now() - RECENT).order_by()
    rows = ended.values_list("status", "failure_kind").annotate(count=Count("pk"))
    lately = {(status, kind): count for status, kind, count in rows}
    in_all: Counter[str] = Counter()
    for name, labels, value in Tally.objects.filter(name__in=COUNTED).values_list("name", "labels", "value"):
        in_all[json.loads(labels)["outcome"] if name == "runs" else name] += int(value)
    found = [
        Outcome(word, in_all[f"{status}_{kind}" if kind else status], lately.get((status, kind), 0))
        for (status, kind), word in words.items()
    ]
    repeated = Outcome(_("attempts repeated without asking"), in_all["run_retries"])
    return [*found, repeated, Outcome(_("attempts whose worker was lost"), in_all["run_leases_lost"])]


@for_operators
@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    return render(request, "operations/storage.html", {"store": stores.store()})


@for_operators
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The signing key with its chain, and whether every worker signs with the same."""
    ring = signing.ring()
    told = [(row.name, row.facts.get("key", "")) for row in Process.objects.heard().filter(kind=Process.Kind.WORKER)]
    context = {
        "ring": ring,
        "different": [name for name, key in told if key != ring.key_id],
        "known": signing.known_count(),
        "timestamp_host": signing.timestamp_host(),
    }
    return render(request, "operations/keys.html", context)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """The page of a fault of ours, with the number under which the log tells of it; needs no database."""
    page = render_to_string("500.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponseServerError(page)
