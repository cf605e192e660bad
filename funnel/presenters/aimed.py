"""What a KGI aimed at before: the old lines stay on the chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from funnel.models import KGI, PlanChange

TARGETS = ("must_hit", "challenge")
HEIGHT, TOP, BOTTOM = 150, 22, 128
MOST_LISTED = 20
BEFORE_FIRST = timedelta(days=14)
# Labels closer than this many pixels to another at the same place would cover it.
LABEL_HEIGHT = 13


@dataclass(frozen=True)
class Line:
    """A target as it stood from one place of the axis to another; `x1` and `x2` in per cent, `y` in pixels."""

    column: str
    value: Decimal
    x1: str
    x2: str
    y: float
    label_y: float
    until: date | None


@dataclass(frozen=True)
class Aimed:
    """The chart's lines with its first and last day, and the changes beside it, newest first."""

    lines: list[Line]
    begin: date
    end: date
    today: str
    changes: list[PlanChange]
    height: int = HEIGHT


def aimed_before(kgi: KGI) -> Aimed | None:
    """The targets of a KGI over time; None where none was ever changed."""
    changes = list(kgi.plan_changes.filter(kpi=None).select_related("changed_by__user").order_by("changed_at", "id"))
    moved = [change for change in changes if change.column in TARGETS]
    if not moved:
        return None
    today = kgi.organization.today
    first = day_of(moved[0], kgi)
    begin = min(filter(None, (kgi.period_start, first - BEFORE_FIRST)))
    end = max(filter(None, (kgi.period_end, today, begin + BEFORE_FIRST)))
    spans = [span for column in TARGETS for span in spans_of(kgi, column, moved, begin, end)]
    values = [value for _column, value, _from, _to, _until in spans]
    low, high = min(values), max(values)
    whole = (end - begin).days

    def x(day: date) -> str:
        return f"{100 * (min(max(day, begin), end) - begin).days / whole:.1f}%"

    def y(value: Decimal) -> float:
        share = (value - low) / (high - low) if high > low else Decimal("0.5")
        return round(BOTTOM - float(share) * (BOTTOM - TOP), 1)

    lines = [
        Line(column, value, x(start), x(stop), y(value), y(value) - 5, until)
        for column, value, start, stop, until in spans
    ]
    return Aimed(apart(lines), begin, end, x(today), changes[::-1][:MOST_LISTED])


def day_of(change: PlanChange, kgi: KGI) -> date:
    return timezone.localtime(change.changed_at, kgi.organization.zone).date()


def spans_of(
    kgi: KGI, column: str, moved: list[PlanChange], begin: date, end: date
) -> list[tuple[str, Decimal, date, date, date | None]]:
    """What a column said from when to when; until None for what it says now."""
    spans: list[tuple[str, Decimal, date, date, date | None]] = []
    since = begin
    for change in moved:
        if change.column == column:
            day = day_of(change, kgi)
            spans.append((column, change.before, since, day, day))
            since = day
    now: Decimal | None = getattr(kgi, f"{column}_value")
    if now is not None:
        spans.append((column, now, since, end, None))
    return spans


def apart(lines: list[Line]) -> list[Line]:
    """Labels that begin at one place are written below their line where one above would cover another's."""
    placed: list[Line] = []
    for line in sorted(lines, key=lambda line: line.y):
        covered = any(other.x1 == line.x1 and abs(other.label_y - line.label_y) < LABEL_HEIGHT for other in placed)
        label = line.y + LABEL_HEIGHT if covered else line.label_y
        placed.append(Line(line.column, line.value, line.x1, line.x2, line.y, label, line.until))
    return placed
