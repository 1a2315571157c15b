"""Where the machine keeps its PostgreSQL server, and whom it runs as."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def binaries() -> Path:
    """The newest server of the machine; Debian keeps its programs outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise SystemExit("No PostgreSQL server was found: neither below /usr/lib/postgresql nor in the path.")
    return Path(initdb).resolve().parent


def owner() -> str | None:
    """initdb refuses to run as root, so root lends it the user that comes with the package."""
    return "postgres" if os.getuid() == 0 else None
