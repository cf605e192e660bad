"""`manage.py add_member`: one more person in an organization."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.links import way_in
from people.models import Organization, Role, Team
from people.refusals import Refusal
from people.services import add_member


class Command(BaseCommand):
    help = (
        "Adds a person to an organization and prints the one-time address at which a new one chooses a password, "
        "alone on the last line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)
        parser.add_argument("--name", default="")
        parser.add_argument("--team", action="append", default=[], metavar="NAME", help="may be given several times")
        parser.add_argument(
            "--site",
            default=settings.SITE_URL,
            metavar="URL",
            help="where people open the product",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.")
        teams = list(Team.objects.open().filter(organization=organization, name__in=options["team"]))
        unknown = set(options["team"]) - {team.name for team in teams}
        if unknown:
            raise CommandError(f"There is no team {', '.join(sorted(unknown))}.")
        try:
            membership = add_member(
                organization, email=options["email"], name=options["name"], role=options["role"], teams=teams
            )
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(way_in(membership.user, options["site"]))
