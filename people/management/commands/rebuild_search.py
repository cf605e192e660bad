"""Make the search index anew from the rows themselves, while people work."""

from typing import Any

from django.core.management.base import BaseCommand

from people.models import SearchKind
from people.search import rebuild


class Command(BaseCommand):
    help = "Make the search index anew from the rows. Harmless at any time; what is right already is not written."

    def handle(self, *args: Any, **options: Any) -> None:
        rebuild(lambda kind, rows: self.stdout.write(f"{SearchKind(kind).name.lower()}: {rows} rows"))
