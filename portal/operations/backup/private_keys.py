"""The private keys of an installation, closed with a passphrase: scrypt (RFC 7914), then AES-256-GCM."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

SALT, NONCE = 16, 12
LEAST_PASSPHRASE = 12


class WrongPassphraseError(ValueError):
    """The passphrase does not open the keys."""


def _key(passphrase: str, salt: bytes) -> bytes:
    # The parameters of RFC 7914 for files; 128 MiB and about half a second.
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(passphrase.encode())


def closed(passphrase: str) -> io.BytesIO:
    """Every private key below the key folder (seal of results, development authority). Raises ValueError: too short."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise ValueError(f"The passphrase needs at least {LEAST_PASSPHRASE} characters.")
    root = Path(settings.KEY_ROOT)
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and "known" not in path.relative_to(root).parts]
    content = json.dumps({str(path.relative_to(root)): path.read_text(encoding="ascii") for path in files}).encode()
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return io.BytesIO(salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, content, None))


def opened(content: bytes, passphrase: str) -> dict[str, str]:
    """Name below the key folder → PEM. Raises WrongPassphraseError."""
    salt, nonce, rest = content[:SALT], content[SALT : SALT + NONCE], content[SALT + NONCE :]
    try:
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, rest, None)
    except InvalidTag:
        raise WrongPassphraseError("The passphrase does not open the keys of this backup.") from None
    found: dict[str, str] = json.loads(plain)
    return found


def put_back(files: dict[str, str]) -> None:
    """Write the keys, readable by the owner only; what is there already is left. Raises ValueError for odd names."""
    root = Path(settings.KEY_ROOT).resolve()
    for name, content in files.items():
        target = (root / name).resolve()
        if not target.is_relative_to(root):
            raise ValueError(f"not a name inside the key folder: {name!r}")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(content)
