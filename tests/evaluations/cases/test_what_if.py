"""The level's page says which single score or weight would change the level, and it is true."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.cases.assessing import assess_case
from evaluations.cases.models import Settlement
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db


def test_named_change_of_a_score_changes_the_level_as_said() -> None:
    case = evaluated.settled_case(cases.people(), otherwise=5)
    client = Client()
    client.force_login(case.assignments.get(part="lead").person)
    url = reverse("cases:level", args=[case.pk])
    plain = client.get(url).content.decode()
    assert 'hx-get="?part=what-if"' in plain
    assert "What would change the level" in plain
    part = client.get(url, {"part": "what-if"}, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<section") or part.lstrip().startswith("<section")
    assert "What would change the level" in client.get(url, {"part": "what-if"}).content.decode()
    lowered = re.search(r"<li>(\w+-\d+) [^<]*: ([\d.]+) instead of ([\d.]+) → ([^<]+)</li>", part)
    assert lowered is not None, part
    code, needed, present, level = lowered.groups()
    row = Settlement.objects.get(case=case, criterion=code)
    assert row.settled_tenths == round(float(present) * 10)
    before = assess_case(case)
    Settlement.objects.filter(pk=row.pk).update(settled_tenths=round(float(needed) * 10))
    case.refresh_from_db()
    after = assess_case(case)
    assert after.level != before.level
    assert (after.level or "below").title() in level.title() or after.level is None
