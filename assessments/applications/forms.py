"""The forms of an application. Each step's form may be left half done: what is missing is said before submission."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Organisation, Role, in_reader_language
from assessments.standards.models import Criterion, Scheme
from assessments.systems.models import Artifact, SystemVersion

from . import services
from .models import Application, Level
from .schema_form import SchemaForm
from .steps import declared_facts, edition_of, schemes_for
from .tiers import PATH

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
AS_BOOL = {"yes": True, "no": False}


def mark_asked(form: Any) -> None:
    """Say of the fields that are not optional that they are asked for, though a half-done form is saved."""
    for name, field in form.fields.items():
        if name not in form.optional:
            field.asked = True


def _yes_no(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


def _in_words(bound: forms.BoundField) -> str:
    """A field's value as its reader knows it: the words of a choice, not its key."""
    value, choices = bound.value(), getattr(bound.field, "choices", None)
    if isinstance(bound.field, forms.BooleanField):
        return str(_("Yes"))
    names = {str(key): str(name) for key, name in choices} if choices else {}
    return names.get(str(value), str(value))


class StepForm(forms.Form):
    """A step of an application; `save` hands the values to the service, with the fingerprint of what was seen."""

    # Fields that may really stay empty; the others may be left open for now, but are asked for before submission.
    optional: frozenset[str] = frozenset()

    def __init__(self, application: Application, data: Any = None, **kwargs: Any) -> None:
        self.application = application
        super().__init__(data, **kwargs)
        mark_asked(self)

    def typed(self) -> list[tuple[str, str]]:
        """What was typed, to be given back when it could not be saved."""
        return [(str(bound.label), _in_words(bound)) for bound in self if bound.value()]

    def renewed(self) -> StepForm:
        """The same form with what stands in the application now."""
        return type(self)(Application.objects.select_related("version").get(pk=self.application.pk))

    def save(self, actor: Any, seen: str) -> None:
        raise NotImplementedError


class ProfileForm(StepForm):
    """The facts that decide which criteria apply, in the words of the edition."""

    def __init__(self, application: Application, data: Any = None) -> None:
        super().__init__(application, data)
        profile = application.version.profile
        for fact in declared_facts(edition_of(application)):
            boolean = all(isinstance(value, bool) for value in fact["values"])
            choices: list[Any] = YES_NO if boolean else [(value, _fact_title(fact, value)) for value in fact["values"]]
            held = profile.get(fact["name"])
            self.fields[fact["name"]] = forms.ChoiceField(
                label=in_reader_language(fact["title"]["en"], fact["title"]["zh"]),
                choices=choices,
                required=False,
                widget=forms.RadioSelect,
                initial=_yes_no(held) if boolean else held,
            )
        mark_asked(self)

    def save(self, actor: Any, seen: str) -> None:
        answers = {name: AS_BOOL.get(value, value or None) for name, value in self.cleaned_data.items()}
        services.save_profile(self.application, actor=actor, profile=answers, seen=seen)


def _fact_title(fact: dict[str, Any], value: str) -> str:
    title = (fact.get("titles") or {}).get(value)
    return in_reader_language(title["en"], title["zh"]) if title else str(value)


class StandardForm(StepForm):
    """The scheme (and with it the edition of the standard) and the level aimed at."""

    scheme = forms.ModelChoiceField(
        label=_("Standard and scheme"), queryset=Scheme.objects.none(), required=False, widget=forms.RadioSelect
    )
    target_level = forms.ChoiceField(
        label=_("Level that you aim at"),
        choices=Level,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("A higher level than the evaluation shows is never granted, nor a higher one than you aim at."),
    )

    def __init__(self, application: Application, data: Any = None) -> None:
        held = {"scheme": application.scheme_id, "target_level": application.target_level}
        super().__init__(application, data, initial=held)
        scheme: Any = self.fields["scheme"]
        scheme.queryset = schemes_for(application).select_related("standard_edition__standard")
        scheme.empty_label = None
        scheme.label_from_instance = lambda row: f"{row.standard_edition.title} · {row.standard_edition} · {row.title}"

    def save(self, actor: Any, seen: str) -> None:
        services.choose_standard(self.application, actor=actor, seen=seen, **self.cleaned_data)


class BodyForm(StepForm):
    """The evaluation body that is asked."""

    body = forms.ModelChoiceField(
        label=_("Evaluation body"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("It must not have advised you on this system."),
    )

    def __init__(self, application: Application, data: Any = None) -> None:
        super().__init__(application, data, initial={"body": application.body_id})
        body: Any = self.fields["body"]
        body.empty_label = None
        # A body without a lead evaluator could not admit anything.
        body.queryset = (
            Organisation.objects.filter(kind=Organisation.Kind.BODY, memberships__role=Role.LEAD_EVALUATOR)
            .distinct()
            .order_by("name_en")
        )

    def save(self, actor: Any, seen: str) -> None:
        services.choose_body(self.application, actor=actor, body=self.cleaned_data["body"], seen=seen)


class EvidenceForm(StepForm):
    """What shows that one criterion is met."""

    optional = frozenset({"artifact", "page"})

    explanation = forms.CharField(
        label=_("Explanation"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What you do, since when, and where the evaluator can see it."),
    )
    artifact = forms.ModelChoiceField(
        label=_("Document"), queryset=Artifact.objects.none(), required=False, empty_label=_("No document")
    )
    page = forms.IntegerField(label=_("From page"), required=False, min_value=1, max_value=100_000)

    def __init__(self, application: Application, criterion: Criterion, data: Any = None) -> None:
        self.criterion = criterion
        held = application.evidence.filter(criterion=criterion.code).first()
        initial = {"explanation": held.explanation, "artifact": held.artifact_id, "page": held.page} if held else {}
        super().__init__(application, data, initial=initial)
        document: Any = self.fields["artifact"]
        document.queryset = Artifact.objects.filter(
            version=application.version_id,
            organisation=application.organisation_id,
            replaced_at=None,
            role__in=[Artifact.Role.EVIDENCE, Artifact.Role.RECORD],
        )

    def renewed(self) -> EvidenceForm:
        return EvidenceForm(self.application, self.criterion)

    def save(self, actor: Any, seen: str) -> None:
        services.save_evidence(self.application, self.criterion.code, actor=actor, seen=seen, **self.cleaned_data)


class DeclarationsForm(StepForm):
    """What the applicant declares."""

    truthful = forms.BooleanField(label=_("All that we say in this application is true and complete."), required=False)
    right_to_data = forms.BooleanField(
        label=_("We have the right to submit the data, models and documents, personal data included."), required=False
    )
    sole_body = forms.BooleanField(
        label=_("No other body is deciding on the same version of this system."), required=False
    )
    generative = forms.ChoiceField(
        label=_("Is the system generative?"),
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "It makes text, images, sound or code. The present edition of the standard does not cover such systems."
        ),
    )

    def __init__(self, application: Application, data: Any = None) -> None:
        held = application.declarations
        super().__init__(application, data, initial={**held, "generative": _yes_no(held.get("generative"))})

    def save(self, actor: Any, seen: str) -> None:
        values = {name: self.cleaned_data[name] or None for name in ("truthful", "right_to_data", "sole_body")}
        values["generative"] = AS_BOOL.get(self.cleaned_data["generative"])
        services.save_declarations(self.application, actor=actor, declarations=values, seen=seen)


STEP_FORMS: dict[str, Any] = {
    "profile": ProfileForm,
    "standard": StandardForm,
    "body": BodyForm,
    "model": SchemaForm,
    "declarations": DeclarationsForm,
}


class StartForm(forms.Form):
    """The version that is to be evaluated."""

    version = forms.ModelChoiceField(
        label=_("Version to be evaluated"), queryset=SystemVersion.objects.none(), widget=forms.RadioSelect
    )

    def __init__(self, versions: Any, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        version: Any = self.fields["version"]
        version.queryset = versions
        version.empty_label = None


class AdmissionForm(forms.Form):
    """The decision path to the tier, and the reasons for admitting."""

    optional: frozenset[str] = frozenset()

    reason = forms.CharField(
        label=_("Reasons for admission"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why the application is complete, and that the body has the means and the competence."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for question in PATH:
            self.fields[question.code] = forms.ChoiceField(
                label=question.text, help_text=question.hint, choices=YES_NO, required=False, widget=forms.RadioSelect
            )
        mark_asked(self)
        self.order_fields([*(question.code for question in PATH), "reason"])

    def answers(self) -> dict[str, Any]:
        """The answers given, by the code of the question; open ones are None."""
        return {question.code: AS_BOOL.get(self.cleaned_data.get(question.code, "")) for question in PATH}
