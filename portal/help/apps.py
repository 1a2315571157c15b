from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelpConfig(AppConfig):
    name = "portal.help"
    label = "help"

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded
        from portal.dashboards import search  # noqa: PLC0415

        from . import finding, links  # noqa: PLC0415

        slots.register_navigation(_("Help"), "help:index", position=90)
        slots.register("page-help", links.how_this_page_works)
        slots.register("footer", links.footer, position=90)
        slots.register("help-breadcrumb", links.breadcrumb)
        slots.register("dashboard-guides", links.own_guides)
        slots.register("method-page", links.method_page)
        search.register(finding.guides_holding)
        search.register(finding.terms_holding)
