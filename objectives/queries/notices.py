"""What a person was told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from objectives.models import Notice, NoticeKind
from objectives.models.notices import NoticeQuerySet
from people.models import Membership

MOST_NEWS = 8
# What a list of what waits for a person says already.
ASKING = (NoticeKind.PROPOSED, NoticeKind.ADJUSTED, NoticeKind.SENT_BACK)


@dataclass(frozen=True)
class Told:
    """A notice in the reader's language: what happened, to which goal, and what was said in people's own words."""

    notice: Notice
    address: str
    """Where to look; empty where there is no page for it."""

    @property
    def sentence(self) -> str:
        past = {
            NoticeKind.PROPOSED: _("An objective was proposed to you"),
            NoticeKind.ADJUSTED: _("Your objective was adjusted"),
        }
        kind = NoticeKind(self.notice.kind)
        return str(kind.label) if self.is_unread else past.get(kind, str(kind.label))

    @property
    def title(self) -> str:
        """The goal or the cycle it is about."""
        if self.notice.objective is not None:
            return self.notice.objective.title
        return self.notice.cycle.name if self.notice.cycle is not None else ""

    @property
    def part(self) -> str:
        """The key result of the goal, where it is about one."""
        return self.notice.key_result.title if self.notice.key_result is not None else ""

    @property
    def who(self) -> str:
        return self.notice.by.user.name if self.notice.by is not None else ""

    @property
    def is_unread(self) -> bool:
        return self.notice.read_at is None


def notices_for(membership: Membership) -> NoticeQuerySet:
    """All the person was told, unread first, then the newest."""
    return (
        Notice.objects.visible_to(membership)
        .select_related("objective", "key_result", "cycle", "by__user")
        .order_by(F("read_at").desc(nulls_first=True), "-pk")
    )


def told(notice: Notice, membership: Membership) -> Told:
    slug = membership.organization.slug
    if notice.place:
        address = reverse("this_week", args=[slug]).removesuffix("this-week/") + notice.place
    elif notice.objective_id is not None:
        part = f"?key_result={notice.key_result_id}#course" if notice.key_result_id else ""
        dropped = notice.key_result is not None and notice.key_result.dropped_at is not None
        address = reverse("objective", args=[slug, notice.objective_id]) + ("" if dropped else part)
    elif notice.cycle_id is not None:
        address = f"{reverse('plan', args=[slug])}?cycle={notice.cycle_id}"
    else:
        address = ""
    return Told(notice, address)


@dataclass(frozen=True)
class News:
    """The unread lines for a page, how many there are, and whether there are others to be read again."""

    lines: list[Told]
    unread: int

    @property
    def left(self) -> int:
        return self.unread - len(self.lines)


def news_for(membership: Membership, *, waiting: Collection[int] = ()) -> News:
    """What is new for the person, without what asks for a word on objectives that are listed as `waiting` beside it."""
    rows = notices_for(membership).unread().exclude(kind__in=ASKING, objective__in=list(waiting))
    found = list(rows[: MOST_NEWS + 1])
    unread = len(found) if len(found) <= MOST_NEWS else rows.count()
    return News([told(notice, membership) for notice in found[:MOST_NEWS]], unread)
