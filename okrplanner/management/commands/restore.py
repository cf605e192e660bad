"""`manage.py restore FILE`: put everything back to what a backup holds."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from okrplanner.backups import Refused, restoring

WARNING = (
    "Everything in {database} is replaced by what {file} holds. Everybody is signed out.\n"
    "The present data are kept as a database beside it until the next restore.\n"
    "Type yes to go on: "
)


class Command(BaseCommand):
    help = "Puts everything back to what a backup holds. Nothing is touched unless the file is whole."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a file that `backup` wrote")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--undo", action="store_true", help="bring back what was there before the last restore")

    def handle(self, *args: Any, file: Path | None, yes: bool, undo: bool, **options: Any) -> None:
        if (file is None) != undo:
            raise CommandError("Give the file of a backup, or --undo.")
        try:
            if undo:
                kept_as = restoring.undo(say=self.stdout.write)
                self.stdout.write(f"Done. What was there meanwhile is kept as database {kept_as}.")
            elif file is not None:
                self.restore(file, yes)
        except Refused as reason:
            raise CommandError(str(reason)) from reason

    def restore(self, file: Path, yes: bool) -> None:
        if not yes:
            if not sys.stdin.isatty():
                raise CommandError("This replaces everything: say so with --yes.")
            if input(WARNING.format(database=restoring.database_name(), file=file.name)).strip().lower() != "yes":
                raise CommandError("Nothing was changed.")
        done = restoring.restore(file, say=self.stdout.write)
        self.stdout.write(
            f"Restored {done.rows} rows as of {done.made_at}. Everybody signs in again. "
            f"What was there before is kept as database {done.kept_as}; `restore --undo` brings it back."
        )
