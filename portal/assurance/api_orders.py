"""The REST interface of orders for surveillance: read, made, answered, returned, accepted, taken back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict
from assessments.presentation.paging import keyset_page
from portal.certificates.models import Certificate

from .api import NotPossible, ReasonSerializer
from .models import SurveillanceOrder
from .ordering import act_on, order_surveillance
from .views_orders import SHOWN, order_of, orders_of
from .workflow import ORDERS

PAGE_SIZE = 50


class OrderEventSerializer(serializers.Serializer[Any]):
    act = serializers.CharField()
    at = serializers.DateTimeField(source="happened_at")
    organisation = serializers.CharField(source="organisation.name")
    text = serializers.CharField()
    outcome = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)


class OrderSerializer(serializers.Serializer[Any]):
    """An order for surveillance with everything that was said."""

    id = serializers.UUIDField()
    certificate = serializers.CharField(source="certificate.number")
    holder = serializers.CharField(source="certificate.holder.name")
    body = serializers.CharField(source="certificate.body.name")
    authority = serializers.CharField(source="authority.name")
    status = serializers.ChoiceField(choices=SurveillanceOrder.Status.choices)
    due_on = serializers.DateField()
    overdue = serializers.BooleanField(source="is_overdue")
    outcome = serializers.CharField()
    made_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField()
    events = OrderEventSerializer(many=True)

    def get_url(self, order: SurveillanceOrder) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("orders:order", args=[order.pk])))


class OrderPageSerializer(serializers.Serializer[Any]):
    results = OrderSerializer(many=True)
    next = serializers.CharField()
    previous = serializers.CharField()


class NewOrderSerializer(ReasonSerializer):
    due_on = serializers.DateField(help_text="The body answers by this day; from today on, within a year.")


class OrderAnswerSerializer(ReasonSerializer):
    outcome = serializers.ChoiceField(choices=SurveillanceOrder.Outcome.choices)


def _described(order: SurveillanceOrder, request: Request, status: int = 200) -> Response:
    return Response(OrderSerializer(order, context={"request": request}).data, status=status)


class OrdersView(APIView):
    """The orders for surveillance that concern one, newest first, page by page."""

    @extend_schema(
        operation_id="surveillance_orders_list",
        parameters=[
            OpenApiParameter("show", OpenApiTypes.STR, enum=[code for code in SHOWN if code]),
            OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer."),
        ],
        responses=OrderPageSerializer,
    )
    def get(self, request: Request) -> Response:
        rows = orders_of(request.user, request.query_params.get("show", "")).prefetch_related("events__organisation")
        page = keyset_page(rows, order="-made_at", cursor=request.query_params.get("page", ""), size=PAGE_SIZE)
        results = OrderSerializer(page.items, many=True, context={"request": request}).data
        return Response({"results": results, "next": page.next, "previous": page.previous})


class OrderView(APIView):
    """One order for surveillance."""

    @extend_schema(responses=OrderSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return _described(order_of(request.user, pk), request)


class OrderSurveillanceView(APIView):
    """An authority orders surveillance of a certificate; the body and the holder are told."""

    @extend_schema(
        operation_id="certificates_order_surveillance", request=NewOrderSerializer, responses={201: OrderSerializer}
    )
    def post(self, request: Request, number: str) -> Response:
        certificate = get_object_or_404(Certificate.objects.published(), number=number)
        if not request.user.has_perm("assurance.order_surveillance", certificate):
            raise Http404
        given = NewOrderSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            order = order_surveillance(certificate, actor=request.user, **given.validated_data)
        except ValidationError as error:
            raise ApiValidationError(error.message_dict) from error
        except Conflict:
            raise NotPossible from None
        return _described(order, request, 201)


GIVEN: dict[str, type[ReasonSerializer]] = {"answer": OrderAnswerSerializer, "return": NewOrderSerializer}


def _view(act: str) -> Any:
    """The view of one step of an order, an operation of its own in the schema."""
    asked = GIVEN.get(act, ReasonSerializer)

    class StepView(APIView):
        @extend_schema(operation_id=f"surveillance_orders_{act}", request=asked, responses=OrderSerializer)
        def post(self, request: Request, pk: Any) -> Response:
            """Move an order on, with the words that the body, the holder and the authority read."""
            order = order_of(request.user, pk)
            if not request.user.has_perm(ORDERS[act].permission, order):
                raise Http404
            given = asked(data=request.data)
            given.is_valid(raise_exception=True)
            try:
                act_on(order, act, actor=request.user, **given.validated_data)
            except ValidationError as error:
                raise ApiValidationError(error.message_dict) from error
            except PermissionDenied:
                raise Http404 from None
            except Conflict:
                raise NotPossible from None
            return _described(order, request)

    return StepView.as_view()


urlpatterns: list[Any] = [
    path("orders/", OrdersView.as_view(), name="orders"),
    path("orders/<uuid:pk>/", OrderView.as_view(), name="order"),
    path("certificates/<str:number>/order-surveillance/", OrderSurveillanceView.as_view(), name="order-new"),
]
urlpatterns += [path(f"orders/<uuid:pk>/{act}/", _view(act), name=f"order-{act}") for act in ORDERS]
