"""Many processes append at once: one chain, without gap or fork."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from assessments.ledger import services
from assessments.ledger.models import Entry, Head

WRITERS, TIMES = 5, 40


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain(alice: Any) -> None:
    """They begin on an empty ledger, so that they also meet where its head is made."""
    assert not Head.objects.exists()
    command = [sys.executable, "-m", "tests.assessments.ledger.writing"]
    arguments = [str(connection.settings_dict["NAME"]), str(alice.pk), str(TIMES)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    writers = [
        subprocess.Popen(
            [*command, *arguments], cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(WRITERS)
    ]
    said = [writer.communicate(timeout=200)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS, said
    entries = list(Entry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == list(range(1, WRITERS * TIMES + 1))
    assert len({entry.previous_hash for entry in entries}) == len(entries)
    assert Counter(entry.details["n"] for entry in entries) == dict.fromkeys(range(TIMES), WRITERS)
    assert Head.objects.values_list("sequence", "hash").get() == (len(entries), entries[-1].hash)
    assert list(services.verify()) == []
