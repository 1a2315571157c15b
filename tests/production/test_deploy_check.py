"""`manage.py check --deploy` has nothing to say about the settings of docker-compose.yml."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def check(folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    own = ("PORTAL_", "DJANGO_", "DATABASE_URL", "SECRET_KEY", "PYTHONWARNINGS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)} | {
        "PORTAL_MODE": "production",
        "PORTAL_VAR": str(folder),
        "PORTAL_URL": "https://portal.example.org",
        "PORTAL_HOSTS": "portal.example.org",
        "SECRET_KEY": "k9Vn2-pXq7_rT4wZs8bY1cLd6fGh3jM0aQeUiOvNxPyRtKlS5-HgTfRd",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=PROJECT, env=environment | changed, capture_output=True, text=True, check=False)


def test_check_deploy_is_clean_under_production_settings(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr


def test_check_deploy_notices_an_address_without_tls(tmp_path: Path) -> None:
    done = check(tmp_path, PORTAL_URL="http://portal.example.org")
    assert done.returncode == 1
    assert "security.W004" in done.stderr
