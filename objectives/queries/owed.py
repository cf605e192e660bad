"""Who owes which check-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from objectives.models import KeyResult
from people.formulas.rhythm import DAY, Rhythm, monday_of
from people.models import Delivery, Membership, Organization, Team, below


def owed_of(person: Membership) -> QuerySet[KeyResult]:
    """The key results whose check-in a person owes in this ISO week or since earlier, and may make; oldest first."""
    rows = KeyResult.objects.owed_by(person)
    return rows.select_related("objective__team", "scored").order_by(
        "scored__due_on", "objective__position", "objective_id", "position", "pk"
    )


def owed_in(organization: Organization, team: Team | None) -> QuerySet[KeyResult]:
    """The key results whose check-in is owed in this ISO week or since earlier in a team and those below it, or in the
    whole organization; oldest first."""
    sunday = monday_of(organization.today) + 6 * DAY
    rows = KeyResult.objects.open().filter(objective__organization=organization, scored__due_on__lte=sunday)
    if team is not None:
        rows = rows.filter(objective__team__in=below([team.pk]))
    return rows.select_related("objective__team", "scored").order_by("scored__due_on", "objective_id", "position", "pk")


def day_owed(due: date | None, rhythm: Rhythm, monday: date) -> date | None:
    """The day of this week on which something counts as due: what has been due since an earlier week on the day on
    which its team reports in this one; None where it does not work."""
    return due if due is not None and due >= monday else rhythm.working_day(monday)


def days_owed(organization: Organization, rhythms: Mapping[int, Rhythm], *, besides: str) -> dict[int, set[date]]:
    """By membership, the days of this ISO week on which check-ins of theirs are due.

    What has been due since an earlier week counts on the day on which its team reports in this one; in a week in which
    a team does not work nothing of it counts. Left out is who has a delivery of the occasion `besides`.
    """
    monday = monday_of(organization.today)
    told = Delivery.objects.filter(organization=organization, occasion=besides, membership=OuterRef("reporter"))
    rows = (
        KeyResult.objects.open()
        .filter(objective__organization=organization, scored__due_on__lte=monday + 6 * DAY)
        .annotate(reporter=Coalesce("owner_id", "objective__owner_id"))
        .filter(~Exists(told))
        .order_by()
        .values_list("reporter", "objective__team_id", "scored__due_on")
        .distinct()
    )
    days: dict[int, set[date]] = defaultdict(set)
    for reporter, team, due in rows:
        day = day_owed(due, rhythms[team], monday)
        if day is not None:
            days[reporter].add(day)
    return days
