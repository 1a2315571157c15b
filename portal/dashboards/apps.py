from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    name = "portal.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from .search_views import search_box  # noqa: PLC0415
        from .way import on_application, on_case, on_client  # noqa: PLC0415

        slots.register("header-search", search_box)
        slots.register("application-way", on_application)
        slots.register("case-way", on_case)
        slots.register("client-way", on_client)
        slots.register_navigation(
            _("Dashboard"),
            "dashboards:dashboard",
            shown=lambda request: request.user.is_authenticated,
            position=5,
        )
