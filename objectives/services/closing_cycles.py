"""Opening and closing cycles: what still runs is closed with its computed score, and opening again leaves a trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from objectives import rollup, tasks
from objectives.models import (
    Combine,
    Cycle,
    CycleState,
    CycleStep,
    Grade,
    KeyResult,
    Kind,
    Notice,
    NoticeKind,
    Objective,
    ObjectiveState,
    PendingRollUp,
    StateChange,
)
from objectives.models.goals import DRAFTS
from objectives.services.planning import UNDONE_WITHIN
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

LONGEST_REASON = CycleStep._meta.get_field("reason").max_length or 0
# Of so many the worker is asked row by row to score what stands above; of more only what stands in other cycles.
FEW = 500

# A step of a cycle's end is about the goal as it was agreed on: its fingerprint is that of the step before.
STEPS = """
INSERT INTO objectives_statechange
    (objective_id, old_state, new_state, by_id, comment, content, open_points, created_at)
SELECT o.id, %(before)s, %(after)s, %(by)s, %(comment)s, coalesce(last.content, ''), '{}', %(now)s
FROM objectives_objective o
LEFT JOIN LATERAL (
    SELECT content FROM objectives_statechange WHERE objective_id = o.id ORDER BY id DESC LIMIT 1
) last ON true
WHERE o.id = ANY(%(ids)s) ORDER BY o.id
"""
# Teams, then owners, before any objective is held: so do those who merge teams and hand over.
TEAMS = """
SELECT id FROM people_team WHERE id IN (SELECT team_id FROM objectives_objective WHERE cycle_id = %s)
ORDER BY id FOR SHARE
"""
OWNERS = """
SELECT id FROM people_membership WHERE id IN (SELECT owner_id FROM objectives_objective WHERE cycle_id = %s)
ORDER BY id FOR SHARE
"""
GRADES = """
INSERT INTO objectives_grade AS g (objective_id, computed, override, reason, outcome, outcome_reason, graded_by_id,
                                   graded_at, version)
SELECT o.id, s.score, NULL, '', '', '', %(by)s, %(now)s, 1
FROM objectives_objective o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
WHERE o.cycle_id = %(cycle)s AND o.state = 'closed' AND o.dropped_at IS NULL ORDER BY o.id
ON CONFLICT (objective_id) DO UPDATE SET computed = EXCLUDED.computed, version = g.version + 1
WHERE g.computed IS DISTINCT FROM EXCLUDED.computed
"""


def refuse_stale(held: Cycle, expected_version: int | None) -> None:
    if expected_version is not None and held.version != expected_version:
        raise stale()


@transaction.atomic
def change_cycle_state(
    cycle: Cycle, *, to: str, by: Membership, reason: str = "", expected_version: int | None = None
) -> Cycle:
    """Open or close a cycle, or put it back into preparation; each step is kept with who took it.

    The same state again is harmless. Raises `Refusal` `stale` where the version is not the expected one any more, and
    what `reopen_cycle` raises.
    """
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state == to:
        return held
    refuse_stale(held, expected_version)
    if to == CycleState.CLOSED:
        return close_cycle(held, by=by)
    if held.is_closed:
        return reopen_cycle(held, reason=reason, by=by, to=to)
    take_step(held, to, by)
    settle(held, by)
    return held


@transaction.atomic
def close_cycle(cycle: Cycle, *, by: Membership, expected_version: int | None = None) -> Cycle:
    """Close a cycle with all that is in it. Waits for check-ins under way; scores are settled once more, then stay.

    What runs is closed with its computed score, unless people said another grade; drafts that never began are dropped.
    Set-based, so that a large company's takes moments. Again is harmless. Raises `Refusal` `stale`.
    """
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.is_closed:
        return held
    refuse_stale(held, expected_version)
    step = take_step(held, CycleState.CLOSED, by)
    rollup.lock_roll_up(held.organization_id)
    rollup.hold(held.objectives.filter(dropped_at=None).values_list("pk", flat=True))
    running = list(held.objectives.filter(dropped_at=None, state=ObjectiveState.ACTIVE).values_list("pk", flat=True))
    drop_drafts(held, by, step.created_at)
    move(running, ObjectiveState.ACTIVE, ObjectiveState.CLOSED, by=by, comment="", at=step.created_at)
    settle(held, by)
    with connection.cursor() as cursor:
        cursor.execute(GRADES, {"cycle": held.pk, "by": by.pk, "now": step.created_at})
    return held


@transaction.atomic
def reopen_cycle(
    cycle: Cycle,
    *,
    reason: str,
    by: Membership,
    to: str = CycleState.ACTIVE,
    expected_version: int | None = None,
) -> Cycle:
    """Open a closed cycle again. What was closed or dropped only because the cycle was, is as it was before, but for
    what has no open team or no owner here any more.

    Administrators only (`PermissionDenied`), with a reason that everybody sees; whoever takes back right away what they
    just did need not give one. An open cycle is left as it is. Raises `Refusal`: `stale`, `reason_missing`, `too_long`.
    """
    if not by.is_admin:
        raise PermissionDenied
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if not held.is_closed:
        return held
    refuse_stale(held, expected_version)
    closing = CycleStep.objects.filter(cycle=held, new_state=CycleState.CLOSED).last()
    reason = reason_given(reason.strip(), closing, by)
    step = take_step(held, to, by, reason)
    keep_homes(held)
    rollup.lock_roll_up(held.organization_id)
    rollup.hold(held.objectives.values_list("pk", flat=True))
    if closing is not None:
        bring_back(held, closing, by, step)
    settle(held, by)
    return held


def reason_given(reason: str, closing: CycleStep | None, by: Membership) -> str:
    if len(reason) > LONGEST_REASON:
        sentence = _("Use %(most)s characters at most.") % {"most": LONGEST_REASON}
        raise Refusal.of_field("reason", "too_long", sentence)
    if reason:
        return reason
    if closing is not None and closing.by_id == by.pk and clock.now() - closing.created_at < UNDONE_WITHIN:
        return _("Taken back right after it was closed.")
    sentence = _("Say why the cycle is opened again: it stays visible.")
    raise Refusal.of_field("reason", "reason_missing", sentence)


def take_step(held: Cycle, to: str, by: Membership, reason: str = "") -> CycleStep:
    """Put a held cycle into its new state, and keep who did it."""
    step = CycleStep.objects.create(cycle=held, old_state=held.state, new_state=to, by=by, reason=reason)
    held.state = to
    held.version += 1
    held.save(update_fields=["state", "version"])
    return step


def drop_drafts(cycle: Cycle, by: Membership, at: datetime) -> None:
    """Take what was never begun out of the plan; what was asked about it needs no answer any more."""
    drafts = cycle.objectives.filter(dropped_at=None, state__in=DRAFTS)
    asked = Notice.objects.filter(objective__in=drafts.values("pk"), read_at=None)
    asked.filter(kind__in=(NoticeKind.PROPOSED, NoticeKind.ADJUSTED, NoticeKind.SENT_BACK)).update(read_at=at)
    reason = _("Was not begun before “%(cycle)s” was closed.") % {"cycle": cycle.name}
    drafts.update(dropped_at=at, dropped_by=by, dropped_reason=reason, version=F("version") + 1)


def keep_homes(cycle: Cycle) -> None:
    """Keep the teams of its objectives from closing and their owners from leaving until the transaction ends."""
    with connection.cursor() as cursor:
        for statement in (TEAMS, OWNERS):
            cursor.execute(statement, [cycle.pk])


def bring_back(cycle: Cycle, closing: CycleStep, by: Membership, step: CycleStep) -> None:
    """Begin again what that closing closed, and put back the drafts it dropped, where nobody decided otherwise since.

    Grades in which nobody has said anything go; what people said stays as what is proposed.
    """
    at_home = cycle.objectives.filter(team__closed_on=None, owner__left_on=None)
    rows = at_home.filter(dropped_at=None, state=ObjectiveState.CLOSED)
    last = Q(state_changes__created_at=closing.created_at, state_changes__new_state=ObjectiveState.CLOSED)
    ids = sorted(set(rows.filter(last, state_changes__by=closing.by_id).values_list("pk", flat=True)))
    since = StateChange.objects.filter(objective__in=ids, created_at__gt=closing.created_at)
    ids = sorted(set(ids) - set(since.values_list("objective", flat=True)))
    move(ids, ObjectiveState.CLOSED, ObjectiveState.ACTIVE, by=by, comment=step.reason, at=step.created_at)
    Grade.objects.filter(
        objective__in=ids, override=None, reason="", outcome="", outcome_reason="", graded_at=closing.created_at
    ).delete()
    dropped = at_home.filter(dropped_at=closing.created_at, dropped_by=closing.by_id, state__in=DRAFTS)
    dropped.update(dropped_at=None, dropped_by=None, dropped_reason="", version=F("version") + 1)


def move(ids: Sequence[int], before: str, after: str, *, by: Membership, comment: str, at: datetime) -> None:
    """Bring held objectives into another state, with a step each."""
    if not ids:
        return
    Objective.objects.filter(pk__in=ids).update(state=after, version=F("version") + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            STEPS,
            {"ids": list(ids), "before": before, "after": after, "by": by.pk, "comment": comment, "now": at},
        )


def settle(cycle: Cycle, by: Membership, *, has_moved: bool = False) -> None:
    """Score a held cycle as it is on this day, or on its last one, and have what stands above scored.

    Unless its days `has_moved`, key results are worth by themselves what they were, but for what is counted by periods
    or phases, what is the sum of others, and, in an open cycle, what no check-in was due on.
    """
    organization = by.organization
    day = min(organization.today, cycle.end)
    rollup.lock_roll_up(cycle.organization_id)
    objectives = list(cycle.objectives.filter(dropped_at=None).values_list("pk", flat=True))
    rollup.hold(objectives)
    rows = KeyResult.objects.filter(objective__in=objectives, dropped_at=None)
    if not has_moved:
        moving = Q(kind=Kind.QUOTA) | Q(combine=Combine.SUM) | Q(phases__isnull=False)
        rows = rows.filter(moving if cycle.is_closed else moving | Q(scored__due_on=None)).distinct()
    rollup.rescore_key_results(organization, rows.values_list("pk", flat=True), day)
    rollup.roll_up(organization, objectives, day)
    ask_above(cycle, objectives)
    tasks.wake()
    tasks.compare(cycle.organization_id)


def ask_above(cycle: Cycle, objectives: Sequence[int]) -> None:
    """Record that what the objectives count towards must be scored."""
    wanted = objectives if len(objectives) <= FEW else set(rollup.with_ancestors(objectives)) - set(objectives)
    PendingRollUp.objects.bulk_create(
        PendingRollUp(organization_id=cycle.organization_id, objective_id=pk) for pk in wanted
    )
