from django.apps import AppConfig
from django.contrib.admin import apps as administration
from django.utils.translation import gettext_lazy as _


class AdministrationConfig(administration.AdminConfig):
    default = False
    default_site = "assessments.accounts.administration.Administration"


class AccountsConfig(AppConfig):
    name = "assessments.accounts"
    label = "accounts"
    default = True

    def ready(self) -> None:
        # Imported here, as the models must be loaded first.
        from assessments.presentation import slots  # noqa: PLC0415

        from . import events, links  # noqa: PLC0415

        slots.register("user-menu", links.account_link, position=10)
        slots.register("mail-sent", links.mail_link)
        slots.register("notice", links.typed_notice, position=10)
        slots.register("sign-in", links.sign_in_notice)
        slots.register("second-factor", links.second_factor_notice)
        for label, name in ((_("Organisations"), "organisations:list"), (_("People"), "people:list")):
            slots.register_navigation(label, name, shown=links.is_administrator, position=70)
        events.connect()
