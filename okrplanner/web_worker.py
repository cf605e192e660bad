"""A web process that waits for nobody who says nothing, and turns nobody away when it is told to go."""

import contextlib
import select
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.workers.sync import SyncWorker

LONGEST = 5.0
# How long somebody who connected may say nothing, and how many of them are kept, the latest.
PATIENCE, MOST = 60.0, 100
# Who connected just before the end gets as long to begin.
LAST_CALL = 0.5


class PoliteWorker(SyncWorker):
    """A worker for one request at a time, as gunicorn's own, but for two things.

    Browsers connect ahead of what they may ask for: gunicorn's waits for the first word of the first of them, and two
    such browsers stop two workers. This one answers whoever speaks first. And it answers who was already waiting at its
    door before it closes it, where gunicorn's leaves them standing.
    """

    wait_fds: list[Any]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.silent: dict[socket.socket, tuple[Any, float]] = {}

    def run_for_one(self, timeout: float) -> None:
        super().run_for_one(timeout)
        self.answer_who_waits(self.sockets[0])

    def accept(self, listener: Any) -> None:
        """Answer those who have spoken, then let the next one in. Raises OSError where nobody stands at the door."""
        self.answer_who_spoke(listener, 0)
        client, address = listener.accept()
        client.setblocking(True)
        util.close_on_exec(client)
        self.silent[client] = address, time.monotonic()
        if len(self.silent) > MOST:
            self.leave(next(iter(self.silent)))

    def wait(self, timeout: float) -> Any:
        alone = self.wait_fds
        self.wait_fds = [*alone, *self.silent]
        try:
            return super().wait(timeout)
        finally:
            self.wait_fds = alone

    def answer_who_spoke(self, listener: Any, timeout: float) -> None:
        if not self.silent:
            return
        for client in select.select(list(self.silent), [], [], timeout)[0]:
            address, _since = self.silent.pop(client)
            self.notify()
            self.handle(listener, client, address)
        for client, (_address, since) in list(self.silent.items()):
            if since < time.monotonic() - PATIENCE:
                self.leave(client)

    def leave(self, client: socket.socket) -> None:
        del self.silent[client]
        util.close(client)

    def answer_who_waits(self, listener: Any) -> None:
        deadline = time.monotonic() + LONGEST
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                self.notify()
                self.accept(listener)
        last = min(deadline, time.monotonic() + LAST_CALL)
        while self.silent and (left := last - time.monotonic()) > 0:
            self.answer_who_spoke(listener, left)
        listener.close()
