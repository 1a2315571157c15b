from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "portal.operations"
    label = "operations"

    def ready(self) -> None:
        # Tasks are sent from web processes too: the Celery application must be the current one there.
        import portal.celery  # noqa: F401, PLC0415
