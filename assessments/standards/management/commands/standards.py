"""`manage.py standards check|load|adopt [PATH ...]`: check files, load them, publish by a committee's resolution."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language

from assessments.standards.adoption import adopt
from assessments.standards.documents import Document, DocumentRefused
from assessments.standards.loading import (
    initial_files,
    load_document,
    load_scheme_document,
    ordered,
    shipped_files,
)
from assessments.standards.management import exchanging
from assessments.standards.models import Edition
from assessments.standards.services import load_file


class Command(BaseCommand):
    help = "Check or load standards and schemes written in YAML; import, export, compare and entrust standards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["check", "load", "adopt", *exchanging.ACTIONS])
        parser.add_argument("paths", nargs="*", type=Path, help="files or folders; none: what is shipped")

        exchanging.add_arguments(parser)

    def handle(self, *args: Any, action: str, paths: list[Path], **options: Any) -> None:
        if action in exchanging.ACTIONS:
            self._exchange(action, [str(path) for path in paths], options)
            return
        if action == "adopt" and not paths:
            raise CommandError("Name the file of the resolution.")
        unasked = initial_files() if action == "load" else shipped_files()
        files = ordered(list(_files(paths))) if paths else unasked
        if not files:
            raise CommandError("There is no YAML file.")
        act = {"check": self._check, "load": self._load, "adopt": self._adopt}[action]
        checked: dict[tuple[str, str], Any] = {}
        refused = sum(not self._try(act, path, checked) for path in files)
        if refused:
            raise CommandError(f"{refused} of {len(files)} files refused.")

    def _exchange(self, action: str, words: list[str], options: dict[str, Any]) -> None:
        try:
            exchanging.run(action, words, options, self.stdout, self.stderr)
        except DocumentRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(problem.in_language(get_language() or "en"))
            raise CommandError("Refused.") from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _try(self, act: Any, path: Path, checked: dict[tuple[str, str], Any]) -> bool:
        try:
            self.stdout.write(act(path, checked))
        except DocumentRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(problem.in_language(get_language() or "en"))
            return False
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        return True

    def _load(self, path: Path, checked: dict[tuple[str, str], Any]) -> str:
        row = load_file(path)
        return f"{path.name}: {row}, {row.get_status_display()}, {row.digest}"

    def _adopt(self, path: Path, checked: dict[tuple[str, str], Any]) -> str:
        return "\n".join(f"{row}: {row.get_status_display()}" for row in adopt(path))

    def _check(self, path: Path, checked: dict[tuple[str, str], Any]) -> str:
        """A scheme is checked against its standard: one of the files at hand, else the loaded edition."""
        document = load_document(path)
        if document.content["document"] == "standard":
            checked[(document.content["code"], document.content["edition"])] = document.content
        elif document.content["document"] == "scheme":
            standard = _standard_of(document, checked)
            if standard is None:
                return f"{path.name}: in order; its standard is neither here nor loaded, so names were not checked"
            load_scheme_document(path, standard)
        return f"{path.name}: in order"


def _standard_of(document: Document, checked: dict[tuple[str, str], Any]) -> Any:
    named = document.content["standard"]
    key = (named["code"], named["edition"])
    if key in checked:
        return checked[key]
    edition = Edition.objects.filter(standard__code=key[0], edition=key[1]).first()
    return edition.content if edition else None


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml"))
        else:
            yield path
