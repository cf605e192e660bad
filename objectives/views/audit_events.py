"""The history of the whole organization, for its administrators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from objectives.queries.changes import (
    KINDS,
    Change,
    Cursor,
    Wanted,
    describe,
    listed,
    moments_of,
    page_of,
    wanted_from,
)
from people.access import get_membership, refuse
from people.exports import csv_stream
from people.models import AuditEvent, Door, Membership
from people.models.history import AuditEventQuerySet

IN_A_FILE_AT_ONCE = 500


@require_safe
def audit_events(request: HttpRequest, slug: str) -> HttpResponseBase:
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    wanted = wanted_from(request.GET)
    events = listed(membership, wanted)
    if request.GET.get("download") == "csv":
        return csv_stream(_("History"), header(), lines(events, membership))
    cursor = Cursor.read(request.GET.get("older", ""))
    page = page_of(events, cursor)
    shown: dict[str, Any] = {
        "moments": moments_of(describe(page.events, membership)),
        "older": page.older,
        "is_later": cursor is not None,
        "wanted": wanted,
        "is_filtered": wanted != Wanted(),
        "kinds": [(kind, label) for kind, (label, _tables) in KINDS.items()],
        "doors": Door.choices,
        "acts": AuditEvent.Act.choices,
        "query": query_of(request.GET),
    }
    template = "objectives/_audit_events.html" if request.htmx else "objectives/audit_events.html"  # type: ignore[attr-defined]
    return render(request, template, shown)


def query_of(asked: QueryDict) -> str:
    """The filters as they go into the address of another page or of the file."""
    query = asked.copy()
    for name in ("older", "download"):
        query.pop(name, None)
    return query.urlencode() + "&" if query else ""


def header() -> list[str]:
    return [
        _("Number"),
        _("Moment"),
        _("Who"),
        _("How it came"),
        _("Address"),
        _("Act"),
        _("Kind"),
        _("Number of the row"),
        _("Row"),
        _("Before the change"),
        _("After the change"),
    ]


def lines(events: AuditEventQuerySet, membership: Membership) -> Iterator[list[Any]]:
    """The rows of the file, some hundreds at a time, in the language of whoever asked for it."""
    language = get_language() or "ja"
    cursor = None
    while True:
        page = page_of(events, cursor, IN_A_FILE_AT_ONCE)
        with override(language):
            told = [line(change, membership) for change in describe(page.events, membership)]
        yield from told
        if page.older is None:
            return
        cursor = page.older


def line(change: Change, membership: Membership) -> list[Any]:
    event = change.event
    sides = [[], []]  # type: list[list[str]]
    for difference in change.differences:
        for side, value in zip(sides, (difference.before, difference.after), strict=True):
            if value is not None:
                side.append(f"{difference.label}: {value}")
    return [
        event.pk,
        f"{event.at.astimezone(membership.organization.zone):%Y-%m-%d %H:%M:%S}",
        change.who,
        change.by,
        event.address,
        event.get_act_display(),
        change.noun,
        event.row,
        change.title,
        *("\n".join(side) for side in sides),
    ]
