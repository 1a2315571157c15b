from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "portal.registry"
    label = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from .header import search_box  # noqa: PLC0415

        slots.register_navigation(_("Registry"), "registry:search", position=10)
        slots.register("header-search", search_box)
