"""Reading the settings from the environment: strict, with secrets also from files.

`NAME_FILE` names a file that holds the value of `NAME` (for container secrets). A value that cannot
be parsed stops the start with a sentence that names the variable.
"""

from __future__ import annotations

import os
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
