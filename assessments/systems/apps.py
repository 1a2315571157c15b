from django.apps import AppConfig


class SystemsConfig(AppConfig):
    name = "assessments.systems"
    label = "systems"
