"""Bringing a partner's work into the house: the day, the list of steps, and who ticks them off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from funnel.models import HandoverStep, PartnerRoom
from objectives.models import NoticeKind
from objectives.services.notices import tell
from objectives.services.room_talk import hold_room
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.putting_away import bring_back, put_away

LONGEST: int = HandoverStep._meta.get_field("text").max_length or 0
MOST_STEPS = 100


def usual_steps() -> list[tuple[str, bool, int]]:
    """What a handover is usually made of: the step, whether the partner does it, and how many weeks before the day."""
    return [
        (_("Name one person inside for every lever the partner works on"), False, 8),
        (_("Decide what we go on buying outside, and from whom"), False, 8),
        (_("Give us the admin rights to ads, analytics, social media, domain and website"), True, 6),
        (_("Export the raw data and all reports, and hand them over"), True, 6),
        (_("Write down what was tried, what worked, what did not, and why"), True, 5),
        (_("Hand over the originals of content and design, with the rights to use them"), True, 5),
        (_("Move contracts, subscriptions and payments into our name"), False, 4),
        (_("Work side by side for two weeks: we do it, the partner watches"), True, 3),
        (_("Do one whole week alone and write down what was missing"), False, 1),
        (_("Read the last contribution report together"), False, 0),
        (_("Take back all access the partner has, and change shared passwords"), False, 0),
    ]


@transaction.atomic
def plan_handover(partner: Membership, *, by: Membership, on: date, expected_version: int | None = None) -> PartnerRoom:
    """Say from which day the work is done in-house. The first time the usual steps are laid, in the reader's language.

    Open steps move by as many days as the day does, none of them into the past.
    The same day again is harmless. `expected_version` is that of the room, 0 where nothing was written in it yet.
    Raises `Refusal`: `left`, `day_past`, `stale`.
    """
    held = hold_room(partner, by)
    room = room_held(held)
    if room.handover_on == on:
        return room
    if on < by.organization.today:
        raise Refusal.of_field("on", "day_past", _("That day is over. Choose one that is still to come."))
    if expected_version is not None and room.version != expected_version:
        raise stale()
    was = room.handover_on
    room.handover_on = on
    keep(room)
    if not HandoverStep.objects.filter(partner=held).exists():
        lay_steps(held, on, today=by.organization.today)
    elif was is not None:
        move_open_steps(held, on - was, today=by.organization.today)
    if was is None:
        tell_of_the_first(held, by)
    return room


def lay_steps(partner: Membership, on: date, *, today: date) -> None:
    steps = [
        HandoverStep(
            organization_id=partner.organization_id,
            partner=partner,
            text=text[:LONGEST],
            by_partner=by_partner,
            due_on=max(today, on - timedelta(weeks=weeks)),
            position=position,
        )
        for position, (text, by_partner, weeks) in enumerate(usual_steps())
    ]
    HandoverStep.objects.bulk_create(steps)


def move_open_steps(partner: Membership, distance: timedelta, *, today: date) -> None:
    rows = HandoverStep.objects.filter(partner=partner, done_at=None, dropped_at=None, due_on__isnull=False)
    steps = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))
    for step in steps:
        if step.due_on is not None:
            # What is late stays late where the day comes nearer.
            step.due_on = max(step.due_on + distance, min(step.due_on, today))
        step.version += 1
    HandoverStep.objects.bulk_update(steps, ["due_on", "version"])


@transaction.atomic
def leave_off_handover(partner: Membership, *, by: Membership) -> None:
    """Go on with the partner: the day is cleared, the list stays. Twice is harmless. Raises `Refusal` `left`."""
    room = PartnerRoom.objects.filter(membership=hold_room(partner, by)).first()
    if room is not None and room.handover_on is not None:
        room.handover_on = None
        keep(room)


def room_held(partner: Membership) -> PartnerRoom:
    """The room of a partner who is held; a new one, of version 0, where nothing was written in it yet."""
    room = PartnerRoom.objects.filter(membership=partner).first()
    return room or PartnerRoom(organization_id=partner.organization_id, membership=partner, version=0)


def keep(room: PartnerRoom) -> None:
    room.version += 1
    room.save()


@transaction.atomic
def add_step(
    partner: Membership,
    *,
    by: Membership,
    text: str,
    by_partner: bool = False,
    owner: Membership | None = None,
    due_on: date | None = None,
) -> HandoverStep:
    """Put one more step at the end of the list; a step that stands there in the same words is answered instead.

    Raises `Refusal`: `left`, `text_missing`, `too_long`, `theirs_or_ours`, `owner`, `too_many`.
    """
    words = tidy(text)
    refuse_both(by_partner, owner)
    held = hold_room(partner, by)
    standing = HandoverStep.objects.filter(partner=held, dropped_at=None)
    same = standing.filter(text=words).first()
    if same is not None:
        return same
    if standing.count() >= MOST_STEPS:
        raise Refusal("too_many", _("A list of more than %(number)s steps helps nobody.") % {"number": MOST_STEPS})
    hold_owner(owner.pk if owner is not None else None, before=None)
    last = HandoverStep.objects.filter(partner=held).aggregate(last=Max("position"))["last"]
    step = HandoverStep.objects.create(
        organization_id=held.organization_id,
        partner=held,
        text=words,
        by_partner=by_partner,
        owner=owner,
        due_on=due_on,
        position=0 if last is None else last + 1,
    )
    tell_whose(step, by)
    return step


@transaction.atomic
def save_step(
    step: HandoverStep,
    *,
    by: Membership,
    text: str,
    by_partner: bool,
    owner: Membership | None,
    due_on: date | None,
    expected_version: int | None = None,
) -> HandoverStep:
    """Write a step anew; the same again changes nothing. Who has it to do only now is told.

    Raises `Refusal`: `left`, `text_missing`, `too_long`, `theirs_or_ours`, `owner`, `stale`, `dropped`.
    """
    words = tidy(text)
    refuse_both(by_partner, owner)
    hold_room(step.partner, by)
    hold_owner(owner.pk if owner is not None else None, before=step.owner_id)
    held = hold(step)
    owner_id = owner.pk if owner is not None else None
    if (held.text, held.by_partner, held.owner_id, held.due_on) == (words, by_partner, owner_id, due_on):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_dropped(held)
    is_new_to_them = held.owner_id != owner_id or held.by_partner != by_partner
    held.text, held.by_partner, held.owner, held.due_on = words, by_partner, owner, due_on
    held.version += 1
    held.save(update_fields=["text", "by_partner", "owner", "due_on", "version"])
    if is_new_to_them and held.done_at is None:
        tell_whose(held, by)
    return held


@transaction.atomic
def tick_step(step: HandoverStep, *, by: Membership, done: bool) -> HandoverStep:
    """Say that a step is done, or is not; the same again changes nothing. Raises `Refusal`: `left`, `dropped`."""
    hold_room(step.partner, by)
    held = hold(step)
    if (held.done_at is not None) == done:
        return held
    refuse_dropped(held)
    held.done_at, held.done_by = (clock.now(), by) if done else (None, None)
    held.version += 1
    held.save(update_fields=["done_at", "done_by", "version"])
    return held


@transaction.atomic
def move_step(step: HandoverStep, *, by: Membership, to: int) -> None:
    """Put a step at a place of the list, counted from 0; the same again changes nothing. Raises `Refusal` `left`."""
    hold_room(step.partner, by)
    rows = HandoverStep.objects.filter(partner=step.partner_id, dropped_at=None).order_by("position", "pk")
    order = list(rows.select_for_update(no_key=True, of=("self",)))
    moved = next((each for each in order if each.pk == step.pk), None)
    if moved is None:
        return
    order.remove(moved)
    order.insert(max(0, min(to, len(order))), moved)
    changed = [each for place, each in enumerate(order) if each.position != place]
    for place, each in enumerate(order):
        each.position = place
    HandoverStep.objects.bulk_update(changed, ["position"])


@transaction.atomic
def drop_step(step: HandoverStep, *, by: Membership) -> HandoverStep:
    """Take a step off the list; again is harmless. Raises `Refusal` `left`."""
    hold_room(step.partner, by)
    return put_away(hold(step), "dropped_at")


@transaction.atomic
def restore_step(step: HandoverStep, *, by: Membership) -> HandoverStep:
    """Bring a step back to its place; again is harmless. Raises `Refusal` `left`."""
    hold_room(step.partner, by)
    return bring_back(hold(step), "dropped_at")


def hold(step: HandoverStep) -> HandoverStep:
    return HandoverStep.objects.select_for_update(no_key=True, of=("self",)).get(pk=step.pk)


def tidy(text: str) -> str:
    """The words on one line. Raises `Refusal`: `text_missing`, `too_long`."""
    words = " ".join(text.split())
    if not words:
        raise Refusal.of_field("text", "text_missing", _("Say in a few words what is to be done."))
    if len(words) > LONGEST:
        raise Refusal.of_field(
            "text", "too_long", _("That is too long: at most %(number)s characters.") % {"number": LONGEST}
        )
    return words


def refuse_both(by_partner: bool, owner: Membership | None) -> None:
    if by_partner and owner is not None:
        sentence = _("A step is done either by the partner or by somebody inside, not by both.")
        raise Refusal.of_field("owner", "theirs_or_ours", sentence)


def refuse_dropped(held: HandoverStep) -> None:
    if held.dropped_at is not None:
        raise Refusal("dropped", _("This step was taken off the list. Bring it back before changing it."))


# Telling


def tell_whose(step: HandoverStep, by: Membership) -> None:
    """Tell the owner inside, or the partner while a handover is planned."""
    if step.by_partner:
        if PartnerRoom.objects.filter(membership=step.partner_id, handover_on__isnull=False).exists():
            tell_partner(step, by)
    elif step.owner_id is not None:
        notify([step.owner_id], step, by, f"partners/{step.partner_id}/handover/#step-{step.pk}")


def tell_of_the_first(partner: Membership, by: Membership) -> None:
    """Tell the partner that a handover is planned now, by the first of their open steps."""
    theirs = HandoverStep.objects.filter(partner=partner, by_partner=True, done_at=None, dropped_at=None)
    first = theirs.order_by("position", "pk").first()
    if first is not None:
        tell_partner(first, by)


def tell_partner(step: HandoverStep, by: Membership) -> None:
    notify([step.partner_id], step, by, f"room/#step-{step.pk}", in_own_room=True)


def notify(people: Iterable[int], step: HandoverStep, by: Membership, place: str, *, in_own_room: bool = False) -> None:
    tell(
        people,
        NoticeKind.HANDOVER,
        occasion=f"handover:{step.pk}:{step.version}",
        by=by,
        text=step.text,
        place=place,
        in_own_room=in_own_room,
    )
