from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SystemsConfig(AppConfig):
    name = "assessments.systems"
    label = "systems"

    def ready(self) -> None:
        from assessments.presentation.slots import register_navigation  # noqa: PLC0415 - after all apps are loaded

        register_navigation(
            _("Systems"),
            "systems:list",
            shown=lambda request: request.user.has_perm("accounts.use_vendor_pages"),
            position=30,
        )
