from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "portal.operations"
    label = "operations"
    verbose_name = _("Operation")

    def ready(self) -> None:
        # Tasks are sent from web processes too: the Celery application must be the current one there.
        import portal.celery  # noqa: F401, PLC0415
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from . import heartbeats  # noqa: F401, PLC0415  answers Celery's signals

        slots.register_navigation(
            _("Operation"),
            "operations:overview",
            shown=lambda request: request.user.has_perm("accounts.administer"),
            position=80,
        )
