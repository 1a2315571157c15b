from typing import Any

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "portal.assurance"
    label = "assurance"

    def ready(self) -> None:
        from django.template.loader import render_to_string  # noqa: PLC0415 - after all apps are loaded

        from assessments.presentation.slots import register  # noqa: PLC0415

        from .views import actions_for  # noqa: PLC0415

        def actions(request: Any, **context: Any) -> list[Any]:
            offered = actions_for(request, context["certificate"])
            return [render_to_string("assurance/_actions.html", {"actions": offered})] if offered else []

        register("certificate-actions", actions)
