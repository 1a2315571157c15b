"""`python -m evaluations.readers inspect FILE [NAME]`: one JSON object on standard output; exit 0, or 3 if refused."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evaluations.readers.inspection import inspect
from evaluations.readers.refusal import Refused


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluations.readers")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("inspect", help="describe a file, or say why it is refused")
    command.add_argument("file", type=Path)
    command.add_argument("name", nargs="?", help="the name its sender gave it (default: the file's own)")
    asked = parser.parse_args(arguments)
    try:
        answer, code = inspect(asked.file, asked.name or asked.file.name).as_json(), 0
    except Refused as refused:
        answer, code = refused.as_json(), 3
    sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
