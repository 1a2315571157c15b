from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "portal.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from .links import inbox_link, preferences_link  # noqa: PLC0415

        slots.register("header-tools", inbox_link)
        slots.register("user-menu", preferences_link, position=20)
