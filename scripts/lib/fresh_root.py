"""The Dockerfile's steps in fresh roots made by debootstrap, for machines without a container engine. As root.

`python:3.13-slim-trixie` stands for Debian trixie with its own Python 3.13. Package sources, certificates and client
settings are this machine's. What it cannot show: the engine's isolation, and the exact base image.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from scripts.lib import dockerfile  # noqa: E402

BASE = re.compile(r"python:3\.13-slim-(trixie)")
PACKAGES = "ca-certificates,debian-archive-keyring,python3,python3-venv"
SETTINGS = (
    "/etc/pip.conf",
    "/root/.config/pip",
    "/etc/ssl/certs",
    "/usr/local/share/ca-certificates",
    "/etc/resolv.conf",
)
PASSED_ON = re.compile(
    r"SSL_CERT_\w+|PIP_CERT|PIP_DEFAULT_TIMEOUT|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|\w*_proxy", re.IGNORECASE
)
# Mounts live in a name space of their own and go with it.
INSIDE = (
    'mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/dev/shm"; '
    'root=$1 user=$2; shift 2; exec chroot --userspec="$user" "$root" "$@"'
)
# What the finished image must be able to do, as its own user.
PROOFS = (
    "python manage.py check --deploy --tag security --fail-level WARNING",
    "gunicorn --check-config portal.wsgi:application",
    "celery -A portal.celery report > /dev/null",
    "python -c \"import weasyprint; print(len(weasyprint.HTML(string='<p>证书').write_pdf()), 'bytes of PDF')\"",
    "bwrap --version",
    'test -w /var/lib/portal && test ! -w /srv/portal && test "$(id -u)" = 10001',
    "ls /srv/static/css/*.css.gz | head -1",
)


class Root:
    """The file tree of one stage, and what its instructions have set so far."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.user, self.cwd = folder, "root", "/"
        self.environment = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
        self.environment |= {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}

    def run(self, command: str, **settings: str) -> None:
        """Run a shell command inside. Raises CalledProcessError."""
        values = [f"{name}={value}" for name, value in {**self.environment, "HOME": "/tmp", **settings}.items()]  # noqa: S108
        shell = ["/usr/bin/env", "-i", *values, "sh", "-ec", f"cd {shlex.quote(self.cwd)}\n{command}"]
        outside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", INSIDE, "sh"]
        subprocess.run([*outside, str(self.folder), self.user, *shell], check=True)

    def place(self, name: str) -> Path:
        return self.folder / name.lstrip("/")


def base_of(suite: str, cache: Path) -> Path:
    """A fresh Debian with Python, made once and kept."""
    base = cache / suite
    if not (base / ".complete").exists():
        shutil.rmtree(base, ignore_errors=True)
        cache.mkdir(parents=True, exist_ok=True)
        sources = Path("/etc/apt/sources.list.d/debian.sources").read_text(encoding="utf-8")
        mirror = re.search(r"^URIs:\s*(\S+)", sources, re.MULTILINE)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(base)]
        subprocess.run([*command, *([mirror[1]] if mirror else [])], check=True, stdout=subprocess.DEVNULL)
        (base / "etc/apt/sources.list").unlink(missing_ok=True)
        codename = re.compile(r"\b(bookworm|trixie)\b")
        (base / "etc/apt/sources.list.d/debian.sources").write_text(codename.sub(suite, sources), encoding="utf-8")
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        (base / ".complete").touch()
    return base


def new_root(image: str, folder: Path, cache: Path) -> Root:
    """A copy of the base that stands for the image, with this machine's client settings."""
    known = BASE.fullmatch(image)
    if known is None:
        raise SystemExit(f"Nothing here stands for the image {image}.")
    subprocess.run(["cp", "-a", f"{base_of(known[1], cache)}/.", str(folder)], check=True)
    for path in [*SETTINGS, *map(str, Path("/etc/apt/apt.conf.d").glob("99*"))]:
        if Path(path).exists():
            target = folder / path.lstrip("/")
            shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-aL", path, str(target)], check=True)
    return Root(folder)


def context(folder: Path) -> None:
    """What `COPY .` sees: the last commit without what .dockerignore names."""
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "-C", str(PROJECT), "archive", "-o", str(archive), "HEAD"], check=True)
    with tarfile.open(archive) as tar:
        wanted = [info for info in tar if not any(fnmatch(info.name.split("/")[0], name) for name in ignored)]
        tar.extractall(folder, members=wanted, filter="data")
    archive.unlink()


def do(root: Root, step: dockerfile.Step, stages: dict[str, Root], given: Path) -> None:
    """Carry one instruction out."""
    words = shlex.split(step.argument) if step.word in ("COPY", "USER", "WORKDIR") else []
    if step.word == "ENV":
        for name, value in dockerfile.Stage("", "", [step]).environment.items():
            root.environment[name] = value.replace("$PATH", root.environment["PATH"])
    elif step.word == "RUN":
        root.run(step.argument)
    elif step.word == "USER":
        root.user = words[0]
    elif step.word == "WORKDIR":
        root.cwd = words[0]
    elif step.word == "COPY":
        origin = stages[words.pop(0).removeprefix("--from=")].folder if words[0].startswith("--from=") else given
        source, target = origin / words[0].lstrip("/"), root.place(words[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{source}/." if source.is_dir() else str(source), str(target)], check=True)


def build(folder: Path, cache: Path) -> Root:
    """All stages in their order; gives the last."""
    stages: dict[str, Root] = {}
    given = folder / "context"
    given.mkdir()
    context(given)
    for number, stage in enumerate(dockerfile.read(PROJECT / "Dockerfile")):
        place = folder / str(number)
        place.mkdir()
        root = stages[stage.name or str(number)] = new_root(stage.image, place, cache)
        for step in stage.steps:
            began = time.monotonic()
            do(root, step, stages, given)
            print(f"{time.monotonic() - began:6.1f} s  {step.word} {step.argument[:90]}", flush=True)
    return root


def main() -> int:
    if os.getuid() != 0 or shutil.which("debootstrap") is None:
        sys.stderr.write("The Dockerfile's steps were not run: that needs root and the package debootstrap.\n")
        return 3
    cache = Path(os.environ.get("PORTAL_BASES", "/var/tmp/portal-bases"))  # noqa: S108 - kept between starts
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="image-", dir=cache) as folder:
        Path(folder).chmod(0o755)
        root = build(Path(folder), cache)
        for proof in PROOFS:
            root.run(
                proof,
                PORTAL_URL="https://portal.example.org",
                PORTAL_HOSTS="portal.example.org",
                SECRET_KEY=secrets.token_urlsafe(48),
            )
            print(f"holds: {proof}", flush=True)
        size = subprocess.run(["du", "-sm", str(root.folder)], check=True, capture_output=True, text=True).stdout
        print(f"The image's tree has {size.split()[0]} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
