from django.apps import AppConfig


class GlossaryConfig(AppConfig):
    name = "assessments.glossary"
    label = "glossary"
