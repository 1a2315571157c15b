"""The answers in plain words: what was found, and what to do with it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ANSWERS: dict[str, dict[str, Any]] = {
    "genuine": {
        "title": _("Genuine"),
        "tone": "passed",
        "found": _("This is, byte for byte, the file that was issued. Our signature holds and nothing was changed."),
        "do": _("Whether the certificate may be relied on today depends on its status, shown below."),
    },
    "altered": {
        "title": _("Altered"),
        "tone": "failed",
        "found": _("Our signature is in this file, but the file was changed after it was signed."),
        "do": _(
            "Do not rely on this file. Get the certificate from its page in the registry, and ask whoever sent it."
        ),
    },
    "forged": {
        "title": _("Not signed by us: treat it as forged"),
        "tone": "failed",
        "found": _(
            "The file carries a certificate number of this register, but no signature of ours: it has none, "
            "or somebody else signed it."
        ),
        "do": _(
            "Do not rely on this file. A copy that was printed or saved anew also loses the signature: "
            "look the number up in the registry and get the original there."
        ),
    },
    "unknown": {
        "title": _("Unknown to this register"),
        "tone": "attention",
        "found": _("Our signature holds, but this register does not know the file."),
        "do": _("Do not rely on it for now. The operator of this portal was told and will look into it."),
    },
    "not_ours": {
        "title": _("Not one of ours"),
        "tone": "running",
        "found": _("The file carries neither a certificate number of this register nor our signature."),
        "do": _(
            "If it claims to be a certificate of this register, it is none. "
            "A scanned picture cannot be checked: type its number instead."
        ),
    },
}
TROUBLES = {
    "unreadable": {
        "title": _("The file could not be read"),
        "tone": "attention",
        "found": _("It is damaged, or reading it exceeded the limits for one file."),
        "do": _("It is not, byte for byte, a file that this register issued. Type the certificate’s number instead."),
    },
    "platform": {
        "title": _("The check could not be carried out"),
        "tone": "attention",
        "found": _("This is the portal’s fault, not the file’s."),
        "do": _("Try again in a few minutes, or type the certificate’s number instead."),
    },
}
