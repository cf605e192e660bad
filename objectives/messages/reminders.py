"""What a person is told of the check-ins they owe: once a week, and where a colleague asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from objectives.models import KeyResult
from objectives.queries.owed import owed_in, owed_of
from people.formulas.rhythm import week_name
from people.links import address
from people.models import Delivery, Membership
from people.posts import Post, PostLine

MOST_LINES = 20


def write_reminder(delivery: Delivery) -> Post | None:
    """All that the person, or a channel's team, owes by the end of this week, oldest first; None when it is done or
    the week is over."""
    person = delivery.membership
    if not delivery.occasion.endswith(week_name(delivery.organization.today)):
        return None
    if person is None:
        return write_to_room(delivery)
    owed = list(owed_of(person))
    if not owed:
        return None
    subject = ngettext(
        "%(organization)s: %(count)s check-in for this week",
        "%(organization)s: %(count)s check-ins for this week",
        len(owed),
    )
    return post_of(
        owed,
        delivery,
        subject=subject % {"organization": delivery.organization.name, "count": len(owed)},
        said=ngettext(
            "%(name)s, %(count)s check-in of yours is due this week. It takes a minute.",
            "%(name)s, %(count)s check-ins of yours are due this week. Each takes a minute.",
            len(owed),
        )
        % {"name": person.user.name, "count": len(owed)},
    )


def write_to_room(delivery: Delivery) -> Post | None:
    """What is owed, and nobody's name: a room is no place to be waited for in."""
    organization, team = delivery.organization, delivery.channel.team if delivery.channel else None
    owed = list(owed_in(organization, team))
    if not owed:
        return None
    told = {"team": team.name if team else organization.name, "count": len(owed)}
    subject = ngettext(
        "%(team)s: %(count)s check-in for this week", "%(team)s: %(count)s check-ins for this week", len(owed)
    )
    return Post(
        subject=subject % told,
        paragraphs=(_("These have not been reported on yet. Each takes a minute."),),
        lines=tuple(lines_of(owed, delivery)),
        link=address("this_week", organization.slug),
        link_label=_("Open this week"),
        footer=_("Sent once a week to channels that take reminders of check-ins."),
    )


def write_nudge(delivery: Delivery) -> Post | None:
    """Who waits for the person's check-ins, and for which; None when nothing is owed any more."""
    person = delivery.membership
    owed = list(owed_of(person)) if person is not None else []
    if person is None or not owed:
        return None
    by = Membership.objects.filter(organization=delivery.organization_id, pk=delivery.about.get("by"))
    asking = by.select_related("user").first()
    named = {
        "by": asking.user.name if asking else _("A colleague"),
        "name": person.user.name,
        "organization": delivery.organization.name,
    }
    return post_of(
        owed,
        delivery,
        subject=_("%(organization)s: %(by)s is waiting for your check-in") % named,
        said=_(
            "%(name)s, %(by)s would like to hear how it is going. One line is enough, also about what is in the way."
        )
        % named,
    )


def post_of(owed: Sequence[KeyResult], delivery: Delivery, *, subject: str, said: str) -> Post:
    slug = delivery.organization.slug
    return Post(
        subject=subject,
        paragraphs=(said,),
        lines=tuple(lines_of(owed, delivery)),
        link=check_in_address(slug, owed[0].pk),
        link_label=_("Check in"),
        footer=_("When and how you are reminded is up to you: %(address)s") % {"address": address("profile", slug)},
    )


def lines_of(owed: Sequence[KeyResult], delivery: Delivery) -> Iterator[PostLine]:
    """Each leads a person to the sheet in their week, and whoever reads it in a room to the key result's own page."""
    today, slug = delivery.organization.today, delivery.organization.slug
    for row in owed[:MOST_LINES]:
        place = check_in_address(slug, row.pk) if delivery.membership_id else address("check_in", slug, row.pk)
        yield PostLine(row.title, due_words(row.scored.due_on, today), place)
    left_out = len(owed) - MOST_LINES
    if left_out > 0:
        more = ngettext("And %(count)s more", "And %(count)s more", left_out)
        yield PostLine(more % {"count": left_out}, "", address("this_week", slug))


def check_in_address(slug: str, key_result: int) -> str:
    return address("this_week", slug, query=f"?key_result={key_result}")


def due_words(due: date | None, today: date) -> str:
    """The day a check-in is due, and since when it has been; "" for what is not due."""
    if due is None:
        return ""
    day = date_format(due, pgettext("format of a day", "j M"))
    if due == today:
        return _("Due today")
    late = (today - due).days
    if late < 0:
        return _("Due %(due)s") % {"due": day}
    return ngettext("Due %(due)s · %(days)s day late", "Due %(due)s · %(days)s days late", late) % {
        "due": day,
        "days": late,
    }
