from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "portal.privacy"
    label = "privacy"
    verbose_name = _("Personal data")

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from .links import account_section, footer, organisation_notice, person_section  # noqa: PLC0415

        slots.register("account", account_section)
        slots.register("footer", footer, position=95)
        slots.register("person", person_section)
        slots.register("organisation", organisation_notice)
