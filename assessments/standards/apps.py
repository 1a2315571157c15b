"""Standards and schemes: what is required, and how conformity with it is shown."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandardsConfig(AppConfig):
    name = "assessments.standards"
    label = "standards"
    verbose_name = _("Standards")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.presentation.slots import register_navigation  # noqa: PLC0415 - after all apps are loaded

        register_navigation(_("Standards"), "standards:list", position=30)
        register_navigation(
            _("Drafts of standards"),
            "drafts:list",
            shown=lambda request: request.user.has_perm("standards.use_drafting_pages"),
            position=31,
        )
