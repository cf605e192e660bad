"""Who has agreed to an objective, who is waited for, and what was still open when it began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from objectives.formulas.agreement import AGREE, CONFIRM, REVISE, Word, fingerprint, standing_of
from objectives.models import (
    Conflict,
    Cycle,
    CycleState,
    KeyResult,
    Kind,
    Level,
    Objective,
    ObjectiveState,
    StateChange,
    Step,
)
from objectives.queries.orphans import without_kgi
from people.models import Membership, Role, Team

LEADING = (Role.ADMIN, Role.EXECUTIVE, Role.MANAGER)
# States that only those who lead can bring about.
DECIDED = {ObjectiveState.AGREED, ObjectiveState.ACTIVE, ObjectiveState.CLOSED}
STATED = (
    "title",
    "kind",
    "unit",
    "start_value",
    "must_hit_value",
    "target_value",
    "limit",
    "quota",
    "period",
    "population",
    "measure_first",
    "combine",
    "weight",
    "owner_id",
    "measured_how",
)
MOST_NAMED = 2


@dataclass(frozen=True)
class Agreement:
    """How far an objective is agreed on.

    `asks` says what is awaited of the people in `waits_for`: `agree` to what is proposed, `confirm` a change of the
    other side, `revise` what was sent back; empty where nobody is waited for. `changed_since` says that it is another
    goal than at its last step. `comment` is what was said last, `content` the fingerprint of the goal as it stands.
    """

    owner_agreed: bool = False
    lead_agreed: bool = False
    changed_since: bool = False
    asks: str = ""
    waits_for: tuple[Membership, ...] = ()
    comment: str = ""
    commented_by: Membership | None = None
    content: str = ""
    steps: tuple[StateChange, ...] = ()

    @property
    def is_mutual(self) -> bool:
        return self.owner_agreed and self.lead_agreed

    @property
    def names(self) -> str:
        """Whom it waits for, in words; beyond two people the others are counted."""
        named = [
            pgettext("a person with courtesy", "%(name)s") % {"name": person.user.name}
            for person in self.waits_for[:MOST_NAMED]
        ]
        left = len(self.waits_for) - len(named)
        names = str(_(", ")).join(named)
        if left:
            names = ngettext("%(names)s and %(left)s other", "%(names)s and %(left)s others", left) % {
                "names": names,
                "left": left,
            }
        return names

    @property
    def awaited(self) -> str:
        """Whom it waits for and what for, in a few words; empty where it waits for nobody."""
        sentences = {
            AGREE: _("Waits for the agreement of %(names)s"),
            CONFIRM: _("Waits for %(names)s to confirm"),
            REVISE: _("Waits for %(names)s to revise it"),
        }
        return sentences[self.asks] % {"names": self.names} if self.asks else ""

    def waits_for_person(self, membership: Membership) -> bool:
        return any(person.pk == membership.pk for person in self.waits_for)


class Leading:
    """Who decides on the objectives of an organization, read once for all of them; `also` are people to know as well.

    The rules are those of `Objective.objects.led_by`.
    """

    def __init__(self, organization_ids: Iterable[int], also: Iterable[int] = ()):
        found = Membership.objects.filter(
            Q(organization__in=set(organization_ids), role__in=LEADING) | Q(pk__in=set(also))
        )
        found = found.select_related("user").annotate(
            in_teams=ArrayAgg("teams", filter=Q(teams__isnull=False), default=[])
        )
        self.people = {person.pk: person for person in found.order_by()}
        self.parents = dict(Team.objects.filter(organization__in=set(organization_ids)).values_list("pk", "parent"))
        self.managers: dict[int, list[Membership]] = defaultdict(list)
        for person in self.here(Role.MANAGER):
            for team_id in person.in_teams:  # type: ignore[attr-defined]
                self.managers[team_id].append(person)

    def here(self, role: str) -> list[Membership]:
        found = [person for person in self.people.values() if person.role == role and is_here(person)]
        return sorted(found, key=lambda person: (person.user.reading, person.user.name, person.pk))

    def above(self, team_id: int | None) -> Iterable[int]:
        """The team and those above it, nearest first."""
        while team_id is not None:
            yield team_id
            team_id = self.parents.get(team_id)

    def leads(self, person_id: int, objective: Objective) -> bool:
        person = self.people.get(person_id)
        if person is None or person.organization_id != objective.organization_id:
            return False
        of_company = objective.level == Level.COMPANY
        match person.role:
            case Role.ADMIN:
                return True
            case Role.EXECUTIVE:
                return of_company
            case Role.MANAGER:
                return not of_company and bool(set(self.above(objective.team_id)) & set(person.in_teams))  # type: ignore[attr-defined]
        return False

    def groups(self, team_id: int, level: str) -> Iterable[list[Membership]]:
        """Those who may decide, nearest first: managers of the team and of those above, else administrators."""
        if level == Level.COMPANY:
            yield self.here(Role.EXECUTIVE)
        else:
            for above in self.above(team_id):
                yield self.managers[above]
        yield self.here(Role.ADMIN)

    def nearest(self, objective: Objective) -> tuple[Membership, ...]:
        """Who is asked: the nearest that are not the owner; the owner where nobody else decides."""
        for group in self.groups(objective.team_id, objective.level):
            others = [
                person
                for person in group
                if person.pk != objective.owner_id and person.organization_id == objective.organization_id
            ]
            if others:
                return tuple(others)
        return self.present(objective.owner_id) if self.leads(objective.owner_id, objective) else ()

    def asked_for(self, membership: Membership) -> Q:
        """The objectives whose nearest leads the person may be among, and few others."""
        teams, owners = set(), set()
        for team_id in self.parents:
            only = None
            for group in self.groups(team_id, Level.TEAM):
                others = [person.pk for person in group if person.pk != only]
                if membership.pk in others:
                    teams.add(team_id) if only is None else owners.add(only)
                    break
                if only is None and len(others) == 1:
                    only = others[0]
                elif others:
                    break
        asked = Q(team__in=teams) | Q(owner__in=owners)
        if membership.role in {Role.EXECUTIVE, Role.ADMIN}:
            asked |= Q(level=Level.COMPANY)
        return asked

    def present(self, person_id: int) -> tuple[Membership, ...]:
        person = self.people.get(person_id)
        return (person,) if person is not None and is_here(person) else ()


def is_here(person: Membership) -> bool:
    return person.left_on is None and person.user.is_active


def contents_of(objectives: Sequence[Objective]) -> dict[int, str]:
    """The fingerprint of what is agreed on in each objective: its words, and its key results as they are measured.

    A browser sends other line breaks than a program: blanks tell nothing apart.
    Two queries, and one more where there are milestones.
    """
    ids = [objective.pk for objective in objectives]
    key_results: dict[int, list[list[Any]]] = defaultdict(list)
    milestones = {}
    rows = KeyResult.objects.filter(objective__in=ids, dropped_at=None).order_by("pk")
    for objective_id, pk, *stated in rows.values_list("objective", "pk", *STATED):
        key_results[objective_id].append(stated)
        if stated[STATED.index("kind")] == Kind.MILESTONE:
            milestones[pk] = stated
    if milestones:
        steps = Step.objects.filter(key_result__in=milestones).order_by("position", "pk")
        for key_result_id, title, weight in steps.values_list("key_result", "title", "weight"):
            milestones[key_result_id].append([title, weight])
    return {
        objective.pk: fingerprint(
            [objective.title.split(), objective.why.split(), objective.kind, key_results[objective.pk]]
        )
        for objective in objectives
    }


def content_from(objective: Objective, key_results: Iterable[KeyResult]) -> str:
    """The same fingerprint from rows that are read already; the key results come with their steps."""
    stated = []
    for row in sorted(key_results, key=lambda row: row.pk):
        said: list[Any] = [getattr(row, name) for name in STATED]
        if row.kind == Kind.MILESTONE:
            said += [[step.title, step.weight] for step in row.steps.all()]
        stated.append(said)
    return fingerprint([objective.title.split(), objective.why.split(), objective.kind, stated])


def content_of(objective_id: int) -> str:
    """The fingerprint of one objective as it is saved."""
    return contents_of([Objective.objects.get(pk=objective_id)])[objective_id]


def agreements_of(objectives: Iterable[Objective]) -> dict[int, Agreement]:
    """How far each objective is agreed on, by its id; the number of queries does not grow with them.

    What was dropped or lies in a closed cycle waits for nobody.
    """
    rows = list(objectives)
    if not rows:
        return {}
    ids = [row.pk for row in rows]
    steps: dict[int, list[StateChange]] = defaultdict(list)
    spoken = set()
    for step in StateChange.objects.filter(objective__in=ids).order_by("pk"):
        steps[step.objective_id].append(step)
        spoken.add(step.by_id)
    contents = contents_of(rows)
    leading = Leading({row.organization_id for row in rows}, spoken | {row.owner_id for row in rows})
    closed = closed_cycles(rows)
    found = {}
    for row in rows:
        agreement = agreement_of(row, steps[row.pk], contents[row.pk], leading)
        if row.dropped_at is not None or row.cycle_id in closed:
            agreement = replace(agreement, asks="", waits_for=())
        found[row.pk] = agreement
    return found


def closed_cycles(objectives: Sequence[Objective]) -> set[int]:
    """The closed ones of the objectives' cycles; nothing is asked where the cycles are read already."""
    unread = {row.cycle_id for row in objectives if not Objective.cycle.is_cached(row)}
    closed = {row.cycle_id for row in objectives if row.cycle_id not in unread and row.cycle.is_closed}
    if unread:
        rows = Cycle.objects.filter(pk__in=unread, state=CycleState.CLOSED)
        closed |= set(rows.values_list("pk", flat=True))
    return closed


def agreement_of(objective: Objective, steps: Sequence[StateChange], content: str, leading: Leading) -> Agreement:
    for step in steps:
        step.by = leading.people[step.by_id]
    words = [
        Word(
            of_owner=step.by_id == objective.owner_id,
            of_lead=(step.old_state != step.new_state and step.new_state in DECIDED)
            or leading.leads(step.by_id, objective),
            before=step.old_state,
            after=step.new_state,
            content=step.content,
        )
        for step in steps
    ]
    standing = standing_of(words, state=objective.state, content=content)
    waits_for: tuple[Membership, ...] = ()
    if standing.asks:
        waits_for = leading.present(objective.owner_id) if standing.of_owner else leading.nearest(objective)
    said = steps[-1] if steps and steps[-1].comment else None
    return Agreement(
        owner_agreed=standing.owner_agreed,
        lead_agreed=standing.lead_agreed,
        changed_since=standing.changed_since,
        asks=standing.asks if waits_for else "",
        waits_for=waits_for,
        comment=said.comment if said else "",
        commented_by=said.by if said else None,
        content=content,
        steps=tuple(steps),
    )


@dataclass(frozen=True)
class Waiting:
    """An objective on which a person's word is awaited."""

    objective: Objective
    agreement: Agreement


def waiting_for(membership: Membership, cycle: Cycle | None = None) -> list[Waiting]:
    """What waits for the person's word in the open cycles, or in one of them, oldest first; nothing for a partner."""
    if membership.is_partner:
        return []
    asked = Q(Exists(StateChange.objects.filter(objective=OuterRef("pk"))), owner=membership.pk)
    if membership.role in LEADING:
        leading = Leading([membership.organization_id])
        asked |= leading.asked_for(membership) & Q(state__in=[ObjectiveState.PROPOSED, ObjectiveState.AGREED])
    rows = (
        Objective.objects.visible_to(membership)
        .filter(asked)
        .exclude(state=ObjectiveState.CLOSED)
        .exclude(cycle__state=CycleState.CLOSED)
        .select_related("cycle", "team", "owner__user")
        .order_by("cycle__start", "pk")
    )
    if cycle is not None:
        rows = rows.in_cycle(cycle)
    found = list(rows)
    agreements = agreements_of(found)
    return [Waiting(row, agreements[row.pk]) for row in found if agreements[row.pk].waits_for_person(membership)]


# What may be open when an objective begins, and the sentence that says so of `count` of them.
OWNER, NO_KGI, NOT_ALIGNED = "owner", "no_kgi", "not_aligned"
KEY_RESULT_OWNER, MEASURED_HOW, COACH, CONFLICT = "key_result_owner", "measured_how", "coach", "conflict"


def open_points_of(objective: Objective, by: Membership, *, advice: int = 0) -> list[str]:
    """The codes of what is still open, with a number where there may be several: `owner`, `key_result_owner:2`.

    `advice` is how many findings the coach has. None of them keeps an objective from beginning.
    """
    rows = Objective.objects.filter(pk=objective.pk)
    key_results = objective.key_results.filter(dropped_at=None)
    counts = {
        OWNER: objective.owner_id != by.pk and not has_owner_agreed(objective),
        KEY_RESULT_OWNER: key_results.filter(owner=None).count(),
        MEASURED_HOW: key_results.filter(measured_how="").exclude(kind=Kind.MILESTONE).count(),
        NO_KGI: without_kgi(by, rows).exists(),
        NOT_ALIGNED: objective.level != Level.COMPANY and not objective.parents.exists(),
        CONFLICT: Conflict.objects.open().filter(Q(first=objective) | Q(second=objective)).count(),
        COACH: advice,
    }
    return [code if count is True else f"{code}:{count}" for code, count in counts.items() if count]


def has_owner_agreed(objective: Objective) -> bool:
    """Whether the owner's last word was a yes to the objective as it stands."""
    said = objective.state_changes.filter(by=objective.owner_id).last()
    return (
        said is not None
        and said.new_state not in {ObjectiveState.DRAFT, ObjectiveState.CLOSED}
        and said.content == content_of(objective.pk)
    )


def worded_points(codes: Iterable[str]) -> list[str]:
    """Open points in words; a code that is no longer known stands for itself."""
    return [worded_point(code) for code in codes]


def worded_point(point: str) -> str:
    code, _colon, number = point.partition(":")
    count = int(number) if number.isdecimal() else 1
    sentences = {
        OWNER: _("The owner has not agreed to it as it stands."),
        NO_KGI: _("It leads to no KGI."),
        NOT_ALIGNED: _("It is connected to no objective above it."),
        KEY_RESULT_OWNER: ngettext("%(count)s key result has no owner.", "%(count)s key results have no owner.", count),
        MEASURED_HOW: ngettext(
            "%(count)s key result does not say how it is measured.",
            "%(count)s key results do not say how they are measured.",
            count,
        ),
        CONFLICT: ngettext(
            "%(count)s other goal repeats or contradicts it.",
            "%(count)s other goals repeat or contradict it.",
            count,
        ),
        COACH: ngettext(
            "The draft coach has %(count)s suggestion left.",
            "The draft coach has %(count)s suggestions left.",
            count,
        ),
    }
    return sentences[code] % {"count": count} if code in sentences else point


@dataclass(frozen=True)
class Said:
    """A step of an agreement in words. `is_present` where it was about the goal as it stands now."""

    step: StateChange
    act: str
    points: list[str]
    is_present: bool


def said_of(agreement: Agreement, owner_id: int) -> list[Said]:
    """How an objective came to be agreed on, newest first."""
    told = []
    before = ""
    for step in agreement.steps:
        is_edit = step.old_state == step.new_state and step.content != before
        points = worded_points(step.open_points)
        told.append(
            Said(step, act_in_words(step, owner_id, is_edit=is_edit), points, step.content == agreement.content)
        )
        before = step.content
    return told[::-1]


def act_in_words(step: StateChange, owner_id: int, *, is_edit: bool) -> str:
    if step.old_state == step.new_state:
        return pgettext("step of an agreement", "Changed") if is_edit else pgettext("step of an agreement", "Confirmed")
    match step.new_state:
        case ObjectiveState.PROPOSED:
            return pgettext("step of an agreement", "Proposed")
        case ObjectiveState.AGREED:
            return pgettext("step of an agreement", "Agreed")
        case ObjectiveState.CLOSED:
            return pgettext("step of an agreement", "Closed")
        case ObjectiveState.DRAFT:
            if step.by_id == owner_id:
                return pgettext("step of an agreement", "Taken back")
            return pgettext("step of an agreement", "Sent back")
    if step.old_state == ObjectiveState.CLOSED:
        return pgettext("step of an agreement", "Begun again")
    return pgettext("step of an agreement", "Begun")
