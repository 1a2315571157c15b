"""The portal's own settings, with files in a folder of the tests' own; read before anything else."""

import os
import tempfile

os.environ.setdefault("PORTAL_VAR", tempfile.mkdtemp(prefix="portal-test-"))
os.environ.setdefault("PORTAL_PLAIN_STATIC", "true")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES, STATIC_ROOT, UPLOAD_ROOT, VAR

# WhiteNoise warns when the folder of collected files is missing.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
UPLOAD_ROOT.mkdir(parents=True, exist_ok=True)

# Django never closes a thread's connection to a database in memory, so the tests keep theirs in a file.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}
