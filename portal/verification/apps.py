from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationConfig(AppConfig):
    name = "portal.verification"
    label = "verification"
    verbose_name = _("Verification")

    def ready(self) -> None:
        from django.template.loader import render_to_string  # noqa: PLC0415 - after all apps are loaded

        from assessments.presentation.slots import register, register_navigation  # noqa: PLC0415

        def checks(request: Any, **context: Any) -> str:
            return render_to_string("verification/_check_a_copy.html", {}, request=request)

        register_navigation(_("Verify"), "verification:start", position=20)
        register("certificate-checks", checks)
