"""A certificate's radar as the public pages show it."""

from __future__ import annotations

from assessments.accounts.models import in_reader_language
from assessments.presentation.charts import Drawing, radar
from portal.certificates.models import Certificate
from portal.certificates.wording import RADAR


def radar_of(certificate: Certificate) -> Drawing | None:
    """The five characteristics of the frozen snapshot; None if it holds fewer than three of them."""
    scores = []
    for characteristic in certificate.snapshot.get("characteristics", []):
        code, tenths = characteristic["code"], characteristic.get("tenths")
        if code in RADAR:
            label = in_reader_language(RADAR[code].en, RADAR[code].zh)
            scores.append((code, label, None if tenths is None else tenths / 10))
    return radar(scores) if len(scores) >= 3 else None
