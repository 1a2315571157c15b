"""Run inside to see whether a level really works on this host: the interpreter and its libraries must be readable."""

from __future__ import annotations

import decimal
import importlib.metadata
import sys
from pathlib import Path


def main() -> int:
    """Zero when a late import, an installed library and the own folder can all be used."""
    list(Path(sys.prefix).iterdir())
    for distribution in importlib.metadata.distributions():
        if distribution.files:
            Path(str(distribution.locate_file(distribution.files[0]))).read_bytes()
            break
    Path("output/answer").write_text(str(decimal.Decimal(1)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
