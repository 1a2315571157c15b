from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "portal.oversight"
    label = "oversight"
    verbose_name = _("Oversight")

    def ready(self) -> None:
        from assessments.accounts.rules import is_regulator  # noqa: PLC0415  apps must be loaded
        from assessments.presentation import slots  # noqa: PLC0415

        def for_regulators(request: Any) -> bool:
            return bool(is_regulator(request.user))

        slots.register_navigation(_("Oversight"), "oversight:board", shown=for_regulators, position=6)
