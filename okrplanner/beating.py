"""Beat says that it is alive: it has no task of its own, so it writes a row after it sent a message."""

from __future__ import annotations

import logging
import time
from typing import Any

logger = logging.getLogger(__name__)

AT_MOST_EVERY = 30.0


class _Beat:
    """Whether this process is beat, and when it last wrote: the web server and the worker send messages too."""

    is_here = False
    wrote_at: float | None = None


def begin_beating(**kwargs: Any) -> None:
    """This process is beat."""
    _Beat.is_here, _Beat.wrote_at = True, None
    note_beat()


def note_beat(**kwargs: Any) -> None:
    """Write that beat was seen, at most every half minute. A database that is away keeps no message from going."""
    now = time.monotonic()
    if not _Beat.is_here or (_Beat.wrote_at is not None and now - _Beat.wrote_at < AT_MOST_EVERY):
        return
    _Beat.wrote_at = now
    from django.db import connection  # the apps are not loaded yet when the Celery application is

    from people.models import Heartbeat

    try:
        Heartbeat.objects.seen("beat")
    except Exception:  # whatever the database's client raises: the next message tries again
        logger.warning("Beat could not write that it was seen.", exc_info=True)
    finally:
        connection.close()
