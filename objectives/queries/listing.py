"""A page of the objectives list: two statements, whatever the organization's size.

One for what stands around the rows (how the cycle does, how many answer, the teams to choose from), one for the rows.
Nothing is counted past `MOST_COUNTED`: in a company of twenty thousand objectives that alone would take longer than the
page. What lies beyond is told by `summary_of`, after the page stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet

from objectives.formulas.bar import TRAIL_LENGTH, Bar
from objectives.formulas.idle import quiet_since
from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.models import Cycle, Health, Level, Objective, ObjectiveState
from objectives.models.shares import SHARED_BRANCH
from objectives.queries.bars import NOTHING_REPORTED, monday_of
from objectives.queries.paging import Paged
from people.models import Membership, Organization
from people.queries.rhythms import DaysOff

PAGE = 50
MOST_COUNTED = 500
MOST_TEAMS = 60


@dataclass(frozen=True)
class Line:
    """A row of the list, with everything it says."""

    pk: int
    title: str
    level: str
    kind: str
    state: str
    is_dropped: bool
    team: str
    owner: str
    health: str
    bar: Bar
    idle_since: date | None

    def get_level_display(self) -> str:
        return str(Level(self.level).label)

    def get_state_display(self) -> str:
        return str(ObjectiveState(self.state).label)


@dataclass(frozen=True)
class Page(Paged):
    """Some of the rows. `count` is exact up to `MOST_COUNTED`; where there are more, `is_more` says so."""

    size = PAGE
    rows: list[Line]
    number: int
    has_next: bool
    count: int
    is_more: bool

    @property
    def end_index(self) -> int:
        return self.start_index + len(self.rows) - 1


@dataclass(frozen=True)
class Around:
    """What stands around the rows.

    `summary` is None where there are more objectives than are counted. `teams` are all there are, or, where those are
    too many to choose from, the upper two levels, the person's own, and what lies around the chosen one.
    """

    summary: dict[str, int] | None
    count: int
    teams: tuple[tuple[int, str], ...]
    has_more_teams: bool
    days_off: DaysOff

    @cached_property
    def is_more(self) -> bool:
        return self.count > MOST_COUNTED


TEAMS = """
SELECT coalesce(json_agg(json_build_array(id, name) ORDER BY position, id), '[]') FROM (
    SELECT t.id, t.name, t.position FROM people_team t LEFT JOIN people_team p ON p.id = t.parent_id
    WHERE t.organization_id = %(organization)s
    AND (t.closed_on IS NULL
         OR EXISTS (SELECT 1 FROM objectives_objective o WHERE o.cycle_id = %(cycle)s AND o.team_id = t.id))
    AND (NOT %(is_partner)s OR t.id = ANY(%(own)s::bigint[]))
    AND (%(many)s >= (SELECT count(*) FROM people_team WHERE organization_id = %(organization)s)
         OR t.parent_id IS NULL OR p.parent_id IS NULL OR t.id = ANY(%(own)s::bigint[])
         OR t.id = %(team)s OR t.parent_id = %(team)s
         OR t.parent_id = (SELECT parent_id FROM people_team WHERE id = %(team)s))
) shown
"""
# The twin of `bars.zone_counts`; a test holds both equal.
SUMMARY = f"""
SELECT json_build_array(count(*), count(*) FILTER (WHERE heading IS NULL), count(*) FILTER (WHERE heading < lower),
                        count(*) FILTER (WHERE kind <> 'committed' AND heading > %(upper)s::float8 + 1e-9))
FROM (
    SELECT o.kind,
           CASE WHEN s.health = 'closed' THEN s.score
                WHEN s.health NOT IN ('not_started', 'measure_first') THEN s.landing END AS heading,
           CASE WHEN o.kind = 'committed' THEN {COMMITTED_ON_TRACK}::float8 ELSE %(lower)s::float8 END - 1e-9 AS lower
    FROM objectives_objective o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
    WHERE o.organization_id = %(organization)s AND o.cycle_id = %(cycle)s AND o.dropped_at IS NULL {{shared}}
    {{limit}}
) one
"""  # noqa: S608 (a constant)
AROUND = f"""
SELECT ({SUMMARY})::text, ({{matching}}), ({TEAMS})::text,
       (SELECT count(*) FROM people_team WHERE organization_id = %(organization)s),
       (SELECT coalesce(json_agg(json_build_array(first, last, name)), '[]')
        FROM people_dayoff WHERE organization_id = %(organization)s)::text
"""  # noqa: S608 (constants)
SHARED = f"AND o.id IN ({SHARED_BRANCH.format(may_write='').replace('%s', '%(person)s')})"


def numbers_of(membership: Membership, cycle: Cycle) -> dict[str, Any]:
    organization = membership.organization
    return {
        "organization": organization.pk,
        "cycle": cycle.pk,
        "person": membership.pk,
        "is_partner": membership.is_partner,
        "own": membership.team_ids,
        "lower": organization.band_lower,
        "upper": organization.band_upper,
    }


def as_summary(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(("total", "silent", "below", "above"), counts, strict=True))


def summary_of(membership: Membership, cycle: Cycle) -> dict[str, int]:
    """How many objectives the cycle has, and how many head below, above, or say nothing yet; all are counted."""
    sql = SUMMARY.format(shared=SHARED if membership.is_partner else "", limit="")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({sql})::text", numbers_of(membership, cycle))
        return as_summary(orjson.loads(cursor.fetchone()[0]))


def around_of(
    membership: Membership, cycle: Cycle, rows: QuerySet[Objective], *, team: int | None, is_filtered: bool
) -> Around:
    """What stands around the rows that answer; by one statement that counts `MOST_COUNTED` rows and one at most."""
    values = numbers_of(membership, cycle) | {"team": team, "many": MOST_TEAMS}
    matching = "SELECT NULL::bigint"
    if is_filtered:
        inner, values_of_rows = named(rows.order_by().values("pk"), "found")
        matching = f"SELECT count(*) FROM ({inner} LIMIT {MOST_COUNTED + 1}) found"  # noqa: S608 (Django's own)
        values |= values_of_rows
    shared = SHARED if membership.is_partner else ""
    sql = AROUND.format(shared=shared, limit=f"LIMIT {MOST_COUNTED + 1}", matching=matching)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        counts, count, teams, all_teams, free = cursor.fetchone()
    summary = as_summary(orjson.loads(counts))
    shown = tuple((pk, name) for pk, name in orjson.loads(teams))
    given = ((date.fromisoformat(first), date.fromisoformat(last), name) for first, last, name in orjson.loads(free))
    return Around(
        summary=summary if summary["total"] <= MOST_COUNTED else None,
        count=summary["total"] if count is None else count,
        teams=shown,
        has_more_teams=not membership.is_partner and all_teams > MOST_TEAMS,
        days_off=DaysOff(membership.organization.holidays, tuple(given)),
    )


def named(rows: QuerySet[Any], name: str) -> tuple[str, dict[str, Any]]:
    """A query as text with named parameters, to be put into a greater one."""
    sql, parameters = rows.query.sql_with_params()
    values = {f"{name}_{index}": parameter for index, parameter in enumerate(parameters)}
    return sql % tuple(f"%({key})s" for key in values), values


# Whatever happened for an objective last, where its latest check-in does not say at once that it is not idle. The rule
# is `activities.idle_objectives`; a test holds both equal.
IDLE = """
CASE WHEN %(runs)s AND o.state = 'active' AND o.dropped_at IS NULL
     AND greatest(coalesce(o.activated_on, %(start)s::date), %(start)s::date) <= %(quiet)s::date
     AND EXISTS (SELECT 1 FROM objectives_keyresult kr WHERE kr.objective_id = o.id AND kr.dropped_at IS NULL)
     AND NOT EXISTS (
         SELECT 1 FROM objectives_keyresult kr JOIN objectives_keyresultscore k ON k.key_result_id = kr.id
         WHERE kr.objective_id = o.id AND k.last_check_in_on > %(quiet)s::date)
THEN greatest(
    greatest(coalesce(o.activated_on, %(start)s::date), %(start)s::date),
    (SELECT max(c.date) FROM objectives_keyresult kr JOIN objectives_checkin c ON c.key_result_id = kr.id
     WHERE kr.objective_id = o.id AND NOT EXISTS (SELECT 1 FROM objectives_checkin by WHERE by.corrects_id = c.id)),
    (SELECT max(a.date) FROM objectives_keyresult kr JOIN objectives_activity a ON a.key_result_id = kr.id
     WHERE kr.objective_id = o.id AND a.withdrawn_at IS NULL),
    (SELECT max(greatest((a.created_at AT TIME ZONE %(zone)s)::date,
                         CASE WHEN a.state = 'done' THEN a.closed_on END))
     FROM objectives_keyresult kr JOIN objectives_action a ON a.key_result_id = kr.id WHERE kr.objective_id = o.id),
    (SELECT max((c.created_at AT TIME ZONE %(zone)s)::date) FROM objectives_comment c
     WHERE c.objective_id = o.id AND c.withdrawn_at IS NULL)
) END
"""
TRAIL = """
SELECT json_agg(json_build_array(week, score)) FROM (
    SELECT DISTINCT ON (week) (w.date - %(first)s::date) / 7 AS week, w.score FROM objectives_objectivesnapshot w
    WHERE w.objective_id = o.id AND w.date >= %(first)s::date AND w.date < %(monday)s::date ORDER BY week, w.date DESC
) weekly
"""
ROWS = f"""
WITH page AS MATERIALIZED (
    SELECT id, row_number() OVER () AS place FROM ({{ids}} LIMIT {PAGE + 1} OFFSET %(skip)s) ids(id)
)
SELECT coalesce(json_agg(json_build_array(
    o.id, o.title, o.level, o.kind, o.state, o.dropped_at IS NOT NULL, t.name, u.name, s.health, s.score, s.landing,
    s.pace, ({TRAIL}), {IDLE}
) ORDER BY page.place), '[]')::text
FROM page
JOIN objectives_objective o ON o.id = page.id
JOIN people_team t ON t.id = o.team_id
JOIN people_membership m ON m.id = o.owner_id
JOIN people_user u ON u.id = m.user_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
"""  # noqa: S608 (constants)


def page_of(membership: Membership, cycle: Cycle, rows: QuerySet[Objective], number: int, around: Around) -> Page:
    """A page of the rows that answer, in their order; past the last one, the last."""
    found = read_page(membership, cycle, rows, number, around)
    if not found and number > 1:
        number = max(1, -(-rows.order_by().count() // PAGE))
        found = read_page(membership, cycle, rows, number, around)
    return Page(found[:PAGE], number, len(found) > PAGE, min(around.count, MOST_COUNTED), around.is_more)


def read_page(
    membership: Membership, cycle: Cycle, rows: QuerySet[Objective], number: int, around: Around
) -> list[Line]:
    organization = membership.organization
    today = organization.today
    monday = monday_of(today)
    ids, values = named(rows.values("pk"), "row")
    values |= {
        "skip": (number - 1) * PAGE,
        "first": monday - timedelta(weeks=TRAIL_LENGTH),
        "monday": monday,
        "quiet": (quiet := quiet_since(today, around.days_off)),
        "runs": not cycle.is_closed and cycle.start <= today <= cycle.end,
        "start": cycle.start,
        "zone": organization.time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(ids=ids), values)
        return [line_of(row, organization, quiet) for row in orjson.loads(cursor.fetchone()[0])]


def line_of(row: Sequence[Any], organization: Organization, quiet: date) -> Line:
    pk, title, level, kind, state, is_dropped, team, owner, health, score, landing, pace, weekly, active_on = row
    is_reported = health is not None and health not in NOTHING_REPORTED
    bar = Bar.of(
        progress=score if is_reported else None,
        score=score,
        landing=landing,
        pace=pace,
        intent=kind,
        trail=trail_of(weekly),
        band_lower=organization.band_lower,
        band_upper=organization.band_upper,
        closed=health == Health.CLOSED,
    )
    last = date.fromisoformat(active_on) if active_on else None
    idle = last if last is not None and last <= quiet else None
    return Line(pk, title, level, kind, state, is_dropped, team, owner, health or "", bar, idle)


def trail_of(weekly: Sequence[tuple[int, float | None]] | None) -> list[float | None]:
    """The scores of the last eight weeks, oldest first, from pairs of week and score; it begins with a score."""
    said = dict(weekly or ())
    trail = [said.get(week) for week in range(TRAIL_LENGTH)]
    while trail and trail[0] is None:
        trail.pop(0)
    return trail
