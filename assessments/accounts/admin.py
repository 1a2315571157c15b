"""Organisations and people in the administration."""

from __future__ import annotations

from django.contrib import admin

from .models import InterestDeclaration, Membership, Organisation, Person


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "is_active"]
    search_fields = ["email", "name"]
    exclude = ["password", "user_permissions", "groups"]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ["name_en", "name_zh", "kind"]
    list_filter = ["kind"]
    search_fields = ["name_en", "name_zh"]


@admin.register(InterestDeclaration)
class InterestDeclarationAdmin(admin.ModelAdmin):
    list_display = ["person", "organisation", "since", "until"]
