"""When teams report, and on which days nobody works. Due days follow in the background."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.services.teams import rescore_rhythms
from people.models import Cadence, DayOff, Membership
from people.queries.rhythms import DECIDED
from people.refusals import Refusal, stale
from people.services.teams import hold_team, hold_tree

WHAT_IS_DUE_DEPENDS_ON = ("check_in_weeks", "check_in_weekday")
LONGEST_BREAK = 100


@transaction.atomic
def save_cadence(cadence: Cadence, *, expected_version: int | None = None) -> Cadence:
    """Write what a team decides about its rhythm; teams below that leave it open follow.

    Version 0 is that of a team which has decided nothing yet. The same again is harmless. Raises `Refusal`: `stale`,
    `team_closed`, `no_weekday` for the time of a meeting on no day; and `ValidationError`.
    """
    team = hold_team(cadence.team)
    held = Cadence.objects.filter(team=team).first()
    before = held or Cadence(team=team, version=0)
    if same(before, cadence):
        return held or cadence
    if expected_version is not None and before.version != expected_version:
        raise stale()
    if team.closed_on is not None:
        raise Refusal("team_closed", _("This team is closed. Open it again before changing it."))
    cadence.version = before.version + 1
    cadence.full_clean(validate_unique=held is None)
    cadence.save(force_insert=held is None, force_update=held is not None)
    if any(getattr(before, name) != getattr(cadence, name) for name in WHAT_IS_DUE_DEPENDS_ON):
        rescore_rhythms(team.organization_id)
    return cadence


def same(one: Cadence, other: Cadence) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in DECIDED.values())


@transaction.atomic
def add_days_off(day_off: DayOff) -> DayOff:
    """Give everybody days off; what is due on them moves. The same again answers the first.

    Raises `Refusal` `too_long` for more than a hundred days, and `ValidationError`.
    """
    hold_tree(day_off.organization_id)
    first = DayOff.objects.filter(
        organization=day_off.organization_id, name=day_off.name, first=day_off.first, last=day_off.last
    ).first()
    if first is not None:
        return first
    day_off.full_clean()
    if (day_off.last - day_off.first).days >= LONGEST_BREAK:
        raise Refusal.of_field(
            "last", "too_long", _("At most %(days)s days at once. Is the year right?") % {"days": LONGEST_BREAK}
        )
    day_off.save()
    rescore_rhythms(day_off.organization_id)
    return day_off


@transaction.atomic
def remove_days_off(day_off: DayOff, *, by: Membership) -> None:
    """Take days off back; what is due on them is due then again. Twice is harmless."""
    hold_tree(by.organization_id)
    deleted, _rows = DayOff.objects.filter(organization=by.organization_id, pk=day_off.pk).delete()
    if deleted:
        rescore_rhythms(by.organization_id)
