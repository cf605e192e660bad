"""Carrying objectives of one cycle into the next, as drafts with fresh baselines."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from objectives import rollup, tasks
from objectives.models import Alignment, Cycle, CycleState, KeyResult, Link, Objective, ObjectiveState, Step
from objectives.queries.carrying import (
    Fresh,
    carried_into,
    carryable_by,
    colleagues_of,
    fresh_of,
    successors,
    with_all_to_carry,
)
from objectives.queries.next_cycle import cycle_before, next_to_open
from objectives.services.alignment import weighable_by
from objectives.services.cycles import save_cycle
from objectives.services.planning import drop_objective, refuse_closed_cycle, restore_objective
from people.models import Membership
from people.refusals import Refusal
from people.services.owners import hold_owner
from people.services.teams import refuse_closed_team


@dataclass
class Carried:
    """One objective on its way: what it was, what it is to be, and its key results."""

    source: Objective
    objective: Objective
    fresh: list[Fresh] = field(default_factory=list)


@transaction.atomic
def open_next_cycle(*, by: Membership) -> Cycle:
    """Make the cycle that follows the running one, in preparation; whoever comes second is given the first one's.

    Raises `Refusal` `followed` where another cycle follows already.
    """
    type(by.organization).objects.select_for_update(no_key=True).get(pk=by.organization_id)
    following = next_to_open(by)
    if following is None:
        rows = Cycle.objects.filter(organization=by.organization_id, state=CycleState.DRAFT)
        made = rows.filter(start__gt=by.organization.today).order_by("start").first()
        if made is None:
            raise Refusal("followed", _("There is a cycle to work in already. Another one is made on the cycles page."))
        return made
    cycle = Cycle(organization=by.organization, name=following.name, start=following.start, end=following.end)
    return save_cycle(cycle, by=by)


@transaction.atomic
def carry_over(cycle: Cycle, *, chosen: Collection[int], by: Membership, submission_key: uuid.UUID) -> list[Objective]:
    """Make drafts of objectives of the cycle before, and return those that stand there now.

    One carried already, by whomever, is not made again: whoever carries into a cycle holds it. What the same form made
    before and was taken back comes back. What one may not carry is left out. Raises `Refusal`: `cycle_closed`, and
    `owner` or `team_closed` where somebody leaves, or a team closes, at this very moment.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    refuse_closed_cycle(cycle)
    before = cycle_before(cycle)
    if before is None:
        return []
    rows = carryable_by(by, before).filter(pk__in=chosen)
    sources = list(with_all_to_carry(rows).order_by("position", "pk"))
    standing = carried_into(cycle, sources)
    waiting = {key_of(submission_key, row): row for row in sources if row.pk not in standing}
    hold_teams(waiting.values(), by)
    taken_back = Objective.objects.in_cycle(cycle).exclude(dropped_at=None).filter(submission_key__in=waiting)
    returning = list(taken_back.order_by("pk"))
    back = {waiting[row.submission_key].pk for row in returning}
    made = drafts_of([row for row in waiting.values() if row.pk not in back], cycle, by, submission_key)
    rollup.lock_roll_up(by.organization_id)
    standing |= {waiting[row.submission_key].pk: restore_objective(row, by=by) for row in returning}
    write_drafts(made, cycle, before, by)
    standing |= {one.source.pk: one.objective for one in made}
    return [standing[source.pk] for source in sources]


@transaction.atomic
def undo_carrying(cycle: Cycle, *, by: Membership, submission_key: uuid.UUID) -> int:
    """Drop the drafts that one sending made and nobody has touched since; how many. Again is harmless."""
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    rows = Objective.objects.editable_by(by).in_cycle(cycle).filter(state=ObjectiveState.DRAFT, version=1)
    untouched = (
        rows.exclude(carried_from=None)
        .select_related("carried_from")
        .exclude(key_results__version__gt=1)
        .prefetch_related("key_results", "carried_from__key_results")
        .order_by("pk")
    )
    made = [
        row
        for row in untouched
        if row.carried_from is not None
        and row.submission_key == key_of(submission_key, row.carried_from)
        and holds_only_carried(row, row.carried_from)
    ]
    for objective in made:
        drop_objective(objective, reason=_("Taken back right after it was carried over."), by=by)
    return len(made)


def holds_only_carried(draft: Objective, source: Objective) -> bool:
    """Whether nobody added a key result to what was carried over."""
    carried = {key_of(draft.submission_key, key_result) for key_result in source.key_results.all()}
    return all(key_result.submission_key in carried for key_result in draft.key_results.all())


def key_of(submission_key: uuid.UUID, source: Objective | KeyResult) -> uuid.UUID:
    """The key of the draft that a sending makes of a goal: the same again for the same form."""
    return uuid.uuid5(submission_key, str(source.submission_key))


def hold_teams(sources: Iterable[Objective], by: Membership) -> None:
    """Keep the teams that the drafts are given to from closing until the transaction ends."""
    now = successors(by.organization_id)
    for team_id in sorted({now[source.team_id] for source in sources}):
        refuse_closed_team(team_id)


def drafts_of(sources: Sequence[Objective], cycle: Cycle, by: Membership, submission_key: uuid.UUID) -> list[Carried]:
    """The objectives as they are to stand in the cycle, their owners held."""
    here, now = colleagues_of(by.organization_id), successors(by.organization_id)
    made = [
        Carried(
            source,
            Objective(
                organization_id=by.organization_id,
                cycle=cycle,
                team_id=now[source.team_id],
                owner_id=source.owner_id if source.owner_id in here else by.pk,
                level=source.level,
                title=source.title,
                why=source.why,
                kind=source.kind,
                kgi_id=source.kgi_id if source.kgi is not None and source.kgi.dropped_at is None else None,
                carried_from=source,
                position=source.position,
                submission_key=key_of(submission_key, source),
            ),
            fresh_of(source.standing, here),  # type: ignore[attr-defined]
        )
        for source in sources
    ]
    owners = {one.objective.owner_id for one in made}
    owners |= {fresh.key_result.owner_id for one in made for fresh in one.fresh if fresh.key_result.owner_id}
    for owner_id in sorted(owners):
        hold_owner(owner_id, before=None)
    return made


def write_drafts(made: Sequence[Carried], cycle: Cycle, before: Cycle, by: Membership) -> None:
    """Save the drafts with all that hangs on them, and give them their score rows; the roll-up is held."""
    if not made:
        return
    Objective.objects.bulk_create(one.objective for one in made)
    for one in made:
        for fresh in one.fresh:
            fresh.key_result.objective = one.objective
            fresh.key_result.submission_key = key_of(one.objective.submission_key, fresh.source)
            for step in fresh.steps:
                step.key_result = fresh.key_result
    freshes = [fresh for one in made for fresh in one.fresh]
    KeyResult.objects.bulk_create(fresh.key_result for fresh in freshes)
    Step.objects.bulk_create(step for fresh in freshes for step in fresh.steps)
    Alignment.objects.bulk_create(alignments_of(made, cycle, before, by))
    objectives = [one.objective.pk for one in made]
    rollup.hold(objectives)
    rollup.rescore_key_results(by.organization, [fresh.key_result.pk for fresh in freshes], by.organization.today)
    rollup.roll_up(by.organization, objectives, by.organization.today)
    tasks.wake()
    tasks.compare(by.organization_id)


def alignments_of(made: Sequence[Carried], cycle: Cycle, before: Cycle, by: Membership) -> list[Alignment]:
    """What the drafts help: the parents they had, as these stand in the new cycle or in one that runs on beside it.

    No loop can close: nothing that stands already leads to a new draft. A weight stays where the reader may weigh.
    """
    drafts = {one.source.pk: one.objective for one in made}
    results = {fresh.source.pk: fresh.key_result for one in made for fresh in one.fresh}
    rows = list(
        Alignment.objects.filter(child__in=drafts)
        .select_related("parent_objective__cycle", "parent_key_result__objective__cycle")
        .order_by("pk")
    )
    parents = [row.parent for row in rows if row.parent.cycle_id == before.pk and row.parent.pk not in drafts]
    standing = carried_into(cycle, parents)
    weighable = weighable_by(by, [*standing.values(), *(row.parent for row in rows)]) | {
        draft.pk for draft in drafts.values()
    }
    found: dict[tuple[int, type, int], Alignment] = {}
    for row in rows:
        to = parent_now(row, cycle, before, drafts | standing, results)
        if to is None:
            continue
        parent = to.objective if isinstance(to, KeyResult) else to
        keeps_weight = row.link == Link.CONTRIBUTES and parent.pk in weighable
        alignment = Alignment(
            child=drafts[row.child_id],
            parent_objective=to if isinstance(to, Objective) else None,
            parent_key_result=to if isinstance(to, KeyResult) else None,
            link=row.link,
            weight=row.weight if keeps_weight else None,
        )
        found.setdefault((row.child_id, type(to), to.pk), alignment)
    return list(found.values())


def parent_now(
    row: Alignment,
    cycle: Cycle,
    before: Cycle,
    carried: dict[int, Objective],
    results: dict[int, KeyResult],
) -> Objective | KeyResult | None:
    """What stands where the parent stood: itself where it goes on, else what it was carried to; None for nothing."""
    parent, key_result = row.parent, row.parent_key_result
    if parent.cycle_id == before.pk:
        now = carried.get(parent.pk)
        return now if now is None or key_result is None else result_now(key_result, now, results)
    is_over = parent.cycle.is_closed or parent.cycle.end < cycle.start or parent.state == ObjectiveState.CLOSED
    if is_over or parent.dropped_at is not None or (key_result is not None and key_result.dropped_at is not None):
        return None
    return key_result or parent


def result_now(key_result: KeyResult, carried: Objective, results: dict[int, KeyResult]) -> Objective | KeyResult:
    """The carried key result, or its objective where it was left behind or reworded."""
    made = results.get(key_result.pk)
    if made is not None:
        return made
    same = carried.key_results.filter(dropped_at=None, title=key_result.title, kind=key_result.kind)
    return same.first() or carried
