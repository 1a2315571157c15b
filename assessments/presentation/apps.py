"""Registration of the design system with Django."""

from django.apps import AppConfig


class PresentationConfig(AppConfig):
    name = "assessments.presentation"
    label = "presentation"
