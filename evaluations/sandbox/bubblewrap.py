"""The command line of level S3: a file tree with only what a job needs, made by bubblewrap.

Neither /proc nor devpts is mounted: containers often refuse that, and a job needs neither.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from evaluations.sandbox.confinement import SYSTEM_READABLE
from evaluations.sandbox.workspace import Workspace


def program() -> str | None:
    """Where bubblewrap is, None if it is not installed."""
    return shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")


def _shown(paths: Iterable[Path]) -> list[str]:
    """Options that show `paths` read-only; a symbolic link at the top (/lib → usr/lib) stays one."""
    options: list[str] = []
    for path in paths:
        if path.is_symlink() and path.parent == Path("/"):
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.parts[1:2] == ("dev",):
            options += ["--dev-bind-try", str(path), str(path)]
        else:
            options += ["--ro-bind-try", str(path), str(path)]
    return options


def _ways_to(paths: Iterable[Path]) -> list[str]:
    """Options that make the folders above `paths`, so that any user can walk through them."""
    above = {folder for path in paths for folder in path.parents if folder != Path("/")}
    return [word for folder in sorted(above) for word in ("--dir", str(folder))]


def command(bwrap: str, space: Workspace, readable: Iterable[Path], *, reads_regardless: bool) -> list[str]:
    """Everything before the program to run.

    As root no user namespace is made: the program inside changes to the job's own user itself, and is left the two
    capabilities for that (a third where the interpreter must be read regardless of permissions).
    """
    spaces = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        rights = ["CAP_SETUID", "CAP_SETGID", *(["CAP_DAC_READ_SEARCH"] if reads_regardless else [])]
        spaces += ["--cap-drop", "ALL", *(word for right in rights for word in ("--cap-add", right))]
    else:
        spaces += ["--unshare-user"]
    folder = str(space.folder)
    shown = [*SYSTEM_READABLE, *readable]
    return [
        bwrap, *spaces, "--die-with-parent", "--new-session",
        *_ways_to([*shown, space.folder]), *_shown(shown),
        "--ro-bind", folder, folder,
        "--bind", str(space.output), str(space.output),
        "--bind", str(space.temporary), str(space.temporary),
        "--remount-ro", "/", "--chdir", folder, "--",
    ]  # fmt: skip
