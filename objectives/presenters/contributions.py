"""A contribution report in words and a drawing: the same on the page, in the partner's room and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, log10
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funnel.formulas.numbers import format_amount, format_percent
from funnel.models import KPIPeriod
from funnel.presenters.drawing import Drawing, fitted, ticks_between, width_of
from funnel.presenters.words import amount, split
from objectives.queries.contribution_content import month_word
from people.exports import csv_response

NEAR = 1e-9
"""Beside the number itself, a part this small came of calculating."""
WIDTH, HEIGHT = 760, 230
TOP, FLOOR = 20, 196
WIDEST_TYPE = 18
"""What is written beside the axis on a phone, where the drawing is shown at less than half its size."""
Content = Mapping[str, Any]


@dataclass(frozen=True)
class LeverTold:
    """A lever of the partner's in people's units. `end` is empty where it was not read."""

    name: str
    portion: str
    since: date
    until: date | None
    start: str
    end: str
    came_in: str
    counted_over: str
    value: float
    own: float
    is_read: bool
    leads_on: bool


@dataclass(frozen=True)
class ChainTold:
    name: str
    unit: str
    is_goal: bool
    start: float
    end: float
    gap: float
    own: float
    others: float


@dataclass(frozen=True)
class MonthTold:
    month: date
    name: str
    own: float
    total: float
    is_read: bool
    is_running: bool
    is_chosen: bool


@dataclass(frozen=True)
class Told:
    """All a page, a PDF or a file says of one month."""

    content: Content
    partner: str
    month: date
    month_name: str
    finding: list[str]
    levers: Sequence[LeverTold]
    chain: Sequence[ChainTold]
    months: Sequence[MonthTold]
    unread: Sequence[LeverTold]
    method: Sequence[str]
    chart: SafeString
    chart_title: str
    sees_fee: bool

    @property
    def unit(self) -> str:
        return str(self.content["kgi"]["unit"])

    @property
    def own_in_full(self) -> float:
        """What counts as theirs, to the yen."""
        own: float = self.content["own"]
        return round(own) if abs(own) >= 100 else round(own, 2)

    @property
    def profit(self) -> dict[str, Any] | None:
        """The gross profit, and to who may know it the fee and what is left after it."""
        found: dict[str, Any] | None = self.content["profit"]
        if found is None or self.sees_fee:
            return found
        return found | {"fee": None, "net": None, "per_fee": None}

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [{**each, "day": day_of(each["day"])} for each in self.content["actions"]]


def told_of(
    content: Content,
    partner: str,
    *,
    sees_fee: bool,
    running: date | None = None,
    all_months: Sequence[Mapping[str, Any]] = (),
) -> Told:
    """A month's content in the reader's language; `partner` is what they are called. `running` is the month that is not
    over yet; the chart shows `all_months`, or those up to the report's. Of the fee is told who `sees_fee`.
    """
    month = date.fromisoformat(content["month"])
    months = months_told(all_months or content["months"], month, running)
    levers = [lever_told(each) for each in content["levers"]]
    unread = [each for each in levers if not each.is_read]
    return Told(
        content=content,
        partner=partner,
        month=month,
        month_name=month_word(month),
        finding=finding_of(content, partner, month, is_read=len(unread) < len(levers), is_running=month == running),
        levers=levers,
        chain=[chain_told(each) for each in content["chain"]],
        months=months,
        unread=unread,
        method=method_of(content),
        chart=chart_of(months, content["kgi"]["unit"]),
        chart_title=chart_title(content, months),
        sees_fee=sees_fee,
    )


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def called(names: Mapping[str, str]) -> str:
    return names.get("ja" if (get_language() or "ja").startswith("ja") else "en") or names[""]


def finding_of(content: Content, partner: str, month: date, *, is_read: bool, is_running: bool) -> list[str]:
    """The title: what the month brought, as clauses."""
    own, unit = content["own"], content["kgi"]["unit"]
    values = {"month": month_word(month), "name": partner, "amount": amount(abs(own), unit)}
    if not is_read:
        said = _("In %(month)s nothing was read|on the levers of %(name)s.")
    elif is_nothing(own, content):
        said = _("In %(month)s the levers of %(name)s|stood where they began.")
    elif is_running and own > 0:
        said = _("So far in %(month)s the levers of %(name)s|bring %(amount)s more than where they began.")
    elif is_running:
        said = _("So far in %(month)s the levers of %(name)s|bring %(amount)s less than where they began.")
    elif own > 0:
        said = _("In %(month)s the levers of %(name)s|brought %(amount)s more than where they began.")
    else:
        said = _("In %(month)s the levers of %(name)s|brought %(amount)s less than where they began.")
    return split(said, **values)


def is_nothing(own: float, content: Content) -> bool:
    return abs(own) <= NEAR * max(abs(content["start"]), abs(content["end"]))


def lever_told(each: Mapping[str, Any]) -> LeverTold:
    unit = "%" if each["is_rate"] else each["unit"]

    def said(value: float | None) -> str:
        return "" if value is None else amount(value * 100 if each["is_rate"] else value, unit)

    return LeverTold(
        name=called(each["names"]),
        portion=format_percent(each["portion"]),
        since=date.fromisoformat(each["began_on"]),
        until=day_of(each["ended_on"]),
        start=said(each["start"]),
        end=said(each["end"]),
        came_in=said(each["came_in"]),
        counted_over=str(KPIPeriod(each["period"]).label) if each["period"] else "",
        value=each["value"],
        own=each["own"],
        is_read=each["end"] is not None,
        leads_on=each["leads_on"],
    )


def chain_told(each: Mapping[str, Any]) -> ChainTold:
    numbers = {name: each[name] for name in ("start", "end", "gap", "own", "others")}
    return ChainTold(name=called(each["names"]), unit=each["unit"], is_goal=each["is_goal"], **numbers)


def months_told(rows: Sequence[Mapping[str, Any]], chosen: date, running: date | None) -> list[MonthTold]:
    found, total = [], 0.0
    for each in rows:
        month = date.fromisoformat(each["month"])
        total += each["own"]
        found.append(
            MonthTold(
                month=month,
                name=month_word(month),
                own=each["own"],
                total=total,
                is_read=bool(each["read"]),
                is_running=month == running,
                is_chosen=month == chosen,
            )
        )
    return found


def method_of(content: Content) -> list[str]:
    """How it is calculated, in three sentences."""
    start = _(
        "Each month is compared with where the levers stood when they were handed over; what was read in the month"
        " counts at that month's pace, and a lever that was not read counts as not moved."
    )
    if content["method"] == "exact":
        divide = _(
            "The difference of the KGI is divided among all levers that moved by their Shapley values: what each adds"
            " on average over all orders in which they could have moved, so that the parts sum to the whole difference."
        )
    else:
        divide = _(
            "The difference of the KGI is divided among all levers that moved by their Shapley values, here from many"
            " drawn orders in which they could have moved, so that the parts sum to the whole difference."
        )
    between = pgettext("between sentences", " ")
    own = _("Of each part the agreed portion counts as theirs; all else stands under the others.")
    if content["is_monthly"] and content["has_season"]:
        own += between + _("The KGI's number is brought down to the month, by the season it is planned with.")
    elif content["is_monthly"]:
        own += between + _("The KGI's number is brought down to one month of its period.")
    return [start, divide, own]


def chart_title(content: Content, months: Sequence[MonthTold]) -> str:
    total, unit = sum(each.own for each in months), content["kgi"]["unit"]
    values = {"amount": amount(abs(total), unit), "months": len(months)}
    if total < 0:
        return _("All months together: %(amount)s less") % values
    return _("All months together: %(amount)s more") % values if total else _("All months together: no difference")


# The drawing


def chart_of(months: Sequence[MonthTold], unit: str) -> SafeString:
    """A bar a month from the zero line; the running month is hollow, one that nothing was read in has no bar."""
    values = [each.own for each in months] or [0.0]
    low, high = min(0.0, *values), max(0.0, *values)
    high = high if high > low else low + 1
    ticks = ticks_between(low, high, 5)
    said = [format_amount(tick, unit=unit, language=get_language() or "ja") if tick else "0" for tick in ticks]
    left = max([width_of(words, WIDEST_TYPE) for words in said] + [24]) + 10
    drawing = Drawing(WIDTH, HEIGHT)
    # What is written under a bar that goes down has its place above the months.
    floor = FLOOR - 16 if low < 0 else FLOOR

    def y(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - TOP)

    for tick, words in zip(ticks, said, strict=True):
        drawing.path("axis" if not tick else "grid", f"M{left:.1f} {y(tick):.1f}H{WIDTH}")
        drawing.text(words, left - 6, y(tick) + 4, anchor="end")
    room = (WIDTH - left) / max(1, len(months))
    width = min(room * 0.6, 56)
    step = -(-len(months) // 12)
    for at, each in enumerate(months):
        x = left + room * (at + 0.5)
        if each.is_read and each.own:
            kind = "brought-running" if each.is_running else "brought-chosen" if each.is_chosen else "brought"
            drawing.rect(kind, x - width / 2, min(y(0), y(each.own)), width, max(abs(y(each.own) - y(0)), 1.5))
        if (len(months) - 1 - at) % step == 0:
            short = date_format(each.month, pgettext("format of a month in a narrow column", "M Y"))
            drawing.text(fitted(short, room * step), x, HEIGHT - 12, anchor="middle")
        if len(months) <= 12 and each.is_read:
            above = each.own >= 0
            words = fitted(amount(each.own, unit), room, 11)
            drawing.text(words, x, y(each.own) + (-6 if above else 14), anchor="middle", kind="said")
    spoken = _("What the levers brought, by month: %(months)s") % {
        "months": _(", ").join(f"{each.name} {amount(each.own, unit)}" for each in months)
    }
    return drawing.svg("brought-chart", spoken)


# A file


def sensible(value: float | None) -> float | None:
    """A number without what came of calculating: six figures, and all of a whole number's.

    >>> sensible(0.8099999999999999), sensible(12345.678), sensible(947812.3333), sensible(7.000000000000001)
    (0.81, 12345.7, 947812, 7)
    """
    if not value:
        return value if value is None else 0
    found = round(value, max(0, 5 - floor(log10(abs(value)))))
    return int(found) if found == int(found) else found


def contribution_csv(told: Told) -> Any:
    """The months, then the chosen month's levers and numbers, each line named for what it is."""
    unit, content = told.unit, told.content
    rows: list[list[Any]] = []
    for month in told.months:
        rows.append([_("Month"), month.name, unit, "", "", sensible(month.own), "", sensible(month.total)])
    for lever, raw in zip(told.levers, content["levers"], strict=True):
        start, end, lever_unit = raw["start"], raw["end"], raw["unit"]
        if raw["is_rate"]:
            start, end = (None if each is None else each * 100 for each in (start, end))
            lever_unit = "%"
        numbers = [sensible(each) for each in (start, end, raw["own"])]
        rows.append([_("Lever"), lever.name, lever_unit, *numbers, lever.portion, ""])
    for link in told.chain:
        numbers = [sensible(each) for each in (link.start, link.end, link.own)]
        rows.append([pgettext("of a plan", "Number"), link.name, link.unit, *numbers, "", ""])
    header = [
        _("Kind"),
        _("Name"),
        _("Unit"),
        _("At the start"),
        _("In the month"),
        _("Counts as theirs"),
        _("Portion"),
        _("Running total"),
    ]
    name = f"{told.partner}_{content['kgi']['name']}_{content['month'][:7]}"
    return csv_response(name, header, rows)
