"""What a set of the library is made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from objectives.formulas.sketches import KeyResultSketch, Sketch
from objectives.models import Area, Intent, Kind, MeasureType

Number = int | str | None


class Text(NamedTuple):
    """The same in both languages of the product."""

    ja: str
    en: str

    def said_in(self, language: str) -> str:
        """Japanese for `ja` and its variants, English for any other language."""
        return self.ja if language.startswith("ja") else self.en


# Amounts of money are in yen; where a company counts in another currency they are left to whoever uses the set.
MONEY = Text("円", "円")
PERCENT = Text("%", "%")
PEOPLE = Text("人", "people")
COMPANIES = Text("社", "companies")
CASES = Text("件", "cases")
DAYS = Text("日", "days")
HOURS = Text("時間", "hours")
NPS = Text("NPS", "NPS")
OUT_OF_FIVE = Text("点(5点満点)", "stars")
NO_UNIT = Text("", "")


@dataclass(frozen=True)
class Money:
    """How amounts of money are written where a set is used, and whether examples in yen make sense there."""

    unit: str
    is_yen: bool


@dataclass(frozen=True)
class Measured:
    """A key result of a set. Numbers are examples of their size, in the unit as people say it.

    A baseline that only the company can know is left out, and so is a must-hit target where none makes sense.
    """

    title: Text
    how: Text
    unit: Text = NO_UNIT
    kind: str = Kind.REACH
    start: Number = None
    must_hit: Number = None
    target: Number = None
    limit: str = ""
    quota: Number = None
    period: str = ""
    population: Number = None
    measure_type: str = MeasureType.RESULT
    steps: tuple[Text, ...] = ()

    def sketch(self, language: str, money: Money) -> KeyResultSketch:
        """It in one language, as something to begin a draft with."""
        is_foreign = self.unit is MONEY and not money.is_yen
        start, must_hit, target = (
            None if value is None or is_foreign else Decimal(value)
            for value in (self.start, self.must_hit, self.target)
        )
        return KeyResultSketch(
            title=self.title.said_in(language),
            kind=self.kind,
            unit=money.unit if self.unit is MONEY else self.unit.said_in(language),
            start_value=start,
            must_hit_value=must_hit,
            target_value=target,
            limit=self.limit,
            quota=None if self.quota is None else Decimal(self.quota),
            period=self.period,
            population=None if self.population is None else Decimal(self.population),
            measured_how=self.how.said_in(language),
            measure_type=self.measure_type,
            steps=tuple(step.said_in(language) for step in self.steps),
        )


@dataclass(frozen=True)
class Set:
    """An objective with its key results, when it helps, and whether a company's first steps can be made with it."""

    key: str
    area: Area
    title: Text
    why: Text
    helps: Text
    key_results: tuple[Measured, ...]
    kind: str = Intent.ASPIRATIONAL
    is_for_beginners: bool = False

    def sketch(self, language: str, money: Money) -> Sketch:
        """It in one language, as something to begin a draft with."""
        return Sketch(
            title=self.title.said_in(language),
            why=self.why.said_in(language),
            kind=self.kind,
            key_results=tuple(measured.sketch(language, money) for measured in self.key_results),
        )


@dataclass(frozen=True)
class Measures:
    """Key results that stand by themselves, to be added to an objective one has."""

    key: str
    key_results: tuple[Measured, ...]
