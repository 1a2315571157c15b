"""The ledger in the admin: to read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from .models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ["sequence", "recorded_at", "object_type", "object_id", "transition"]
    search_fields = ["object_id", "transition"]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
