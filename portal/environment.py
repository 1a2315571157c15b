"""Reading the settings from the environment: strict, with secrets also from files.

`NAME_FILE` names a file that holds the value of `NAME` (for container secrets). A value that cannot
be parsed stops the start with a sentence that names the variable.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from secrets import token_urlsafe

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name_FILE` names."""
    path = os.environ.get(f"{name}_FILE")
    if path and name in os.environ:
        raise ImproperlyConfigured(f"Set either {name} or {name}_FILE, not both.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return os.environ.get(name, default)


def boolean(name: str, *, default: bool) -> bool:
    """A yes or a no; anything else stops the start."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be one of true, false (found {value!r}).")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """A whole number of at least `minimum`."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number (found {value!r}).") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum} (found {number}).")
    return number


def choice(name: str, default: str, choices: set[str]) -> str:
    """One word out of `choices`."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(choices))} (found {value!r}).")
    return value


def listing(name: str, default: str = "") -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def counts(name: str, defaults: dict[str, int]) -> dict[str, int]:
    """Whole numbers by name, as "planning=10, review=5"; what is not named keeps its default, an unknown name stops."""
    found = dict(defaults)
    for part in listing(name):
        key, _equals, value = (piece.strip() for piece in part.partition("="))
        if key not in defaults or not value.isdecimal():
            raise ImproperlyConfigured(f"{name} must name days as in planning=10; known: {', '.join(defaults)}.")
        found[key] = int(value)
    return found


def secret(name: str, *, minimum: int) -> str:
    """A secret of at least `minimum` characters, or nothing; a shorter one could be guessed and stops the start."""
    value = text(name)
    if value and len(value) < minimum:
        raise ImproperlyConfigured(f"{name} must have at least {minimum} characters.")
    return value


def bucket(name: str) -> dict[str, str] | None:
    """A bucket named as s3://bucket/folder, with what `name_ENDPOINT`, `_REGION`, `_KEY_ID` and `_SECRET` say of it.

    None without a name; then none of the others may be set.
    """
    about = {part: text(f"{name}_{part}") for part in ("ENDPOINT", "REGION", "KEY_ID", "SECRET")}
    value = text(name)
    if not value:
        if any(about.values()):
            raise ImproperlyConfigured(f"{name} must name a bucket, as s3://bucket, where {name}_… say more of it.")
        return None
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[\w-][\w.-]*)*)/?", value, re.ASCII)
    if found is None:
        raise ImproperlyConfigured(f"{name} must read s3://bucket or s3://bucket/folder (found {value!r}).")
    if not (about["KEY_ID"] and about["SECRET"]):
        raise ImproperlyConfigured(f"Set {name}_KEY_ID and {name}_SECRET for the bucket of {name}.")
    if about["ENDPOINT"] and not re.fullmatch(r"https?://[^/\s?#]+/?", about["ENDPOINT"]):
        raise ImproperlyConfigured(f"{name}_ENDPOINT must be an address such as https://store.example.org:9000.")
    return {
        "bucket": found[1],
        "prefix": found[2].lstrip("/") + "/" if found[2] else "",
        "endpoint": about["ENDPOINT"].rstrip("/"),
        "region": about["REGION"] or "us-east-1",
        "key_id": about["KEY_ID"],
        "secret": about["SECRET"],
    }


def kept_secret(path: Path) -> str:
    """A random secret kept in a file that only the owner may read; made on first start.

    Two processes that start together agree: the first to create the file wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was first; its secret is the one
        finally:
            fresh.unlink()
    return path.read_text(encoding="utf-8").strip()
