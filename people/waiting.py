"""Work whose rows remember that it waits, done one after the other by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from people.waking import announce

Row = TypeVar("Row", bound=Model)

# What is begun at the end of a round must be done, or given up, before the task is ended; the next round goes on.
LONGEST_ROUND = 30.0


def work_off(
    lock: int,
    waiting: Callable[[], QuerySet[Row]],
    claim: Callable[[], Row | None],
    work_on: Callable[[Row, float], bool],
    *,
    task: str,
) -> int:
    """Work on what `claim` hands out until nothing waits or the round has lasted; how many ended.

    Nothing is done while another process holds the advisory lock of this number. The lock is the session's, so that no
    transaction lasts as long as the work, and goes with the connection of a killed worker. `work_on` is told until when
    the round lasts (`time.monotonic()`), and answers whether the row ended; where it did not, the round is over.
    What is `waiting` after it wakes the `task` of the next one; only who held the lock does so: others would not cease.
    """
    ended, until = 0, time.monotonic() + LONGEST_ROUND
    if not answered("SELECT pg_try_advisory_lock(%s)", lock):
        return ended
    try:
        while (row := claim()) is not None and work_on(row, until):
            ended += 1
            if time.monotonic() >= until:
                break
    finally:
        answered("SELECT pg_advisory_unlock(%s)", lock)
    if waiting().exists():
        announce(task)
    return ended


def answered(question: str, lock: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [lock])
        return bool(cursor.fetchone()[0])
