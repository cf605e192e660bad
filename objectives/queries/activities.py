"""The daily log by days, and which objectives nobody has worked on for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import DateField, F, Func, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils.dateparse import parse_date

from objectives.formulas.idle import quiet_since
from objectives.models import Action, Activity, CheckIn, Comment, KeyResult, Objective
from objectives.models.actions import ActivityQuerySet
from people.access import read_id
from people.models import Membership, Organization, below
from people.queries import days_off_of

SHOWN = ("membership__user", "key_result__objective__team", "action")


@dataclass(frozen=True)
class Wanted:
    """What a person looks for in the daily log; a team stands for the people in it and in those below."""

    mine: bool = False
    person: int | None = None
    team: int | None = None
    objective: int | None = None
    key_result: int | None = None
    action: int | None = None
    week: date | None = None
    search: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted()


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out. `week` is any day of the week."""
    try:
        day = parse_date(asked.get("week", ""))
    except ValueError:
        day = None
    if day is not None and not 1970 < day.year < 9999:
        day = None
    return Wanted(
        mine=asked.get("mine", "") not in ("", "0"),
        person=read_id(asked.get("person")),
        team=read_id(asked.get("team")),
        objective=read_id(asked.get("objective")),
        key_result=read_id(asked.get("key_result")),
        action=read_id(asked.get("action")),
        week=day - timedelta(days=day.weekday()) if day else None,
        search=asked.get("q", "").replace("\x00", "").strip()[:200],
    )


def activities_wanted(membership: Membership, wanted: Wanted) -> ActivityQuerySet:
    """The lines that answer the wish, the latest day first."""
    rows = Activity.objects.visible_to(membership)
    if wanted.mine:
        rows = rows.filter(membership=membership.pk)
    if wanted.person is not None:
        rows = rows.filter(membership=wanted.person)
    if wanted.team is not None:
        people = Membership.teams.through.objects.filter(team__in=below([wanted.team])).values("membership")
        rows = rows.filter(membership__in=people)
    if wanted.objective is not None:
        rows = rows.filter(key_result__objective=wanted.objective)
    if wanted.key_result is not None:
        rows = rows.filter(key_result=wanted.key_result)
    if wanted.action is not None:
        rows = rows.filter(action=wanted.action)
    if wanted.week is not None:
        rows = rows.filter(date__range=(wanted.week, wanted.week + timedelta(days=6)))
    for word in wanted.search.split():
        rows = rows.filter(Q(text__icontains=word) | Q(key_result__title__icontains=word))
    return rows.select_related(*SHOWN).order_by("-date", "-created_at", "-pk")


def by_day(rows: Iterable[Activity], membership: Membership) -> list[tuple[date, list[Activity]]]:
    """The lines day by day, each with `is_mine`."""
    found = list(rows)
    for row in found:
        row.is_mine = row.membership_id == membership.pk  # type: ignore[attr-defined]
    return [(day, list(lines)) for day, lines in groupby(found, key=lambda row: row.date)]


def lines_of_today(membership: Membership) -> list[Activity]:
    """What the person has written today, the latest first."""
    today = membership.organization.today
    rows = Activity.objects.visible_to(membership).filter(membership=membership.pk, date=today)
    ((_day, lines),) = by_day(rows.select_related(*SHOWN).order_by("-created_at", "-pk"), membership) or [(today, [])]
    return lines


# Which objectives nobody has worked on


class Latest(Subquery):
    """The latest day of some rows of one objective."""

    output_field = DateField()


def latest(rows: QuerySet[Any], way: str, day: Any) -> Latest:
    """The latest `day` of the rows that lead by `way` to the objective of the outer query."""
    of_one = rows.filter(**{way: OuterRef("pk")}).order_by().values(way)
    return Latest(of_one.annotate(latest_day=Max(day)).values("latest_day"))


def with_last_activity(rows: QuerySet[Objective], organization: Organization) -> QuerySet[Any]:
    """The objectives with `last_activity_on`: the latest of check-in, line of the log, action and comment.

    An action counts on the day it was written down and on the day it was finished. Where nothing happened since it
    began, that is the day it began: `activated_on`, or the cycle's first day where that is later.
    """
    zone = organization.zone
    began = Greatest(Coalesce("activated_on", "cycle__start"), "cycle__start")
    actions = Action.objects.all()
    moments = {
        "check_in": latest(CheckIn.objects.filter(corrected_by=None), "key_result__objective", "date"),
        "line": latest(Activity.objects.filter(withdrawn_at=None), "key_result__objective", "date"),
        "planned": latest(actions, "key_result__objective", TruncDate("created_at", tzinfo=zone)),
        "done": latest(actions.filter(state="done"), "key_result__objective", "closed_on"),
        "said": latest(Comment.objects.standing(), "objective", TruncDate("created_at", tzinfo=zone)),
    }
    # PostgreSQL's greatest leaves out what is null.
    return rows.annotate(last_activity_on=Func(began, *moments.values(), function="GREATEST", output_field=DateField()))


def idle_objectives(membership: Membership, rows: QuerySet[Objective] | None = None) -> QuerySet[Any]:
    """Of these, or all one sees, the objectives under way that nobody has worked on for two weeks, longest first.

    An objective of which others are made is worked on where they are, so only those with key results of their own are
    asked. Days before it began do not count.
    """
    organization = membership.organization
    found = Objective.objects.visible_to(membership) if rows is None else rows
    own = KeyResult.objects.filter(dropped_at=None).values("objective")
    asked = found.open().filter(pk__in=own)  # type: ignore[attr-defined]
    today = organization.today
    return (
        with_last_activity(asked, organization)
        .filter(
            last_activity_on__lte=quiet_since(today, days_off_of(organization)),
            cycle__start__lte=today,
            cycle__end__gte=today,
        )
        .order_by(F("last_activity_on").asc(), "pk")
    )
