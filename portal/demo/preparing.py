"""What must be in place before the portal starts: tables, collected files, keys, the standard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from portal.certificates import keyring


def prepare() -> None:
    """Bring everything up to date; what is, is left alone."""
    call_command("migrate", verbosity=0, interactive=False)
    _collect_static()
    keyring.signing_keys()
    call_command("standards", "load", verbosity=0, stdout=_Silent())


class _Silent:
    """Takes a command's words; errors are raised, not told."""

    def write(self, _text: str) -> None: ...

    def flush(self) -> None: ...


def _collect_static() -> None:
    """Collecting compresses every file, which takes seconds: only when one of ours has changed."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    state = _state(Path(folder) for folder in settings.STATICFILES_DIRS)
    if mark.exists() and mark.read_text(encoding="utf-8") == state:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(state, encoding="utf-8")


def _state(folders: Iterable[Path]) -> str:
    lines = [
        f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
