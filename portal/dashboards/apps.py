from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    name = "portal.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from .search_views import search_box  # noqa: PLC0415

        slots.register("header-search", search_box)
        slots.register_navigation(
            _("Dashboard"),
            "dashboards:dashboard",
            shown=lambda request: request.user.is_authenticated,
            position=5,
        )
