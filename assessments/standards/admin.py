"""Read-only: standards change by files and services, never by a form."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Criterion, Edition, Scheme, Standard


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Standard)
class StandardAdmin(ReadOnly):
    list_display = ["code", "title_en", "title_zh"]


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    list_display = ["__str__", "status", "published_at", "digest"]
    list_filter = ["status"]


@admin.register(Criterion)
class CriterionAdmin(ReadOnly):
    list_display = ["code", "edition", "title_en", "kind", "gate", "weight"]
    list_filter = ["edition", "characteristic", "kind", "gate"]


@admin.register(Scheme)
class SchemeAdmin(ReadOnly):
    list_display = ["__str__", "standard_edition", "status", "published_at", "digest"]
