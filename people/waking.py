"""Waking the worker when a transaction commits. A message is no record: what is to be done stands in the database."""

from __future__ import annotations

import logging
import time

from celery import Task, current_app
from django.db import transaction

logger = logging.getLogger(__name__)

# The task that sends messages stands above this app, because it knows who writes them.
SEND_MESSAGES = "dashboards.tasks.send_messages"
# The task that forecasts what has moved stands above it as well: it reads key results.
FORECAST_MOVED = "objectives.tasks.forecast_moved"
# And so does the one that forecasts what is open and was not forecast today.
FORECAST_OPEN = "objectives.tasks.forecast_open"
# So does the one that makes files: it knows what each of them holds.
MAKE_EXPORTS = "dashboards.tasks.make_exports"

AWAY_FOR = 3.0
"""Seconds in which a broker that was just away is not asked again: who saves waits for it once, not for each task."""
_away_until = 0.0


GATHERS = 0.1
"""How old, in seconds, a message to a task that gathers must be before the task looks at what is recorded."""
STANDS_FOR = 0.5 * GATHERS
"""Seconds in which such a message stands for all that its process would send. The rest is for clocks that differ."""
_sent_at: dict[str, float] = {}


def gather(sent_at: float | None) -> None:
    """The first line of a task that is announced with `gathers`: whoever commits meanwhile need not wake it again."""
    time.sleep(GATHERS if sent_at is None else min(GATHERS, max(0.0, sent_at + GATHERS - time.time())))


def announce(task: Task | str, *, gathers: bool = False) -> None:
    """Wake the worker for a task, or for the one of this name, when the transaction commits.

    What is to be done is recorded: a broker that is away delays it to the next minute's round. A task that begins with
    `gather` is sent one message for all that commits within a moment.
    """

    def send() -> None:
        global _away_until
        if time.monotonic() < _away_until:
            return
        name = task if isinstance(task, str) else task.name
        told = {}
        if gathers:
            now = time.time()
            if 0 <= now - _sent_at.get(name, 0) < STANDS_FOR:
                return
            _sent_at[name] = told["sent_at"] = now
        try:
            if isinstance(task, str):
                current_app.send_task(task, kwargs=told, retry=False)
            else:
                task.apply_async(kwargs=told, retry=False)
        except Exception:  # whatever the broker's client raises: the person must not wait for it or see it
            _away_until = time.monotonic() + AWAY_FOR
            logger.warning("The worker could not be woken; the next minute's round takes the work.", exc_info=True)

    transaction.on_commit(send, robust=True)
