"""The register as verification asks it: which certificate is this file, or this signed content?"""

from __future__ import annotations

from assessments.standards.models import Scheme
from portal.certificates.models import Certificate, NumberSequence
from portal.certificates.number import pattern


class DatabaseRegister:
    """Answers from the published certificates."""

    def number_of_file(self, sha256: str) -> str:
        return self._number(pdf_sha256=sha256)

    def number_of_signed_content(self, sha256: str) -> str:
        return self._number(signed_sha256=sha256)

    def _number(self, **what: str) -> str:
        found = Certificate.objects.published().filter(**what).values_list("number", flat=True).first()
        return found or ""


def number_pattern() -> str:
    """What a number of this register looks like: any scheme that is loaded here or ever issued a certificate."""
    codes = {code.split("-")[0] for code in Scheme.objects.values_list("code", flat=True)}
    return pattern(codes | set(NumberSequence.objects.values_list("scheme", flat=True)))
