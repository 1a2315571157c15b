"""Command line: examine one PDF and write the facts as JSON, to standard output or to `--out`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evaluations.readers.signed_pdf import TrustBundle, examine


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluations.readers.signed_pdf", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--trust", type=Path, required=True, help="trust roots and signers, PEM")
    parser.add_argument("--pattern", required=True, help="what a certificate number looks like, a regular expression")
    parser.add_argument("--out", type=Path, help="where to write the JSON instead of standard output")
    options = parser.parse_args(arguments)
    facts = examine(options.file.read_bytes(), TrustBundle.from_pem(options.trust.read_bytes()), options.pattern)
    text = json.dumps(facts.as_json(), ensure_ascii=False, indent=1) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
