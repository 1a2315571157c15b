from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "evaluations.cases"
    label = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415  apps must be loaded

        from . import links, run_scores  # noqa: PLC0415

        slots.register_navigation(_("Cases"), "cases:board", shown=links.shows_board, position=40)
        slots.register("application-next", links.case_of_application)
        slots.register("run-breadcrumb", links.case_of_run)
        slots.register("run-scores", run_scores.scores_of_run)
