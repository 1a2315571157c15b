from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "portal.assurance"
    label = "assurance"
