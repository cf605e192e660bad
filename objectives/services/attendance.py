"""Who has a meeting open."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from people import clock

NOTED_AGAIN_AFTER = timedelta(seconds=4)


def note_presence(meeting_id: int, person: int, seen_at: datetime | None) -> bool:
    """Remember that the person is here; written only now and then. Whether something was written."""
    now = clock.now()
    if seen_at is not None and now - NOTED_AGAIN_AFTER < seen_at:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO objectives_attendance (meeting_id, membership_id, seen_at)
            SELECT id, %s, %s FROM objectives_meeting WHERE id = %s AND ended_at IS NULL
            ON CONFLICT (meeting_id, membership_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
            """,
            [person, now, meeting_id],
        )
    return True
