"""What is said in a partner's room: questions that wait for an answer, and the talk around the work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from funnel.models import KGI, KGIShare, KPIShare, RoomMessage
from funnel.models.partner_rooms import RoomMessageQuerySet
from objectives.formulas.talk import parts
from objectives.models import ObjectiveShare
from objectives.queries.comments import html_of
from people.models import Membership, MembershipQuerySet, Role

SHOWN_AT_ONCE = 10
MOST_OLDER = 400
MOST_OPEN = 50
MOST_ANSWERS = 400
OPEN = Q(is_question=True, settled_at=None, withdrawn_at=None)


@dataclass(frozen=True)
class RoomTalk:
    """The talk in one partner's room, as one person sees it.

    `open` are the questions that are not settled, those without an answer first, the oldest first; `rows` all else, the
    newest last. Each row has its `shown_answers`.
    """

    partner: Membership
    address: str
    """Where the talk stands by itself, and where something is said."""
    page: str
    """The room of which it is a part."""
    open: Sequence[RoomMessage]
    open_count: int
    rows: Sequence[RoomMessage]
    older: int

    @property
    def waiting(self) -> int:
        """How many questions nobody but whoever asked has said a word to yet."""
        return sum(not row.is_answered for row in self.open)  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        return not (self.open or self.rows)


def room_page(membership: Membership, partner: Membership) -> str:
    """The page of a partner's room: their own for the partner, for those inside the one they look in by."""
    slug = membership.organization.slug
    return (
        reverse("own_room", args=[slug]) if membership.is_partner else reverse("partner_room", args=[slug, partner.pk])
    )


def seen_by(membership: Membership) -> Q:
    """What was taken back is shown to its author alone, who can bring it back; and where others have answered it."""
    answered = RoomMessage.objects.standing().filter(question=OuterRef("pk"))
    return Q(withdrawn_at=None) | Q(author=membership.pk) | Q(Exists(answered))


def talk_in(partner: Membership, membership: Membership, *, everything: bool = False) -> RoomTalk:
    """The talk of a room in a constant number of queries."""
    said = RoomMessage.objects.visible_to(membership).filter(room_of=partner)
    asked = said.filter(OPEN).select_related("author__user").order_by("created_at", "pk")
    waiting = list(asked[: MOST_OPEN + 1])
    open_count = asked.count() if len(waiting) > MOST_OPEN else len(waiting)
    others = said.filter(seen_by(membership), question=None).exclude(OPEN).select_related("author__user", "settled_by")
    most = MOST_OLDER if everything else SHOWN_AT_ONCE
    found = list(others.order_by("-created_at", "-pk")[: most + 1])
    total = others.count() if len(found) > most else len(found)
    waiting, rows = waiting[:MOST_OPEN], found[:most][::-1]
    dress([*waiting, *rows], said, membership)
    return RoomTalk(
        partner=partner,
        address=reverse("room_talk", args=[membership.organization.slug, partner.pk]),
        page=room_page(membership, partner),
        open=sorted(waiting, key=lambda row: row.is_answered),  # type: ignore[attr-defined]
        open_count=open_count,
        rows=rows,
        older=max(0, total - len(rows)),
    )


def dress(rows: Sequence[RoomMessage], said: RoomMessageQuerySet, membership: Membership) -> None:
    """Give each message its answers, its text as HTML, and what the person may do with it."""
    asked = [row.pk for row in rows if row.is_question]
    answers: dict[int, list[RoomMessage]] = defaultdict(list)
    if asked:
        own = Q(withdrawn_at=None) | Q(author=membership.pk)
        given = said.filter(own, question__in=asked).select_related("author__user").order_by("-created_at", "-pk")
        for answer in reversed(given[:MOST_ANSWERS]):
            answers[answer.question_id or 0].append(answer)
    for row in [*rows, *(answer for found in answers.values() for answer in found)]:
        row.html = linked(row.text)  # type: ignore[attr-defined]
        row.is_mine = row.author_id == membership.pk  # type: ignore[attr-defined]
        row.may_withdraw = row.is_mine or membership.is_admin  # type: ignore[attr-defined]
        row.may_settle = row.is_question and may_settle(row, membership)  # type: ignore[attr-defined]
        row.shown_answers = answers[row.pk] if row.is_question else []  # type: ignore[attr-defined]
        row.is_answered = any(answers_it(each, row) for each in row.shown_answers)  # type: ignore[attr-defined]


def answers_it(message: RoomMessage, question: RoomMessage) -> bool:
    """Whether a message below a question answers it: what whoever asked adds themselves does not."""
    return message.withdrawn_at is None and message.author_id != question.author_id


def may_settle(question: RoomMessage, membership: Membership) -> bool:
    """Whoever asked it, and everybody inside, says whether a question is settled."""
    return not membership.is_partner or question.author_id == membership.pk


def linked(text: str) -> SafeString:
    """The text escaped, with addresses as links; nothing else."""
    written = "".join(html_of(part, {}, "") for part in parts(text, {}))
    return mark_safe(written.replace("\r\n", "\n").replace("\n", "<br>"))  # noqa: S308 (every part is escaped)


def open_questions_of(membership: Membership) -> dict[int, int]:
    """How many questions wait for an answer, by the partner in whose room they were asked."""
    rows = RoomMessage.objects.visible_to(membership).open_questions().order_by()
    return dict(rows.values_list("room_of").annotate(Count("pk")))


def with_open_questions(partners: Iterable[Membership], membership: Membership) -> list[Membership]:
    """The partners, each with `question_count`."""
    counts = open_questions_of(membership)
    found = list(partners)
    for partner in found:
        partner.question_count = counts.get(partner.pk, 0)  # type: ignore[attr-defined]
    return found


def looking_after(partner: Membership) -> MembershipQuerySet:
    """Who hears what a partner says: owners of what is shared with them, and who spoke in the room before.

    The administrators, where that is nobody who is still here.
    """
    inside = Membership.objects.colleagues().filter(organization=partner.organization_id)
    kgis = KGIShare.objects.filter(membership=partner, kgi__dropped_at=None)
    kpis = KPIShare.objects.filter(membership=partner, kpi__dropped_at=None, kpi__kgi__dropped_at=None)
    objectives = ObjectiveShare.objects.filter(membership=partner, objective__dropped_at=None)
    of_kpis = KGI.objects.filter(pk__in=kpis.values("kpi__kgi"))
    spoke = RoomMessage.objects.standing().filter(room_of=partner)
    concerned = inside.filter(
        Q(pk__in=kgis.values("kgi__owner"))
        | Q(pk__in=of_kpis.values("owner"))
        | Q(pk__in=objectives.values("objective__owner"))
        | Q(pk__in=spoke.values("author"))
    )
    return concerned if concerned.exists() else inside.filter(role=Role.ADMIN)
