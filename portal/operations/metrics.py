"""The state of the portal as Prometheus metrics, read when asked: the same on every web host, from database and queue.

Names and labels are listed in docs/metrics.md; `deploy/alerts.yml` uses them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Sum
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from assessments.ledger.models import Head
from portal.certificates.models import Certificate

from . import health, keys, queues, stores, traffic
from .counting import ISSUE_BOUNDS, RUN_BOUNDS
from .models import ChainCheck, Process, Tally

Labels = dict[str, str]


class Facts(Collector):
    """Collects everything that is not counted in the web processes themselves."""

    def describe(self) -> list[Metric]:
        return []  # so that registering asks nothing of the database

    def collect(self) -> Iterator[Metric]:
        yield from _parts()
        yield from _queues()
        yield from _processes()
        yield from _counted()
        yield from _certificates()
        yield from _ledger()
        yield from _keys()
        yield from _store()


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    facts = CollectorRegistry(auto_describe=False)
    facts.register(Facts())
    return generate_latest(traffic.registry()) + generate_latest(facts)


def gauge(name: str, help_text: str, values: Sequence[tuple[Labels, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"portal_{name}", help_text, labels=sorted(values[0][0]) if values else ())
    for labels, value in values:
        family.add_metric([labels[key] for key in sorted(labels)], value)
    return family


def one(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return gauge(name, help_text, [({}, value)])


def _age(since: datetime | None) -> float:
    return max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0


def _parts() -> Iterator[Metric]:
    parts = [({"part": part}, float(state == health.OK)) for part, state in health.parts().items()]
    yield gauge("part_up", "Whether a part that the portal stands on can be used.", parts)


def _queues() -> Iterator[Metric]:
    lengths = queues.messages() or {}
    yield gauge("queue_messages", "Messages in a queue.", [({"queue": q}, n) for q, n in lengths.items()])
    work = queues.work()
    waiting = [({"work": line.code, "queue": line.queue}, float(line.waiting)) for line in work]
    running = [({"work": line.code, "queue": line.queue}, float(line.running)) for line in work]
    oldest = [({"work": line.code, "queue": line.queue}, _age(line.oldest)) for line in work]
    yield gauge("work_waiting", "Things that wait to be done.", waiting)
    yield gauge("work_running", "Things that are being done.", running)
    yield gauge("work_oldest_seconds", "For how long the oldest of them has waited.", oldest)
    yield one("mail_given_up", "Letters that no attempt could send.", queues.letters_given_up())


def _processes() -> Iterator[Metric]:
    rows = list(Process.objects.all())
    workers = [row for row in rows if row.kind == Process.Kind.WORKER]
    by_queue = [({"queue": queue}, float(count)) for queue, count in queues.workers_by_queue(rows).items()]
    yield gauge("queue_workers", "Workers heard lately that take from a queue.", by_queue)
    yield gauge(
        "worker_age_seconds", "Since a worker was last heard.", [({"worker": w.name}, _age(w.seen_at)) for w in workers]
    )
    levels = [({"worker": w.name}, float(w.facts["level"][1:])) for w in workers if w.facts.get("level")]
    yield gauge("worker_sandbox_level", "The strongest sandbox level of a worker's host (1 to 3).", levels)
    busy = [({"worker": w.name}, float(len(w.facts.get("doing", ())))) for w in workers]
    yield gauge("worker_busy", "Tasks that a worker has in hand.", busy)
    ticks = [row.facts["ticked_at"] for row in rows if row.kind == Process.Kind.CLOCK and row.facts.get("ticked_at")]
    if ticks:
        yield one("clock_age_seconds", "Since the clock last sent something.", _age(datetime.fromisoformat(max(ticks))))


COUNTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "runs": ("runs", "Ended test runs.", ("method", "outcome")),
    "run_retries": ("run_retries", "Attempts at a run that the portal's own fault ended.", ("method", "code")),
    "run_leases_lost": ("run_leases_lost", "Attempts at a run whose worker was not heard of any more.", ()),
    "run_levels": ("run_levels", "Finished runs by the sandbox level that was reached.", ("level",)),
    "ledger_entries": ("ledger_entries", "Entries of the ledger.", ("object", "transition")),
}
HISTOGRAMS: dict[str, tuple[str, str, tuple[str, ...], tuple[int, ...]]] = {
    "run_seconds": ("run_seconds", "Duration of finished runs.", ("method",), RUN_BOUNDS),
    "issue_seconds": ("certificate_issue_seconds", "From a grant to its signed file.", (), ISSUE_BOUNDS),
}


def _counted() -> Iterator[Metric]:
    """What `counting` has counted."""
    rows: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
    for name, text, value in Tally.objects.order_by("name", "labels").values_list("name", "labels", "value"):
        rows[name].append((json.loads(text), value))
    for name, (title, text, named) in COUNTERS.items():
        counter = CounterMetricFamily(f"portal_{title}", text, labels=named)
        for row, value in rows[name] or ([] if named else [({}, 0.0)]):
            counter.add_metric([row[label] for label in named], value)
        yield counter
    for name, (title, text, named, bounds) in HISTOGRAMS.items():
        family = HistogramMetricFamily(f"portal_{title}", text, labels=named)
        for row, total in rows[f"{name}_sum"]:
            family.add_metric([row[label] for label in named], _summed(row, rows[name], bounds), total)
        yield family


def _summed(row: Labels, buckets: Sequence[tuple[Labels, float]], bounds: Sequence[int]) -> list[tuple[str, float]]:
    """Buckets are kept each for itself; Prometheus wants each to hold those below it too."""
    own = {kept["le"]: value for kept, value in buckets if row.items() <= kept.items()}
    running, summed = 0.0, []
    for bound in (*map(str, bounds), "+Inf"):
        running += own.get(bound, 0.0)
        summed.append((bound, running))
    return summed


def _certificates() -> Iterator[Metric]:
    today = timezone.now().date()
    counts: dict[str, float] = dict.fromkeys(
        ("preparing", "in_force", "suspended", "withdrawn", "cancelled", "expired"), 0.0
    )
    rows = Certificate.objects.order_by().values_list("status").annotate(count=Count("pk"))
    counts |= {status: float(count) for status, count in rows}
    for status in ("in_force", "suspended"):
        over = Certificate.objects.filter(status=status, valid_until__lt=today).count()
        counts[status] -= over
        counts["expired"] += over
    yield gauge("certificates", "Certificates by status.", [({"status": s}, n) for s, n in counts.items()])
    troubled = Certificate.objects.filter(status=Certificate.Status.PREPARING).exclude(trouble="").count()
    yield one("certificates_troubled", "Granted certificates that could not be signed yet.", troubled)
    tried = Certificate.objects.filter(attempt__gt=0).aggregate(attempts=Sum("attempt"), certificates=Count("pk"))
    attempts = CounterMetricFamily("portal_signing_attempts", "Attempts to print and sign a certificate.")
    attempts.add_metric([], tried["attempts"] or 0)
    failures = CounterMetricFamily("portal_signing_failures", "Such attempts that another one had to follow.")
    failures.add_metric([], (tried["attempts"] or 0) - tried["certificates"])
    yield attempts
    yield failures


def _ledger() -> Iterator[Metric]:
    length = Head.objects.filter(pk=1).values_list("sequence", flat=True).first() or 0
    yield one("ledger_length", "Entries of the ledger by its head.", length)
    last = ChainCheck.last_ended()
    if last is not None:
        yield one("ledger_faults", "Places where the ledger did not hold at the last check.", last.fault_count)
        yield one("ledger_checked_age_seconds", "Since the ledger was last checked.", _age(last.ended_at))


def _keys() -> Iterator[Metric]:
    signer = keys.ring().signer
    if signer is not None:
        yield one("signing_key_expires_seconds", "Until the signing certificate is over.", signer.left.total_seconds())


def _store() -> Iterator[Metric]:
    found = stores.store()
    yield one("storage_faults", "Stored files found missing or changed.", found.checked.faults)
    yield one(
        "storage_checked_age_seconds",
        "Since the longest ago that a file was checked.",
        _age(found.checked.oldest_check),
    )
    yield one("storage_files", "Files in the store, equal ones once.", found.blobs)
    yield one("storage_bytes", "Their bytes.", found.blob_bytes)
    yield one("quarantine_bytes", "Bytes of files on their way.", found.quarantine_bytes)
    yield one("storage_free_bytes", "Free bytes on the store's file system.", found.room.free)
    yield one("storage_size_bytes", "Size of the store's file system.", found.room.size)
