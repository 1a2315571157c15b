from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "portal.certificates"
    label = "certificates"

    def ready(self) -> None:
        from assessments.presentation import slots  # noqa: PLC0415 - after all apps are loaded

        from .links import touched_by_edition  # noqa: PLC0415

        slots.register("edition-transition", touched_by_edition, position=20)
