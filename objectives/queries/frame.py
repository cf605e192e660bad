"""What the frame of every page shows, by one statement: the cycles, the person's places, and what they owe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.http import HttpRequest

from objectives.models import Cycle, KeyResult, Notice
from people.models import Membership, Role

CYCLE_COLUMNS = tuple(field.attname for field in Cycle._meta.concrete_fields)

PLACES = """
SELECT coalesce(json_agg(json_build_array(m.id, m.organization_id, o.slug, o.name, (
    SELECT count(*) FROM objectives_notice n WHERE n.membership_id = m.id AND n.read_at IS NULL
), m.role) ORDER BY o.name, m.id), '[]')
FROM people_membership m JOIN people_organization o ON o.id = m.organization_id
WHERE m.user_id = %(user)s AND m.left_on IS NULL
"""
# The rule is `KeyResult.objects.owed_by`; two reads by an index each instead of one by none.
OWED = """
SELECT count(*)
FROM (
    SELECT id, objective_id FROM objectives_keyresult WHERE owner_id = %(person)s AND dropped_at IS NULL
    UNION ALL
    SELECT kr.id, kr.objective_id FROM objectives_objective o JOIN objectives_keyresult kr ON kr.objective_id = o.id
    WHERE o.owner_id = %(person)s AND kr.owner_id IS NULL AND kr.dropped_at IS NULL
) kr
JOIN objectives_keyresultscore s ON s.key_result_id = kr.id AND s.due_on <= %(until)s
JOIN objectives_objective o ON o.id = kr.objective_id
JOIN objectives_cycle c ON c.id = o.cycle_id
WHERE o.organization_id = %(organization)s AND o.dropped_at IS NULL AND o.state = 'active' AND c.state <> 'closed'
"""
FRAME = f"""
SELECT facts.places::text, facts.owed, {", ".join(f'c."{name}"' for name in CYCLE_COLUMNS)}
FROM (SELECT ({PLACES}) AS places, ({OWED}) AS owed) facts
LEFT JOIN objectives_cycle c ON c.organization_id = %(organization)s
ORDER BY c.start DESC, c."end", c.id
"""  # noqa: S608 (names of columns)


class Place(NamedTuple):
    """An organization the person belongs to, and how much news waits for them there."""

    membership_id: int
    organization_id: int
    slug: str
    name: str
    unread: int
    role: str


@dataclass(frozen=True)
class Frame:
    cycles: list[Cycle]
    places: tuple[Place, ...]
    owed: int
    unread: int


def read_frame(membership: Membership) -> Frame:
    """One statement; for a partner, who sees the cycles and key results of a shared branch alone, three, and one more
    for each place where news waits for them as a partner."""
    today = membership.organization.today
    asked = {
        "user": membership.user_id,
        "person": membership.pk,
        "organization": membership.organization_id,
        "until": today + timedelta(days=6 - today.weekday()),
    }
    with connection.cursor() as cursor:
        cursor.execute(FRAME, asked)
        rows = cursor.fetchall()
    places = tuple(as_told(Place(*each)) for each in json.loads(rows[0][0]))
    owed = rows[0][1]
    cycles = [Cycle.from_db(connection.alias, CYCLE_COLUMNS, row[2:]) for row in rows if row[2] is not None]
    if membership.is_partner:
        cycles = list(Cycle.objects.visible_to(membership))
        owed = KeyResult.objects.owed_by(membership).count()
    unread = next((each.unread for each in places if each.membership_id == membership.pk), 0)
    return Frame(cycles, places, owed, unread)


def as_told(place: Place) -> Place:
    """A partner is told nothing of goals that are no longer shared with them, nor how much of it there is."""
    if place.role != Role.PARTNER or not place.unread:
        return place
    partner = Membership(pk=place.membership_id, organization_id=place.organization_id, role=place.role)
    return place._replace(unread=Notice.objects.visible_to(partner).unread().count())


def frame_of(request: HttpRequest, membership: Membership) -> Frame:
    """The frame of the page that is asked for, read once for a request."""
    read: dict[int, Frame] = request.__dict__.setdefault("frames_read", {})
    if membership.pk not in read:
        read[membership.pk] = read_frame(membership)
    return read[membership.pk]
