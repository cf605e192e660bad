"""When each volume of a funnel must happen: the days of a stage, and week by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import pgettext

from funnel.forms.amounts import unit_of
from funnel.forms.funnels import FunnelForm
from funnel.formulas.back_calculation import VOLUMES
from funnel.formulas.planning import PlanRefused, Week, stage_window, weekly_volumes
from funnel.presenters.words import percent
from funnel.services import CHAIN

MOST_LABELS = 5
STEPS_OF_MONTHS = (1, 2, 3, 6, 12)


@dataclass(frozen=True)
class Due:
    """The days in which a stage's volume must happen, and its place on the drawing (per cent of the width)."""

    key: str
    name: str
    unit: str
    volume: int
    weekly: int
    begin: date
    end: date
    x: str = "0%"
    width: str = "0%"


@dataclass(frozen=True)
class Tick:
    """The first day of a month on the drawing."""

    x: str
    label: str


@dataclass(frozen=True)
class Timeline:
    """The stages over the months; `today` is a place on the drawing, or None outside it."""

    dues: list[Due]
    ticks: list[Tick]
    today: str | None


def dues_of(form: FunnelForm) -> list[Due]:
    """Visits first. Empty without a period or an aim."""
    aimed, kgi = form.aim, form.kgi
    if aimed is None or kgi.period_start is None or kgi.period_end is None:
        return []
    names = {link.key: str(link.name) for link in CHAIN}
    weeks = Fraction((kgi.period_end - kgi.period_start).days + 1, 7)
    dues = []
    for key in reversed(VOLUMES):
        begin, end = stage_window(key, form.lead_times, kgi.period_start, kgi.period_end)
        volume = getattr(aimed[1], key)
        dues.append(Due(key, names[key], unit_of(key, kgi.unit), ceil(volume), ceil(volume / weeks), begin, end))
    return dues


def timeline(form: FunnelForm, today: date) -> Timeline | None:
    """The drawing of when each volume must happen; None without a period or an aim."""
    dues = dues_of(form)
    if not dues:
        return None
    first, last = min(due.begin for due in dues), max(due.end for due in dues)
    days = (last - first).days + 1

    def place(day: date) -> float:
        return (day - first).days / days * 100

    placed = [
        Due(
            **{name: getattr(due, name) for name in ("key", "name", "unit", "volume", "weekly", "begin", "end")},
            x=percent(place(due.begin)),
            width=percent(place(due.end + timedelta(days=1)) - place(due.begin)),
        )
        for due in dues
    ]
    return Timeline(placed, ticks_of(first, last, place), percent(place(today)) if first <= today <= last else None)


def ticks_of(first: date, last: date, place: Any) -> list[Tick]:
    months = []
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        if date(year, month, 1) >= first:
            months.append(date(year, month, 1))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    step = next((step for step in STEPS_OF_MONTHS if len(months) <= step * MOST_LABELS), 0)
    if step == 0:
        # A horizon of many years: only the years are marked.
        months = [day for day in months if day.month == 1]
        step = 12 * ceil(len(months) / MOST_LABELS)
    labelled = [day for day in months if (day.year * 12 + day.month - 1) % step == 0 and place(day) < 92]
    return [
        Tick(percent(place(day)), label_of(day, day == labelled[0]) if day in labelled else "")
        for day in months
        if step < 12 or day in labelled
    ]


def label_of(month: date, is_first: bool) -> str:
    """A month's heading, with its year where one begins."""
    if is_first or month.month == 1:
        return date_format(month, pgettext("format of a month with its year", "M Y"))
    return date_format(month, pgettext("format of a month", "M"))


# Week by week

MOST_WEEKS = 80
SHOWN_WEEKS = 53


@dataclass(frozen=True)
class Strip:
    """A stage's weeks as a step line on a field of `WIDTH` × `HEIGHT`, and its busiest week."""

    key: str
    name: str
    unit: str
    most: int
    path: str


@dataclass(frozen=True)
class Weeks:
    """The table of weeks, its strips, and the week of today where it is among them. `busiest` is the first week with
    the most deals.
    """

    keys: list[str]
    names: list[str]
    rows: list[Week]
    strips: list[Strip]
    this_week: Week | None
    busiest: Week
    today: str | None
    is_seasonal: bool
    is_cut: bool


def weeks_of(form: FunnelForm, today: date) -> Weeks | None:
    """What of each stage must happen in which week; None without a period, an aim or a weight in the period.

    Of a plan of more than eighty weeks, the fifty-three from this one on are shown, or its first.
    """
    aimed, kgi = form.aim, form.kgi
    if aimed is None or kgi.period_start is None or kgi.period_end is None:
        return None
    keys = list(reversed(VOLUMES))
    weights = form.beside.weights_now
    try:
        rows = weekly_volumes(
            {key: getattr(aimed[1], key) for key in keys}, form.lead_times, kgi.period_start, kgi.period_end, weights
        )
    except PlanRefused:
        return None
    is_cut = len(rows) > MOST_WEEKS
    if is_cut:
        first = next((number for number, week in enumerate(rows) if week.end >= today), 0)
        rows = rows[first : first + SHOWN_WEEKS]
    names = {link.key: str(link.name) for link in CHAIN}
    share = ((today - rows[0].begin).days + 0.5) / (7 * len(rows))
    return Weeks(
        keys=keys,
        names=[names[key] for key in keys],
        rows=rows,
        strips=[strip_of(key, names[key], unit_of(key, kgi.unit), rows) for key in keys],
        this_week=next((week for week in rows if week.begin <= today <= week.end), None),
        busiest=max(rows, key=lambda week: week.volumes["deals"]),
        today=percent(share * 100) if 0 <= share <= 1 else None,
        is_seasonal=weights is not None,
        is_cut=is_cut,
    )


WIDTH, HEIGHT = 1000, 40


def strip_of(key: str, name: str, unit: str, rows: list[Week]) -> Strip:
    most, height = max(week.volumes[key] for week in rows), max(week.exact[key] for week in rows)
    path = [f"M0 {HEIGHT}"]
    for number, week in enumerate(rows, 1):
        top = HEIGHT - week.exact[key] / (height or 1) * (HEIGHT - 2)
        path.append(f"V{short(top)}H{short(number * WIDTH / len(rows))}")
    return Strip(key, name, unit, most, "".join([*path, f"V{HEIGHT}z"]))


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
