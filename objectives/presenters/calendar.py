"""A person's calendar as an iCalendar file, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.messages.reminders import check_in_address
from objectives.queries.calendar import Entry
from people.links import address
from people.models import Organization

DAY = timedelta(days=1)
USUAL_MINUTES = 30
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
READ_AGAIN = timedelta(hours=6)
PLACES = {"review": "plan", "begins": "plan", "ends": "plan", "day_off": "this_week", "meeting": "this_week"}


def calendar_file(entries: Iterable[Entry], organization: Organization) -> bytes:
    """The whole file (RFC 5545): the same bytes while nothing of it changes on a day."""
    from icalendar import Calendar  # 0.1 s that no other page should pay

    calendar = Calendar()
    calendar.add("prodid", "-//okrplanner//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("OKR %(organization)s") % {"organization": organization.name})
    calendar.add("x-wr-timezone", organization.time_zone)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    stamp = datetime.combine(organization.today, time(), tzinfo=organization.zone).astimezone(UTC)
    for entry in entries:
        calendar.add_component(event_of(entry, organization, stamp))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def event_of(entry: Entry, organization: Organization, stamp: datetime) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{entry.about}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}")
    event.add("dtstamp", stamp)
    event.add("summary", summary_of(entry))
    event.add("url", link_of(entry, organization.slug))
    described = [*(f"・{title}" for title in entry.titles), link_of(entry, organization.slug)]
    event.add("description", "\n".join(described))
    if entry.at is not None:
        begins = datetime.combine(entry.first, entry.at, tzinfo=organization.zone)
        event.add("dtstart", begins)
        event.add("duration", timedelta(minutes=entry.minutes or USUAL_MINUTES))
        left_out: list[date] = [datetime.combine(day, entry.at, tzinfo=organization.zone) for day in entry.left_out]
    else:
        event.add("dtstart", entry.first)
        event.add("dtend", entry.last + DAY)
        event.add("transp", "TRANSPARENT")
        left_out = list(entry.left_out)
    if entry.kind == "meeting":
        event.add("rrule", {"freq": "weekly", "byday": WEEKDAYS[entry.first.weekday()]})
        if left_out:
            event.add("exdate", left_out, parameters={} if entry.at is not None else {"VALUE": "DATE"})
    return event


def summary_of(entry: Entry) -> str:
    match entry.kind:
        case "check_in":
            count = len(entry.titles)
            return ngettext("Check-in: %(count)s key result", "Check-in: %(count)s key results", count) % {
                "count": count
            }
        case "meeting":
            return _("Meeting of %(team)s") % {"team": entry.name}
        case "review":
            return _("OKR review of %(team)s") % {"team": entry.name}
        case "begins":
            return _("%(cycle)s begins") % {"cycle": entry.name}
        case "ends":
            return _("%(cycle)s ends") % {"cycle": entry.name}
        case "content":
            return _("Publish: %(title)s") % {"title": entry.name}
    return entry.name


def link_of(entry: Entry, slug: str) -> str:
    if entry.key_result is not None:
        return check_in_address(slug, entry.key_result)
    if entry.content is not None:
        return address("content", slug, entry.content)
    return address(PLACES[entry.kind], slug)
