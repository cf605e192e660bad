"""Ends what the supervisor started when the supervisor is gone, however it went.

Run as a program it holds the reading end of a pipe whose writing end only the supervisor has. When that closes, it
reads which processes there are and stops them in the order they stand: web, beat, worker, PostgreSQL. It needs nothing
but the standard library, so that it starts at once and stays small.

    python guard.py FILE_DESCRIPTOR CHILDREN_FILE
"""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Running(NamedTuple):
    """A process we started as leader of a group of its own, with the signal that ends it politely."""

    name: str
    pid: int
    started: float
    ending: int


def read_children(path: Path) -> list[Running]:
    try:
        return [Running(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def group_lives(pid: int) -> bool:
    """Whether anyone of a group is left, a leader that only waits to be reaped not counted."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def end(children: Iterable[Running], patience: float, is_gone: Callable[[Running], bool]) -> None:
    """Stop each in turn: its polite signal, then after `patience` seconds the whole group without asking."""
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child.pid, child.ending)
        deadline = time.monotonic() + patience
        while not is_gone(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def main(handle: int, children_file: Path) -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    while os.read(handle, 1):
        pass
    end(read_children(children_file), patience=8, is_gone=lambda child: not group_lives(child.pid))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
