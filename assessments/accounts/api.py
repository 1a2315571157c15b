"""The REST interface of this room: oneself, one's organisations, their people and invitations.

Tokens, passwords, second factors and sign-ins are for pages alone: a token that leaked must not make more of its kind.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict

from . import invitations, services
from .models import Invitation, Membership, Organisation, Person, Role


class AlreadyAnswered(APIException):
    status_code = 409
    default_detail = _("It was accepted or withdrawn meanwhile.")
    default_code = "conflict"


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    person = serializers.CharField(source="person.name", read_only=True)
    email = serializers.CharField(source="person.email", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "person", "email", "role", "since"]
        read_only_fields = fields


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = ["id", "email", "roles", "made_at", "expires_at"]
        read_only_fields = fields


class InvitingSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), min_length=1)


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ["id", "kind", "name_en", "name_zh", "address_en", "address_zh"]
        read_only_fields = ["id", "kind"]


class OrganisationWithPeopleSerializer(OrganisationSerializer):
    memberships = serializers.SerializerMethodField()

    class Meta(OrganisationSerializer.Meta):
        fields = [*OrganisationSerializer.Meta.fields, "memberships"]

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, row: Organisation) -> Any:
        people = row.memberships.select_related("person").order_by("person__name", "role")
        return MembershipSerializer(people, many=True).data


class MeSerializer(serializers.ModelSerializer[Person]):
    """The person to whom the token belongs. The address of mail is changed on the page, which confirms it."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    roles = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["id", "email", "name", "language", "roles"]
        read_only_fields = ["id", "email"]

    @extend_schema_field(serializers.ListField(child=serializers.DictField(child=serializers.CharField())))
    def get_roles(self, person: Person) -> list[dict[str, str]]:
        rows = person.memberships.select_related("organisation").order_by("since", "pk")
        return [
            {"organisation": str(row.organisation_id), "name": row.organisation.name, "role": row.role} for row in rows
        ]


class MeView(APIView):
    """Who the token speaks for."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(_reader(request)).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        changed = MeSerializer(_reader(request), data=request.data, partial=True)
        changed.is_valid(raise_exception=True)
        changed.save()
        return Response(changed.data)


class OrganisationsView(APIView):
    """The organisations to which one belongs; all of them for an administrator."""

    @extend_schema(responses=OrganisationSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = Organisation.objects.visible_to(request.user).order_by("name_en")
        return Response(OrganisationSerializer(rows[:1000], many=True).data)


class OrganisationView(APIView):
    """One organisation with its people; names and addresses can be changed by who manages it."""

    @extend_schema(responses=OrganisationWithPeopleSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(OrganisationWithPeopleSerializer(_visible(request, pk)).data)

    @extend_schema(request=OrganisationSerializer, responses=OrganisationWithPeopleSerializer)
    def patch(self, request: Request, pk: Any) -> Response:
        organisation = _managed(request, pk)
        given = OrganisationSerializer(organisation, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        services.describe_organisation(organisation, dict(given.validated_data), actor=request.user)
        return Response(OrganisationWithPeopleSerializer(_visible(request, pk)).data)


class MembershipView(APIView):
    """A role in an organisation; DELETE takes it away."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any, membership: int) -> Response:
        row = get_object_or_404(_managed(request, pk).memberships.select_related("person"), pk=membership)
        _called(services.end_membership, row, actor=request.user)
        return Response(status=204)


class InvitationsView(APIView):
    """Invitations that wait; invite somebody by their address of mail."""

    @extend_schema(responses=InvitationSerializer(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        rows = _managed(request, pk).invitations.waiting().order_by("-made_at")
        return Response(InvitationSerializer(rows, many=True).data)

    @extend_schema(request=InvitingSerializer, responses={201: InvitationSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        organisation = _managed(request, pk)
        asked = InvitingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        email, roles = asked.validated_data["email"], asked.validated_data["roles"]
        invitation, secret = _called(invitations.invite, organisation, email, roles, actor=request.user)
        invitations.send(invitation, secret)
        return Response(InvitationSerializer(invitation).data, status=201)


class InvitationView(APIView):
    """An invitation that waits: POST sends a new letter, DELETE withdraws it."""

    @extend_schema(request=None, responses=InvitationSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        invitation = _own_invitation(request, pk)
        invitations.send(invitation, _called(invitations.renew, invitation, actor=request.user))
        invitation.refresh_from_db()
        return Response(InvitationSerializer(invitation).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        _called(invitations.withdraw, _own_invitation(request, pk), actor=request.user)
        return Response(status=204)


def _reader(request: Request) -> Person:
    person: Any = request.user
    return Person.objects.get(pk=person.pk)


def _visible(request: Request, pk: Any) -> Organisation:
    found: Organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    return found


def _managed(request: Request, pk: Any) -> Organisation:
    organisation = _visible(request, pk)
    if not request.user.has_perm("accounts.manage_organisation", organisation):
        raise Http404
    return organisation


def _own_invitation(request: Request, pk: Any) -> Invitation:
    invitation = get_object_or_404(Invitation.objects.select_related("organisation"), pk=pk)
    _managed(request, invitation.organisation_id)
    return invitation


def _called(service: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a service; what it refuses becomes an answer with the same words as on the page."""
    try:
        return service(*args, **kwargs)
    except ValidationError as error:
        raise ApiValidationError({"detail": error.messages}) from error
    except Conflict:
        raise AlreadyAnswered from None


urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("organisations/", OrganisationsView.as_view(), name="organisations"),
    path("organisations/<uuid:pk>/", OrganisationView.as_view(), name="organisation"),
    path("organisations/<uuid:pk>/members/<int:membership>/", MembershipView.as_view(), name="membership"),
    path("organisations/<uuid:pk>/invitations/", InvitationsView.as_view(), name="organisation-invitations"),
    path("invitations/<uuid:pk>/", InvitationView.as_view(), name="invitation"),
]
