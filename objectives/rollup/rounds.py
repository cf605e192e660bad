"""Who rescores what, and when: an act at once what it changed, the worker the rest, the calendar every day.

Locks are taken in one order everywhere: the organization, the cycle, the team and the owner a goal is given, then the
organization's roll-up (`lock_roll_up`), then objectives by their number (`hold`), then what belongs to them. A check-in
holds one objective and never asks for the roll-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import connection, transaction

from objectives.forecasting.key_results import forecast_touched, forget_forecasts
from objectives.models import Combine, CycleState, KeyResult, Kind, Objective, ObjectiveState, PendingRollUp
from objectives.pending import drain_each
from objectives.rollup.key_results import rescore_key_results
from objectives.rollup.upwards import roll_up, snapshot, with_ancestors
from people import clock, live
from people.models import Organization
from people.rows import Prepared

ADVISORY_LOCK = 0x6F6B72  # "okr": the first half of the two-part lock key, the second is the organization
PENDING_AT_ONCE = 500
MOST_DAYS_BEHIND = 100
REQUEST = Prepared(
    "request_roll_up",
    """
INSERT INTO objectives_pendingrollup (organization_id, objective_id, created_at)
VALUES (%(organization)s, %(objective)s, %(now)s)
""",
    organization="bigint",
    objective="bigint",
    now="timestamptz",
)

# What was closed goes on being read from what counts towards it until its cycle is closed, and so does its grade.
GRADES = """
UPDATE objectives_grade g SET computed = s.score, version = g.version + 1
FROM objectives_objectivescore s
JOIN objectives_objective o ON o.id = s.objective_id AND o.state = 'closed'
JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state <> 'closed'
WHERE g.objective_id = s.objective_id AND s.objective_id = ANY(%s) AND g.computed IS DISTINCT FROM s.score
"""


def lock_roll_up(organization_id: int) -> None:
    """Let one roll-up of an organization run at a time, until the transaction ends.

    Two roll-ups that overlap could each write an ancestor from a reading older than the other's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, organization_id])


def hold(objective_ids: Iterable[int]) -> None:
    """Lock the objectives until the transaction ends: no check-in is recorded on them meanwhile.

    Without it a check-in between our reading and our writing is lost, and two of us could wait for each other.
    """
    rows = Objective.objects.filter(pk__in=list(objective_ids)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def request_roll_up(organization_id: int, objective_id: int | None) -> None:
    """Record, in the transaction of the cause, that the objective and its ancestors must be rescored.

    None stands for everything open in the organization, its key results included.
    """
    with connection.cursor() as cursor:
        REQUEST.execute(cursor, {"organization": organization_id, "objective": objective_id, "now": clock.now()})


def rescore(
    organization: Organization,
    key_result_ids: Sequence[int],
    objective_id: int,
    today: date,
    *,
    is_held: bool = False,
) -> None:
    """What one act changed: its key results and their objective at once; the ancestors are recorded as pending.

    `is_held` says that the act has locked the objective itself.
    """
    if not is_held:
        hold([objective_id])
    rescore_key_results(organization, key_result_ids, today)
    roll_up(organization, [objective_id], today)
    request_roll_up(organization.pk, objective_id)


def drain() -> int:
    """Rescore all that is recorded as pending; the number of objectives recomputed."""
    return drain_each(PendingRollUp, drain_some, "rescoring")


@transaction.atomic
def drain_some(organization_id: int) -> int | None:
    """One round for one organization: the number of objectives recomputed, None where nothing was pending.

    Rows are taken with `SKIP LOCKED`, so workers share the work, and deleted with the result, so that a worker killed
    in between leaves them to the next.
    """
    lock_roll_up(organization_id)
    pending = PendingRollUp.objects.select_for_update(skip_locked=True).filter(organization=organization_id)
    taken = list(pending.order_by("pk")[:PENDING_AT_ONCE])
    if not taken:
        return None
    organization = Organization.objects.get(pk=organization_id)
    today = organization.today
    touched = {row.objective_id for row in taken if row.objective_id is not None}
    ids = with_ancestors(touched)
    # Before anything is held: a check-in that comes meanwhile has recorded that it must be forecast, too.
    forecast_touched(organization, touched, today, above=ids)
    if any(row.objective_id is None for row in taken):
        rescore_organization(organization, today)
        forget_forecasts(organization, today)
    hold(ids)
    # Whether a sum is carried by others follows from their states, which their own acts change.
    sums = KeyResult.objects.filter(objective__in=ids, combine=Combine.SUM, dropped_at=None)
    rescore_key_results(organization, sums.values_list("pk", flat=True), today)
    roll_up(organization, ids, today)
    with connection.cursor() as cursor:
        cursor.execute(GRADES, [ids])
    snapshot(ids, today)
    PendingRollUp.objects.filter(pk__in=[row.pk for row in taken]).delete()
    live.raise_version(organization_id)
    return len(ids)


def score_calendar(organization_id: int) -> int:
    """Carry the organization's open cycles to its today, a day at a time; the number of days done.

    Pace, health and quota periods change with the calendar. Days missed while nothing ran are made up, so that
    the history has no holes; a second call on the same day does nothing.
    """
    done = 0
    while True:
        with transaction.atomic():
            organization = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
            lock_roll_up(organization_id)
            today = organization.today
            if organization.scored_on is not None and organization.scored_on >= today:
                return done
            day = today
            if organization.scored_on is not None:
                day = max(organization.scored_on + timedelta(days=1), today - timedelta(days=MOST_DAYS_BEHIND))
            score_day(organization, day)
            organization.scored_on = day
            organization.save(update_fields=["scored_on"])
            live.raise_version(organization_id)
            done += 1


def score_day(organization: Organization, day: date) -> None:
    """Rescore everything open as it stands on that day, and keep the day's snapshots.

    Only quotas and phased targets change by themselves in Python; for all others the calendar moves pace alone,
    which the roll-up computes.
    """
    ids = open_objective_ids(organization)
    hold(ids)
    open_rows = KeyResult.objects.filter(objective__in=ids, dropped_at=None)
    by_calendar = open_rows.filter(kind=Kind.QUOTA) | open_rows.filter(phases__isnull=False)
    rescore_key_results(organization, by_calendar.distinct().values_list("pk", flat=True), day)
    roll_up(organization, ids, day)
    snapshot(ids, day)


@transaction.atomic
def rescore_organization(organization: Organization, day: date) -> None:
    """Recompute everything open from its check-ins dated up to that day; for imports, settings and repair."""
    lock_roll_up(organization.pk)
    ids = open_objective_ids(organization)
    hold(ids)
    key_results = KeyResult.objects.filter(objective__in=ids, dropped_at=None)
    rescore_key_results(organization, key_results.values_list("pk", flat=True), day)
    roll_up(organization, ids, day)
    snapshot(ids, day)


def open_objective_ids(organization: Organization) -> list[int]:
    return list(
        organization.objectives.filter(state=ObjectiveState.ACTIVE, dropped_at=None)
        .exclude(cycle__state=CycleState.CLOSED)
        .values_list("pk", flat=True)
    )
