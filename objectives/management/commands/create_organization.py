"""`manage.py create_organization`: from an empty installation to somebody who can sign in."""

import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from objectives.formulas.calendar import fiscal_quarter
from objectives.models import Cycle, CycleState
from people.links import way_in
from people.refusals import Refusal
from people.services import create_organization


class Command(BaseCommand):
    help = (
        "Makes an organization, its running quarter and its first administrator, "
        "and prints the one-time address at which the administrator chooses a password, alone on the last line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the organization is called")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first administrator's address")
        parser.add_argument("--admin-name", default="", metavar="NAME")
        parser.add_argument("--slug", default="", help="its part of the addresses; made from the name where possible")
        parser.add_argument(
            "--site",
            default=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}",
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
        organization = membership.organization
        quarter = fiscal_quarter(organization.today, organization.fiscal_year_start)
        Cycle.objects.create(
            organization=organization,
            name=quarter.name,
            start=quarter.start,
            end=quarter.end,
            state=CycleState.ACTIVE,
        )
        self.stdout.write(f"{organization.name}: /o/{organization.slug}/, {quarter.name} is running.")
        self.stdout.write(way_in(membership.user, options["site"]))
