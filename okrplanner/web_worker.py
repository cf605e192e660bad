"""A web process that turns nobody away when it is told to go."""

import contextlib
import time
from typing import Any

from gunicorn.workers.sync import SyncWorker

LONGEST = 5.0


class PoliteWorker(SyncWorker):
    """Answers who was already waiting at its door before it closes it; gunicorn's own leaves them standing."""

    def run_for_one(self, timeout: float) -> None:
        super().run_for_one(timeout)
        self.answer_who_waits(self.sockets[0])

    def answer_who_waits(self, listener: Any) -> None:
        deadline = time.monotonic() + LONGEST
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                self.notify()
                self.accept(listener)
        listener.close()
