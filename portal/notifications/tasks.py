"""The sweeper: reads the ledger, makes the day's digests, sends what waits. Safe to receive any number of times."""

from __future__ import annotations

from celery import shared_task

from . import mail, reading


@shared_task
def sweep() -> None:
    reading.read_ledger()
    mail.make_digests()
    mail.send_waiting()
