"""Who has a meeting or a retrospective open."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from people import clock

NOTED_AGAIN_AFTER = timedelta(seconds=4)


INTO_MEETING = """
    INSERT INTO objectives_attendance (meeting_id, membership_id, seen_at)
    SELECT id, %s, %s FROM objectives_meeting WHERE id = %s AND ended_at IS NULL
    ON CONFLICT (meeting_id, membership_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
"""
INTO_RETROSPECTIVE = """
    INSERT INTO objectives_retrospectivepresence (retrospective_id, membership_id, seen_at, is_ready)
    SELECT id, %s, %s, false FROM objectives_retrospective WHERE id = %s AND stage <> 'ended'
    ON CONFLICT (retrospective_id, membership_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
"""


def note_presence(meeting_id: int, person: int, seen_at: datetime | None) -> bool:
    """Remember that the person is here; written only now and then. Whether something was written."""
    return note(INTO_MEETING, meeting_id, person, seen_at)


def note_looking_back(retrospective_id: int, person: int, seen_at: datetime | None) -> bool:
    """Remember that the person has a running retrospective open, as `note_presence` does of a meeting."""
    return note(INTO_RETROSPECTIVE, retrospective_id, person, seen_at)


def note(statement: str, place: int, person: int, seen_at: datetime | None) -> bool:
    now = clock.now()
    if seen_at is not None and now - NOTED_AGAIN_AFTER < seen_at:
        return False
    with connection.cursor() as cursor:
        cursor.execute(statement, [person, now, place])
    return True
