"""A second opinion on OSCAL: models made from NIST's published JSON Schema (1.2.3), which share no code with ours."""

from __future__ import annotations

import json

from oscal_bindings.v1.models import OscalDocument
from pydantic import ValidationError


def independent_faults(raw: bytes) -> list[str]:
    """What is wrong with a document under the published schema.

    It is given as plain data: as text, a key in Python's spelling would pass unseen.
    """
    try:
        OscalDocument.model_validate(json.loads(raw))
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []
