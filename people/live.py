"""That something a dashboard shows has changed: the number its open pages ask for."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from django.db import connection, transaction

from people.models import LiveVersion
from people.waking import FORECAST_MOVED, announce

MOVE = """
INSERT INTO people_liveversion (organization_id, version, forecast_version, changed_at) VALUES (%s, 1, -1, now())
ON CONFLICT (organization_id) DO UPDATE SET version = people_liveversion.version + 1, changed_at = now()
"""

# What an open page asks each second, for whoever still belongs there.
SEEN = """
SELECT coalesce(live.version, 0), person.id, person.role = 'partner' FROM people_organization place
JOIN people_membership person ON person.organization_id = place.id AND person.user_id = %s AND person.left_on IS NULL
LEFT JOIN people_liveversion live ON live.organization_id = place.id
WHERE place.slug = %s
"""


def moved(organization_id: int) -> None:
    """Raise the organization's number once the transaction commits, and have its KGIs forecast anew.

    After the commit, so that two acts in one organization do not wait for each other's whole transaction. Whoever is
    killed in between leaves pages as they are until the next act.
    """
    # What was done is done: whoever did it must not be told otherwise because this failed.
    transaction.on_commit(partial(raise_version, organization_id), robust=True)
    announce(FORECAST_MOVED)


def raise_version(organization_id: int) -> None:
    """Raise the number now, in the transaction that is open."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [organization_id])


def version_of(organization_id: int) -> int:
    """The organization's number; 0 where nothing has moved yet.

    A page asks for it before it reads anything else, so that what changes meanwhile is news to it.
    """
    rows = LiveVersion.objects.filter(organization=organization_id).values_list("version", flat=True)
    return rows.first() or 0


class Asked(NamedTuple):
    """The organization's number, and whose dashboard asks for it."""

    version: int
    membership: int
    is_partner: bool


def version_for(slug: str, user_id: int) -> Asked | None:
    """The same for somebody who asks from outside, in one query: None where they have no place in the organization."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [user_id, slug])
        row = cursor.fetchone()
    return Asked(*row) if row else None
