from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "portal.registry"
    label = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        from django.template.loader import render_to_string  # noqa: PLC0415  apps must be loaded

        from assessments.presentation import slots  # noqa: PLC0415

        def compare_link(request: Any, certificate: Any) -> str:
            return render_to_string("registry/_compare_link.html", {"certificate": certificate}, request=request)

        slots.register_navigation(_("Registry"), "registry:search", position=10)
        slots.register("certificate-checks", compare_link, position=150)
