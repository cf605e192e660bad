"""What is in the way, and of whom."""

from __future__ import annotations

from objectives.models import Obstacle
from objectives.models.obstacles import ObstacleQuerySet
from people.models import Membership

MOST_SHOWN_BESIDE = 5


def with_names(rows: ObstacleQuerySet) -> ObstacleQuerySet:
    """Rows with all that a line about an obstacle names."""
    return rows.select_related("owner__user", "raised_by__user", "key_result__objective__team")


def standing_obstacles(membership: Membership) -> ObstacleQuerySet:
    """What is in the way now, as far as the person may see it, oldest first."""
    return with_names(Obstacle.objects.visible_to(membership).standing()).order_by("raised_on", "pk")


def where_to_help(membership: Membership) -> ObstacleQuerySet:
    """What is in the way of others, newest first: the few that a page can show beside its own matter."""
    others = standing_obstacles(membership).exclude(raised_by=membership.pk).exclude(owner=membership.pk)
    return others.order_by("-raised_on", "-pk")[:MOST_SHOWN_BESIDE]
