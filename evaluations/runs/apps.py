from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "evaluations.runs"
    label = "runs"

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415 - models must be there first

        from .links import link_from_application, link_to_self_tests  # noqa: PLC0415

        slots.register("version-side", link_to_self_tests, position=50)
        slots.register("application-next", link_from_application, position=50)
