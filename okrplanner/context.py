"""What the frame of every page shows: who is here, in which organization and cycle, and what they owe."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest

from objectives.access import choose_cycle
from objectives.models import Cycle, KeyResult, Notice
from people.models import Membership

THEMES = ("light", "dark")


def masthead(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    shown: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return shown
    # A page that says an asked cycle does not exist has a masthead too; it then shows the one people work in.
    with suppress(Http404):
        choose_cycle(request, membership)
    # Counted by the query that is asked anyway, for all of a person's organizations.
    unread = Notice.objects.filter(membership=OuterRef("pk"), read_at=None).order_by().values("membership")
    unread = unread.annotate(count=Count("pk"))
    return shown | {
        "membership": membership,
        "organization": membership.organization,
        "is_example": settings.EMBEDDED and membership.organization.slug == settings.EXAMPLE_SLUG,
        "memberships": Membership.objects.active()
        .filter(user=membership.user_id)
        .select_related("organization")
        .annotate(unread=Subquery(unread.values("count")))
        .order_by("organization__name"),
        "cycle": choose_cycle(request, membership),
        "cycles": Cycle.objects.visible_to(membership),
        "owed_count": KeyResult.objects.owed_by(membership).count(),
    }
