"""The clock that wakes the sweepers, right again at once when its computer's time is set back.

Celery's own keeps when each task was last sent, also on disk. After the time was an hour ahead and is corrected, it
would wait that hour until it sends anything: by its notes, everything has just been done.
"""

from __future__ import annotations

import dbm
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.beat import PersistentScheduler

log = structlog.get_logger(__name__)


class Beat(PersistentScheduler):
    """`CELERY_BEAT_SCHEDULER`: Celery's scheduler, which believes no note from the future."""

    _seen: datetime | None = None

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self._forget_the_future()

    def sync(self) -> None:
        """Keep the notes on disk; without room for them the clock goes on and keeps them in memory."""
        try:
            super().sync()
        except (OSError, *dbm.error) as error:
            log.warning("schedule_not_kept", reason=str(error))

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        if self._seen is not None and now < self._seen:
            self._forget_the_future()
        self._seen = now
        wait: float = super().tick(*args, **kwargs)
        return wait

    def _forget_the_future(self) -> None:
        """Whatever was last sent at a time that has not come is due now; the order of what comes next is made anew."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            # Celery's own entry follows a calendar and has no interval; its next day is found from now.
            entry.last_run_at = now - getattr(entry.schedule, "run_every", timedelta(0))
        self._heap = None
        if ahead:
            log.warning("clock_was_ahead", tasks=len(ahead))
