"""Organisations and people in the administration: to be read. Only declarations of interest are written down there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from assessments.ledger.services import append

from .models import InterestDeclaration, Invitation, Membership, Organisation, Person


class ReadOnly:
    """Changes are made on the pages of the portal, where each leaves an entry in the ledger."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(ReadOnly, admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(Person)
class PersonAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["email", "name", "is_active"]
    search_fields = ["email", "name"]
    exclude = ["password", "user_permissions", "groups"]
    inlines = [MembershipInline]


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name_en", "name_zh", "kind"]
    list_filter = ["kind"]
    search_fields = ["name_en", "name_zh"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["email", "organisation", "made_at", "accepted_at", "withdrawn_at"]
    exclude = ["digest"]


@admin.register(InterestDeclaration)
class InterestDeclarationAdmin(admin.ModelAdmin):
    list_display = ["person", "organisation", "since", "until"]

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: InterestDeclaration, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        details = {"organisation": str(obj.organisation_id), "since": str(obj.since), "until": str(obj.until or "")}
        append(obj.person, "interest_changed" if change else "interest_declared", actor=request.user, details=details)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A declaration is ended by its date, never taken back."""
        return False
