"""`manage.py demo`: serve the portal from one process group, and do the main job for real.

Exit codes: 0 done, 1 a fault, 2 wrong use, a taken port or a demo that runs already, 4 not certified.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from assessments.ledger.workflow import Conflict
from evaluations.readers.refusal import Refused
from portal.demo import cases, drafting, outcome, people, preparing, serving
from portal.demo.dossier import Dossier, NotCertified
from portal.demo.mainjob import do_main_job
from portal.demo.processes import Ended, Group, free_port, is_free
from portal.demo.progress import Progress

PORT = 8000
NOT_CERTIFIED = 4
FAULTS = (Ended, Refused, RuntimeError, ValidationError, PermissionDenied, Conflict, OSError)


class Command(BaseCommand):
    help = "Serve the portal with its workers until Ctrl-C, and do the main job on real systems."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do the main job once, then stop")
        parser.add_argument("--out", type=Path, help="folder for what the demo leaves")
        parser.add_argument("--system", type=Path, help="folder of another bundle (manifest.json and its files)")
        parser.add_argument("--port", type=int, help=f"port of the web server (default {PORT})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and options["out"] is None:
            raise CommandError(
                "--once needs --out DIR: that is where the certificate and the results go.", returncode=2
            )
        if not settings.EMBEDDED:
            raise CommandError("The demo runs in the embedded mode only; PORTAL_MODE says production.", returncode=2)
        port = self._port(options["port"], once=options["once"])
        try:
            kept = serving.lock(settings.VAR)
        except serving.AlreadyRunning as other:
            raise CommandError(f"A demo already works in {other}; stop it first.", returncode=2) from None
        signal.signal(signal.SIGTERM, _interrupt)
        _keep_log_apart(settings.VAR / "logs")
        group = Group()
        try:
            self._run(group, port, options)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping ...")
        except NotCertified as reason:
            raise CommandError(f"Not certified: {reason}", returncode=NOT_CERTIFIED) from None
        except FAULTS as fault:
            raise CommandError(f"{type(fault).__name__}: {_told(fault)}\nLogs: {settings.VAR / 'logs'}") from fault
        finally:
            group.stop()
            kept.close()

    def _port(self, wished: int | None, *, once: bool) -> int:
        port = wished or PORT
        if is_free(port):
            return port
        if once and wished is None:
            return free_port()  # nobody is to visit; any port will do
        raise CommandError(f"Port {port} is taken by another program. Choose another with --port N.", returncode=2)

    def _run(self, group: Group, port: int, options: dict[str, Any]) -> None:
        progress = Progress(sys.stdout, group)
        progress.heading("Preparing")
        workspace = settings.VAR / "demo"
        script = people.script()
        with progress.step(1, 3, "tables, standard TAI 0.9 (pilot), development keys"):
            preparing.prepare()
            cast = people.assemble(script["people"])
        with progress.step(2, 3, "web server, workers and clock"):
            url = serving.start(group, port)
        self.stdout.write(f"  {url}")
        if options["system"]:
            main = cases.given(options["system"].resolve(), script, cast, workspace)
            also: list[Dossier] = []
        else:
            with progress.step(3, 3, "train the demo systems"):
                digits = cases.trained("digits", workspace)
                diabetes = cases.trained("diabetes", workspace)
            main = cases.own("digits", digits, script, cast, workspace)
            also = [cases.own("diabetes", diabetes, script, cast, workspace)]
            also += cases.waiting(digits, script, cast, workspace)
        self._certify(main, progress, options["out"] if options["once"] else None)
        if options["once"]:
            return
        for dossier in also:
            do_main_job(dossier, progress)
        progress.heading("Standards")
        with progress.step(1, 1, "edition 1.0 of the standard under public consultation"):
            drafting.put_to_the_public(script["drafting"], cast)
        self._serve(group, url, cast, options["out"])

    def _certify(self, dossier: Dossier, progress: Progress, out: Path | None) -> None:
        """Do the main job; what it leaves is written also when the system is not certified."""
        try:
            do_main_job(dossier, progress)
        finally:
            if out is not None and dossier.has_decision():
                outcome.write_outcome(out.resolve(), dossier.case)
        certificate = dossier.certificate
        if certificate is not None:
            text = f"Certificate {certificate.number}, {certificate.get_level_display()}: issued and verified."
            self.stdout.write(self.style.SUCCESS(text))

    def _serve(self, group: Group, url: str, cast: people.Cast, out: Path | None) -> None:
        if out is not None:
            outcome.write_logins(out.resolve(), url, cast.logins)
        self.stdout.write(f"\nThe portal is at {url} (this machine only; no second factor in the demo).\n")
        for login in cast.logins:
            self.stdout.write(f"  {login['role']:<16}{login['email']:<30}{login['password']}")
        self.stdout.write("\nCtrl-C stops everything.")
        self.stdout.flush()
        while True:
            group.check()
            time.sleep(0.5)


def _keep_log_apart(folder: Path) -> None:
    """The terminal shows the steps; what the services log goes to a file beside the other processes' logs."""
    folder.mkdir(parents=True, exist_ok=True)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream((folder / "demo.log").open("a", encoding="utf-8"))


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _told(fault: BaseException) -> str:
    if isinstance(fault, ValidationError):
        return "; ".join(fault.messages)
    return str(fault) or repr(fault)
