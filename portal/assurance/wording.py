"""What each change of status is called and what exactly it does."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, dict[str, Any]] = {
    "suspend": {
        "label": _("Suspend"),
        "heading": _("Suspend this certificate"),
        "consequence": _(
            "The registry shows the certificate as suspended, with your reason, from now on. The holder must stop "
            "referring to it. Only your organisation can lift the suspension."
        ),
        "severe": True,
    },
    "reinstate": {
        "label": _("Reinstate"),
        "heading": _("Reinstate this certificate"),
        "consequence": _("The registry shows the certificate as in force again, with your reason."),
        "severe": False,
    },
    "withdraw": {
        "label": _("Withdraw for cause"),
        "heading": _("Withdraw this certificate for cause"),
        "consequence": _(
            "The certificate ends for good and cannot be reinstated. The registry keeps showing it as withdrawn, with "
            "your reason."
        ),
        "severe": True,
    },
    "cancel": {
        "label": _("Cancel at our wish"),
        "heading": _("Cancel this certificate at the holder’s wish"),
        "consequence": _("The certificate ends for good at your own wish. The registry keeps showing it as cancelled."),
        "severe": True,
    },
}
