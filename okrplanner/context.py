"""What the frame of every page shows: who is here, in which organization and cycle, and what they owe."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from objectives.access import choose_cycle
from objectives.queries.frame import frame_of, read_frame
from people.models import Membership

THEMES = ("light", "dark")
SAFE = {"GET", "HEAD", "OPTIONS"}
CHIEF_PLACES = {"this-week", "plan", "objectives", "kgis", "company", "room"}


def masthead(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    shown: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return shown
    # A page that says an asked cycle does not exist has a masthead too; it then shows the one people work in.
    with suppress(Http404):
        choose_cycle(request, membership)
    # What was asked for before a write is no longer what stands there.
    frame = frame_of(request, membership) if request.method in SAFE else read_frame(membership)
    organization, cycle = membership.organization, choose_cycle(request, membership)
    is_example = settings.EMBEDDED and organization.slug in settings.EXAMPLE_SLUGS
    shown |= {
        "membership": membership,
        "organization": organization,
        "is_example": is_example,
        "places": frame.places,
        "unread": frame.unread,
        "cycle": cycle,
        "cycles": frame.cycles,
        "owed_count": frame.owed,
    }
    return shown | {"frame_key": frame_key(request, shown)}


def frame_key(request: HttpRequest, shown: dict[str, Any]) -> tuple[Any, ...]:
    """Everything the masthead and the bar below say, so that they are written once for it."""
    membership: Membership = shown["membership"]
    organization, cycle = membership.organization, shown["cycle"]
    return (
        shown["theme"],
        place_in(request.path, organization.slug),
        (membership.pk, membership.user.name, membership.role),
        (organization.slug, organization.name, organization.setup_step, shown["is_example"]),
        (shown["places"], shown["unread"], shown["owed_count"]),
        (cycle.pk if cycle else None, tuple((each.pk, each.name) for each in shown["cycles"])),
    )


def place_in(path: str, slug: str) -> str:
    """Which of the chief places a page lies in, empty for any other."""
    name = path.removeprefix(f"/o/{slug}/").partition("/")[0]
    return name if name in CHIEF_PLACES else ""
