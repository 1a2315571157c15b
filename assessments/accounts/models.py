"""Organisations, people, their roles, what they are interested in, and what was opened to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def in_reader_language(en: str, zh: str) -> str:
    """The text in the language of the page, or the other one if it is missing."""
    chinese = (translation.get_language() or "en").startswith("zh")
    return (zh or en) if chinese else (en or zh)


def pseudonym(role: str, tag: str, language: str | None = None) -> str:
    """How somebody whose data were erased is called: the role that they held and a tag, in the reader's language."""
    with translation.override(language or translation.get_language() or "en"):
        return f"{capfirst(str(dict(Role.choices).get(role, _('person'))))} {tag}"


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, by e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may enter the administration"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # Set when the person's data were erased: since then the name is a pseudonym (`pseudonym`).
    erased_at = models.DateTimeField(_("data erased"), null=True, blank=True, editable=False)
    erased_role = models.CharField(max_length=20, blank=True, editable=False)
    erased_tag = models.CharField(max_length=16, blank=True, editable=False)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        if self.erased_at is not None:
            return pseudonym(self.erased_role, self.erased_tag)
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, person: Any) -> OrganisationQuerySet:
        """All to an administrator of the portal; to everybody else those to which they belong."""
        memberships = Membership.objects.filter(person_id=person.pk)
        if person.is_active and memberships.filter(role=Role.ADMINISTRATOR).exists():
            return self.all()
        return self.filter(pk__in=memberships.values("organisation"))


class Organisation(models.Model):
    """A vendor, an evaluation body, an authority, an insurer, or the operator of the portal."""

    class Kind(models.TextChoices):
        VENDOR = "vendor", _("vendor")
        BODY = "body", _("evaluation body")
        AUTHORITY = "authority", _("authority")
        INSURER = "insurer", _("insurer")
        OPERATOR = "operator", _("operator")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(pgettext_lazy("organisation", "kind"), max_length=20, choices=Kind)
    name_en = models.CharField(_("name in English"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    address_en = models.CharField(_("address in English"), max_length=300, blank=True)
    address_zh = models.CharField(_("address in Chinese"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["kind", "name_en"], name="one_organisation_of_a_kind_and_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["vendor", "body", "authority", "insurer", "operator"]),
                name="organisation_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)

    @property
    def address(self) -> str:
        return in_reader_language(self.address_en, self.address_zh)


class Role(models.TextChoices):
    VENDOR_MEMBER = "vendor_member", _("vendor member")
    EVALUATOR = "evaluator", _("evaluator")
    LEAD_EVALUATOR = "lead_evaluator", _("lead evaluator")
    REVIEWER = "reviewer", _("reviewer")
    SCHEME_OWNER = "scheme_owner", _("scheme owner")
    REGULATOR = "regulator", _("regulator")
    INSURER = "insurer", _("insurer")
    ADMINISTRATOR = "administrator", _("administrator")


# The kind of organisation in which a role can be held.
ROLE_KINDS: dict[str, str] = {
    Role.VENDOR_MEMBER: Organisation.Kind.VENDOR,
    Role.EVALUATOR: Organisation.Kind.BODY,
    Role.LEAD_EVALUATOR: Organisation.Kind.BODY,
    Role.REVIEWER: Organisation.Kind.BODY,
    Role.SCHEME_OWNER: Organisation.Kind.BODY,
    Role.REGULATOR: Organisation.Kind.AUTHORITY,
    Role.INSURER: Organisation.Kind.INSURER,
    Role.ADMINISTRATOR: Organisation.Kind.OPERATOR,
}


class Membership(models.Model):
    """A person's role in an organisation; several roles are several rows."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation", "role"], name="one_membership_of_a_role"),
        ]


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def active(self) -> AccessGrantQuerySet:
        """Grants that are in effect now."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))

    def objects_for(self, person: Any, object_type: str) -> models.QuerySet[Any]:
        """The identifiers of the objects of a type that are open to a person."""
        return self.active().filter(person_id=person.pk, object_type=object_type).values("object_id")


class AccessGrant(models.Model):
    """An object of a lower room, opened to a person for a purpose until a time.

    Rooms above write grants (an assignment makes them; recusal or closure ends them), rooms below only read
    them: so visibility does not point upwards.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_grants")
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    purpose = models.CharField(max_length=40)
    until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "object_type", "object_id", "purpose"], name="one_grant_for_a_purpose"
            )
        ]
        indexes = [models.Index(fields=["person", "object_type", "object_id"])]


class InterestDeclaration(models.Model):
    """A standing declaration: this person has, or within two years had, an interest in this organisation."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interests")
    nature = models.CharField(_("nature of the interest"), max_length=300)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("declaration of interest")
        verbose_name_plural = _("declarations of interest")


class Token(models.Model):
    """A key for the REST API; shown once, stored as a digest."""

    class Scope(models.TextChoices):
        READ = "read", _("read only")
        SUBMIT = "submit", _("read and submit")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.SUBMIT)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "submit"]), name="token_scope_is_known")
        ]

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Those that may still be accepted."""
        return self.waiting().filter(expires_at__gt=timezone.now())

    def waiting(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; perhaps expired, then they can be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """Roles in an organisation, offered to whoever reads the mail of an address.

    The link in the letter is used once; only its digest is kept, so that a copy of the database opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    roles = models.JSONField(_("roles"), default=list)
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_waiting_invitation_for_an_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def role_names(self) -> list[str]:
        words = dict(Role.choices)
        return [str(words[role]) for role in self.roles if role in words]


class SignIn(models.Model):
    """A browser in which a person is, or was, signed in: what it is, where about it stands, when it was last seen."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=50, blank=True)  # a prefix, never the whole address
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        indexes = [models.Index(fields=["person", "-seen_at"])]


class Remembered(models.Model):
    """What all web processes count together, such as attempts to sign in, until a time."""

    key = models.CharField(primary_key=True, max_length=255)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
