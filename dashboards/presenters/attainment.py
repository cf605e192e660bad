"""All objectives against the band as two bars, now and four weeks ago: small enough to be drawn on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import queries
from dashboards.queries.sql import ZONES
from objectives.formulas.bar import Bar
from people.models import Organization


@dataclass(frozen=True, slots=True)
class Part:
    """One zone's share of a bar: where it begins and how wide it is as SVG lengths, None where it holds nothing."""

    zone: str
    count: int
    at: str
    length: str


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """How many objectives stand in a zone now, and how many did four weeks ago (None where nothing tells)."""

    zone: str
    count: int
    before: int | None


def parts_of(counts: Mapping[str, int]) -> tuple[Part, ...]:
    """A bar from below to above, then what says nothing; empty without objectives.

    >>> [(part.zone, part.at, part.length) for part in parts_of({"below": 1, "in": 3, "above": 0, "none": 0})]
    [('below', '0.00%', '25.00%'), ('in', '25.00%', '75.00%')]
    """
    total, at = sum(counts.values()), 0
    parts = []
    for zone in ZONES:
        count = counts.get(zone, 0)
        if count:
            parts.append(Part(zone, count, f"{at / total * 100:.2f}%", f"{count / total * 100:.2f}%"))
        at += count
    return tuple(parts)


def zone_counts(board: queries.Board) -> list[ZoneCount]:
    before = board.before or {}
    return [ZoneCount(zone, count, before.get(zone)) for zone, count in board.spread.counts.items()]


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department's line: its mean score on the way to where it heads, as a stretch bar."""

    turn: queries.Turn
    bar: Bar


def department_row(turn: queries.Turn, organization: Organization) -> DepartmentRow:
    bar = Bar.of(
        progress=turn.score,
        score=turn.score,
        landing=turn.landing,
        pace=turn.pace,
        band_lower=organization.band_lower,
        band_upper=organization.band_upper,
    )
    return DepartmentRow(turn, bar)
