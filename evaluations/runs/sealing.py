"""The seal on a result: an Ed25519 signature by the worker, over what it saw itself and the checked result.

The key lives in the key folder and never enters a sandbox. A seal proves that a result came out of a run of
this installation and was not changed in the database since.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from .models import Run

ALGORITHM = "ed25519"


def _key() -> Ed25519PrivateKey:
    """This installation's sealing key, made on first use; two workers that make one at once end with the same."""
    path = Path(settings.KEY_ROOT) / "result-seal.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} holds no Ed25519 key")
    return key


def _key_id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def sealed_content(run: Run, result: Mapping[str, Any], sandbox: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of all that a seal covers."""
    return rfc8785.dumps(
        {
            "run": str(run.pk),
            "attempt": run.attempt,
            "purpose": run.purpose,
            "scope": str(run.scope),
            "inputs": run.inputs,
            "manifest": hashlib.sha256(rfc8785.dumps(run.manifest)).hexdigest(),
            "sandbox": dict(sandbox),
            "result": dict(result),
        }
    )


def seal(run: Run, result: Mapping[str, Any], sandbox: Mapping[str, Any]) -> str:
    """The seal as text: algorithm, key id, signature (base64)."""
    key = _key()
    signature = base64.b64encode(key.sign(sealed_content(run, result, sandbox))).decode()
    return f"{ALGORITHM}:{_key_id(key.public_key())}:{signature}"


def is_seal_intact(run: Run) -> bool:
    """Whether the row still says what the worker of this installation sealed."""
    algorithm, _, rest = run.seal.partition(":")
    key_id, _, signature = rest.partition(":")
    public = _key().public_key()
    if algorithm != ALGORITHM or key_id != _key_id(public) or run.result is None:
        return False
    try:
        public.verify(base64.b64decode(signature, validate=True), sealed_content(run, run.result, run.sandbox))
    except (InvalidSignature, ValueError):
        return False
    return True
