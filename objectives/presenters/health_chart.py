"""The values of a health KPI within its corridor, as inline SVG: small for a row of the board, large for its page.

Only attributes, no styles, so the content security policy holds; written as text, because a board shows thirty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from funnel.formulas.numbers import format_amount
from funnel.presenters.drawing import Drawing, px, width_of
from objectives.formulas.health_kpis import Course, Side
from objectives.models import Period
from objectives.queries.health_kpis import HealthStanding
from objectives.sentences.health_kpis import amount_of, listed, mark_of, side_word

AIR = Decimal("0.12")
MOST_LABELS = 9


@dataclass(frozen=True)
class Box:
    """Where the values lie in a drawing, and how large a reading's mark is, in pixels."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    mark: float

    @property
    def inner_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> float:
        return self.height - self.top - self.bottom


ROW = Box(132, 40, 7, 7, 5, 5, 4)


@dataclass(frozen=True)
class Scale:
    """The part of the numbers that is drawn, and the places of the periods."""

    box: Box
    low: Decimal
    high: Decimal
    count: int

    def x(self, place: int) -> float:
        step = self.box.inner_width / max(1, self.count - 1)
        return self.box.left + (place if self.count > 1 else 0.5) * step

    def y(self, value: Decimal) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.box.top + float(1 - share) * self.box.inner_height


def scale_of(course: Course, count: int, box: Box) -> Scale:
    """As wide as its values and marks, with some air; where all are one it gets a width of its own."""
    corridor = course.corridor
    marks = [mark for mark in (corridor.lower, corridor.upper) if mark is not None]
    shown = [*marks, *(value for value in course.values[-count:] if value is not None)]
    low, high = min(shown), max(shown)
    air = (high - low) * AIR or max(abs(high) * AIR, Decimal(1))
    return Scale(box, low - air, high + air, count)


def draw(course: Course, count: int, box: Box) -> tuple[Drawing, Scale]:
    """The corridor, the line through the readings, and each of them: a dot inside, a triangle outside."""
    drawing, scale = Drawing(box.width, box.height), scale_of(course, count, box)
    corridor = course.corridor
    floor = box.height - box.bottom
    top = scale.y(corridor.upper) if corridor.upper is not None else box.top
    bottom = scale.y(corridor.lower) if corridor.lower is not None else floor
    drawing.rect("band", box.left, top, box.inner_width, bottom - top)
    edges = [y for y, mark in ((top, corridor.upper), (bottom, corridor.lower)) if mark is not None]
    places = [(scale.x(at), value) for at, value in enumerate(course.values[-count:])]
    marks = [(corridor.side(value), x, scale.y(value)) for x, value in places if value is not None]
    for kind, parts in (
        ("mark", [f"M{px(box.left)} {px(y)}h{px(box.inner_width)}" for y in edges]),
        ("line", line(places, scale)),
        ("gone", [f"M{px(x)} {px(floor)}h0" for x, value in places[:-1] if value is None]),
        ("inside", [f"M{px(x)} {px(y)}h0" for side, x, y in marks if side is Side.INSIDE]),
        ("outside", [triangle(side, x, y, box.mark) for side, x, y in marks if side is not Side.INSIDE]),
    ):
        if parts:
            drawing.path(kind, "".join(parts))
    return drawing, scale


def triangle(side: Side, x: float, y: float, size: float) -> str:
    """Pointing the way in which the value left the corridor."""
    down = 1 if side is Side.BELOW else -1
    return f"M{px(x)} {px(y + down * size)}l-{px(size)} {px(-down * size * 1.6)}h{px(size * 2)}z"


def line(places: Sequence[tuple[float, Decimal | None]], scale: Scale) -> list[str]:
    """From reading to reading; a missing one leaves a gap."""
    parts, pen = [], "M"
    for x, value in places:
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{px(x)} {px(scale.y(value))}")
        pen = "L"
    return parts


def small_chart(standing: HealthStanding) -> SafeString:
    """The periods a board shows."""
    count = len(standing.shown)
    values = listed(
        "–" if value is None else format_amount(value, precise=True)
        for _first, value in standing.course.last_values(count)
    )
    drawing, _scale = draw(standing.course, count, ROW)
    return drawing.svg("corridor", _("Mark %(mark)s; %(values)s") % {"mark": mark_of(standing.kpi), "values": values})


def large_chart(standing: HealthStanding) -> SafeString:
    """All periods since the first reading that is known, with the marks and the last value in words."""
    course, kpi = standing.course, standing.kpi
    marks = [(mark, amount_of(kpi, mark)) for mark in (kpi.lower, kpi.upper) if mark is not None]
    first = next((at for at, value in enumerate(course.values) if value is not None), len(course.values) - 1)
    count = max(len(standing.shown), len(course.values) - first)
    left = max(width_of(words) for _mark, words in marks) + 16
    drawing, scale = draw(course, count, Box(760, 230, left, 24, 24, 34, 6))
    for mark, words in marks:
        drawing.text(words, left - 8, scale.y(mark) + 4, anchor="end")
    periods = course.periods[-count:]
    for at in range(count - 1, -1, -ceil(count / MOST_LABELS)):
        drawing.text(short_period(kpi.period, periods[at]), scale.x(at), 222, anchor="middle")
    last = standing.last
    if last is not None:
        at = periods.index(last.period_start)
        anchor = "end" if at == count - 1 else "middle"
        drawing.text(amount_of(kpi, last.value), scale.x(at), scale.y(last.value) - 12, anchor=anchor, kind="now")
    return drawing.svg("corridor", f"{kpi.name}: {side_word(standing.side)}")


def short_period(period: str, first: date) -> str:
    """A week or month at the head of a column: 5/11, 2026/5."""
    if period == Period.WEEK:
        return date_format(first, pgettext("format of a day in a narrow column", "j M"))
    return date_format(first, pgettext("format of a month in a narrow column", "M Y"))
