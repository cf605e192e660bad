"""`manage.py load_demo`: the example company, and large ones to measure with."""

import os
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from dashboards.demo.load import SLUG, load_example
from dashboards.demo.scale import WEEKS, load_large
from people import clock
from people.models import Organization
from people.refusals import Refusal

MOST_OBJECTIVES = 100_000


class Command(BaseCommand):
    help = (
        "Loads the example company, as it is today or on a given day, in the place of the one that is there. "
        "Other organizations are never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", type=day, help="the day the company lives in, YYYY-MM-DD")
        parser.add_argument(
            "--scale", type=int, metavar="N", help="also make an organization demo-N with N objectives, to measure with"
        )
        parser.add_argument(
            "--check-ins",
            type=int,
            default=WEEKS,
            metavar="WEEKS",
            help=f"how many weekly check-ins each key result of demo-N has, from 1 to {WEEKS}; all of them unless told",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = chosen_password()
        today = options["today"] or clock.today(Organization.objects.filter(slug=SLUG).first() or Organization())
        count = options["scale"]
        if count is not None and not 1 <= count <= MOST_OBJECTIVES:
            raise CommandError(
                _("--scale takes a number of objectives from 1 to %(most)s.") % {"most": MOST_OBJECTIVES}
            )
        weeks = options["check_ins"]
        if not 1 <= weeks <= WEEKS:
            raise CommandError(_("--check-ins takes a number of weeks from 1 to %(most)s.") % {"most": WEEKS})

        def report(line: str) -> None:
            if options["verbosity"]:
                self.stdout.write(line)

        report(_("The example company on %(day)s:") % {"day": today.isoformat()})
        try:
            load_example(today, password, report)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        if count is not None:
            load_large(count, today, report, weeks)


def day(text: str) -> date:
    return date.fromisoformat(text)


def chosen_password() -> str:
    """What the example accounts sign in with. Everybody knows the example password, so it never leaves the machine."""
    password = os.environ.get("DEMO_PASSWORD", "")
    if settings.EMBEDDED:
        return password or settings.EXAMPLE_PASSWORD
    if not password:
        raise CommandError(
            _("Set DEMO_PASSWORD: outside of `make run` the example accounts need a password of your own.")
        )
    if password == settings.EXAMPLE_PASSWORD:
        raise CommandError(
            _("Everybody can read the example password. Set DEMO_PASSWORD to one of your own outside of `make run`.")
        )
    return password
