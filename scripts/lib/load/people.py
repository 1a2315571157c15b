"""Fills the stack with cases under evaluation and certificates; runs in the portal's own process, tells who may work.

Test results are given, not measured: what is asked of the stack here are pages, not runs.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from evaluations.cases import scoring_sheet
from evaluations.cases.models import Case
from evaluations.cases.proposing import grounds
from portal.notifications import reading
from portal.registry import indexing
from tests.factories import cases, evaluated
from tests.factories.certified import issued_certificate
from tests.factories.people import organisation, person

EVALUATORS_OF_A_CASE = 2
CERTIFICATES = 12
BACKEND = "django.contrib.auth.backends.ModelBackend"


def main(evaluators: int, certificates: int = CERTIFICATES) -> None:
    """Prints {"evaluators": [{"session", "case", "part", "codes"}], "certificates": [number], "cookies": names}."""
    cases.shipped_standard = cache(cases.shipped_standard)
    body = organisation("body", "Load Evaluation Body", "负载评估中心")
    reviewer = person("Load-reviewer", body, "reviewer")
    with transaction.atomic():  # no worker sees a run before its result is there
        vendor = organisation("vendor", "Load Vendor Ltd", "负载供应商")
        applicant, lead = person("Load-vendor", vendor, "vendor_member"), person("Load-lead", body, "lead_evaluator")
        working = []
        for number in range(0, evaluators, EVALUATORS_OF_A_CASE):
            pair = [person(f"Load-evaluator-{number + one}", body, "evaluator") for one in range(EVALUATORS_OF_A_CASE)]
            who = cases.People(vendor, body, applicant, lead, pair, reviewer)
            case = cases.planned_case(who, label=f"{number}.0")
            evaluated.finish_runs(case)
            working += [at_work(case, each) for each in pair]
        holder = organisation("vendor", "Load Holder Ltd", "负载持证方")
        made = [issued_certificate(holder, body, reviewer, name=f"Reader {n}").number for n in range(certificates)]
    indexing.sweep()
    reading.read_ledger()
    cookies = {"session": settings.SESSION_COOKIE_NAME, "csrf": settings.CSRF_COOKIE_NAME}
    told = {"evaluators": working[:evaluators], "certificates": made, "cookies": cookies}
    sys.stdout.write(json.dumps(told) + "\n")


def at_work(case: Case, who: Any) -> dict[str, Any]:
    """A session that is signed in, and what this evaluator scores."""
    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session.save()
    codes = scoring_sheet.examined_codes(grounds(case))
    part = codes[0].partition("-")[0]
    return {
        "session": session.session_key,
        "case": str(case.pk),
        "part": part,
        "codes": [code for code in codes if code.startswith(f"{part}-")],
    }
