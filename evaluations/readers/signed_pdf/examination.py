"""What can be said about a PDF by looking at its bytes alone."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any

from evaluations.readers.signed_pdf.signatures import SignatureFacts, TrustBundle, signatures
from evaluations.readers.signed_pdf.text import texts


@dataclass(frozen=True)
class Facts:
    """The facts of one file; no judgement.

    `sha256` and `size` (bytes) are of the whole file. `numbers` are the strings that look like certificate numbers,
    wherever they stand: page text, metadata, attachments. `bears_our_key` is true when our signer's public key
    occurs in the file, even where its signature block cannot be read any more.
    """

    sha256: str
    size: int
    is_pdf: bool
    numbers: tuple[str, ...]
    signatures: tuple[SignatureFacts, ...]
    bears_our_key: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Facts:
        """Read back what `as_json` wrote; raises `KeyError` or `TypeError` on anything else."""
        return cls(
            sha256=str(value["sha256"]),
            size=int(value["size"]),
            is_pdf=bool(value["is_pdf"]),
            numbers=tuple(str(n) for n in value["numbers"]),
            signatures=tuple(SignatureFacts(**s) for s in value["signatures"]),
            bears_our_key=bool(value["bears_our_key"]),
        )


def examine(data: bytes, trust: TrustBundle, pattern: str) -> Facts:
    """Examine the bytes of a file. `pattern` (a regular expression) says what a certificate number looks like.

    Never raises on foreign input: what cannot be read is simply not found.
    """
    found = signatures(data, trust)
    number = re.compile(pattern)
    numbers = dict.fromkeys(match for text in texts(data) for match in number.findall(text))
    return Facts(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        is_pdf=b"%PDF-" in data[:1024],
        numbers=tuple(numbers),
        signatures=tuple(found),
        bears_our_key=any(s.by_our_key for s in found) or trust.key_occurs_in(data),
    )
