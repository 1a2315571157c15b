"""How the registry's pages grow with the registry: by hand, `python benchmarks/registry_scale.py [--rows 100000]`.

A database of its own (SQLite in a temporary folder; `--database URL`: an empty PostgreSQL one, as its superuser) is
filled with synthetic certificates, first a thousand, then all. Each question is asked of the same view in both;
printed is the median server time in milliseconds, the ratio, and how the database finds a page's rows. A page by keyset
should not grow; what counts all rows (facets, statistics) grows with them. Only certificates and entries are made; what
they refer to is left out, with the database's checks of references off.
"""

# ruff: noqa: PLC0415 - the database is chosen before Django is set up

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

FEW, REPEATED, BATCH = 1000, 5, 2000
LEVELS, TIERS = ("basic", "enhanced", "excellent"), ("minimal", "limited", "high")
SECTORS = ("finance", "health", "transport", "education", "energy", "public")
THINGS = ("digit", "voice", "traffic", "credit", "tumour", "language", "fraud", "crop")
QUESTIONS = {
    "home": "/",
    "list, first page": "/registry/",
    "list by validity": "/registry/?sort=validity",
    "one facet chosen": "/registry/?level=basic&status=in_force",
    "a word of an eighth": "/registry/?q=traffic",
    "a word of one": "/registry/?q=reader42",
    "statistics": "/registry/statistics/",
    "interface, first page": "/api/registry/",
}


def rows(first: int, count: int, holders: list[Any], bodies: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Certificates with their entries, numbered on; the same for the same numbers."""
    from portal.certificates.models import Certificate
    from portal.registry.models import SearchEntry
    from portal.registry.terms import stored_terms

    for number in range(first, first + count):
        chance = random.Random(number)  # noqa: S311 - no secret
        granted = date(2024, 1, 1) + timedelta(days=chance.randrange(1000))
        thing, name = chance.choice(THINGS), f"TAI-2026-{number:06d}-0"
        body, holder = chance.choice(bodies), chance.choice(holders)
        certificate = Certificate(
            number=name, case_id=uuid.UUID(int=number + 1), holder=holder, body=body, pdf_sha256=f"{number:064x}",
            level=chance.choice(LEVELS), tier=chance.choice(TIERS), granted_on=granted,
            status=chance.choices(("in_force", "suspended", "withdrawn", "cancelled"), (90, 2, 4, 4))[0],
            valid_until=granted + timedelta(days=1000), surveillance_due=granted + timedelta(days=365),
            snapshot={
                "characteristics": [],
                "system": {"name": {"en": f"{thing} reader{number}", "zh": "识别系统"}, "version": "1.0"},
            },
        )  # fmt: skip
        entry = SearchEntry(
            certificate=certificate, number=name, version="1.0", system_en=f"{thing} reader{number}",
            system_zh="识别系统",
            holder_en=holder.name_en, standard="TAI 0.9", sector=chance.choice(SECTORS), modality="image",
            granted_on=granted, valid_until=certificate.valid_until, issued_at=f"{granted.isoformat()}T00:00:00Z",
            terms=" ".join(stored_terms([name, thing, f"reader{number}", "识别系统", holder.name_en])),
        )  # fmt: skip
        yield certificate, entry


def fill(first: int, count: int, holders: list[Any], bodies: list[Any]) -> None:
    from portal.certificates.models import Certificate
    from portal.registry.indexing import index_terms
    from portal.registry.models import SearchEntry

    for start in range(first, first + count, BATCH):
        made = list(rows(start, min(BATCH, first + count - start), holders, bodies))
        Certificate.objects.bulk_create(certificate for certificate, _entry in made)
        index_terms(SearchEntry.objects.bulk_create(entry for _certificate, entry in made))


def asked(client: Any, address: str) -> float:
    """Median server time of a page, in milliseconds; the first time is left out."""
    seconds = []
    for _ in range(REPEATED + 1):
        began = time.perf_counter()
        answer = client.get(address)
        b"".join(answer) if answer.streaming else answer.content
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, (address, answer.status_code)
    return statistics.median(seconds[1:]) * 1000


def measure(many: int) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client

    from assessments.accounts.models import Organisation
    from portal.registry.search import listed

    off = {"sqlite": "PRAGMA foreign_keys = OFF", "postgresql": "SET session_replication_role = replica"}
    with connection.cursor() as cursor:
        cursor.execute(off[connection.vendor])
    holders = [Organisation.objects.create(kind="vendor", name_en=f"Vendor {place}") for place in range(50)]
    bodies = [Organisation.objects.create(kind="body", name_en=f"Body {place}") for place in range(8)]
    client, times = Client(), {}
    for first, count in ((0, FEW), (FEW, many - FEW)):
        fill(first, count, holders, bodies)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        times[first + count] = {name: asked(client, address) for name, address in QUESTIONS.items()}
    few, all_ = times[FEW], times[many]
    table = {
        name: {
            str(FEW): round(few[name], 1),
            str(many): round(all_[name], 1),
            "ratio": round(all_[name] / few[name], 2),
        }
        for name in QUESTIONS
    }
    plan = listed().order_by("-granted_on", "-pk").filter(granted_on__lte=date(2025, 1, 1))[:21].explain()
    return {"database": connection.vendor, "milliseconds": table, "plan of a page in the middle": plan.splitlines()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", default="", help="an empty PostgreSQL database, as its superuser")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="registry-scale-") as folder:
        os.environ |= {"PORTAL_VAR": folder, "PORTAL_STATIC_ROOT": f"{folder}/static"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
        if given.database:
            os.environ["DATABASE_URL"] = given.database
        import django
        from django.core.management import call_command

        django.setup()
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", verbosity=0)
        found = measure(given.rows)
    print(json.dumps({"machine": platform.machine(), "python": platform.python_version(), **found}, indent=1))


if __name__ == "__main__":
    main()
