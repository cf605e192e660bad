"""Finding goals that repeat or contradict each other, and keeping what was found.

An act on a goal records that it must be compared; the worker takes all that is recorded and compares it with everything
else that is planned for the same time. Everything is found anew from the goals, so running it twice, or half, is
harmless.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from objectives.formulas.likeness import Comparison, Finding, Found, Goal, Measured
from objectives.models import (
    Alignment,
    Combine,
    Conflict,
    CycleState,
    KeyResult,
    Level,
    Link,
    Notice,
    NoticeKind,
    Objective,
    ObjectiveState,
    PendingComparison,
    Settlement,
)
from objectives.pending import drain_each
from people import clock
from people.models import Membership, Organization

ADVISORY_LOCK = 0x636D70  # "cmp": the first half of the two-part lock key, the second is the organization
PENDING_AT_ONCE = 1_000
WRITTEN_AT_ONCE = 1_000


def request_comparison(organization_id: int, objective_id: int | None = None) -> None:
    """Record, in the transaction of the cause, that the objective must be compared; None stands for all there are."""
    PendingComparison.objects.create(organization_id=organization_id, objective_id=objective_id)


def drain() -> int:
    """Compare all that is recorded as pending; the number of conflicts that came or went."""
    return drain_each(PendingComparison, drain_some, "comparing goals")


@transaction.atomic
def drain_some(organization_id: int) -> int | None:
    """One round for one organization: the number of conflicts that came or went, None where nothing was pending.

    Rows are taken with `SKIP LOCKED` and deleted with the result, so that a worker killed in between leaves them to the
    next.
    """
    lock_comparison(organization_id)
    pending = PendingComparison.objects.select_for_update(skip_locked=True).filter(organization=organization_id)
    taken = list(pending.order_by("pk")[:PENDING_AT_ONCE])
    if not taken:
        return None
    asked = {row.objective_id for row in taken if row.objective_id is not None}
    is_everything = any(row.objective_id is None for row in taken)
    changed = compare(Organization.objects.get(pk=organization_id), None if is_everything else asked)
    PendingComparison.objects.filter(pk__in=[row.pk for row in taken]).delete()
    return changed


def lock_comparison(organization_id: int) -> None:
    """Let one comparison of an organization run at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, organization_id])


@transaction.atomic
def compare_organization(organization: Organization) -> int:
    """Compare everything planned in an organization; for loading, importing and repair. Twice changes nothing."""
    lock_comparison(organization.pk)
    PendingComparison.objects.filter(organization=organization).delete()
    return compare(organization, None)


def compare(organization: Organization, asked: Collection[int] | None) -> int:
    """Compare the objectives asked for (all for None) with all others, and keep what was found: how much changed."""
    goals = goals_of(organization)
    comparison = Comparison(goals)
    covered = None if asked is None else comparison.widened(asked)
    found = comparison.find(comparison.goals if covered is None else covered)
    return keep(organization, covered, found, comparison.goals)


# Reading


def goals_of(organization: Organization) -> list[Goal]:
    """What is planned or under way in cycles that are not over: drafts too, nothing closed or dropped."""
    rows = (
        Objective.objects.filter(organization=organization, dropped_at=None, cycle__end__gte=organization.today)
        .exclude(state=ObjectiveState.CLOSED)
        .exclude(cycle__state=CycleState.CLOSED)
        .order_by("pk")
    )
    measured = measured_of(rows.values("pk"))
    planned = list(
        rows.values_list(
            "pk", "title", "owner", "team", "team__name", "cycle__start", "cycle__end", "cycle", "level", "carried_from"
        )
    )
    above, summed_into = connections_of(organization, {row[0] for row in planned})
    return [
        Goal(
            *row[:8],
            is_personal=row[8] == Level.INDIVIDUAL,
            carried_from=row[9],
            above=frozenset(above[row[0]]),
            summed_into=frozenset(summed_into[row[0]]),
            key_results=measured[row[0]],
        )
        for row in planned
    ]


def measured_of(objectives: Iterable[Any]) -> dict[int, list[Measured]]:
    rows = KeyResult.objects.filter(dropped_at=None, objective__in=objectives).order_by("pk")
    measured: dict[int, list[Measured]] = defaultdict(list)
    for row in rows.values_list(
        "objective", "pk", "title", "kind", "unit", "start_value", "target_value", "limit", "kpi", "measure_first"
    ):
        measured[row[0]].append(Measured(*row[1:]))
    return measured


def connections_of(
    organization: Organization, planned: Collection[int]
) -> tuple[Mapping[int, set[int]], Mapping[int, set[int]]]:
    """The planned objectives each one helps, past any that are closed; and the key results it is summed into."""
    direct: dict[int, set[int]] = defaultdict(set)
    summed_into: dict[int, set[int]] = defaultdict(set)
    rows = Alignment.objects.filter(child__organization=organization, child__dropped_at=None)
    for child, objective, key_result, of, combine, link in rows.values_list(
        "child",
        "parent_objective",
        "parent_key_result",
        "parent_key_result__objective",
        "parent_key_result__combine",
        "link",
    ):
        direct[child].add(objective or of)
        if combine == Combine.SUM and link == Link.CONTRIBUTES:
            summed_into[child].add(key_result)
    above = {child: past_closed(child, direct, planned) for child in list(direct) if child in planned}
    return defaultdict(set, above), summed_into


def past_closed(child: int, direct: Mapping[int, set[int]], planned: Collection[int]) -> set[int]:
    reached: set[int] = set()
    seen, waiting = {child}, list(direct.get(child, ()))
    while waiting:
        parent = waiting.pop()
        if parent in seen:
            continue
        seen.add(parent)
        if parent in planned:
            reached.add(parent)
        else:
            waiting.extend(direct.get(parent, ()))
    return reached


# Keeping


class Pair(NamedTuple):
    """By what a conflict is known."""

    kind: str
    first: int
    second: int
    first_key_result: int | None
    second_key_result: int | None


def pair_of(found: Found) -> Pair:
    return Pair(found.finding.value, found.first, found.second, found.first_key_result, found.second_key_result)


def pair_in(row: Conflict) -> Pair:
    return Pair(row.kind, row.first_id, row.second_id, row.first_key_result_id, row.second_key_result_id)


def keep(
    organization: Organization, covered: Collection[int] | None, found: Sequence[Found], goals: Mapping[int, Goal]
) -> int:
    """Write what came and what went among the pairs covered; what somebody settles meanwhile is left to the next.

    What was kept with a reason stays settled while both sides say what they said; anything else that is found again is
    open again.
    """
    rows = Conflict.objects.filter(organization=organization)
    if covered is not None:
        rows = rows.filter(Q(first__in=covered) | Q(second__in=covered))
    known = {pair_in(row): row for row in rows.order_by("pk")}
    now = clock.now()
    new, changed = [], []
    for one in found:
        row = known.pop(pair_of(one), None)
        content = content_of(one, goals)
        if row is None:
            new.append(row_of(organization, one))
        elif row.gone_at is not None or (row.settled_as and row.content != content):
            still_kept = row.settled_as == Settlement.KEPT and row.content == content
            row.found_at = row.found_at if still_kept else now
            row.gone_at, row.likeness = None, one.likeness
            if not still_kept:
                unsettle(row)
            changed.append(row)
    for row in known.values():
        if row.gone_at is None:
            row.gone_at = now
            changed.append(row)
    Conflict.objects.bulk_create(new, batch_size=WRITTEN_AT_ONCE)
    written = write_unsettled(changed)
    tell_owners([row for row in (*new, *written) if row.gone_at is None and not row.settled_as], goals)
    return len(new) + len(written)


def row_of(organization: Organization, found: Found) -> Conflict:
    return Conflict(
        organization=organization,
        kind=found.finding.value,
        first_id=found.first,
        second_id=found.second,
        first_key_result_id=found.first_key_result,
        second_key_result_id=found.second_key_result,
        likeness=found.likeness,
    )


def unsettle(row: Conflict) -> None:
    row.settled_as, row.settled_by, row.settled_at, row.reason, row.content = "", None, None, "", ""


def write_unsettled(changed: Sequence[Conflict]) -> list[Conflict]:
    """Write those whose version is still the one that was read; settling counts it up."""
    ids = [row.pk for row in changed]
    held = dict(Conflict.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", "version"))
    current = [row for row in changed if held.get(row.pk) == row.version]
    for row in current:
        row.version += 1
    fields = ["found_at", "gone_at", "likeness", "settled_as", "settled_by", "settled_at", "reason", "content"]
    Conflict.objects.bulk_update(current, [*fields, "version"], batch_size=WRITTEN_AT_ONCE)
    return current


def content_of(found: Found, goals: Mapping[int, Goal]) -> str:
    """The fingerprint of what both sides say: their words, units and ways; for baselines also where they begin."""
    said: list[Any] = []
    sides = ((found.first, found.first_key_result), (found.second, found.second_key_result))
    for goal_id, key_result_id in sides:
        goal = goals[goal_id]
        if key_result_id is None:
            said += [goal.words.text, goal.words.way]
            continue
        measured = next((row for row in goal.key_results if row.id == key_result_id), None)
        if measured is None:
            continue
        said += [measured.words.text, measured.unit, measured.kind, measured.way, measured.limit, measured.lever]
        if found.finding is Finding.BASELINES:
            said.append(measured.start and measured.start.normalize())
    return hashlib.sha256(repr(said).encode()).hexdigest()


def content_now(conflict: Conflict) -> str:
    """The same fingerprint of a pair as it is at this moment."""
    sides = {conflict.first_id, conflict.second_id}
    measured = measured_of(sides)
    goals = {
        row.pk: Goal(
            row.pk,
            row.title,
            row.owner_id,
            row.team_id,
            "",
            row.cycle.start,
            row.cycle.end,
            row.cycle_id,
            key_results=measured[row.pk],
        )
        for row in Objective.objects.filter(pk__in=sides).select_related("cycle")
    }
    found = Found(
        Finding(conflict.kind),
        conflict.first_id,
        conflict.second_id,
        conflict.first_key_result_id,
        conflict.second_key_result_id,
    )
    return content_of(found, goals)


def tell_owners(rows: Iterable[Conflict], goals: Mapping[int, Goal]) -> None:
    """Tell both owners, once for each pair of objectives, whatever is found between them later."""
    pairs = sorted({(row.first_id, row.second_id) for row in rows})
    owners = {goals[side].owner for pair in pairs for side in pair}
    present = set(Membership.objects.active().filter(pk__in=owners).values_list("pk", flat=True))
    notices = {}
    for first, second in pairs:
        for own, other in ((goals[first], goals[second]), (goals[second], goals[first])):
            occasion = f"conflict:{first}:{second}"
            if own.owner in present:
                notices[own.owner, occasion] = Notice(
                    membership_id=own.owner,
                    kind=NoticeKind.CONFLICT,
                    objective_id=own.id,
                    text=other.title,
                    occasion=occasion,
                )
    Notice.objects.bulk_create(notices.values(), ignore_conflicts=True, batch_size=WRITTEN_AT_ONCE)
