"""`manage.py create_organization`: from an empty installation to somebody who can sign in."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from objectives.services.start import begin_setup
from people.links import way_in
from people.refusals import Refusal
from people.services import create_organization


class Command(BaseCommand):
    help = (
        "Makes an organization, its running quarter and its first administrator, and prints the one-time address at "
        "which the administrator chooses a password and is led through the first steps, alone on the last line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the organization is called")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first administrator's address")
        parser.add_argument("--admin-name", default="", metavar="NAME")
        parser.add_argument("--slug", default="", help="its part of the addresses; made from the name where possible")
        parser.add_argument(
            "--site",
            default=settings.SITE_URL,
            metavar="URL",
            help="where people open the product",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"] or slugify(options["name"])
        if not slug:
            raise CommandError("Give a --slug of Latin letters, digits and hyphens: the name has none of them.")
        try:
            membership = create_organization(
                name=options["name"], slug=slug, admin_email=options["admin"], admin_name=options["admin_name"]
            )
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        organization = begin_setup(membership)
        quarter = organization.cycles.get()
        self.stdout.write(f"{organization.name}: /o/{organization.slug}/, {quarter.name} is running.")
        self.stdout.write(way_in(membership.user, options["site"]))
