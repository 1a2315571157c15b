"""Characters that nobody sees and that change what one reads: no text of a form or of the interface may hold them.

A name with a right-to-left override reads otherwise than it is stored, one with a space of no width looks like another
name, and a control character cannot stand in XML. The two languages of the portal need none of them. One place for all
forms (`PresentationConfig.ready` gives it to every text field) and for all JSON (portal/operations/parsing.py).
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Unicode 16, chapters 23.1 to 23.9: controls but tab and line ends; bidirectional controls; what has no width but the
# two joiners that scripts and emoji need; separators of lines; halves of pairs; annotations; non-characters; tags.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
BEFORE = 12  # characters of the text that say where it is


def refuse_unseen(text: Any) -> None:
    """Raises ValidationError that names the first such character, its line and what stands before it.

    `text` is a text, or what a JSON field has read: then each text in it is looked through.
    """
    if isinstance(text, dict | list):
        for part in text if isinstance(text, list) else (*text.keys(), *text.values()):
            refuse_unseen(part)
    found = UNSEEN.search(text) if isinstance(text, str) else None
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    before = text[max(0, found.start() - BEFORE) : found.start()].rpartition("\n")[2].strip()
    told = {"code": f"U+{ord(found[0]):04X}", "line": line, "before": before}
    if before:
        message = _("Line %(line)d holds an invisible character (%(code)s) after “%(before)s”. Type that place anew.")
    else:
        message = _("Line %(line)d begins with an invisible character (%(code)s). Type that place anew.")
    raise ValidationError(message, code="unseen", params=told)
