"""`manage.py create_start_link`: how somebody makes a company on an installation where nobody can sign up."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from people.links import start_link
from people.services import make_start_link


class Command(BaseCommand):
    help = (
        "Prints a link, alone on the last line, at which somebody names a company and becomes its administrator. "
        "It is good once and for two weeks; links made before that nobody used no longer open."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", default=settings.SITE_URL, metavar="URL", help="where people open the product")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("Start a company here, once, within two weeks:")
        self.stdout.write(start_link(make_start_link(), options["site"]))
