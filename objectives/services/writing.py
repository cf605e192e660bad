"""Goals as every door writes them: by the rules of `rules`, then the act itself, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from objectives import rollup
from objectives.models import KeyResult, Link, Objective, ObjectiveState, Step
from objectives.services.alignment import align, unalign
from objectives.services.closing import close_objective, propose_grade
from objectives.services.grades import Word
from objectives.services.measures import refuse_measure
from objectives.services.planning import change_state, hold_place, refuse_stale, save_key_result, save_objective
from objectives.services.rules import (
    kgis_offered,
    kpis_offered,
    leave_out_unused,
    owners_of_objective,
    refuse_place,
    refuse_weight,
    twin_of,
    twins_of_key_result,
    twins_of_objective,
)
from people.models import Membership
from people.queries import possible_owners
from people.refusals import Refusal


@dataclass(frozen=True)
class Help:
    """What an objective is to help, and how."""

    to: Objective | KeyResult
    link: str = Link.CONTRIBUTES
    weight: float | None = None


# What is written of an objective by its own; state and connections are acts of their own.
WRITTEN = ("title", "why", "kind", "level", "team_id", "owner_id", "kgi_id", "cycle_id")


@transaction.atomic
def write_objective(
    objective: Objective,
    *,
    by: Membership,
    helps: Sequence[Help] | None = None,
    state: str = "",
    comment: str = "",
    word: Word | None = None,
    expected_version: int | None = None,
) -> Objective:
    """Write a new or changed objective, with what it helps and the state it is to be in: all of it or nothing.

    `helps` replaces its connections, None leaves them; `comment` is said about the new state, `word` about the end of
    one that runs or is closed. A new one whose `submission_key` is known is answered by the first as it is.
    Raises `Refusal`: `not_yours_to_plan`, `owner`, `kgi`, `cycle_fixed`, `written_already`, and what
    `save_objective`, `align`, `unalign`, `change_state`, `close_objective` and `propose_grade` raise.
    """
    if objective._state.adding:
        refuse_objective(objective, Objective(), by)
        refuse_twin(twin_of(twins_of_objective(objective), objective.submission_key))
        written = save_objective(objective, by=by)
        if written is not objective:
            return written
        expected_version = None
        if helps:
            hold_parents(written, helps)
    else:
        written = Objective.objects.get(pk=objective.pk)
        refuse_stale(written, expected_version)
        if helps is not None:
            hold_place(objective, before=written)
            hold_parents(written, helps)
        if any(getattr(written, name) != getattr(objective, name) for name in WRITTEN):
            refuse_objective(objective, written, by)
            written = save_objective(objective, by=by, expected_version=expected_version)
            expected_version = None
    if helps is not None:
        replace_helps(written, helps, by)
    if word is not None:
        written = say_of_end(written, word, to=state, by=by, comment=comment, expected_version=expected_version)
        expected_version = None
    if not state:
        return written
    return change_state(written, to=state, by=by, comment=comment, expected_version=expected_version)


def say_of_end(
    objective: Objective, word: Word, *, to: str, by: Membership, comment: str, expected_version: int | None
) -> Objective:
    """Close it with the grade, correct that of a closed one, or propose it for one that goes on running."""
    said = {"by": by, "expected_version": expected_version, **asdict(word)}
    if to == ObjectiveState.CLOSED or (not to and objective.state == ObjectiveState.CLOSED):
        return close_objective(objective, comment=comment, **said)
    return propose_grade(objective, **said)


def hold_parents(objective: Objective, helps: Sequence[Help]) -> None:
    """Hold the roll-up, then the objective with what it helps and is to help, by number: so does whoever holds many."""
    rollup.lock_roll_up(objective.organization_id)
    wanted = {help_.to.objective_id if isinstance(help_.to, KeyResult) else help_.to.pk for help_ in helps}
    present = objective.parents.values_list("parent_objective", "parent_key_result__objective")
    rollup.hold({objective.pk, *wanted, *(pk for pair in present for pk in pair if pk is not None)})


def refuse_objective(objective: Objective, before: Objective, by: Membership) -> None:
    if (before.team_id, before.level) != (objective.team_id, objective.level):
        refuse_place(by, objective.team, objective.level)
    if before.cycle_id not in (None, objective.cycle_id):
        sentence = _("An objective stays in the cycle it was written for.")
        raise Refusal.of_field("cycle", "cycle_fixed", sentence)
    if not owners_of_objective(by, before.owner_id).filter(pk=objective.owner_id).exists():
        sentence = _("Choose somebody you may make the owner: a member proposes as owner.")
        raise Refusal.of_field("owner", "owner", sentence)
    if objective.kgi_id is not None and not kgis_offered(by, before.kgi_id).filter(pk=objective.kgi_id).exists():
        raise Refusal.of_field("kgi", "kgi", _("Choose a KGI of the plan."))


def replace_helps(objective: Objective, helps: Sequence[Help], by: Membership) -> None:
    """Connect it to these and to nothing else that still stands; what stays as it is is not touched."""
    wanted = {(type(help_.to), help_.to.pk): help_ for help_ in helps}
    present = {
        (type(row.parent_key_result or row.parent), (row.parent_key_result or row.parent).pk): row
        for row in objective.parents.select_related("parent_objective", "parent_key_result__objective")
        if row.parent.dropped_at is None and (row.parent_key_result or row.parent).dropped_at is None
    }
    for key in present.keys() - wanted.keys():
        unalign(present[key])
    for key, help_ in wanted.items():
        row = present.get(key)
        if row is None or (row.link, row.weight) != (help_.link, help_.weight):
            align(objective, to=help_.to, link=help_.link, weight=help_.weight, by=by)


@transaction.atomic
def write_key_result(
    key_result: KeyResult,
    *,
    by: Membership,
    steps: Sequence[Step] | None = None,
    reason: str = "",
    complete: bool = True,
    expected_version: int | None = None,
) -> KeyResult:
    """Write a new or changed key result that states what its kind needs, and nothing else.

    Unless `complete`, numbers of a draft may still be missing. Raises `Refusal`: `objective_fixed`, `owner`, `kpi`,
    `weight`, `written_already`, and what `save_key_result` raises.
    """
    is_new = key_result._state.adding
    before = KeyResult() if is_new else KeyResult.objects.get(pk=key_result.pk)
    if not is_new and before.objective_id != key_result.objective_id:
        sentence = _("A key result stays below the objective it was written for.")
        raise Refusal.of_field("objective", "objective_fixed", sentence)
    if key_result.owner_id is not None:
        owners = possible_owners(by, before.owner_id)
        if not owners.filter(pk=key_result.owner_id).exists():
            raise Refusal.of_field("owner", "owner", _("Choose a colleague who is still here and is not a partner."))
    if key_result.kpi_id is not None and not kpis_offered(by, before.kpi_id).filter(pk=key_result.kpi_id).exists():
        raise Refusal.of_field("kpi", "kpi", _("Choose a KPI of the plan."))
    if is_new:
        refuse_twin(twin_of(twins_of_key_result(key_result), key_result.submission_key))
    refuse_weight(key_result.weight)
    leave_out_unused(key_result, key_result.kind)
    refuse_measure(key_result, steps, complete=complete)
    return save_key_result(key_result, by=by, steps=steps, reason=reason, expected_version=expected_version)


def refuse_twin(twin: Objective | KeyResult | None) -> None:
    if twin is not None:
        sentence = _("This is written already: number %(pk)s. Change that one, or choose other words.")
        raise Refusal.of_field("title", "written_already", sentence % {"pk": twin.pk})
