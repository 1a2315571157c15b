"""An authority's home page names the certificates whose surveillance is overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.certificates.models import Certificate
from portal.dashboards import authority

pytestmark = pytest.mark.django_db


def overdue(person: Any) -> list[Any]:
    (section,) = [section for section in authority.board(person).sections if section.anchor == "overdue"]
    return [row[0].text for row in section.rows]


def test_overdue_surveillance_is_shown_until_the_certificate_ends(issued: Any, regulator: Any) -> None:
    assert overdue(regulator) == []
    today = timezone.now().date()
    Certificate.objects.filter(pk=issued.pk).update(surveillance_due=today)
    assert overdue(regulator) == []
    Certificate.objects.filter(pk=issued.pk).update(surveillance_due=today - timedelta(days=1))
    assert overdue(regulator) == [issued.number]
    Certificate.objects.filter(pk=issued.pk).update(valid_until=today - timedelta(days=1))
    assert overdue(regulator) == []
