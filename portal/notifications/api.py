"""The REST interface of this room: one's own inbox, how one wants to be told, and the days to keep in mind."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.presentation.paging import keyset_page

from .deadlines import deadlines_of
from .forms import PreferencesForm
from .models import CalendarFeed, Delivery, Kind, Notification
from .wording import Shown, shown_to

PAGE_SIZE = 100
LARGEST = 2**63 - 1


class NotificationSerializer(serializers.Serializer[Any]):
    """A notification in the reader's language; `url` is empty when its object is no longer open to the reader."""

    id = serializers.IntegerField(source="row.pk")
    sequence = serializers.IntegerField(source="row.entry_sequence")
    kind = serializers.ChoiceField(source="row.kind", choices=Kind.choices)
    happened_at = serializers.DateTimeField(source="row.happened_at")
    read_at = serializers.DateTimeField(source="row.read_at", allow_null=True)
    title = serializers.CharField()
    about = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, shown: Shown) -> str:
        return settings.SITE_URL + shown.url if shown.url else ""


class NewestSerializer(serializers.Serializer[Any]):
    newest = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="`sequence` of the newest one seen.")


class DeadlineSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    day = serializers.DateField()
    title = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, deadline: Any) -> str:
        return str(settings.SITE_URL) + deadline.url


INBOX = inline_serializer(
    "InboxPage",
    {
        "results": NotificationSerializer(many=True),
        "next": serializers.CharField(),
        "previous": serializers.CharField(),
    },
)
PREFERENCES = inline_serializer(
    "NotificationPreferences",
    {
        "preferences": serializers.DictField(child=serializers.ChoiceField(choices=Delivery.choices)),
    },
)
FEED = inline_serializer("CalendarAddress", {"url": serializers.CharField(help_text="Empty: there is none.")})


class InboxView(APIView):
    """The reader's notifications, newest first."""

    @extend_schema(
        parameters=[
            OpenApiParameter("show", OpenApiTypes.STR, enum=["all", "unread"]),
            OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer."),
        ],
        responses=INBOX,
    )
    def get(self, request: Request) -> Response:
        rows = Notification.objects.filter(person=request.user.pk)
        if request.query_params.get("show") == "unread":
            rows = rows.filter(read_at=None)
        page = keyset_page(rows, order="-entry_sequence", cursor=request.query_params.get("page", ""), size=PAGE_SIZE)
        results = NotificationSerializer(shown_to(request.user, page.items), many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})


class ReadView(APIView):
    """Mark one as read."""

    @extend_schema(request=None, responses=NotificationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(Notification, pk=pk, person=request.user.pk)
        Notification.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())
        row.refresh_from_db()
        (shown,) = shown_to(request.user, [row])
        return Response(NotificationSerializer(shown).data)


class ReadAllView(APIView):
    """Mark as read all that one has seen: up to the newest one, and nothing that came since."""

    @extend_schema(
        operation_id="inbox_read_all",
        request=NewestSerializer,
        responses=inline_serializer("ReadCount", {"read": serializers.IntegerField()}),
    )
    def post(self, request: Request) -> Response:
        asked = NewestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = Notification.objects.unread_of(request.user)
        newest = asked.validated_data["newest"]
        return Response({"read": rows.filter(entry_sequence__lte=newest).update(read_at=timezone.now())})


class PreferencesView(APIView):
    """How the reader is told of each kind that may concern them; what is left out stays as it is."""

    @extend_schema(responses=PREFERENCES)
    def get(self, request: Request) -> Response:
        return Response({"preferences": _preferences(request)})

    @extend_schema(request=PREFERENCES, responses=PREFERENCES)
    def patch(self, request: Request) -> Response:
        given = request.data.get("preferences") if isinstance(request.data, dict) else None
        if not isinstance(given, dict):
            raise ValidationError({"preferences": ["Send an object: kind → delivery."]})
        unknown = sorted(set(given) - set(_preferences(request)))
        if unknown:
            raise ValidationError({"preferences": [f"Nothing of this kind concerns you: {', '.join(unknown)}."]})
        form = PreferencesForm({**_preferences(request), **given}, person=request.user)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        form.save()
        return Response({"preferences": _preferences(request)})


def _preferences(request: Request) -> dict[str, str]:
    form = PreferencesForm(person=request.user)
    return {name: str(field.initial) for name, field in form.fields.items()}


class DeadlinesView(APIView):
    """The days to keep in mind, nearest first: corrective actions, ends of validity, surveillance."""

    @extend_schema(responses=DeadlineSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(DeadlineSerializer(deadlines_of(request.user), many=True).data)


class CalendarView(APIView):
    """The secret address of one's calendar for programs that cannot sign in: read, made anew, ended."""

    @extend_schema(responses=FEED)
    def get(self, request: Request) -> Response:
        feed = CalendarFeed.objects.filter(person=request.user.pk).first()
        return Response({"url": _address(feed) if feed else ""})

    @extend_schema(request=None, responses={201: FEED})
    def post(self, request: Request) -> Response:
        CalendarFeed.objects.filter(person=request.user.pk).delete()
        person: Any = request.user
        feed = CalendarFeed.objects.create(person_id=person.pk)
        return Response({"url": _address(feed)}, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        CalendarFeed.objects.filter(person=request.user.pk).delete()
        return Response(status=204)


def _address(feed: CalendarFeed) -> str:
    return str(settings.SITE_URL) + reverse("notifications:deadlines", args=[feed.token])


urlpatterns = [
    path("inbox/", InboxView.as_view(), name="inbox"),
    path("inbox/read/", ReadAllView.as_view(), name="inbox-read-all"),
    path("inbox/<int:pk>/read/", ReadView.as_view(), name="inbox-read"),
    path("inbox/preferences/", PreferencesView.as_view(), name="inbox-preferences"),
    path("calendar/", DeadlinesView.as_view(), name="calendar"),
    path("calendar/address/", CalendarView.as_view(), name="calendar-address"),
]
