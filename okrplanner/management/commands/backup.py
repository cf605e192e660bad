"""`manage.py backup`: everything there is into one file, once or again and again."""

import logging
import re
import signal
import threading
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

from okrplanner.backups import Refused, in_words, making

logger = logging.getLogger(__name__)
UNITS = {"m": 60, "h": 3600, "d": 86400}
SHORTEST = 60
FIRST_RETRY, LAST_RETRY = 60, 3600


def duration(text: str) -> int:
    """`24h`, `90m`, `7d` in seconds."""
    found = re.fullmatch(r"(\d{1,4})([mhd])", text)
    if found is None or (seconds := int(found[1]) * UNITS[found[2]]) < SHORTEST:
        raise ArgumentTypeError("give a time such as 24h, 90m or 7d")
    return seconds


def at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("keep at least 1")
    return int(text)


class Command(BaseCommand):
    help = "Writes everything there is at this moment into one file, while people work."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="a directory, or a file ending in .okrbackup (var/backups/)")
        parser.add_argument("--keep", type=at_least_one, help="remove all but this many backups of the directory")
        parser.add_argument("--every", type=duration, help="go on: one backup each 24h, 90m or 7d, until stopped")

    def handle(self, *args: Any, to: Path | None, keep: int | None, every: int | None, **options: Any) -> None:
        if every is not None:
            self.go_on(to or making.default_directory(), keep, every)
            return
        try:
            self.once(to, keep)
        except Refused as reason:
            raise CommandError(str(reason)) from reason

    def once(self, to: Path | None, keep: int | None) -> None:
        made = making.backup(to)
        size = in_words(made.size)
        self.stdout.write(f"{made.path}: {made.rows} rows, {size}, {made.seconds:.1f} s.")
        if keep is not None:
            for old in making.prune(made.path.parent, keep):
                self.stdout.write(f"Removed {old.name}.")

    def go_on(self, directory: Path, keep: int | None, every: int) -> None:
        """The newest file says when the next one is due, so that a restart neither repeats nor skips one."""
        stopping = threading.Event()
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: stopping.set())
        retry = FIRST_RETRY
        while not stopping.is_set():
            pause = making.due_in(directory, every)
            if pause <= 0:
                try:
                    self.once(directory, keep)
                    retry, pause = FIRST_RETRY, every
                except (Refused, Error, psycopg.Error):
                    logger.exception("The backup failed and is tried again in %s seconds.", retry)
                    retry, pause = min(LAST_RETRY, retry * 2), retry
                finally:
                    connections.close_all()
            stopping.wait(pause)
