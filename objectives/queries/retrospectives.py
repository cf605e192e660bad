"""Retrospectives as pages list and show them, and the one question that open pages ask each second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from objectives.formulas.retrospectives import by_votes, counted
from objectives.models import (
    Action,
    Cause,
    Cycle,
    KeyResult,
    Lesson,
    Level,
    Objective,
    ObjectiveState,
    Question,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    Stage,
)
from objectives.models.retrospectives import RetrospectiveQuerySet
from objectives.queries.meetings import HERE_FOR, Pulse, people_of, teams_meeting_with
from people import clock
from people.models import Membership, Role, Team

COUNTED = (Stage.TALKING, Stage.ENDED)
"""From when on everybody sees how many votes a note got."""


# Where one can begin


def objectives_to_look_back_at(membership: Membership) -> QuerySet[Objective]:
    """The objectives of which the person may begin a retrospective: those that began, in whose one they take part."""
    rows = Objective.objects.visible_to(membership).filter(state__in=(ObjectiveState.ACTIVE, ObjectiveState.CLOSED))
    if membership.is_partner:
        return rows.none()
    owned = KeyResult.objects.filter(owner=membership.pk, dropped_at=None).values("objective")
    reach = Q(owner=membership.pk) | Q(pk__in=owned) | Q(team__in=teams_meeting_with(membership).values("pk"))
    if membership.role == Role.EXECUTIVE:
        reach |= Q(level=Level.COMPANY)
    return rows.filter(reach)


def cycles_to_look_back_at(membership: Membership) -> QuerySet[Cycle]:
    """The cycles that have begun, the latest first."""
    return Cycle.objects.visible_to(membership).filter(start__lte=membership.organization.today)


def standing_retrospective(cycle: Cycle, team: Team, objective: Objective | None) -> Retrospective | None:
    """The one there is of the objective, or of the team's whole cycle."""
    rows = Retrospective.objects.select_related("organization")
    if objective is not None:
        return rows.filter(objective=objective).first()
    return rows.filter(cycle=cycle, team=team, objective=None).first()


# The list


def listed(
    membership: Membership, *, team: Team | None = None, cycle: Cycle | None = None, words: str = ""
) -> RetrospectiveQuerySet:
    """Those one may read, the latest cycle first, with how much came of each.

    `words` are looked for in the team, the objective, the summary and the notes, as far as these are revealed.
    """
    rows = Retrospective.objects.visible_to(membership)
    if team is not None:
        rows = rows.filter(team=team)
    if cycle is not None:
        rows = rows.filter(cycle=cycle)
    for word in words.split():
        notes = RetrospectiveNote.objects.visible_to(membership).filter(retrospective=OuterRef("pk"))
        rows = rows.filter(
            Q(team__name__icontains=word)
            | Q(objective__title__icontains=word)
            | Q(summary__icontains=word)
            | Exists(notes.filter(text__icontains=word))
        )
    rows = rows.select_related("team", "cycle", "objective", "facilitator__user")
    rows = rows.annotate(
        lesson_count=Count("lessons", filter=Q(lessons__retired_at=None), distinct=True),
        action_count=Count("actions", distinct=True),
        open_actions=Count("actions", filter=Q(actions__state="open"), distinct=True),
    )
    return rows.order_by("-cycle__start", "-cycle_id", "team__position", "team_id", "objective_id", "-pk")


# What is written


@dataclass
class Group:
    """Notes about one thing: the one on top and those gathered under it; `votes` is None while it is not told."""

    head: RetrospectiveNote
    gathered: list[RetrospectiveNote] = field(default_factory=list)
    votes: int | None = None
    is_mine: bool = False

    @property
    def notes(self) -> list[RetrospectiveNote]:
        return [self.head, *self.gathered]

    @property
    def lesson(self) -> Lesson | None:
        lesson = getattr(self.head, "lesson", None)
        return lesson if lesson is not None and lesson.retired_at is None else None


def notes_of(retrospective: Retrospective, membership: Membership) -> list[RetrospectiveNote]:
    """The standing notes the person may read: while people write, only their own."""
    rows = RetrospectiveNote.objects.visible_to(membership).filter(retrospective=retrospective.pk)
    return list(rows.select_related("key_result", "lesson").order_by("id"))


def groups_of(retrospective: Retrospective, membership: Membership) -> list[Group]:
    """The notes gathered as they lie; once the votes are counted, in their order."""
    groups: dict[int, Group] = {}
    rows = notes_of(retrospective, membership)
    for note in rows:
        if note.under_id is None:
            groups[note.pk] = Group(note)
    for note in rows:
        if note.under_id is not None and note.under_id in groups:
            groups[note.under_id].gathered.append(note)
        elif note.under_id is not None:  # what it lay under was withdrawn
            groups[note.pk] = Group(note)
    votes = list(
        RetrospectiveVote.objects.filter(note__in=groups).values_list("note_id", "membership_id")
        if retrospective.stage in {Stage.VOTING, *COUNTED}
        else ()
    )
    given = Counter(note for note, _person in votes)
    own = {note for note, person in votes if person == membership.pk}
    found = list(groups.values())
    for group in found:
        group.is_mine = group.head.pk in own
        group.votes = given[group.head.pk] if retrospective.stage in COUNTED else None
    return by_votes(found, lambda group: group.votes or 0)


def by_question(groups: Iterable[Group]) -> list[tuple[str, str, list[Group]]]:
    """The groups under the four questions, each with its words."""
    rows = list(groups)
    return [
        (question.value, str(question.label), [group for group in rows if group.head.question == question])
        for question in Question
    ]


def causes_of(notes: Iterable[RetrospectiveNote]) -> list[tuple[str, int]]:
    """How often each cause stands behind what was missed, in words, most often first."""
    named = counted(note.cause for note in notes if note.question == Question.MISSED)
    return [(str(Cause(cause).label), number) for cause, number in named]


def votes_left(retrospective: Retrospective, membership: Membership) -> int:
    """How many of their votes the person has not given yet."""
    given = RetrospectiveVote.objects.filter(note__retrospective=retrospective.pk, membership=membership.pk)
    return max(0, retrospective.votes_each - given.filter(note__withdrawn_at=None).count())


@dataclass(frozen=True)
class Progress:
    """How far everybody is, in numbers alone: people who have written, their notes, votes given of those there are."""

    people: int = 0
    writers: int = 0
    notes: int = 0
    votes: int = 0
    votes_of: int = 0


def progress_of(retrospective: Retrospective, here: int) -> Progress:
    """How far the people who are `here`, and whoever else has written, have come."""
    rows = RetrospectiveNote.objects.filter(retrospective=retrospective.pk, withdrawn_at=None)
    told = rows.aggregate(notes=Count("pk"), writers=Count("author", distinct=True))
    votes = RetrospectiveVote.objects.filter(note__retrospective=retrospective.pk, note__withdrawn_at=None)
    given = votes.aggregate(votes=Count("pk"), voters=Count("membership", distinct=True))
    people = max(here, told["writers"])
    most = max(here, given["voters"]) * retrospective.votes_each
    return Progress(people, told["writers"], told["notes"], given["votes"], most)


def actions_of(retrospective: Retrospective) -> list[Action]:
    rows = Action.objects.filter(retrospective=retrospective.pk).select_related("owner__user", "key_result")
    return list(rows.order_by("id"))


def lessons_of(retrospective: Retrospective) -> list[Lesson]:
    rows = Lesson.objects.filter(retrospective=retrospective.pk, retired_at=None)
    return list(rows.select_related("key_result", "author__user").order_by("id"))


# Who is there


@dataclass(frozen=True)
class Here:
    """Somebody who has the retrospective open, and whether they have written all they want to."""

    person: Membership
    is_ready: bool


def here_now(retrospective: Retrospective) -> list[Here]:
    """Who has it open at this moment, in the order of their readings."""
    rows = RetrospectivePresence.objects.filter(retrospective=retrospective.pk, seen_at__gt=clock.now() - HERE_FOR)
    ready = dict(rows.values_list("membership_id", "is_ready"))
    return [Here(person, ready[person.pk]) for person in people_of(ready)]


def took_part(retrospective: Retrospective) -> list[int]:
    """Everybody who had it open while it ran."""
    rows = RetrospectivePresence.objects.filter(retrospective=retrospective.pk).order_by("id")
    return list(rows.values_list("membership_id", flat=True))


def is_ready(retrospective: Retrospective, membership: Membership) -> bool:
    rows = RetrospectivePresence.objects.filter(retrospective=retrospective.pk, membership=membership.pk)
    return rows.filter(is_ready=True).exists()


def those_concerned(retrospective: Retrospective) -> list[Membership]:
    """The team, and of an objective its owner and those of its key results."""
    people = Q(teams=retrospective.team_id)
    if retrospective.objective_id is not None:
        owners = KeyResult.objects.filter(objective=retrospective.objective_id, dropped_at=None)
        people |= Q(objectives=retrospective.objective_id) | Q(pk__in=owners.values("owner"))
    rows = Membership.objects.filter(organization=retrospective.organization_id).colleagues()
    return list(rows.filter(people).distinct())


# What open pages ask

PULSE = """
    SELECT p.id, r.stage = 'ended',
        (SELECT seen_at FROM objectives_retrospectivepresence
         WHERE retrospective_id = r.id AND membership_id = p.id),
        concat_ws('/', r.version,
            (SELECT string_agg(concat(a.membership_id, ':', a.is_ready), ',' ORDER BY a.membership_id)
             FROM objectives_retrospectivepresence a WHERE a.retrospective_id = r.id AND a.seen_at > %(since)s),
            (SELECT concat(count(*), ':', sum(a.version)) FROM objectives_action a WHERE a.retrospective_id = r.id),
            (SELECT concat(count(*), ':', sum(l.version), ':', count(l.retired_at))
             FROM objectives_lesson l WHERE l.retrospective_id = r.id))
    FROM objectives_retrospective r
    JOIN people_organization o ON o.id = r.organization_id AND o.slug = %(slug)s
    JOIN people_membership p ON p.organization_id = o.id AND p.user_id = %(user)s
         AND p.left_on IS NULL AND p.role <> 'partner'
    WHERE r.id = %(retrospective)s
"""


def pulse_of(retrospective_id: int, slug: str, user_id: int) -> Pulse | None:
    """One cheap question: whether the person may see this retrospective, and whether anything in it has changed."""
    asked: dict[str, Any] = {
        "retrospective": retrospective_id,
        "slug": slug,
        "user": user_id,
        "since": clock.now() - HERE_FOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(PULSE, asked)
        row = cursor.fetchone()
    return Pulse(*row) if row else None
