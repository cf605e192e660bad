"""How the example company is written down: plain records that name each other by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

Number = int | float | str


@dataclass(frozen=True)
class Person:
    """`checks_in_on` is the weekday (Monday is 0) and `at` the time at which this person usually reports."""

    key: str
    name: str
    reading: str
    role: str
    teams: tuple[str, ...]
    checks_in_on: int
    at: str
    email: str

    @property
    def is_account(self) -> bool:
        return self.email.partition("@")[0] in (self.role, "consultant")


@dataclass(frozen=True)
class Lever:
    """A lever of a KGI's tree; rates 0–1. `spread` is its range: low, likely, high."""

    key: str
    name: str
    unit: str
    current: Number
    must_hit: Number
    challenge: Number
    owner: str
    source: str
    definition: str = ""
    note: str = ""
    period: str = ""
    spread: tuple[Number, Number, Number] | None = None
    limits: tuple[Number | None, Number | None] = (None, None)
    reference: Number | None = None
    reference_source: str = ""
    effort: Number = 1
    is_locked: bool = False

    @property
    def is_rate(self) -> bool:
        return self.unit == "%"


@dataclass(frozen=True)
class Branch:
    """A formula of a KGI's tree."""

    key: str
    name: str
    unit: str
    formula: str
    period: str = ""
    definition: str = ""


@dataclass(frozen=True)
class Chain:
    """One column of a funnel: the five numbers that are known; visits are found from them."""

    revenue: Number
    unit_price: Number
    win_rate: Number
    deal_rate: Number
    cv_rate: Number


@dataclass(frozen=True)
class Channel:
    """A medium that brings a part of the CVs, and the rate at which they become deals: now, must-hit, challenge."""

    name: str
    team: str
    volumes: tuple[Number, Number, Number]
    rates: tuple[Number, Number, Number]


@dataclass(frozen=True)
class Calculation:
    """A KGI's funnel: its columns, the market it is bound by, and the days from each stage to the next.

    `last_year` is how it went then, `average` what the industry has, under the numbers' names.
    """

    current: Chain
    must_hit: Chain
    challenge: Chain
    companies: int
    contacts: int
    days: tuple[int, int, int]
    last_year: Chain | None = None
    average: Mapping[str, Number] = field(default_factory=dict)
    average_source: str = ""
    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True)
class Aimed:
    """What a KGI's must-hit target was first, until when (days after the plan began), and why no longer."""

    was: Number
    days: int
    reason: str


@dataclass(frozen=True)
class Aim:
    """A KGI with its funnel, or with a tree of its own that begins with its goal."""

    key: str
    name: str
    owner: str
    last_year: Number
    current: Number
    must_hit: Number
    challenge: Number
    why: str
    picture: str
    likely: str
    hard: str
    funnel: Calculation | None = None
    tree: tuple[Branch | Lever, ...] = ()
    aimed: Aimed | None = None
    reference: Number | None = None
    reference_source: str = ""
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A key result. `grain` is the precision in which people report it; `kpi` is the "aim/key" it feeds."""

    key: str
    title: str
    kind: str
    owner: str
    how: str
    unit: str = ""
    start: Number | None = None
    must: Number | None = None
    target: Number | None = None
    limit: str = ""
    quota: Number | None = None
    period: str = ""
    population: Number | None = None
    steps: tuple[tuple[str, int], ...] = ()
    weight: float | None = None
    process: bool = False
    measure_first: bool = False
    sums: bool = False
    kpi: str = ""
    grain: str = "1"


@dataclass(frozen=True)
class Parent:
    """Where an objective is aligned to: an objective's key, or a key result's with `result=True`."""

    key: str
    link: str = "contributes"
    weight: float | None = None
    result: bool = False


@dataclass(frozen=True)
class Goal:
    """An objective. `active_for` is the number of days since it became active, None for since the first day.

    `carried_from` is the objective of the cycle before that it goes on with.
    """

    key: str
    title: str
    why: str
    cycle: str
    team: str
    owner: str
    results: tuple[Result, ...]
    level: str = "team"
    kind: str = "aspirational"
    state: str = "active"
    aim: str = ""
    parents: tuple[Parent, ...] = ()
    active_for: int | None = None
    shared_with: tuple[str, ...] = ()
    carried_from: str = ""


@dataclass(frozen=True)
class Moved:
    """A target moved in mid-cycle, on the Monday of a week."""

    result: str
    week: int
    by: str
    old_must: Number
    old_target: Number
    reason: str


@dataclass(frozen=True)
class Said:
    """A step of a draft on its way, so many days ago: to another state, with what was said."""

    goal: str
    by: str
    to: str
    days: int
    at: str
    comment: str = ""


@dataclass(frozen=True)
class Adjusted:
    """A must-hit target that whoever leads set anew in somebody's proposal."""

    result: str
    by: str
    must: Number
    days: int
    at: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """An objective kept as the organization's own template."""

    goal: str
    by: str
    area: str
    note: str
    days: int


@dataclass(frozen=True)
class Note:
    """The words of a check-in. `mistyped` is a wrong value sent first and then corrected with these words."""

    well: str = ""
    obstacle: str = ""
    next: str = ""
    by: str = ""
    mistyped: Number | None = None


@dataclass(frozen=True)
class Log:
    """The check-ins of a key result, one place per week of the cycle, `-` where nobody reported.

    Of reach, cumulative and coverage `values` are where it stood, of keep and average the reading, of a quota what was
    added, of a milestone the number of steps finished. They are told for a Thursday in the cycle's seventh week and
    carried to the real day, so that a result heading for the band does so on any weekday.
    """

    values: str
    confidence: str
    notes: Mapping[int, Note] = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True)
class Ended:
    """How an objective ended. `override` is what people say instead of the score, always with its reason."""

    outcome: str
    why: str = ""
    override: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Noted:
    """A note. Those with `under` lie under the note of that key."""

    key: str
    by: str
    question: str
    text: str
    result: str = ""
    cause: str = ""
    under: str = ""


@dataclass(frozen=True)
class Agreed:
    """What somebody took on: to be done so many days after the last quarter; `done` as many days after it or, with
    None, not yet and due so many days from today."""

    title: str
    owner: str
    due: int
    done: int | None = None
    serves: str = ""


@dataclass(frozen=True)
class Looked:
    """A retrospective. `days` are counted from the end of the last quarter; of a running one, back from today."""

    key: str
    team: str
    led_by: str
    days: int
    at: str
    notes: tuple[Noted, ...]
    votes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minutes: int = 50
    objective: str = ""
    summary: str = ""
    actions: tuple[Agreed, ...] = ()
    is_running: bool = False

    @property
    def people(self) -> list[str]:
        return list(dict.fromkeys([self.led_by, *(note.by for note in self.notes)]))


@dataclass(frozen=True)
class Tale:
    """All that is told of one organization in the same words; `moved` are targets that moved.

    `months` are its levers month by month, the last whole month first; `stood` is where its KGIs were at the ends of
    the months of their year. Both are by "aim/key".
    """

    slug: str
    name: str
    administrator: str
    teams: Mapping[str, str]
    people: tuple[Person, ...]
    aims: tuple[Aim, ...]
    goals: tuple[Goal, ...]
    check_ins: Mapping[str, Log]
    months: Mapping[str, tuple[Number, ...]]
    stood: Mapping[str, tuple[int, ...]]
    moved: tuple[Moved, ...] = ()

    @cached_property
    def leaders(self) -> dict[str, str]:
        """Who agrees to the objectives of a team."""
        return {
            team: person.key
            for person in reversed(self.people)
            if person.role in ("manager", "executive")
            for team in person.teams
        }

    @property
    def owner_email(self) -> str:
        """By whom the organization is known to be this one."""
        return next(person.email for person in self.people if person.key == self.administrator)
