"""What the registry searches and sorts by: the unchanging facts of each published certificate.

Status is not here. It is read from the certificate each time, so that a suspension shows at once.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import in_reader_language
from portal.certificates.models import Certificate


class SearchEntry(models.Model):
    """One published certificate as the registry lists it, made from its frozen snapshot.

    `terms` holds the search terms (see `terms.py`), parted by spaces; the database's own index over them is made
    by the second migration and filled by `indexing.py`.
    """

    certificate = models.OneToOneField(Certificate, on_delete=models.CASCADE, related_name="search_entry")
    number = models.CharField(max_length=30, unique=True)
    system_en = models.CharField(max_length=200)
    system_zh = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=60)
    holder_en = models.CharField(max_length=200)
    holder_zh = models.CharField(max_length=200, blank=True)
    standard = models.CharField(max_length=60)
    sector = models.CharField(max_length=60, blank=True)
    modality = models.CharField(max_length=40, blank=True)
    granted_on = models.DateField()
    valid_until = models.DateField()
    issued_at = models.DateTimeField()
    terms = models.TextField()

    class Meta:
        verbose_name = _("registry entry")
        verbose_name_plural = _("registry entries")
        indexes = [
            models.Index(fields=["granted_on", "id"], name="registry_by_grant"),
            models.Index(fields=["valid_until", "id"], name="registry_by_validity"),
            models.Index(fields=["issued_at"], name="registry_by_issue"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def system(self) -> str:
        return in_reader_language(self.system_en, self.system_zh)

    @property
    def holder(self) -> str:
        return in_reader_language(self.holder_en, self.holder_zh)
