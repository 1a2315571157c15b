"""Registration of the design system with Django."""

from django import forms
from django.apps import AppConfig


class PresentationConfig(AppConfig):
    name = "assessments.presentation"
    label = "presentation"

    def ready(self) -> None:
        """Every text field of every form refuses characters that nobody sees, so that none can be forgotten."""
        from .characters import refuse_unseen  # noqa: PLC0415 - translations must be there

        for field in (forms.CharField, forms.EmailField, forms.URLField, forms.SlugField):
            if refuse_unseen not in field.default_validators:
                field.default_validators = [*field.default_validators, refuse_unseen]
