"""Published certificates as rows, without the evaluations that would lead to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.applications.models import Application
from assessments.systems.models import System, SystemVersion
from evaluations.cases.models import Case
from portal.certificates.models import Certificate
from tests.factories.certificates import pair, snapshot

Publish = Callable[..., Certificate]


@pytest.fixture
def publish(vendor: Any, body: Any) -> Publish:
    """A function that makes one certificate in force; its arguments change what it certifies."""
    made: list[Certificate] = []

    def one(name: str = "Digit reader", name_zh: str = "手写数字识别系统", **changes: Any) -> Certificate:
        place = len(made) + 1
        holder = changes.pop("holder", vendor)
        sector, modality = changes.pop("sector", "finance"), changes.pop("modality", "image")
        system = System.objects.create(organisation=holder, name_en=f"{name} {place}", sector=sector)
        version = SystemVersion.objects.create(system=system, label="1.0", profile={"modality": modality})
        application = Application.objects.create(
            number=f"A-{place}", organisation=holder, version=version, body=body, status="concluded"
        )
        case = Case.objects.create(number=f"C-{place}", application=application, body=body)
        number = changes.pop("number", f"TAI-2026-{place:06}-C")
        more: dict[str, Any] = changes.pop("frozen", {})
        granted = changes.pop("granted_on", timezone.now().date() - timedelta(days=place))
        fields = {
            "status": "in_force",
            "level": "enhanced",
            "tier": "limited",
            "valid_until": date(2099, 12, 31),
            "surveillance_due": date(2099, 1, 1),
            "pdf_sha256": "ab" * 32,
            "issued_at": timezone.now(),
            **changes,
        }
        base: Any = snapshot()
        frozen = snapshot(
            number=number,
            system={"name": pair(name, name_zh), "version": "1.0", "digest": f"{place:064x}"},
            scope={**base["scope"], "intended_use": pair(f"Use as {name}.", "")},
            holder={"name": pair(holder.name_en, holder.name_zh), "address": pair("", "")},
            **more,
        )
        made.append(
            Certificate.objects.create(
                number=number, case=case, holder=holder, body=body, granted_on=granted, snapshot=frozen, **fields
            )
        )
        return made[-1]

    return one
