"""Do the delivered files match the delivery record, and is the record signed?

The record stands in the manifest: the digest of each artifact, and optionally an Ed25519 signature
(RFC 8032) over the record without its `signature` member, as canonical JSON (RFC 8785).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evaluations.methods.frame import Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.meanings_transparency import PROVENANCE

SIGNATURE_BYTES = 64
MATCHES = Text("digest matches", "摘要一致")
DIFFERS = Text("digest differs", "摘要不一致")
MISSING = Text("named in the record, not delivered", "记录中列出，但未交付")
UNRECORDED = Text("delivered, not in the record", "已交付，但未列入记录")


def signed_bytes(record: Mapping[str, Any]) -> bytes:
    """The bytes that a delivery record's signature covers: the record without its `signature`, RFC 8785."""
    return rfc8785.dumps({name: value for name, value in record.items() if name != "signature"})


def delivered_files(manifest: Mapping[str, Any]) -> list[str]:
    """What the vendor delivered: the model's file and each data file, in the order they are named.

    Data that the evaluation body holds (origin A) or drew (B) is no delivery; no record of the vendor's names it.
    """
    data = [entry for entry in manifest.get("data") or [] if entry.get("origin", "C") == "C"]
    entries = [manifest.get("model") or {}, *data]
    return list(dict.fromkeys(entry["file"] for entry in entries if entry.get("file")))


def digest_of(folder: Path, name: str) -> str | None:
    """SHA-256 of one file of the bundle, or None when it is not there or lies outside the bundle."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def compare(folder: Path, manifest: Mapping[str, Any]) -> list[tuple[str, Text, str, str]]:
    """(file, finding, recorded digest, computed digest) for every artifact delivered or recorded."""
    recorded = {entry["file"]: str(entry["sha256"]).lower() for entry in manifest["record"].get("artifacts", [])}
    rows = []
    for name in dict.fromkeys([*delivered_files(manifest), *recorded]):
        computed = digest_of(folder, name)
        if name not in recorded:
            finding = UNRECORDED
        elif computed is None:
            finding = MISSING
        else:
            finding = MATCHES if computed == recorded[name] else DIFFERS
        rows.append((name, finding, recorded.get(name, ""), computed or ""))
    return rows


def check_signature(folder: Path, record: Mapping[str, Any]) -> Text | None:
    """Why the record's signature is not valid, or None when it is."""
    signature = record["signature"]
    if signature.get("algorithm") != "ed25519":
        return Text("the signature's algorithm is not Ed25519", "签名算法不是 Ed25519")
    path = (folder / str(signature.get("file", ""))).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return Text("the signature's file is not in the bundle", "包中没有签名文件")
    raw = path.read_bytes()[: 4 * SIGNATURE_BYTES]
    try:
        value = raw if len(raw) == SIGNATURE_BYTES else base64.b64decode(raw.strip(), validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(str(signature.get("public_key", "")), validate=True))
    except (binascii.Error, ValueError):
        return Text("the signature or the public key cannot be read", "无法读取签名或公钥")
    try:
        key.verify(value, signed_bytes(record))
    except InvalidSignature:
        return Text("the signature does not belong to this record and key", "签名与此记录及公钥不符")
    return None


def key_fingerprint(record: Mapping[str, Any]) -> str:
    """SHA-256 of the raw public key in hexadecimal, to be compared with what the vendor states elsewhere."""
    try:
        raw = base64.b64decode(str(record["signature"].get("public_key", "")), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return hashlib.sha256(raw).hexdigest()


class Provenance:
    """Digests and signature of every artifact against the delivery record."""

    id = "traceability.provenance"
    version = "1.0.0"
    title = Text("Delivered files match the signed record", "交付文件与签名记录一致")
    description = Text(
        "Computes the SHA-256 digest of the model and of every data file from the bytes that were delivered, "
        "compares them with the delivery record of the manifest, and checks the record's Ed25519 signature.",
        "根据实际交付的字节计算模型和每个数据文件的 SHA-256 摘要，与清单中的交付记录比对，并验证记录的 Ed25519 签名。",
    )
    characteristic = "CR"
    needs = Needs()
    parameters: tuple[Parameter, ...] = ()
    meanings = PROVENANCE
    validation = ValidationRecord(
        reference=Text(
            "RFC 8032 test vectors through the cryptography library; digests by hand with hashlib.",
            "通过 cryptography 库核对 RFC 8032 测试向量；摘要以 hashlib 手工核对。",
        ),
        positive_check=Text(
            "One bit altered in each of three artifacts and twice in the signature, another record, another key: 7 "
            "of 7 found.",
            "在三个文件中各改动一位、在签名中改动两处，以及更换记录、更换公钥：7 处全部发现。",
        ),
        negative_check=Text(
            "An untouched signed bundle, its record written with members in another order: no finding.",
            "未改动的已签名包，且记录成员的书写顺序不同：没有任何发现。",
        ),
        limits=Text(
            "The key comes with the record: the signature shows that the record is unaltered, not whose key it is. "
            "Compare the fingerprint with one that the vendor gave by another way.",
            "公钥随记录一同交付：签名只能证明记录未被改动，不能证明公钥属于谁。"
            "请将指纹与供应商通过其他途径提供的指纹核对。",
        ),
        figures={"altered_planted": 7, "altered_found": 7},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """Reading and digesting takes about one second for 500 MB."""
        return 0.5

    def run(self, context: Context) -> Result:
        manifest = context.bundle.manifest
        record = manifest.get("record")
        if not record or not record.get("artifacts"):
            return Result(
                undefined=[
                    Text(
                        "The manifest holds no delivery record, so there is nothing to compare the files with.",
                        "清单中没有交付记录，因此没有可与文件比对的依据。",
                    )
                ]
            )
        rows = compare(context.bundle.folder, manifest)
        context.progress(0.7, "digests")
        signed = bool(record.get("signature"))
        problem = check_signature(context.bundle.folder, record) if signed else None
        matching = sum(finding is MATCHES for _, finding, _, _ in rows)
        result = Result(
            metrics=[
                Metric("digests_match", matching / len(rows), len(rows), "higher"),
                Metric("signature_valid", float(signed and problem is None), 1, "higher"),
            ],
            flags={"unsigned": not signed, "signature_invalid": problem is not None},
            tables=[_table(rows)],
            notes=_notes(signed, problem, key_fingerprint(record) if signed else ""),
        )
        context.progress(1.0, "signature")
        return result


def _table(rows: list[tuple[str, Text, str, str]]) -> Table:
    return Table(
        "artifacts",
        Text("Artifacts against the record", "交付文件与记录对照"),
        (
            Text("File", "文件"),
            Text("Finding", "发现"),
            Text("Finding (Chinese)", "发现（中文）"),
            Text("Digest in the record", "记录中的摘要"),
            Text("Digest of the bytes", "实际字节的摘要"),
        ),
        tuple((name, finding.en, finding.zh, recorded, computed) for name, finding, recorded, computed in rows),
    )


def _notes(signed: bool, problem: Text | None, fingerprint: str) -> list[Text]:
    notes = [
        Text(
            "A match shows that the files evaluated are the files recorded. It does not show where the files came "
            "from before the record was made.",
            "一致表明所评估的文件就是记录中的文件，但不能说明记录形成之前文件的来源。",
        )
    ]
    if not signed:
        unsigned = Text("The record is not signed: anyone could have written it.", "记录没有签名：任何人都可能写出它。")
        notes.append(unsigned)
    elif problem is not None:
        notes.append(Text(f"The signature is not valid: {problem.en}.", f"签名无效：{problem.zh}。"))
    else:
        notes.append(
            Text(
                f"The signature is valid. SHA-256 of the public key: {fingerprint}. Ask the vendor for it by another "
                "way.",
                f"签名有效。公钥的 SHA-256 指纹：{fingerprint}。请通过其他途径向供应商核实该指纹。",
            )
        )
    return notes
