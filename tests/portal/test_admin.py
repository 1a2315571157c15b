"""The administration: no status is changed there, and what the application never deletes is not deleted there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory

pytestmark = pytest.mark.django_db
OURS = ("assessments", "evaluations", "portal")
# What moves by a workflow, or is written once.
MOVED = ("status", "result", "outcome", "inspection")


def registered() -> list[Any]:
    return [one for one in admin.site._registry.values() if type(one).__module__.split(".")[0] in OURS]


@pytest.fixture
def request_of_superuser(rf: RequestFactory, django_user_model: Any) -> Any:
    request = rf.get("/admin/")
    request.user = django_user_model.objects.create_superuser("root@example.org", "a long password")
    return request


def test_the_administration_is_not_empty() -> None:
    assert {one.model._meta.label for one in registered()} >= {"accounts.Person", "ledger.Entry"}


@pytest.mark.parametrize("one", registered(), ids=lambda one: one.model._meta.label)
def test_no_status_can_be_edited(one: Any, request_of_superuser: Any) -> None:
    """Also by the most powerful account: a status moves by a workflow, with an entry in the ledger."""
    if not one.has_change_permission(request_of_superuser):
        return
    form = one.get_form(request_of_superuser)
    assert not set(form.base_fields) & set(MOVED)
    for inline in one.get_inline_instances(request_of_superuser):
        assert not set(inline.get_formset(request_of_superuser).form.base_fields) & set(MOVED)


def test_every_status_of_a_model_is_closed_to_forms() -> None:
    """Whatever form is built from a model that moves by a workflow, its status is not in it."""
    from assessments.ledger.workflow import Revised

    open_ones = [
        f"{model._meta.label}.{field.name}"
        for model in all_models()
        if issubclass(model, Revised)
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field.name in (*MOVED, "revision") and field.editable
    ]
    assert open_ones == []


@pytest.mark.parametrize("one", registered(), ids=lambda one: one.model._meta.label)
def test_history_is_not_deleted_there(one: Any, request_of_superuser: Any) -> None:
    kept = {"ledger", "certificates", "standards", "cases", "runs", "applications", "systems"}
    if one.model._meta.app_label in kept:
        assert not one.has_delete_permission(request_of_superuser)
        assert not one.has_add_permission(request_of_superuser)
        assert not one.has_change_permission(request_of_superuser)


def all_models() -> list[type[models.Model]]:
    from django.apps import apps

    return [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
