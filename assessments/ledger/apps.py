from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "assessments.ledger"
    label = "ledger"
