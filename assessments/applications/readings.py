"""Who has read it: the vendor's page about its application, the same by the interface, and how reading is noted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.presentation.paging import keyset_page
from assessments.systems import api_readings, readings

from .access import application_for
from .models import Application


def note_reading(person: Any, kind: str, application: Application, title: str = "") -> None:
    """Write down that somebody has read this of an application; see `assessments.systems.readings`."""
    named = title or application.number
    readings.note(person, kind, application.pk, named, version=application.version, application=application.pk)


@login_required
@require_safe
def application_readings(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk, "applications.see_readings")
    rows = readings.of_application(application.pk, application.version_id)
    page = keyset_page(rows, order="-last_at", cursor=request.GET.get("page", ""))
    return render(request, "applications/readings.html", {"application": application, "page": page})


class ApplicationReadingsView(APIView):
    """Who outside the vendor has read evidence, agreement, report, or a file of the version applied for."""

    @extend_schema(operation_id="application_readings", parameters=[api_readings.PAGE], responses=api_readings.READINGS)
    def get(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.see_readings")
        return api_readings.answer(request, readings.of_application(application.pk, application.version_id))


api_urlpatterns = [
    path("applications/<uuid:pk>/readings/", ApplicationReadingsView.as_view(), name="application-readings")
]
