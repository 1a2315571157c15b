from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "evaluations.cases"
    label = "cases"
