"""What the images of docker-compose.yml do at their start, done with the programs of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.lib import postgres
from scripts.lib.compose import Service
from scripts.lib.containers import PROJECT, Container, program


@dataclass(frozen=True)
class Order:
    """What is started: the command, as which user (None: the caller's own), and where."""

    command: list[str]
    user: str | None = None
    cwd: Path = PROJECT


def order(container: Container, environment: Mapping[str, str], own_command: list[str]) -> Order:
    """The command of a container on this machine, its data prepared as the image would.

    `own_command` is what the Dockerfile says for services without a command.
    """
    service = container.service
    words = [container.here(word).replace("%h", container.host) for word in service.command or own_command]
    if service.is_built:
        return Order([shutil.which(words[0], path=environment["PATH"]) or words[0], *words[1:]])
    name = service.image.partition(":")[0]
    return {"postgres": _postgres, "redis": _redis, "nginx": _nginx}[name](container, environment, words)


def stop_signal(service: Service) -> signal.Signals:
    """By which the image is stopped: at SIGINT PostgreSQL ends its sessions, at SIGQUIT nginx finishes its requests."""
    name = "" if service.is_built else service.image.partition(":")[0]
    return {"postgres": signal.SIGINT, "nginx": signal.SIGQUIT}.get(name, signal.SIGTERM)


def health_program(name: str, environment: Mapping[str, str]) -> str:
    """Where a health check's program is here."""
    if name == "pg_isready":
        return str(postgres.binaries() / name)
    return shutil.which(name, path=environment["PATH"]) or program(name)


def _postgres(container: Container, environment: Mapping[str, str], words: list[str]) -> Order:
    """A new cluster with one user who owns one database, as POSTGRES_USER and POSTGRES_DB say."""
    data = container.places["/var/lib/postgresql/data"]
    sockets = container.places["/var/run/postgresql"]
    user, binaries = postgres.owner(), postgres.binaries()
    if not (data / "PG_VERSION").exists():
        for place in (data, sockets):
            _give(place, user)
        data.chmod(0o700)
        password = container.folder / "password"  # initdb runs as another user
        shutil.copyfile(environment["POSTGRES_PASSWORD_FILE"], password)
        _give(password, user)
        arguments = environment["POSTGRES_INITDB_ARGS"].split()
        arguments += ["-D", str(data), "-U", environment["POSTGRES_USER"], "--pwfile", str(password)]
        _quietly([str(binaries / "initdb"), "--no-sync", *arguments], user, data)
        password.unlink()
        create = f'CREATE DATABASE "{environment["POSTGRES_DB"]}"\n'
        _quietly([str(binaries / "postgres"), "--single", "-D", str(data), "postgres"], user, data, create)
    port = container.port(container.service.name, 5432)
    own = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={sockets}"]
    options = [word for option in own for word in ("-c", option)]
    return Order([str(binaries / words[0]), "-D", str(data), *words[1:], *options], user, data)


def _redis(container: Container, _environment: Mapping[str, str], words: list[str]) -> Order:
    data = container.places["/data"]
    port = container.port(container.service.name, 6379)
    own = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]
    return Order([program(words[0]), *words[1:], *own], cwd=data)


def _nginx(container: Container, environment: Mapping[str, str], words: list[str]) -> Order:
    """Without the look-up of names, which only newer servers know and fixed addresses do not need."""
    user = "www-data" if os.getuid() == 0 else None
    container.write_templates({**environment, "NGINX_LOOK_UP": ""})
    for place in (*container.service.tmpfs, "/var/cache/nginx"):
        _give(container.places[place], user)
    return Order([program(words[0]), "-e", "stderr", *words[1:]], user, container.root)


def _give(place: Path, user: str | None) -> None:
    if user:
        shutil.chown(place, user, pwd.getpwnam(user).pw_gid)


def _quietly(command: list[str], user: str | None, cwd: Path, text: str | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, user=user, cwd=cwd, input=text, text=True)
