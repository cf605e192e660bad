"""`manage.py create_api_token`: a token for a program, made by whoever runs the server."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from people import clock
from people.models import Membership, Organization, normalize_email
from people.refusals import Refusal
from people.services import make_token

LONGEST = 3650


class Command(BaseCommand):
    help = "Makes an API token for a member of an organization and prints it, alone on the last line. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the member in whose name the program works")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--read-only", action="store_true", help="the token may change nothing")
        parser.add_argument("--name", default="command line", help="what it is for, as the settings show it")
        parser.add_argument("--days", type=int, metavar="N", help="it expires after so many days; never unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.make(options)

    def make(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and not 1 <= days <= LONGEST:
            raise CommandError(f"--days takes a number from 1 to {LONGEST}.")
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.")
        email = normalize_email(options["email"])
        membership = Membership.objects.active().filter(organization=organization, user__email=email).first()
        if membership is None:
            raise CommandError(f"{email} is no member of {organization.slug}.")
        try:
            token, secret = make_token(
                membership,
                name=options["name"],
                is_read_only=options["read_only"],
                expires_at=None if days is None else clock.now() + timedelta(days=days),
            )
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        may = "may only read" if token.is_read_only else "may read and write"
        end = token.expires_at and token.expires_at.astimezone(organization.zone)
        until = f"until {end:%Y-%m-%d %H:%M} ({organization.time_zone})" if end else "until it is ended"
        self.stdout.write(f"A token for {email} in {organization.slug}: it {may}, {until}.")
        self.stdout.write(secret)
