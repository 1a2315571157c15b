from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "assessments.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Imported here, as the models must be loaded first.
        from assessments.presentation import slots  # noqa: PLC0415

        from .links import account_link, mail_link  # noqa: PLC0415

        slots.register("user-menu", account_link, position=10)
        slots.register("mail-sent", mail_link)
