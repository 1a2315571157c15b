"""What a person is shown of a file without opening it: the beginning of its text, or its pixels drawn anew.

Made in the sandbox with the description. Nothing of the file itself is in it: markup is text, and a picture is encoded
again from its decoded pixels, small.
"""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

MAX_CHARACTERS = 3000
MAX_SIDE = 280
_QUALITY = 80


def of_text(text: str) -> dict[str, Any]:
    """The beginning of a text, and whether there is more; what cannot be printed is shown as a blank."""
    kept = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text[:MAX_CHARACTERS])
    return {"text": kept, "more": len(text) > MAX_CHARACTERS}


def of_picture(picture: Image.Image) -> dict[str, Any]:
    """The picture as a small JPEG in base64; `picture` is decoded and in grey or RGB."""
    small = picture.convert("RGB")
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    sink = io.BytesIO()
    small.save(sink, "JPEG", quality=_QUALITY)
    return {"jpeg": base64.b64encode(sink.getvalue()).decode("ascii")}
