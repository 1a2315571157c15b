"""Which keys this installation signs with, and which it has ever signed with."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from portal.certificates.keys import KeysError, SigningKeys, development_keys, production_keys


def signing_keys() -> SigningKeys:
    """The keys that the settings name: the PKCS#12 file, or the development authority of the embedded way to run.

    Raises `KeysError` in production without a file: nothing is ever signed with a development key by mistake.
    """
    if settings.SIGNING_PKCS12:
        return _production(settings.SIGNING_PKCS12, settings.SIGNING_PASSPHRASE)
    if not settings.EMBEDDED:
        raise KeysError("Set PORTAL_SIGNING_PKCS12 and PORTAL_SIGNING_PASSPHRASE: production signs with its own key.")
    return development_keys(Path(settings.KEY_ROOT))


@lru_cache(maxsize=2)
def _production(path: str, passphrase: str) -> SigningKeys:
    return production_keys(Path(path), passphrase)


def remember(keys: SigningKeys) -> None:
    """Keep the public part of a key that signed a certificate: it stays ours when another key follows."""
    folder = Path(settings.KEY_ROOT) / "known"
    kept = folder / f"{keys.key_id}.pem"
    if kept.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{keys.key_id}.{os.getpid()}"
    fresh.write_bytes(keys.trust_bundle_pem())
    fresh.replace(kept)


def trust_bundle() -> bytes:
    """All our authorities and signers, past and present, as PEM; public keys only."""
    known = [path.read_bytes() for path in sorted((Path(settings.KEY_ROOT) / "known").glob("*.pem"))]
    try:
        known.append(signing_keys().trust_bundle_pem())
    except KeysError:
        # A process without the key still knows what was signed before.
        if not known:
            raise
    return b"".join(dict.fromkeys(known))
