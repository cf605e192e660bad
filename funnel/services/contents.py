"""Acts on content: written down for a touch point, put on a day, published, dropped and brought back."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from funnel.models import PLANNERS, Content, ContentState, TouchPoint
from funnel.services.journeys import hold
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.putting_away import bring_back, put_away

WRITTEN = ("touch_point_id", "title", "format", "owner_id", "publish_on", "state", "address")
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


@transaction.atomic
def add_content(content: Content, *, by: Membership) -> tuple[Content, bool]:
    """Write down one piece of content, with the next number below its touch point; answers it and whether it is new.

    Whoever plans writes any, everybody else what they own themselves; without owner it is the writer's. A
    `submission_key` that made one already is answered by the first. Raises `Refusal`: `retired`, `gone`,
    `title_missing`, `day`, `owner`, `not_yours_to_give`, `touch_point`, `submission_key_used`; `ValidationError` for an
    address that is none.
    """
    if by.is_partner:
        raise Refusal("partner", _("Content is written by people inside the organization."))
    content.created_by = by
    first = made_before(content, by)
    if first is not None:
        return first, False
    if content.owner_id is None and by.role not in PLANNERS:
        content.owner = by
    tidy(content)
    refuse_given(content, by, before=None)
    hold_owner(content.owner_id, before=None)
    hold_point(content.touch_point_id, by)
    content.number = next_number(content.touch_point_id)
    follow_state(content, by)
    content.full_clean(exclude=["owner", "created_by", "touch_point"], validate_unique=False)
    try:
        with transaction.atomic():
            content.save(force_insert=True)
    except IntegrityError:
        first = made_before(content, by)
        if first is None:
            raise
        return first, False
    return content, True


@transaction.atomic
def save_content(content: Content, *, by: Membership, expected_version: int | None = None) -> Content:
    """Write changed content; the same again is harmless. The day it was published on follows its state.

    Below another touch point it takes the next number there. Raises `Refusal`: `retired`, `gone`, `stale`, `dropped`,
    `title_missing`, `day`, `owner`, `not_yours_to_give`, `touch_point`; `ValidationError` for an address that is none.
    """
    tidy(content)
    owner, point = Content.objects.values_list("owner", "touch_point").get(pk=content.pk)
    refuse_given(content, by, before=owner)
    hold_owner(content.owner_id, before=owner)
    hold_point(content.touch_point_id, by)
    if point != content.touch_point_id:
        hold_point(point, by)
    held = hold_row(content.pk)
    if all(getattr(held, name) == getattr(content, name) for name in WRITTEN):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.dropped_at is not None:
        raise Refusal("dropped", _("This was dropped in the meantime. Bring it back before changing it."))
    if held.touch_point_id != content.touch_point_id:
        held.number = next_number(content.touch_point_id)
    for name in WRITTEN:
        setattr(held, name, getattr(content, name))
    follow_state(held, by)
    held.full_clean(exclude=["owner", "created_by", "touch_point"], validate_unique=False)
    held.version += 1
    held.save()
    return held


@transaction.atomic
def drop_content(content: Content, *, expected_version: int | None = None) -> Content:
    """Take content out of the plan. Twice is harmless. Raises `Refusal` `stale`."""
    return put_away(hold_row(content.pk), "dropped_at", expected_version=expected_version)


@transaction.atomic
def restore_content(content: Content) -> Content:
    """Undo dropping it. Twice is harmless."""
    return bring_back(hold_row(content.pk), "dropped_at")


def hold_row(pk: int) -> Content:
    return Content.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def made_before(content: Content, by: Membership) -> Content | None:
    """The content that the same form made before. Raises `Refusal` `submission_key_used` for another's."""
    first = Content.objects.filter(submission_key=content.submission_key).select_related("touch_point__phase").first()
    if first is not None and first.touch_point.phase.journey.organization_id != by.organization_id:
        raise Refusal("submission_key_used", _("This form was already sent for something else. Open it again."))
    return first


def hold_point(pk: int, by: Membership) -> None:
    """Hold the journey of a touch point that stands and may be seen."""
    point = TouchPoint.objects.visible_to(by).filter(pk=pk).select_related("phase").first()
    if point is None:
        raise Refusal.of_field("touch_point", "touch_point", _("Choose a touch point that is in a journey now."))
    hold(point.phase.journey_id)


def next_number(touch_point: int) -> int:
    return (Content.objects.filter(touch_point=touch_point).aggregate(last=Max("number"))["last"] or 0) + 1


def follow_state(content: Content, by: Membership) -> None:
    """Published content has the day on which it was, all other content none."""
    if content.state != ContentState.DONE:
        content.published_on = None
    elif content.published_on is None:
        content.published_on = by.organization.today


def tidy(content: Content) -> None:
    content.title, content.address = " ".join(content.title.split()), content.address.strip()
    if not content.title:
        raise Refusal.of_field("title", "title_missing", _("Say in a few words what it is."))
    if content.publish_on is not None and not EARLIEST <= content.publish_on <= LATEST:
        raise Refusal.of_field("publish_on", "day", _("Type a day between 2000 and 2199."))


def refuse_given(content: Content, by: Membership, *, before: int | None) -> None:
    """Raise `Refusal` `not_yours_to_give` where somebody who does not plan gives content to others."""
    if by.role in PLANNERS or content.owner_id == by.pk or (before is not None and content.owner_id == before):
        return
    sentence = _("Managers, executives and administrators give content to others. Write it for yourself.")
    raise Refusal.of_field("owner", "not_yours_to_give", sentence)
