"""What is compared: goals and what they measure, as far as it matters whether two of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from objectives.formulas.likeness.words import DOWN, UP, Words, words_of
from objectives.formulas.units import normal

LEVELS = frozenset({"reach", "average", "keep"})
VOLUMES = frozenset({"reach", "cumulative", "quota", "coverage"})
ADDED_UP = frozenset({"cumulative", "quota", "coverage"})
BASELINED = frozenset({"reach", "average"})

THOUSAND, TEN_THOUSAND, MILLION, HUNDRED_MILLION = (Decimal(10) ** power for power in (3, 4, 6, 8))
# A unit's dimension, and how much of the dimension's own unit it is.
UNITS: dict[str, tuple[str, Decimal]] = {
    "%": ("%", Decimal(1)),
    "percent": ("%", Decimal(1)),
    "パーセント": ("%", Decimal(1)),
    "割": ("%", Decimal(10)),
    **dict.fromkeys(("円", "¥", "jpy", "yen"), ("yen", Decimal(1))),
    **dict.fromkeys(("千円", "k¥", "¥k"), ("yen", THOUSAND)),
    "万円": ("yen", TEN_THOUSAND),
    **dict.fromkeys(("百万円", "m¥", "¥m", "million yen"), ("yen", MILLION)),
    "億円": ("yen", HUNDRED_MILLION),
    **dict.fromkeys(("人", "名", "people", "persons", "employees", "members", "users"), ("people", Decimal(1))),
    **dict.fromkeys(("社", "companies", "customers", "accounts", "clients", "者"), ("customers", Decimal(1))),
    **dict.fromkeys(("本", "記事", "articles", "posts", "冊", "枚", "点数", "個", "pieces"), ("pieces", Decimal(1))),
    **dict.fromkeys(("回", "度", "times", "visits", "sessions"), ("times", Decimal(1))),
    **dict.fromkeys(("日", "日間", "days", "day"), ("time", Decimal(24))),
    **dict.fromkeys(("時間", "hours", "hour", "h"), ("time", Decimal(1))),
    **dict.fromkeys(("週", "週間", "weeks", "week"), ("time", Decimal(168))),
    **dict.fromkeys(("点", "points", "point", "pt", "ポイント"), ("points", Decimal(1))),
}
# Of these many say 件 or nothing at all.
COUNTED = frozenset({"people", "customers", "pieces", "things"})
THINGS = frozenset({"", "件", "数", "deals", "orders", "inquiries", "contracts", "leads", "items", "cases"})


class Finding(Enum):
    """How two goals repeat or contradict each other, the gravest first."""

    OPPOSITE = "opposite"
    BASELINES = "baselines"
    SAME_OBJECTIVE = "same_objective"
    SAME_MEASURE = "same_measure"
    ONE_LEVER = "one_lever"


@dataclass(frozen=True, slots=True)
class Measured:
    """A key result: what it is called, in which unit, from where to where. `lever` is the KPI it measures."""

    id: int
    title: str
    kind: str
    unit: str = ""
    start: Decimal | None = None
    target: Decimal | None = None
    limit: str = ""
    lever: int | None = None
    measure_first: bool = False

    @property
    def words(self) -> Words:
        return words_of(self.title)

    @property
    def dimension(self) -> tuple[str, Decimal]:
        """What the unit counts, and its factor.

        >>> Measured(1, "売上", "reach", "万円").dimension == ("yen", Decimal(10_000))
        True
        """
        unit = normal(self.unit).rpartition("/")[0] or normal(self.unit)
        if unit in THINGS:
            return "things", Decimal(1)
        return UNITS.get(unit, (unit, Decimal(1)))

    @property
    def way(self) -> int | None:
        """UP or DOWN, from the numbers, else from the verb; what is added up rises. None where nothing says."""
        if self.kind == "keep":
            return None
        if self.start is not None and self.target is not None and self.start != self.target:
            return UP if self.target > self.start else DOWN
        return self.words.way or (UP if self.kind in ADDED_UP else None)


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective. `is_personal` is somebody's own; `above` are the objectives it helps, by number.

    `summed_into` are the key results of others whose value is the sum of what this objective brings.
    """

    id: int
    title: str
    owner: int
    team: int
    team_name: str
    start: date
    end: date
    cycle: int
    is_personal: bool = False
    carried_from: int | None = None
    above: frozenset[int] = frozenset()
    summed_into: frozenset[int] = frozenset()
    key_results: Sequence[Measured] = ()

    @property
    def words(self) -> Words:
        return words_of(self.title)


@dataclass(frozen=True, slots=True)
class Found:
    """A pair: `first` is the objective with the smaller number."""

    finding: Finding
    first: int
    second: int
    first_key_result: int | None = None
    second_key_result: int | None = None
    likeness: float = 1.0
