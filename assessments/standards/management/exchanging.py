"""`manage.py standards import|export|diff|entrust`: standards in and out in other formats, what two of them differ in,
and into which body's keeping one is given."""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import get_language

from assessments.accounts.models import Organisation
from assessments.standards.comparison import Comparison, compare
from assessments.standards.drafting import entrust
from assessments.standards.exchange.formats import FORMATS, read_any, with_mapping, write_yaml
from assessments.standards.models import Edition, Standard
from assessments.standards.services import load_standard
from assessments.standards.views_exchange import exported_of

ACTIONS = ("import", "export", "diff", "entrust")
SHOWN = 80


def add_arguments(parser: ArgumentParser) -> None:
    """What these actions take beside their words."""
    parser.add_argument("--format", choices=sorted(FORMATS), default="yaml", help="of an export (default: yaml)")
    parser.add_argument("--out", type=Path, help="file to write; an import then loads nothing")
    parser.add_argument("--language", choices=["en", "zh"], default="en", help="of a checklist")
    parser.add_argument("--tier", default="", help="risk tier of an OSCAL profile (default: the scheme's highest)")
    parser.add_argument("--code", default="", help="code for the standard in a catalogue of others")
    parser.add_argument("--profile", type=Path, help="OSCAL profile that narrows the catalogue imported")
    parser.add_argument("--mapping", type=Path, help="OSCAL mapping collection that adds relations to an import")


def run(action: str, words: Sequence[str], options: dict[str, Any], stdout: Any, stderr: Any) -> None:
    """Carry one of ACTIONS out. Raises CommandError, DocumentRefused, OSError."""
    if action == "import":
        _import(_exactly(words, 1, "FILE")[0], options, stdout, stderr)
    elif action == "export":
        code, edition = _exactly(words, 2, "CODE EDITION")
        _export(code, edition, options, stdout)
    elif action == "entrust":
        code, name = _exactly(words, 2, "CODE and the NAME (in English) of a body")
        _entrust(code, name, stdout)
    else:
        before, after = _exactly(words, 2, "A B, each CODE/EDITION or a file")
        _diff(compare(_content(before), _content(after)), stdout.write)


def _exactly(words: Sequence[str], count: int, names: str) -> Sequence[str]:
    if len(words) != count:
        raise CommandError(f"Give {names}.")
    return words


def _import(file: str, options: dict[str, Any], stdout: Any, stderr: Any) -> None:
    """Load a draft, or write it as YAML with --out; the report of what was lost goes to standard error."""
    path, profile = Path(file), options["profile"]
    narrowing = (profile.read_bytes(), profile.name) if profile else None
    imported = read_any(path.read_bytes(), path.name, code=options["code"], profile=narrowing)
    if options["mapping"]:
        imported = with_mapping(imported, options["mapping"].read_bytes(), options["mapping"].name)
    for line in imported.report.lines(get_language() or "en"):
        stderr.write(line)
    written = write_yaml(imported.content)
    with tempfile.TemporaryDirectory() as folder:
        # The loader reads files, so that what comes from a table is checked like what comes from an editor.
        target = options["out"] or Path(folder) / f"{path.stem}.yaml"
        target.write_bytes(written)
        if options["out"]:
            stdout.write(f"{target}: {imported.content['code']} {imported.content['edition']}")
            return
        row = load_standard(target)
    stdout.write(f"{path.name}: {row}, {row.get_status_display()}, {row.digest}")


def _export(code: str, edition: str, options: dict[str, Any], stdout: Any) -> None:
    row = _edition(code, edition)
    form = FORMATS[options["format"]]
    try:
        raw = form.write(exported_of(row, options["language"], options["tier"]))
    except ValueError as error:
        raise CommandError(f"{row}: {error}") from error
    if options["out"]:
        options["out"].write_bytes(raw)
        stdout.write(f"{options['out']}: {row}, {options['format']}, {len(raw)} bytes")
    elif form.suffix.endswith("xlsx"):
        sys.stdout.buffer.write(raw)
    else:
        stdout.write(raw.decode(), ending="")


def _entrust(code: str, name: str, stdout: Any) -> None:
    """Give a standard into a body's keeping, so that its scheme owners can write it in the browser."""
    standard = Standard.objects.filter(code=code).first()
    if standard is None:
        raise CommandError(f"{code} is not loaded.")
    body = Organisation.objects.filter(kind=Organisation.Kind.BODY, name_en=name).first()
    if body is None:
        raise CommandError(f"There is no evaluation body of the name “{name}”.")
    entrust(standard, body)
    stdout.write(f"{code}: {body.name_en}")


def _edition(code: str, edition: str) -> Edition:
    row = Edition.objects.filter(standard__code=code, edition=edition).select_related("standard").first()
    if row is None:
        raise CommandError(f"{code} {edition} is not loaded.")
    return row


def _content(word: str) -> dict[str, Any]:
    path = Path(word)
    if path.is_file():
        return read_any(path.read_bytes(), path.name).content
    code, _, edition = word.partition("/")
    return dict(_edition(code, edition).content)


def _diff(found: Comparison, write: Callable[[str], Any]) -> None:
    for criterion in found.added:
        write(f"+ {criterion['code']} {criterion['title']['en']}")
    for criterion in found.removed:
        write(f"- {criterion['code']} {criterion['title']['en']}")
    for change in found.changed:
        for field in change.fields:
            write(f"~ {change.code} {field.path}: {_short(field.before)} → {_short(field.after)}")
    for field in found.general:
        write(f"~ {field.path}: {_short(field.before)} → {_short(field.after)}")
    write(
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{found.unchanged} unchanged"
    )


def _short(value: Any) -> str:
    shown = "–" if value is None else str(value)
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"
