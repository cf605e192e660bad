"""The agenda of a team's meeting, made from its data, and what happened while people talked.

First what was promised last time; then what is red, health KPIs before key results; what changed since; obstacles; what
waits for a decision; next steps; and last, quietly, who has not reported. Every item is there once, where it stands
first, under a key that stays: `kr:12`, `obstacle:3`, `kpi:4`, `action:9`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from objectives.formulas.bar import Bar
from objectives.models import (
    Action,
    ActionState,
    CheckIn,
    Comment,
    CommentKind,
    Health,
    KeyResult,
    Kind,
    LineKind,
    Meeting,
    MinuteLine,
    Obstacle,
    ObstacleKind,
)
from objectives.queries.bars import key_result_bar, monday_of
from objectives.queries.health_kpis import HealthStanding, outside_corridor
from people.models import Membership, below

PROMISED, RED, CHANGED, OBSTACLES, DECISIONS, STEPS, SILENT, PULLED = SECTIONS = (
    "promised",
    "red",
    "changed",
    "obstacles",
    "decisions",
    "steps",
    "silent",
    "pulled",
)
IN_TROUBLE = (Health.OFF_TRACK, Health.AT_RISK)
ADDING = {Kind.CUMULATIVE, Kind.QUOTA}
WEEK = timedelta(days=7)


@dataclass
class Words:
    """What somebody said, and when."""

    who: str = ""
    day: date | None = None
    going_well: str = ""
    obstacle: str = ""
    next_step: str = ""
    text: str = ""


@dataclass
class Item:
    """One item of an agenda, with its figures as they are; frozen at the end of the meeting.

    `value` and `before` are in `unit`; `is_added` where they are what came in, not where it stands.
    """

    key: str
    section: str
    title: str = ""
    about: str = ""
    owner: str = ""
    objective: int | None = None
    key_result: int | None = None
    unit: str = ""
    value: Decimal | None = None
    before: Decimal | None = None
    target: Decimal | None = None
    added: Decimal | None = None
    confidence: int | None = None
    confidence_before: int | None = None
    health: str = ""
    intent: str = ""
    bar: Bar | None = None
    said: Words | None = None
    offers: list[Words] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    since: date | None = None
    kind: str = ""
    risen: str = ""
    state: str = ""
    due: date | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    run: int = 0
    cause: str = ""
    countermeasure: str = ""
    names: list[str] = field(default_factory=list)

    @property
    def noun(self) -> str:
        return self.key.partition(":")[0]

    @property
    def pk(self) -> int:
        return int(self.key.partition(":")[2] or 0)

    @property
    def has_moved(self) -> bool:
        return self.before is not None and self.value is not None and self.before != self.value

    @property
    def has_lost_confidence(self) -> bool:
        return (
            self.confidence is not None
            and self.confidence_before is not None
            and self.confidence < self.confidence_before
        )

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.OPEN

    @property
    def is_done(self) -> bool:
        return self.state == ActionState.DONE


@dataclass
class Event:
    """Something that happened while people talked; `key` is the item it belongs to."""

    at: datetime
    kind: str
    key: str
    title: str
    who: str = ""
    text: str = ""
    value: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True)
class Scope:
    """Whose agenda it is: the team's key results, and from when on a change is new."""

    meeting: Meeting
    membership: Membership
    since: datetime

    @property
    def today(self) -> date:
        return self.meeting.date

    def day_of(self, moment: datetime) -> date:
        """On the organization's calendar."""
        return moment.astimezone(self.membership.organization.zone).date()


def scope_of(meeting: Meeting, membership: Membership) -> Scope:
    """A change is new since the end of the previous meeting, in a team's first meeting since a week ago."""
    previous = meeting.previous
    since = previous.ended_at if previous is not None and previous.ended_at else meeting.started_at - WEEK
    return Scope(meeting, membership, since)


def agenda_of(meeting: Meeting, membership: Membership) -> list[Item]:
    """The items of a running meeting in the order in which they are talked about."""
    scope = scope_of(meeting, membership)
    promised = list(promises(scope))
    results = key_result_items(scope)
    red = sorted((item for item in results if item.health in IN_TROUBLE), key=severity)
    changed = [item for item in results if item.health not in IN_TROUBLE and is_new(item)]
    standing = list(obstacles(scope))
    by_key_result: dict[int | None, list[str]] = {}
    for obstacle in standing:
        by_key_result.setdefault(obstacle.key_result, []).append(obstacle.title)
    for item in results:
        item.obstacles = by_key_result.get(item.key_result, [])
    taken = {item.key for item in (*red, *changed)}
    wanted = pulled_keys(meeting)
    pulled = [item for item in results if item.key in wanted and item.key not in taken]
    for item in (*red, *changed, *pulled):
        item.section = RED if item.health in IN_TROUBLE else CHANGED if item in changed else PULLED
    return [
        *promised,
        *health_kpi_items(scope),
        *red,
        *changed,
        *pulled,
        *(item for item in standing if item.section == OBSTACLES),
        *(item for item in standing if item.section == DECISIONS),
        *next_steps(results, monday_of(scope.today)),
        *silent(scope),
    ]


def severity(item: Item) -> tuple[bool, float]:
    """Off track before at risk, then whatever lands lowest."""
    landing = item.bar.landing if item.bar and item.bar.landing is not None else 0.0
    return item.health != Health.OFF_TRACK, landing


def is_new(item: Item) -> bool:
    return item.added is not None or item.has_moved or item.has_lost_confidence


def pulled_keys(meeting: Meeting) -> list[str]:
    return list(meeting.agenda.get("pulled", [])) if isinstance(meeting.agenda, dict) else []


# What was promised


def promises(scope: Scope) -> Iterator[Item]:
    """Open actions of earlier meetings of the team, those done since the last one, and its next steps."""
    done_lately = Q(state=ActionState.DONE, closed_on__gte=scope.day_of(scope.since))
    actions = (
        Action.objects.visible_to(scope.membership)
        .filter(Q(state=ActionState.OPEN) | done_lately, minute_line__meeting__team=scope.meeting.team_id)
        .exclude(minute_line__meeting=scope.meeting.pk)
        .select_related("owner__user", "key_result")
        .order_by("due_on", "pk")
    )
    for action in sorted(actions, key=lambda action: (action.state != ActionState.OPEN, action.due_on or date.max)):
        yield Item(
            key=f"action:{action.pk}",
            section=PROMISED,
            title=action.title,
            about=action.key_result.title if action.key_result else "",
            owner=action.owner.user.name,
            key_result=action.key_result_id,
            state=action.state,
            due=action.due_on,
        )
    if scope.meeting.previous_id is None:
        return
    steps = MinuteLine.objects.filter(
        meeting=scope.meeting.previous_id, kind=LineKind.NEXT_STEP, withdrawn_at=None
    ).select_related("author__user", "key_result")
    for line in steps:
        yield Item(
            key=f"line:{line.pk}",
            section=PROMISED,
            title=line.text,
            about=line.key_result.title if line.key_result else "",
            owner=line.author.user.name,
            key_result=line.key_result_id,
        )


# What is red, and what changed


def health_kpi_items(scope: Scope) -> Iterator[Item]:
    """Health KPIs outside their corridor, the longest first."""
    for standing in outside_corridor(scope.membership, scope.meeting.team):
        yield health_kpi_item(standing)


def health_kpi_item(standing: HealthStanding) -> Item:
    kpi, last = standing.kpi, standing.last
    return Item(
        key=f"kpi:{kpi.pk}",
        section=RED,
        title=kpi.name,
        about=kpi.team.name,
        owner=kpi.owner.user.name if kpi.owner else "",
        unit=kpi.unit,
        value=last.value if last else None,
        lower=kpi.lower,
        upper=kpi.upper,
        run=standing.run,
        since=standing.outside_since,
        kind=kpi.period,
        cause=last.cause if last else "",
        countermeasure=last.countermeasure if last else "",
    )


def key_result_items(scope: Scope) -> list[Item]:
    """Every key result of the team that is worked on: where it stands and stood, and what was said of it."""
    organization = scope.membership.organization
    rows = list(
        KeyResult.objects.visible_to(scope.membership)
        .open()
        .filter(objective__team=scope.meeting.team_id)
        .select_related("objective__cycle", "objective__owner__user", "scored", "owner__user")
        .order_by("objective__position", "objective_id", "position", "pk")
    )
    ids = [row.pk for row in rows]
    counted = CheckIn.objects.counted().filter(key_result__in=ids)
    newest = counted.order_by("key_result_id", "-date", "-created_at", "-id")
    latest = {each.key_result_id: each for each in newest.select_related("author__user").distinct("key_result_id")}
    earlier = {each.key_result_id: each for each in newest.filter(created_at__lt=scope.since).distinct("key_result_id")}
    lately = counted.filter(created_at__gte=scope.since).order_by().values_list("key_result_id")
    added = dict(lately.annotate(sum=Sum("value")))
    return [
        key_result_item(row, latest.get(row.pk), earlier.get(row.pk), added.get(row.pk), organization, scope.today)
        for row in rows
    ]


def key_result_item(
    row: KeyResult,
    latest: CheckIn | None,
    earlier: CheckIn | None,
    added: Decimal | None,
    organization: Any,
    today: date,
) -> Item:
    scored = getattr(row, "scored", None)
    value = scored.current_value if scored else None
    is_new = latest is not None and latest != earlier and added is not None
    before = None
    if is_new and row.kind in ADDING:
        before = value - added if value is not None and added is not None and row.kind == Kind.CUMULATIVE else None
    elif is_new and earlier is not None:
        before = earlier.value
    value = latest.value if latest is not None and row.kind not in ADDING else value
    if row.kind == Kind.MILESTONE:
        value, before = (None if each is None else 100 * each for each in (value, before))
    owner = row.owner or row.objective.owner
    return Item(
        key=f"kr:{row.pk}",
        section=PULLED,
        title=row.title,
        about=row.objective.title,
        owner=owner.user.name,
        objective=row.objective_id,
        key_result=row.pk,
        unit="%" if row.kind == Kind.MILESTONE else row.unit,
        kind=row.kind,
        value=value,
        before=before,
        added=added if is_new else None,
        target=row.quota if row.kind == Kind.QUOTA else row.population or row.target_value,
        confidence=latest.confidence if latest else None,
        confidence_before=earlier.confidence if is_new and earlier else None,
        health=scored.health if scored else "",
        intent=row.intent,
        bar=key_result_bar(row, organization, today),
        said=words_of(latest) if latest else None,
    )


def words_of(check_in: CheckIn) -> Words:
    return Words(
        who=check_in.author.user.name,
        day=check_in.date,
        going_well=check_in.going_well,
        obstacle=check_in.obstacle,
        next_step=check_in.next_step,
    )


# What is in the way


def obstacles(scope: Scope) -> Iterator[Item]:
    """The team's standing obstacles, oldest first, and those of the teams below that have risen; with offers."""
    team = scope.meeting.team_id
    own = Q(key_result__objective__team=team)
    risen = Q(key_result__objective__team__in=below([team])) & ~Q(risen_to="")
    rows = list(
        Obstacle.objects.visible_to(scope.membership)
        .standing()
        .filter(own | risen)
        .select_related("key_result__objective", "owner__user", "raised_by__user")
        .order_by("raised_on", "pk")
    )
    offers: dict[int, list[Words]] = {}
    said = Comment.objects.standing().filter(obstacle__in=[row.pk for row in rows]).exclude(kind=CommentKind.COMMENT)
    for comment in said.select_related("author__user").order_by("created_at", "id"):
        offers.setdefault(comment.obstacle_id or 0, []).append(
            Words(who=comment.author.user.name, text=comment.text, day=scope.day_of(comment.created_at))
        )
    for row in rows:
        decides = row.kind == ObstacleKind.DECISION or row.risen_to
        yield Item(
            key=f"obstacle:{row.pk}",
            section=DECISIONS if decides else OBSTACLES,
            title=row.text,
            about=row.key_result.title,
            owner=row.owner.user.name,
            objective=row.key_result.objective_id,
            key_result=row.key_result_id,
            since=row.raised_on,
            kind=row.kind,
            risen=row.risen_to,
            state=row.state,
            offers=offers.get(row.pk, []),
        )


# What comes next, and who is silent


def next_steps(results: Iterable[Item], monday: date) -> Iterator[Item]:
    """The next steps named in this week's check-ins, or last week's where the week has only begun."""
    for item in results:
        said = item.said
        if said and said.next_step and said.day and said.day >= monday - WEEK:
            yield Item(
                key=f"step:{item.pk}",
                section=STEPS,
                title=said.next_step,
                about=item.title,
                owner=said.who,
                objective=item.objective,
                key_result=item.key_result,
                since=said.day,
            )


def silent(scope: Scope) -> Iterator[Item]:
    """Who owes a check-in of this week or an earlier one, by name, without a word more."""
    end = monday_of(scope.today) + timedelta(days=6)
    rows = (
        KeyResult.objects.visible_to(scope.membership)
        .open()
        .filter(objective__team=scope.meeting.team_id, scored__due_on__lte=end)
        .order_by("owner__user__reading", "objective__owner__user__reading")
        .values_list("owner__user__name", "objective__owner__user__name")
    )
    names = list(dict.fromkeys(owner or leader for owner, leader in rows))
    if names:
        yield Item(key=SILENT, section=SILENT, names=names)


# Kept as it was

DAYS = {"day", "since", "due"}
AMOUNTS = {"value", "before", "target", "added", "lower", "upper"}


def frozen(row: Item | Event) -> dict[str, Any]:
    """As JSON, without what says nothing."""
    found = {name: value for name, value in asdict(row).items() if value not in (None, "", [])}
    return {name: plain(value) for name, value in found.items()}


def plain(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return value


def thawed_item(kept: dict[str, Any]) -> Item:
    found = {name: revived(name, value) for name, value in kept.items()}
    if "bar" in found:
        found["bar"] = Bar(**(found["bar"] | {"trail": tuple(found["bar"]["trail"])}))
    if "said" in found:
        found["said"] = thawed_words(found["said"])
    found["offers"] = [thawed_words(each) for each in found.get("offers", [])]
    return Item(**found)


def thawed_words(kept: dict[str, Any]) -> Words:
    return Words(**{name: revived(name, value) for name, value in kept.items()})


def thawed_event(kept: dict[str, Any]) -> Event:
    found = {name: revived(name, value) for name, value in kept.items()}
    return Event(**(found | {"at": datetime.fromisoformat(kept["at"])}))


def revived(name: str, value: Any) -> Any:
    if name in DAYS and isinstance(value, str):
        return date.fromisoformat(value)
    return Decimal(value) if name in AMOUNTS and isinstance(value, str) else value
