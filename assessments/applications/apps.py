from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "assessments.applications"
    label = "applications"
