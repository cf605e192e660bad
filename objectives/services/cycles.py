"""The calendar plans are made for: cycles, and the organization's own days and limits."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from objectives import rollup, tasks
from objectives.models import CheckIn, Cycle
from objectives.services.closing_cycles import change_cycle_state, refuse_stale, settle
from people.models import Membership, Organization
from people.refusals import Refusal, stale
from people.services.units import offer_money

EDITED = {
    Cycle: ("name", "start", "end", "is_first"),
    Organization: (
        "name",
        "time_zone",
        "currency",
        "fiscal_year_start",
        "check_in_weekday",
        "holidays",
        "band_lower",
        "band_upper",
    ),
}
WHAT_SCORES_DEPEND_ON = ("time_zone", "check_in_weekday", "holidays", "band_lower", "band_upper")


def state_of(row: Cycle | Organization) -> str:
    """What a form edits of the row, as a short text that is another one as soon as any of it changes."""
    return sha256(repr([str(getattr(row, name)) for name in EDITED[type(row)]]).encode()).hexdigest()[:16]


def refuse_changed(held: Cycle | Organization, wanted: Cycle | Organization, expected_state: str | None) -> None:
    """Sending the same twice is harmless; anything else counts on the state it was written for."""
    if expected_state is not None and state_of(held) not in {expected_state, state_of(wanted)}:
        raise stale()


@transaction.atomic
def save_cycle(
    cycle: Cycle, *, by: Membership, expected_state: str | None = None, expected_version: int | None = None
) -> Cycle:
    """Write a new or changed cycle; its goals are paced by its days, so moving them rescores it.

    A new one of the same name and days is answered by the first. Raises `Refusal`: `cycle_closed`, `stale` where
    `expected_state` or `expected_version` is not that of the row any more, `check_ins_outside` when a check-in would
    lie outside the days; and `ValidationError` for a name or days that are none.
    """
    cycle.organization = by.organization
    if cycle._state.adding:
        Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
        same = {"organization": by.organization, "name": cycle.name, "start": cycle.start, "end": cycle.end}
        first = Cycle.objects.filter(**same).first()
        if first is not None:
            return first
        cycle.full_clean()
        cycle.save()
        return cycle
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    refuse_stale(held, expected_version)
    if held.is_closed:
        raise Refusal("cycle_closed", _("This cycle is closed. Open it again to change its days."))
    refuse_changed(held, cycle, expected_state)
    cycle.state, cycle.version = held.state, held.version
    if state_of(held) == state_of(cycle):
        return held
    cycle.version += 1
    moved = (held.start, held.end) != (cycle.start, cycle.end)
    if moved:
        refuse_check_ins_outside(cycle)
    cycle.full_clean()
    cycle.save()
    if moved:
        settle(cycle, by, has_moved=True)
    return cycle


def refuse_check_ins_outside(cycle: Cycle) -> None:
    check_ins = CheckIn.objects.filter(key_result__objective__cycle=cycle)
    if check_ins.exclude(date__gte=cycle.start).exists():
        raise Refusal.of_field("start", "check_ins_outside", _("There are check-ins from before this day."))
    if check_ins.exclude(date__lte=cycle.end).exists():
        raise Refusal.of_field("end", "check_ins_outside", _("There are check-ins from after this day."))


@transaction.atomic
def set_first_steps(cycle: Cycle, *, is_first: bool) -> Cycle:
    """Say whether the company takes its first steps in a cycle. Twice is harmless. Raises `Refusal` `cycle_closed`."""
    held = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    if held.is_first == is_first:
        return held
    if held.is_closed:
        raise Refusal("cycle_closed", _("This cycle is closed. Open it again to change it."))
    held.is_first, held.version = is_first, held.version + 1
    held.save(update_fields=["is_first", "version"])
    return held


@transaction.atomic
def write_cycle(cycle: Cycle, *, by: Membership, reason: str = "", expected_version: int | None = None) -> Cycle:
    """Write a new or changed cycle together with its state; a closed one is opened before anything else of it changes.

    `reason` says why a closed one is opened. Raises what `save_cycle` and `change_cycle_state` raise.
    """
    if cycle._state.adding:
        return save_cycle(cycle, by=by)
    to = cycle.state
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    refuse_stale(held, expected_version)
    if held.is_closed:
        held = change_cycle_state(held, to=to, by=by, reason=reason)
    if state_of(held) != state_of(cycle):
        held = save_cycle(cycle, by=by)
    return change_cycle_state(held, to=to, by=by)


@transaction.atomic
def save_organization(organization: Organization, *, expected_state: str | None = None) -> Organization:
    """Write the organization's settings. Where scores follow from them, all its open goals are to be rescored.

    That is recorded here and done by the worker: a large organization takes longer than a person should wait. Raises
    `Refusal` `stale` where `expected_state` is not that of the row any more.
    """
    held = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    refuse_changed(held, organization, expected_state)
    organization.scored_on = held.scored_on
    organization.full_clean()
    organization.save()
    if held.currency != organization.currency:
        offer_money(organization)
    if any(getattr(held, name) != getattr(organization, name) for name in WHAT_SCORES_DEPEND_ON):
        rollup.request_roll_up(organization.pk, None)
        tasks.wake()
    return organization
