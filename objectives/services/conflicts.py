"""Settling what repeats or contradicts: one of the two stays, one builds on the other, or both stay with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from objectives import rollup, tasks
from objectives.comparing import content_now
from objectives.models import Alignment, Conflict, ConflictKind, KeyResult, Link, NoticeKind, Objective, Settlement
from objectives.services.alignment import align, same_parent
from objectives.services.notices import tell
from objectives.services.planning import drop_key_result, drop_objective, refuse_closed, refuse_dropped
from people import clock
from people.models import Membership
from people.refusals import Refusal

LONGEST_TITLE = 160


@dataclass(frozen=True)
class Sides:
    """The side that stays as it is, and the other one: objectives, and their key results where it is about those."""

    stays: Objective
    yields: Objective
    stays_key_result: KeyResult | None
    yields_key_result: KeyResult | None

    @property
    def stays_as(self) -> Objective | KeyResult:
        return self.stays_key_result or self.stays

    @property
    def yields_as(self) -> Objective | KeyResult:
        return self.yields_key_result or self.yields


@transaction.atomic
def keep_both(conflict: Conflict, *, reason: str, by: Membership) -> Conflict:
    """Let both stay, with the reason; it can be reopened. The same again is harmless.

    Raises `Refusal`: `reason_missing`, `conflict_gone`, `already_settled`, `not_yours_to_settle`.
    """
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why both stay: others will ask the same question."))
    held = hold(conflict)
    if held.settled_as == Settlement.KEPT:
        return held
    refuse_settled(held)
    refuse_gone(held)
    if not Conflict.objects.editable_by(by).filter(pk=held.pk).exists():
        raise Refusal("not_yours_to_settle", _("Only those who may change one of the two can settle this."))
    return settle(held, Settlement.KEPT, by=by, reason=reason)


@transaction.atomic
def reopen(conflict: Conflict, *, by: Membership) -> Conflict:
    """Ask again about what was kept with a reason; harmless where nothing was. Raises `Refusal` `conflict_gone`."""
    held = hold(conflict)
    if held.settled_as != Settlement.KEPT:
        return held
    refuse_gone(held)
    held.settled_as, held.settled_by, held.settled_at, held.reason, held.content = "", None, None, "", ""
    held.version += 1
    held.save()
    return held


@transaction.atomic
def share(
    conflict: Conflict,
    *,
    stays: int,
    by: Membership,
    link: str = Link.SUPPORTS,
    drops_twin: bool = False,
) -> Conflict:
    """Leave the measure to the objective numbered `stays`; the other one is aligned to it, and may drop its own.

    Where they want opposite things it has to. The same again is harmless. Raises `Refusal`: `conflict_gone`,
    `already_settled`, `not_yours_to_change`, `still_opposed`, and what `align` and `drop_key_result` raise.
    """
    held = hold(conflict)
    sides = sides_of(held, stays)
    if held.settled_as == Settlement.SHARED:
        return held
    refuse_unsettleable(held, sides, by)
    if held.kind == ConflictKind.OPPOSITE and not (drops_twin and sides.yields_key_result):
        sentence = _("They want opposite things: connecting them does not settle that. One of the two has to go.")
        raise Refusal.of_field("drops_twin", "still_opposed", sentence)
    align(sides.yields, to=sides.stays_as, link=link)
    if drops_twin and sides.yields_key_result is not None:
        reason = _("Shared with “%(title)s”.") % {"title": sides.stays.title[:LONGEST_TITLE]}
        drop_key_result(sides.yields_key_result, reason=reason, by=by)
    return settle(held, Settlement.SHARED, by=by, gone=True)


@transaction.atomic
def merge(conflict: Conflict, *, stays: int, by: Membership) -> Conflict:
    """Keep the goal of the objective numbered `stays` and drop the other; what was aligned to that follows.

    Bringing the dropped one back is the undo: it keeps its own connections. The same again is harmless. Raises
    `Refusal`: `conflict_gone`, `already_settled`, `not_yours_to_change`, and what dropping raises.
    """
    held = hold(conflict)
    sides = sides_of(held, stays)
    if held.settled_as == Settlement.MERGED:
        return held
    refuse_unsettleable(held, sides, by)
    realign(sides)
    reason = _("Merged into “%(title)s”.") % {"title": sides.stays_as.title[:LONGEST_TITLE]}
    if sides.yields_key_result is not None:
        drop_key_result(sides.yields_key_result, reason=reason, by=by)
    else:
        drop_objective(sides.yields, reason=reason, by=by)
    return settle(held, Settlement.MERGED, by=by, gone=True)


def hold(conflict: Conflict) -> Conflict:
    """Lock the pair in the order in which everybody locks: the roll-up, the objectives by number, then the conflict."""
    rollup.lock_roll_up(conflict.organization_id)
    rollup.hold([conflict.first_id, conflict.second_id])
    return Conflict.objects.select_for_update(of=("self",)).select_related("organization").get(pk=conflict.pk)


def sides_of(conflict: Conflict, stays: int) -> Sides:
    """The two sides as they are now. Raises `Refusal` `stays` for a number that is neither's."""
    objectives = Objective.objects.select_related("cycle", "owner__user", "organization").in_bulk(
        [conflict.first_id, conflict.second_id]
    )
    key_results = KeyResult.objects.select_related("objective").in_bulk(
        [pk for pk in (conflict.first_key_result_id, conflict.second_key_result_id) if pk is not None]
    )
    first = (objectives[conflict.first_id], key_results.get(conflict.first_key_result_id))
    second = (objectives[conflict.second_id], key_results.get(conflict.second_key_result_id))
    if stays not in objectives:
        raise Refusal.of_field("stays", "stays", _("Choose which of the two stays."))
    (kept, kept_measure), (other, other_measure) = (first, second) if stays == conflict.first_id else (second, first)
    return Sides(kept, other, kept_measure, other_measure)


def refuse_unsettleable(conflict: Conflict, sides: Sides, by: Membership) -> None:
    refuse_settled(conflict)
    refuse_gone(conflict)
    refuse_closed(sides.stays, sides.yields)
    refuse_dropped(sides.stays, sides.yields, sides.stays_as, sides.yields_as)
    if not Objective.objects.editable_by(by).filter(pk=sides.yields.pk).exists():
        sentence = _("“%(title)s” would change, and that is up to %(owner)s. Ask them, or let both stay with a reason.")
        raise Refusal.of_field(
            "stays",
            "not_yours_to_change",
            sentence % {"title": sides.yields.title, "owner": sides.yields.owner.user.name},
        )


def refuse_gone(conflict: Conflict) -> None:
    if conflict.gone_at is not None:
        raise Refusal("conflict_gone", _("The two goals do not conflict any more: one of them was changed meanwhile."))


def refuse_settled(conflict: Conflict) -> None:
    if conflict.settled_as:
        raise Refusal("already_settled", _("Somebody else settled this in the meantime. Look at how, then decide."))


def realign(sides: Sides) -> None:
    """Have what helps the goal that yields help the one that stays too, as far as it does not already lead there."""
    if sides.yields_key_result is not None:
        rows = Alignment.objects.filter(parent_key_result=sides.yields_key_result)
    else:
        rows = Alignment.objects.filter(parent_objective=sides.yields) | Alignment.objects.filter(
            parent_key_result__objective=sides.yields
        )
    for row in rows.filter(child__dropped_at=None).select_related("child__cycle", "child__organization").order_by("pk"):
        child = row.child
        if (
            child.is_closed
            or child.pk == sides.stays.pk
            or child.parents.filter(**same_parent(sides.stays_as)).exists()
        ):
            continue
        try:
            with transaction.atomic():
                align(child, to=sides.stays_as, link=row.link, weight=row.weight)
        except Refusal as refusal:
            if refusal.code != "loop":
                raise


def settle(conflict: Conflict, way: str, *, by: Membership, reason: str = "", gone: bool = False) -> Conflict:
    now = clock.now()
    conflict.settled_as, conflict.settled_by, conflict.settled_at = way, by, now
    conflict.reason, conflict.content = reason.strip(), content_now(conflict)
    conflict.version += 1
    if gone:
        conflict.gone_at = now
        for objective_id in (conflict.first_id, conflict.second_id):
            tasks.compare(conflict.organization_id, objective_id)
    conflict.save()
    tell_owners(conflict, by)
    return conflict


def tell_owners(conflict: Conflict, by: Membership) -> None:
    """Tell each owner about their own side, with the reason where both stay."""
    for objective in Objective.objects.filter(pk__in=[conflict.first_id, conflict.second_id]).order_by("pk"):
        tell(
            [objective.owner_id],
            NoticeKind.SETTLED,
            occasion=f"settled:{conflict.pk}:{conflict.version}:{objective.pk}",
            objective=objective,
            by=by,
            text=conflict.reason,
        )
