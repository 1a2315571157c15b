"""What `--out` leaves: the certificate, results and summary by their schemas, the trust root, and the bundle tested."""

from __future__ import annotations

import json
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
from django.conf import settings

from assessments.systems import storage
from evaluations.cases.models import Case
from evaluations.cases.planning import approved_plan
from evaluations.cases.report import results_json, summary_json
from portal.certificates import keyring
from portal.certificates.models import Certificate

FORMAT_OF_LOGINS = "trust-assessment-demo/1"


def write_outcome(folder: Path, case: Case) -> None:
    """Leave everything of a case that a third party needs to check it. Files of an earlier case are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate = Certificate.objects.published().filter(case=case).first()
    target = folder / "certificate.pdf"
    target.unlink(missing_ok=True)
    if certificate is not None:
        target.write_bytes(storage.read_blob(certificate.pdf_sha256))
    number, status = (certificate.number, certificate.status) if certificate else (None, "")
    (folder / "trust-root.pem").write_bytes(keyring.trust_bundle())
    write_checked(folder / "summary.json", summary_json(case, number=number, status=status), "summary")
    if approved_plan(case) is not None:
        results = results_json(case)
        write_checked(folder / "results.json", results, "results")
        _write_bundle(folder / "bundle", case, results["plan"])


def _write_bundle(folder: Path, case: Case, plan: dict[str, Any]) -> None:
    """The manifest and files that the runs saw, and the plan with its seeds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for entry in plan["inputs"]:
        with storage.local(entry["sha256"]) as path:
            shutil.copyfile(path, folder / Path(entry["file"]).name)
    write(folder / "manifest.json", plan["manifest"])
    write(folder / "plan.json", plan)


def write_logins(folder: Path, url: str, logins: list[dict[str, str]]) -> None:
    """`summary.json` of a demo that goes on serving: where it is, and who may sign in."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"format": FORMAT_OF_LOGINS, "url": url, "logins": logins}
    write_checked(folder / "summary.json", content, "demo")


def write(path: Path, content: Any) -> None:
    """JSON for people and programs, complete or not there at all."""
    fresh = path.with_name(f".{path.name}.part")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def write_checked(path: Path, content: Any, schema: str) -> None:
    """Write JSON that fits docs/schemas/SCHEMA.schema.json. Raises jsonschema.ValidationError."""
    _validator(schema).validate(content)
    write(path, content)


@lru_cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    source = Path(settings.BASE_DIR) / "docs" / "schemas" / f"{name}.schema.json"
    return jsonschema.Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))
