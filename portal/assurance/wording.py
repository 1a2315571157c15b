"""What each change of status, and each step of an order, is called and what exactly it does."""

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

ORDER: dict[str, Any] = {
    "label": _("Order surveillance"),
    "heading": _("Order surveillance of this certificate"),
    "consequence": _(
        "The body and the holder are told at once, with your reason and the day. The certificate stays as it is, and "
        "the public sees nothing of the order."
    ),
}

ORDER_WORDS: dict[str, dict[str, Any]] = {
    "answer": {
        "label": _("Answer the order"),
        "heading": _("Answer the order for surveillance"),
        "consequence": _(
            "The authority and the holder are told your answer. It cannot be changed afterwards; the authority accepts "
            "it, or returns it and asks for more. A certificate whose requirements are not fulfilled any more is "
            "suspended or withdrawn on its own page."
        ),
        "severe": False,
    },
    "accept": {
        "label": _("Accept the answer"),
        "heading": _("Accept the answer and close the order"),
        "consequence": _("The order is closed for good. The body and the holder are told."),
        "severe": False,
    },
    "return": {
        "label": _("Return the answer"),
        "heading": _("Return the answer and ask for more"),
        "consequence": _("The body has to answer again, by the day that you name. The body and the holder are told."),
        "severe": False,
    },
    "lift": {
        "label": _("Take the order back"),
        "heading": _("Take this order back"),
        "consequence": _(
            "The order ends for good without being answered or accepted. The body and the holder are told."
        ),
        "severe": True,
    },
}
