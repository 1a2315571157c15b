"""The REST interface of this room: certificates that one holds, issued or oversees, and changes of their status."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.models import Role
from assessments.accounts.rules import is_regulator, organisations_of
from assessments.ledger.workflow import Conflict
from assessments.presentation.paging import keyset_page
from portal.certificates.api import CERTIFICATE, described
from portal.certificates.models import Certificate
from portal.certificates.workflow import WORKFLOW

from .services import ACTIONS, change_status

PAGE_SIZE = 50


class NotPossible(APIException):
    status_code = 409
    default_detail = _("The certificate is not, or no longer, in a state from which this leads on; read it again.")
    default_code = "conflict"


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=10, max_length=2000, help_text="Public. Name facts, no persons.")


def own_certificates(person: Any) -> Any:
    """What a holder holds, a body's people have issued, and an authority oversees: that is all."""
    published = Certificate.objects.published()
    if is_regulator(person):
        return published
    held = published.filter(holder__in=organisations_of(person, Role.VENDOR_MEMBER))
    roles = (Role.LEAD_EVALUATOR, Role.EVALUATOR, Role.REVIEWER)
    return held | published.filter(body__in=organisations_of(person, *roles))


class CertificatesView(APIView):
    """The certificates that one holds, issued or oversees, by number, page by page."""

    @extend_schema(
        operation_id="certificates_list",
        parameters=[
            OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer.")
        ],
        responses=inline_serializer(
            "CertificatePage",
            {
                "results": serializers.ListField(child=CERTIFICATE),
                "next": serializers.CharField(),
                "previous": serializers.CharField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        rows = own_certificates(request.user).prefetch_related("status_events")
        page = keyset_page(rows, order="number", cursor=request.query_params.get("page", ""), size=PAGE_SIZE)
        results = [described(row, request) for row in page.items]
        return Response({"results": results, "next": page.next, "previous": page.previous})


def _changed(request: Request, number: str, action: str) -> Response:
    certificate = get_object_or_404(Certificate.objects.published(), number=number)
    if not request.user.has_perm(WORKFLOW[action].permission, certificate):
        raise Http404
    given = ReasonSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    try:
        change_status(certificate, action, actor=request.user, reason=given.validated_data["reason"])
    except ValidationError as error:
        raise ApiValidationError({"reason": error.messages}) from error
    except PermissionDenied:
        raise Http404 from None
    except Conflict:
        raise NotPossible from None
    return Response(described(certificate, request))


def _view(action: str) -> Any:
    """The view of one change of status, an operation of its own in the schema."""

    class StatusView(APIView):
        @extend_schema(operation_id=f"certificates_{action}", request=ReasonSerializer, responses=CERTIFICATE)
        def post(self, request: Request, number: str) -> Response:
            """Change the status of a certificate, with a public reason."""
            return _changed(request, number, action)

    return StatusView.as_view()


urlpatterns: list[Any] = [path("certificates/", CertificatesView.as_view(), name="certificates")]
urlpatterns += [
    path(f"certificates/<str:number>/{action}/", _view(action), name=f"certificate-{action}") for action in ACTIONS
]
