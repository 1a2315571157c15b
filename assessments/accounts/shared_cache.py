"""Django's cache as a table: what one web process counts, the others see.

Throttles of signing in stand on it. Values are JSON, because the caches that Django brings store pickles, and what is
read from a table must not be able to run.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

SWEPT_EVERY = 500  # writes of one process between two removals of what has expired


class TableCache(BaseCache):
    """`BACKEND` for the setting CACHES; the table is `accounts.Remembered`, made by the room's migrations."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.writes = 0

    def _rows(self) -> Any:
        from .models import Remembered  # noqa: PLC0415 - a cache is made before the models are loaded

        return Remembered.objects

    def _fresh(self) -> Any:
        return self._rows().filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))

    def _until(self, timeout: Any) -> datetime | None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if seconds is None else timezone.now() + timedelta(seconds=float(seconds))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        row = self._fresh().filter(key=self.make_and_validate_key(key, version=version)).first()
        return default if row is None else row.value

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        name = self.make_and_validate_key(key, version=version)
        self._sweep()
        self._rows().update_or_create(key=name, defaults={"value": value, "expires_at": self._until(timeout)})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set it unless it is there; of several processes at once exactly one is told that it did."""
        name, until = self.make_and_validate_key(key, version=version), self._until(timeout)
        self._sweep()
        expired = self._rows().filter(key=name, expires_at__lte=timezone.now())
        if expired.update(value=value, expires_at=until):
            return True
        if self._rows().filter(key=name).exists():
            return False
        try:
            with transaction.atomic():
                self._rows().create(key=name, value=value, expires_at=until)
        except IntegrityError:
            return False
        return True

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return bool(self._fresh().filter(key=name).update(expires_at=self._until(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._rows().filter(key=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        self._rows().all().delete()

    def _sweep(self) -> None:
        self.writes += 1
        if self.writes % SWEPT_EVERY == 0:
            self._rows().filter(expires_at__lte=timezone.now()).delete()
