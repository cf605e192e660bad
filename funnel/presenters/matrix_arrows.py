"""The moves of a matrix as arrows between its stages: forward on one side, backward on the other.

Drawn twice from the same numbers: along a line of stages for a wide screen, down a column of them for a narrow one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from funnel.presenters.drawing import Drawing, fitted, px, width_of
from funnel.presenters.matrix import ArrowShown, MatrixShown

THINNEST, THICKEST = 1.25, 13.0


@dataclass(frozen=True)
class Lane:
    """How the stages stand: `step` from one to the next, the first at `first`; the controls of an arc to the next
    stage are `near` away, `each` more for every stage it passes, `most` at most.
    """

    step: float
    first: float
    near: float
    each: float
    most: float


@dataclass(frozen=True)
class Place:
    """A stage's place along the line, outside being one of them."""

    key: int | None
    name: str
    count: str
    is_apart: bool


@dataclass(frozen=True)
class MatrixArrows:
    """The arrows of a span. `part` is how much of a target belongs to it."""

    shown: MatrixShown

    @property
    def places(self) -> list[Place]:
        outside = Place(None, self.shown.origin_name(None), "", True)
        stages = [
            Place(stage.pk, stage.name, f"{self.shown.board.at(stage.pk):,}", stage in self.shown.apart)
            for stage in (*self.shown.on_the_way, *self.shown.apart)
        ]
        return [outside, *stages] if any(each.arrow[0] is None for each in self.drawn) else stages

    @property
    def drawn(self) -> list[ArrowShown]:
        """The arrows with something to draw, the longest first, so that short ones lie above them."""
        arrows = [each for each in self.shown.arrows if each.arrow[1] is not None and (each.span or self.aim(each))]
        return sorted(arrows, key=lambda each: -self.length(each))

    def length(self, arrow: ArrowShown) -> int:
        origin, to = self.shown.place_of(arrow.arrow)
        return abs(to - origin)

    def aim(self, arrow: ArrowShown) -> float:
        return (arrow.target or 0) * self.shown.part_of_days

    @property
    def most(self) -> float:
        return max((max(each.span, self.aim(each)) for each in self.drawn), default=1.0) or 1.0

    def thick(self, count: float) -> float:
        return THINNEST + (THICKEST - THINNEST) * count / self.most

    @property
    def has_targets(self) -> bool:
        return any(self.aim(each) for each in self.drawn)

    @property
    def spoken(self) -> str:
        return self.shown.span_words

    # Along a line

    def wide(self) -> SafeString:
        places = self.places
        width = 1200.0
        step = width / max(len(places), 1)
        lane = Lane(step, step / 2, 30, 15, 172)
        over = max((self.rise(each, lane) for each in self.drawn if not each.is_back), default=0.0)
        under = max((self.rise(each, lane) for each in self.drawn if each.is_back), default=0.0)
        top, box = over * 0.75 + 26, 46.0
        drawing = Drawing(width, top + box + (under * 0.75 + 26 if under else 8))
        at = {place.key: lane.first + step * number for number, place in enumerate(places)}
        for arrow in self.drawn:
            self.arc(drawing, arrow, at, lane, top - 3, top + box + 3, upright=False)
        for number, place in enumerate(places):
            x, half = lane.first + step * number, step / 2 - 5
            drawing.rect("apart" if place.is_apart else "stage", x - half, top, half * 2, box)
            if place.count:
                drawing.text(fitted(place.name, half * 2 - 8, 11), x, top + 18, anchor="middle", kind="t")
                drawing.text(place.count, x, top + 37, anchor="middle", kind="count")
            else:
                drawing.text(fitted(place.name, half * 2 - 8, 11), x, top + 27, anchor="middle", kind="soft")
        for arrow in self.drawn:
            self.label(drawing, arrow, at, lane, top - 3, top + box + 3, upright=False)
        return drawing.svg("arrows arrows-wide", self.spoken)

    # Down a column

    def narrow(self) -> SafeString:
        places = self.places
        width, step, box = 340.0, 58.0, 40.0
        lane = Lane(step, 8 + box / 2, 26, 9, 104)
        over = max((self.rise(each, lane) for each in self.drawn if not each.is_back), default=0.0)
        under = max((self.rise(each, lane) for each in self.drawn if each.is_back), default=0.0)
        left = under * 0.75 + 26 if under else 2.0
        right = width - (over * 0.75 + 30)
        drawing = Drawing(width, 16 + step * len(places))
        at = {place.key: lane.first + step * number for number, place in enumerate(places)}
        for arrow in self.drawn:
            self.arc(drawing, arrow, at, lane, right + 3, left - 3, upright=True)
        for number, place in enumerate(places):
            y = lane.first + step * number - box / 2
            drawing.rect("apart" if place.is_apart else "stage", left, y, right - left, box)
            room = right - left - 16 - width_of(place.count, 13)
            drawing.text(fitted(place.name, room, 11.5), left + 7, y + 25, kind="t" if place.count else "soft")
            if place.count:
                drawing.text(place.count, right - 7, y + 25, anchor="end", kind="count")
        for arrow in self.drawn:
            self.label(drawing, arrow, at, lane, right + 3, left - 3, upright=True)
        return drawing.svg("arrows arrows-narrow", self.spoken)

    # One arrow

    def rise(self, arrow: ArrowShown, lane: Lane) -> float:
        return min(lane.near + lane.each * (self.length(arrow) - 1), lane.most)

    def ends(self, arrow: ArrowShown, at: dict[int | None, float], lane: Lane) -> tuple[float, float]:
        """Where it leaves a stage and comes to the next, along the line: beside each other, not upon."""
        aside = min(lane.step * 0.2, 12.0)
        origin, to = at[arrow.arrow[0]], at[arrow.arrow[1]]
        return (origin - aside, to + aside) if arrow.is_back else (origin + aside, to - aside)

    def arc(
        self,
        drawing: Drawing,
        arrow: ArrowShown,
        at: dict[int | None, float],
        lane: Lane,
        fore: float,
        back: float,
        *,
        upright: bool,
    ) -> None:
        begin, end = self.ends(arrow, at, lane)
        base, rise = (back, -self.rise(arrow, lane)) if arrow.is_back else (fore, self.rise(arrow, lane))
        # Up is away from the stages: on a line to smaller y, down a column to greater x.
        sign = 1 if upright else -1
        thick = self.thick(arrow.span)
        head = 3.5 + thick * 0.55
        stop = base + sign * (head if rise > 0 else -head)
        path = curve(begin, base, end, stop, sign * rise, upright)
        kind = "back" if arrow.is_back else "away" if arrow.is_away else "fore"
        aim = self.aim(arrow)
        if aim:
            drawing.marks.append(f'<path class="aim" d="{path}" stroke-width="{px(self.thick(aim) + 2)}"/>')
            drawing.marks.append(f'<path class="aim-inside" d="{path}" stroke-width="{px(self.thick(aim))}"/>')
        if arrow.span:
            drawing.marks.append(f'<path class="{kind}" d="{path}" stroke-width="{px(thick)}"/>')
            drawing.path(f"{kind}-head", triangle(end, base, stop, head * 0.75, upright))

    def label(
        self,
        drawing: Drawing,
        arrow: ArrowShown,
        at: dict[int | None, float],
        lane: Lane,
        fore: float,
        back: float,
        *,
        upright: bool,
    ) -> None:
        # Down a column the long arcs away lie close together: their numbers stand in the table alone.
        if not arrow.span or (upright and arrow.is_away and self.length(arrow) > 1):
            return
        begin, end = self.ends(arrow, at, lane)
        base, rise = (back, -self.rise(arrow, lane)) if arrow.is_back else (fore, self.rise(arrow, lane))
        sign = 1 if upright else -1
        along, across = (begin + end) / 2, base + sign * rise * 0.75
        words = f"{arrow.span:,}"
        if upright:
            drawing.text(words, across, along + 4, anchor="middle", kind="on-arrow")
        else:
            drawing.text(words, along, across + 4, anchor="middle", kind="on-arrow")


def curve(begin: float, base: float, end: float, stop: float, rise: float, upright: bool) -> str:
    """An arc from one place on the line to another, `rise` away from it at its controls."""
    points: Sequence[tuple[float, float]] = (
        (begin, base),
        (begin, base + rise),
        (end, base + rise),
        (end, stop),
    )
    if upright:
        points = [(across, along) for along, across in points]
    (x, y), *rest = points
    return f"M{px(x)} {px(y)}C" + " ".join(f"{px(a)} {px(b)}" for a, b in rest)


def triangle(end: float, tip: float, stop: float, half: float, upright: bool) -> str:
    points = [(end, tip), (end - half, stop), (end + half, stop)]
    if upright:
        points = [(across, along) for along, across in points]
    (x, y), (a, b), (c, d) = points
    return f"M{px(x)} {px(y)}L{px(a)} {px(b)}L{px(c)} {px(d)}Z"
