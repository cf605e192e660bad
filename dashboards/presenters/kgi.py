"""The KGI's bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboards import queries
from dashboards.sentences import kgi_finding

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
class KGIRow:
    """A KGI with what its section says of it; `bar` is None where all is zero, and empty without an actual."""

    standing: queries.KGIStanding
    bar: Bar | None
    marks: tuple[Mark, ...]

    @property
    def sentence(self) -> str:
        return kgi_finding(self.standing)

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


def kgi_row(row: queries.KGIStanding) -> KGIRow:
    """Places on a scale that holds 0, value and targets; a word that would touch another is left out."""
    kgi = row.kgi
    marked = (
        ("challenge", _("Challenge"), kgi.challenge_value),
        ("must", _("Must-hit"), kgi.must_hit_value),
        ("was", _("Last year"), kgi.last_year_value),
        ("pace", "", row.required),
    )
    values = [float(value) for value in (0, row.value, *(value for *_names, value in marked)) if value is not None]
    lowest, scale = min(values), max(values) - min(values)
    if scale <= 0:
        return KGIRow(row, None, ())

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
    zero, now = place_of(0), place_of(row.value or 0)
    bar = Bar(f"{zero:.2f}%", f"{min(zero, now):.2f}%", f"{abs(now - zero):.2f}%")
    return KGIRow(row, bar, tuple(marks))
