"""The funnel as it is drawn: now on the left half, the aim on the right, from visits down to orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from funnel.forms.amounts import COLUMN_NAMES, shown_up, unit_of
from funnel.forms.funnels import FunnelForm
from funnel.formulas.back_calculation import RATES, VOLUMES, FunnelResult
from funnel.formulas.shape import width
from funnel.presenters.words import amount
from funnel.services import LINKS

# On a field of 200 × 170: a stage is 26 high, the rate between two is 22.
MIDDLE, HALF = 100.0, 96.0
STAGE, NECK = 26, 22
STAGES = tuple(reversed(VOLUMES))
BETWEEN = {"visits": "cv_rate", "cvs": "deal_rate", "deals": "win_rate"}


@dataclass(frozen=True)
class Level:
    """A stage or the rate below it with its numbers on both sides, ready to be shown."""

    key: str
    name: str
    is_rate: bool
    left: Decimal | None
    right: Decimal | None
    ratio: Fraction | None


@dataclass(frozen=True)
class Half:
    """One side of the drawing: the stages as blocks, and what narrows between them."""

    side: str
    blocks: str
    necks: str


@dataclass(frozen=True)
class Shape:
    """The whole drawing. Where only one column is known, both halves show it and `left_name` is empty."""

    left_name: str
    right_name: str
    levels: list[Level]
    halves: list[Half]
    must_hit: str
    spoken: str


def shape_of(form: FunnelForm) -> Shape | None:
    """The drawing of what is known; None before any column is."""
    now, aimed = form.answers["current"], form.aim
    if aimed is not None:
        column, target = aimed
    elif now is not None:
        column, target, now = "current", now, None
    else:
        return None
    left = now or target
    chains = [chain for chain in (now, target, form.answers["must_hit"]) if chain is not None]
    largest = max(getattr(chain, stage) for chain in chains for stage in STAGES)
    must_hit = form.answers["must_hit"] if column == "challenge" else None
    names = {"left": str(COLUMN_NAMES["current"]) if now else "", "right": str(COLUMN_NAMES[column])}
    return Shape(
        left_name=names["left"],
        right_name=names["right"],
        levels=levels_of(now, target),
        halves=[half_of("left", left, largest, -1), half_of("right", target, largest, 1)],
        must_hit=marks_of(must_hit, largest) if must_hit else "",
        spoken=" ".join(
            spoken(name, chain) for name, chain in ((names["left"], now), (names["right"], target)) if chain
        ),
    )


def levels_of(now: FunnelResult | None, target: FunnelResult) -> list[Level]:
    levels = []
    for stage in STAGES:
        for key in (stage, BETWEEN.get(stage)):
            if key is None:
                continue
            before, after = getattr(now, key) if now else None, getattr(target, key)
            levels.append(
                Level(
                    key=key,
                    name=str(LINKS[key].name),
                    is_rate=key in RATES,
                    left=None if before is None else as_shown(key, before),
                    right=as_shown(key, after),
                    ratio=after / before if before else None,
                )
            )
    return levels


def as_shown(key: str, value: Fraction) -> Decimal:
    return shown_up(key, value) * (100 if key in RATES else 1)


def half_of(side: str, chain: FunnelResult, largest: Fraction, direction: int) -> Half:
    """The outlines as path data: a block narrows a little over its height, a neck the rest of the way."""
    widths = [HALF * width(getattr(chain, stage), largest) for stage in STAGES]
    blocks, necks, y = [], [], 0
    for number, wide in enumerate(widths):
        following = widths[number + 1] if number + 1 < len(widths) else wide * 0.92
        lower = wide + (following - wide) * 0.2
        blocks.append(slab(y, STAGE, wide, lower, direction))
        if number + 1 < len(widths):
            necks.append(slab(y + STAGE, NECK, lower, following, direction))
        y += STAGE + NECK
    return Half(side, "".join(blocks), "".join(necks))


def slab(y: int, height: int, above: float, below: float, direction: int) -> str:
    upper, lower = MIDDLE + direction * above, MIDDLE + direction * below
    return f"M{MIDDLE:g} {y}H{upper:.1f}L{lower:.1f} {y + height}H{MIDDLE:g}z"


def marks_of(chain: FunnelResult, largest: Fraction) -> str:
    """Where must-hit ends in each stage of the right half."""
    places = (MIDDLE + HALF * width(getattr(chain, stage), largest) for stage in STAGES)
    return "".join(f"M{x:.1f} {number * (STAGE + NECK)}v{STAGE}" for number, x in enumerate(places))


def spoken(column: str, chain: FunnelResult) -> str:
    """A column in one sentence, for who does not see the drawing."""

    def said(key: str) -> str:
        return amount(as_shown(key, getattr(chain, key)), unit_of(key, ""))

    numbers: Mapping[str, str] = {key: said(key) for key in (*STAGES, *RATES)}
    sentence = _(
        "%(visits)s, of which %(cv_rate)s become %(cvs)s, of which %(deal_rate)s become %(deals)s, "
        "of which %(win_rate)s become %(orders)s."
    )
    return (f"{column}: " if column else "") + sentence % numbers
