"""The KGI's bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboards import queries
from dashboards.sentences import chance, kgi_finding, landing_words
from objectives.queries.forecasts import Before, Landing

CLOSEST = 13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the KGI's bar: its place on the scale as an SVG length, its name and value."""

    role: str
    at: str
    name: str
    value: Any
    anchor: str
    has_label: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar from zero to the value, as SVG lengths: to the left of `zero` where the value is negative."""

    zero: str
    at: str
    length: str


@dataclass(frozen=True, slots=True)
class Range:
    """The forecast on the KGI's bar, as SVG lengths: from its tenth to its ninetieth percentile, and its middle.

    `was` is where its middle stood four weeks ago, empty where nothing tells.
    """

    at: str
    length: str
    middle: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class KGIRow:
    """A KGI with what its section says of it; `bar` is None where all is zero, and empty without an actual."""

    standing: queries.KGIStanding
    bar: Bar | None
    marks: tuple[Mark, ...]
    landing: Landing | None = None
    range: Range | None = None

    @property
    def sentence(self) -> str:
        if self.landing is not None:
            return f"{kgi_finding(self.standing, self.landing)} {landing_words(self.standing, self.landing)}"
        return kgi_finding(self.standing)

    @property
    def must_hit_chance(self) -> str | None:
        return chance_of(self.landing, "must_hit")

    @property
    def challenge_chance(self) -> str | None:
        return chance_of(self.landing, "challenge")

    @property
    def must_hit_before(self) -> str | None:
        return chance_of(self.landing and self.landing.ago, "must_hit")

    @property
    def challenge_before(self) -> str | None:
        return chance_of(self.landing and self.landing.ago, "challenge")

    @property
    def gap(self) -> Any:
        missing = self.standing.missing
        return None if missing is None else abs(missing)

    @property
    def times_must(self) -> Any:
        return self._times(self.standing.kgi.must_hit_value)

    @property
    def times_challenge(self) -> Any:
        return self._times(self.standing.kgi.challenge_value)

    def _times(self, target: Any) -> Any:
        last_year = self.standing.kgi.last_year_value
        return target / last_year if target is not None and last_year else None


def chance_of(told: Landing | Before | None, target: str) -> str | None:
    probability = getattr(told, target, None)
    return None if probability is None else chance(probability)


def kgi_row(row: queries.KGIStanding, landing: Landing | None = None) -> KGIRow:
    """Places on a scale that holds 0, value, targets and forecast; a word that would touch another is left out."""
    kgi = row.kgi
    marked = (
        ("challenge", _("Challenge"), kgi.challenge_value),
        ("must", _("Must-hit"), kgi.must_hit_value),
        ("was", _("Last year"), kgi.last_year_value),
        ("pace", "", row.required if landing is None else None),
    )
    forecast = forecast_values(landing)
    told = (0, row.value, *(value for *_names, value in marked), *forecast)
    values = [float(value) for value in told if value is not None]
    # With a forecast nothing is drawn from zero, so the scale need not hold it.
    drawn = values[1:] if landing is not None and len(values) > 2 else values
    lowest, scale = min(drawn), max(drawn) - min(drawn)
    if scale <= 0:
        return KGIRow(row, None, (), landing)

    def place_of(value: Any) -> float:
        return (float(value) - lowest) / scale * 100

    marks: list[Mark] = []
    labelled: list[float] = []
    for role, name, value in marked:
        if value is None:
            continue
        place = place_of(value)
        has_label = bool(name) and all(abs(other - place) >= CLOSEST for other in labelled)
        if has_label:
            labelled.append(place)
        anchor = "end" if place > 92 else "start" if place < 6 else "middle"
        marks.append(Mark(role, f"{place:.2f}%", name, value, anchor, has_label))
    if landing is not None:
        low, middle, high, was = (None if value is None else place_of(value) for value in forecast)
        drawn_range = None
        if low is not None and middle is not None and high is not None:
            drawn_range = Range(
                f"{low:.2f}%", f"{high - low:.2f}%", f"{middle:.2f}%", "" if was is None else f"{was:.2f}%"
            )
        now = place_of(row.value) if row.value is not None else 0.0
        return KGIRow(row, Bar("0%", "0%", f"{now:.2f}%"), tuple(marks), landing, drawn_range)
    zero, now = place_of(0), place_of(row.value or 0)
    bar = Bar(f"{zero:.2f}%", f"{min(zero, now):.2f}%", f"{abs(now - zero):.2f}%")
    return KGIRow(row, bar, tuple(marks))


def forecast_values(landing: Landing | None) -> tuple[Any, Any, Any, Any]:
    """The ends of the range, its middle, and where that was four weeks ago."""
    if landing is None:
        return None, None, None, None
    return landing.p10, landing.p50, landing.p90, landing.ago.p50 if landing.ago else None
