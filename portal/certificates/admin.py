"""Certificates in the administration: to be looked at. Status moves by the workflow only, and nothing is deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Certificate


@admin.register(Certificate)
class CertificateAdmin(admin.ModelAdmin):
    list_display = ["number", "status", "level", "granted_on", "valid_until", "trouble"]
    search_fields = ["number"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
