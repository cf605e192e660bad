"""That something a dashboard shows has changed: the number its open pages ask for."""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction

MOVE = """
INSERT INTO people_liveversion (organization_id, version, forecast_version, changed_at) VALUES (%s, 1, -1, now())
ON CONFLICT (organization_id) DO UPDATE SET version = people_liveversion.version + 1, changed_at = now()
"""


def moved(organization_id: int) -> None:
    """Raise the organization's number once the transaction commits.

    After the commit, so that two acts in one organization do not wait for each other's whole transaction. Whoever is
    killed in between leaves pages as they are until the next act.
    """
    transaction.on_commit(partial(raise_version, organization_id))


def raise_version(organization_id: int) -> None:
    """Raise the number now, in the transaction that is open."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [organization_id])
