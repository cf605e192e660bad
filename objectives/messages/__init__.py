"""What messages about goals say: one module for each topic.

A writer answers what a delivery has to say now, in the language that is active, or None where there is nothing left
to say: the check-in was made, the obstacle is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from objectives.messages.kpis import write_kpi
from objectives.messages.meetings import write_meeting
from objectives.messages.obstacles import write_obstacle
from objectives.messages.reminders import write_nudge, write_reminder
from people.models import Delivery, Topic
from people.posts import Post

Writer = Callable[[Delivery], Post | None]

WRITERS: Mapping[str, Writer] = {
    Topic.KPI: write_kpi,
    Topic.OBSTACLE: write_obstacle,
    Topic.MEETING: write_meeting,
    Topic.NUDGE: write_nudge,
    Topic.REMINDER: write_reminder,
}
