"""The five answers about a file, by the first rule that fits. Pure: facts and register in, answer out.

1. our number in the text, but no signature or another signer's → forged
2. our signer, but the signature fails or anything changed after signing → altered
3. our signature is sound, but the register does not know this file → unknown to this register
4. neither our number nor our signer → not ours
5. otherwise genuine, and then its status counts

Where a change hides in bytes that no signature covers (the padding of the signature itself), the published SHA-256
of the signed file decides: a file with the signed content of a registered certificate but another digest was
altered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from evaluations.readers.signed_pdf import Facts


class Answer(StrEnum):
    GENUINE = "genuine"
    ALTERED = "altered"
    FORGED = "forged"
    UNKNOWN = "unknown"
    NOT_OURS = "not_ours"


class Register(Protocol):
    """What answering asks of the register; both return a certificate's number, or "" if there is none."""

    def number_of_file(self, sha256: str) -> str: ...

    def number_of_signed_content(self, sha256: str) -> str: ...


@dataclass(frozen=True)
class Verdict:
    """An answer, and the number of the certificate concerned if one can be named ("" otherwise).

    For a forged file the number is only the one it claims.
    """

    answer: Answer
    number: str = ""


def answer(facts: Facts, register: Register) -> Verdict:
    """Judge a file by its facts. `facts.numbers` hold numbers of this register's form only."""
    claimed = facts.numbers[0] if facts.numbers else ""
    if not facts.bears_our_key:
        return Verdict(Answer.FORGED, claimed) if claimed else Verdict(Answer.NOT_OURS)
    sound = next((s for s in facts.signatures if s.by_our_key and s.intact and s.covers_whole_file), None)
    if sound is None:
        return Verdict(Answer.ALTERED, claimed)
    number = register.number_of_file(facts.sha256)
    if number:
        return Verdict(Answer.GENUINE, number)
    number = register.number_of_signed_content(sound.signed_sha256)
    if number:
        return Verdict(Answer.ALTERED, number)
    return Verdict(Answer.UNKNOWN, claimed)
