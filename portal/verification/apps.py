from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "portal.verification"
    label = "verification"
