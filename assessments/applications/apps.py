from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "assessments.applications"
    label = "applications"

    def ready(self) -> None:
        # Imported here, as the rooms below must be loaded first.
        from assessments.accounts.models import Role  # noqa: PLC0415
        from assessments.accounts.rules import has_role  # noqa: PLC0415
        from assessments.presentation import slots  # noqa: PLC0415

        from .links import apply_for_version, touched_by_edition  # noqa: PLC0415

        slots.register("version-side", apply_for_version)
        slots.register("edition-transition", touched_by_edition, position=10)
        slots.register_navigation(
            _("Applications"),
            "applications:list",
            shown=lambda request: request.user.has_perm("accounts.use_vendor_pages"),
            position=40,
        )
        slots.register_navigation(
            _("Queue"),
            "applications:queue",
            shown=lambda request: has_role(request.user, Role.LEAD_EVALUATOR),
            position=40,
        )
