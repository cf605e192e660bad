"""What is said of a meeting that has ended: what was decided, and who does what by when."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.models import LineKind, Meeting
from objectives.queries.meetings import lines_of
from objectives.sentences.meetings import action_of, day_of, owner_and_day
from people.models import Delivery
from people.posts import Post, PostLine


def write_meeting(delivery: Delivery) -> Post | None:
    """The decisions and actions of the meeting; None where it was begun again."""
    rows = Meeting.objects.filter(organization=delivery.organization_id).exclude(ended_at=None)
    meeting = rows.select_related("team", "organization").filter(pk=delivery.about.get("meeting")).first()
    if meeting is None:
        return None
    lines = lines_of(meeting)
    decisions = [line for line in lines if line.kind == LineKind.DECISION]
    actions = [action for action in map(action_of, lines) if action is not None]
    told = {"team": meeting.team.name, "day": day_of(meeting.date)}
    return Post(
        subject=_("Minutes: %(team)s, %(day)s") % told,
        paragraphs=(summary(len(decisions), len(actions)),),
        lines=(
            *(PostLine(line.text, _("Decision")) for line in decisions),
            *(PostLine(action.title, owner_and_day(action)) for action in actions),
        ),
        link=settings.SITE_URL.rstrip("/") + reverse("meeting", args=[meeting.organization.slug, meeting.pk]),
        link_label=_("Read the minutes"),
        footer=_("You get this because you were there or belong to the team.") if delivery.membership_id else "",
    )


def summary(decisions: int, actions: int) -> str:
    """How much came of it, in one sentence."""
    if not decisions and not actions:
        return _("Nothing was decided this time, and nobody took on a task.")
    count = decisions
    decided = ngettext("%(count)s decision", "%(count)s decisions", count) % {"count": count}
    count = actions
    taken = ngettext("%(count)s action", "%(count)s actions", count) % {"count": count}
    return _("%(decided)s, %(taken)s.") % {"decided": decided, "taken": taken}
