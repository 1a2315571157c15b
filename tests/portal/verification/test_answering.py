"""The five answers, on real files: genuine, altered, forged, unknown to this register, not ours."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evaluations.readers.signed_pdf import Facts, TrustBundle, examine
from portal.certificates.document import render_pdf
from portal.certificates.keys import SigningKeys, development_keys
from portal.certificates.number import pattern
from portal.certificates.signing import _signer, sign
from portal.verification.answering import Answer, Verdict, answer
from tests.factories import tampering
from tests.factories.certificates import snapshot

Ask = Callable[[bytes], Verdict]
Change = Callable[[bytes], bytes]
PATTERN = pattern(["TAI"])
NUMBER = "TAI-2026-000123-6"


@dataclass
class OneCertificate:
    """A register that holds one certificate."""

    pdf: bytes
    signed_sha256: str

    def number_of_file(self, sha256: str) -> str:
        return NUMBER if sha256 == hashlib.sha256(self.pdf).hexdigest() else ""

    def number_of_signed_content(self, sha256: str) -> str:
        return NUMBER if sha256 == self.signed_sha256 else ""


class EmptyRegister:
    def number_of_file(self, sha256: str) -> str:
        return ""

    number_of_signed_content = number_of_file


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return development_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def trust(keys: SigningKeys) -> TrustBundle:
    return TrustBundle.from_pem(keys.trust_bundle_pem())


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return render_pdf(snapshot())


@pytest.fixture(scope="module")
def genuine(unsigned: bytes, keys: SigningKeys) -> bytes:
    return sign(unsigned, keys)


@pytest.fixture(scope="module")
def register(genuine: bytes, trust: TrustBundle) -> OneCertificate:
    return OneCertificate(genuine, examine(genuine, trust, PATTERN).signatures[0].signed_sha256)


@pytest.fixture(scope="module")
def ask(trust: TrustBundle, register: OneCertificate) -> Ask:
    return lambda data: answer(examine(data, trust, PATTERN), register)


def test_the_issued_file_is_genuine(ask: Ask, genuine: bytes) -> None:
    assert ask(genuine) == Verdict(Answer.GENUINE, NUMBER)


@pytest.mark.parametrize(
    "change",
    [
        tampering.with_page,
        tampering.with_annotation,
        lambda pdf: pdf + b"\n",
        lambda pdf: pdf + b"%%EOF\n",
        lambda pdf: pdf.replace(b"/Type /Page", b"/Type /Pagf", 1),
    ],
    ids=["page", "annotation", "line end", "comment", "object"],
)
def test_anything_added_or_changed_after_signing_is_altered(ask: Ask, genuine: bytes, change: Change) -> None:
    changed = change(genuine)
    assert changed != genuine
    assert ask(changed) == Verdict(Answer.ALTERED, NUMBER)


def test_one_flipped_byte_anywhere_is_altered(ask: Ask, genuine: bytes, keys: SigningKeys) -> None:
    start, end = tampering.gap(genuine)
    spread = range(10, len(genuine), len(genuine) // 16)
    in_signature = range(start + 1, end - 1, (end - start) // 30)
    padding = [end - 3, end - 200]
    point = keys.certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex().encode()
    in_key = range(genuine.find(point), genuine.find(point) + len(point), 17)
    brackets = [start, end - 1, genuine.rfind(b"/ByteRange") + 3, genuine.rfind(b"/ByteRange") + 15]
    for at in [*spread, *in_signature, *in_key, *padding, *brackets]:
        assert ask(tampering.flipped(genuine, at)).answer == Answer.ALTERED, at


def test_a_flip_in_the_padding_leaves_the_signature_sound_and_is_still_found(
    ask: Ask, genuine: bytes, trust: TrustBundle
) -> None:
    changed = tampering.flipped(genuine, tampering.gap(genuine)[1] - 20)
    facts = examine(changed, trust, PATTERN)
    assert facts.signatures[0].intact
    assert facts.signatures[0].covers_whole_file
    assert ask(changed) == Verdict(Answer.ALTERED, NUMBER)


@pytest.mark.parametrize("change", [tampering.stripped, tampering.saved_anew], ids=["cut off", "saved anew"])
def test_a_stripped_signature_is_forged(ask: Ask, genuine: bytes, change: Change) -> None:
    assert ask(change(genuine)) == Verdict(Answer.FORGED, NUMBER)


def test_a_copy_printed_to_a_new_pdf_is_forged(ask: Ask, genuine: bytes, tmp_path: Path) -> None:
    """Poppler draws the pages anew, with fonts and text of its own making."""
    (tmp_path / "a.pdf").write_bytes(genuine)
    subprocess.run(["pdftocairo", "-pdf", tmp_path / "a.pdf", tmp_path / "b.pdf"], check=True)
    assert ask((tmp_path / "b.pdf").read_bytes()) == Verdict(Answer.FORGED, NUMBER)


def test_another_installations_certificate_with_the_same_names_is_forged(
    ask: Ask, unsigned: bytes, keys: SigningKeys, tmp_path: Path
) -> None:
    others = development_keys(tmp_path)
    assert others.certificate.subject == keys.certificate.subject
    assert others.root.subject == keys.root.subject
    assert ask(sign(unsigned, others)) == Verdict(Answer.FORGED, NUMBER)


def test_an_update_that_an_attacker_signs_over_the_whole_is_altered(
    ask: Ask, genuine: bytes, trust: TrustBundle, tmp_path: Path
) -> None:
    changed = tampering.signed_over(tampering.with_annotation(genuine), _signer(development_keys(tmp_path)))
    ours, theirs = examine(changed, trust, PATTERN).signatures
    assert (ours.by_our_key, ours.intact, ours.covers_whole_file) == (True, True, False)
    assert (theirs.by_our_key, theirs.intact, theirs.covers_whole_file) == (False, True, True)
    assert ask(changed) == Verdict(Answer.ALTERED, NUMBER)


def test_a_sound_file_that_the_register_lacks_is_unknown(genuine: bytes, trust: TrustBundle) -> None:
    assert answer(examine(genuine, trust, PATTERN), EmptyRegister()) == Verdict(Answer.UNKNOWN, NUMBER)


def test_another_file_of_the_same_number_signed_by_our_key_is_unknown(ask: Ask, keys: SigningKeys) -> None:
    again = sign(render_pdf(snapshot(report="C-2026-0008")), keys)
    assert ask(again).answer == Answer.UNKNOWN


@pytest.mark.parametrize("words", ["An invoice", "Certificate ABC-2026-000123-6"])
def test_a_foreign_file_is_not_ours(ask: Ask, words: str) -> None:
    assert ask(tampering.plain_pdf(words)) == Verdict(Answer.NOT_OURS)


@pytest.mark.parametrize("words", [NUMBER, "TAI-2026-0001\\06223-6", "No. TAI-2026-999999-0 of today"])
def test_our_number_in_a_page_somebody_made_is_forged(ask: Ask, words: str) -> None:
    assert ask(tampering.plain_pdf(words)).answer == Answer.FORGED


@pytest.mark.parametrize("data", [b"", b"%PDF-", b"\x00" * 5000, b"%PDF-1.7\n" + b"(" * 20000, b"PK\x03\x04 no pdf"])
def test_rubbish_is_not_ours_and_harms_nothing(ask: Ask, data: bytes) -> None:
    assert ask(data) == Verdict(Answer.NOT_OURS)


def test_the_instrument_runs_alone_and_says_the_same(
    genuine: bytes, keys: SigningKeys, trust: TrustBundle, tmp_path: Path
) -> None:
    (tmp_path / "file.pdf").write_bytes(genuine)
    (tmp_path / "trust.pem").write_bytes(keys.trust_bundle_pem())
    command = [
        sys.executable,
        "-m",
        "evaluations.readers.signed_pdf",
        tmp_path / "file.pdf",
        "--trust",
        tmp_path / "trust.pem",
        "--pattern",
        PATTERN,
        "--out",
        tmp_path / "facts.json",
    ]
    subprocess.run(command, check=True)
    facts = Facts.from_json(json.loads((tmp_path / "facts.json").read_text()))
    assert facts == examine(genuine, trust, PATTERN)
