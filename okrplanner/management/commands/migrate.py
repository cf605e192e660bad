"""`manage.py migrate`, one at a time: who comes second waits, and finds everything done."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x6F6B72  # any number that nobody else takes


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            super().handle(*args, **options)
        finally:
            with connections[options["database"]].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
