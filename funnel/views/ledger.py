"""How a calculated funnel is laid out: a row for each stage and rate, and the weeks in which each volume is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funnel.forms.funnels import COLUMN_NAMES, FunnelForm, shown_up, suffix_of, unit_of
from funnel.formulas.back_calculation import RATES, VOLUMES, FunnelResult
from funnel.formulas.numbers import format_amount, format_ratio
from funnel.formulas.planning import stage_window
from funnel.models import FunnelNumber
from funnel.services import CHAIN, COLUMNS

# Where two rates or amounts are multiplied on the way down, the stage above is divided by the one written here.
DIVIDED_BY = {"unit_price", "win_rate", "deal_rate", "cv_rate"}
MOST_LABELS = 5
TINY = Decimal("0.01")
STEPS_OF_MONTHS = (1, 2, 3, 6, 12)


@dataclass(frozen=True)
class Cell:
    """One number of a row: a field to type into, or an answer with its full figure."""

    column: str
    field: BoundField | None
    value: Decimal | None
    exact: str


@dataclass(frozen=True)
class Row:
    """A stage (volume) or what it is divided by (lever), in the three columns."""

    key: str
    name: str
    unit: str
    suffix: str
    is_volume: bool
    is_found: bool
    cells: list[Cell]
    ratio: Fraction | None
    shares: dict[str, Fraction | None]
    errors: list[tuple[str, str]] = field(default_factory=list)
    due: date | None = None


def lay_out(form: FunnelForm) -> list[Row]:
    """The rows from revenue down to visits."""
    dues = {due.key: due.end for due in dues_of(form)}
    return [row_of(form, link.key, str(link.name), dues.get(link.key)) for link in CHAIN]


def row_of(form: FunnelForm, key: str, name: str, due: date | None) -> Row:
    is_input = key in FunnelNumber.values and key != form.unknown_number
    exact = {column: amount_in(form, key, column) for column in COLUMNS}
    unit = unit_of(key, form.kgi.unit)
    target = exact["challenge"] if exact["challenge"] is not None else exact["must_hit"]
    now = exact["current"]
    return Row(
        key=key,
        name=name,
        unit=unit,
        suffix=suffix_of(unit),
        is_volume=key not in DIVIDED_BY,
        is_found=key == form.unknown_number,
        cells=[cell_of(form, key, column, exact[column], unit, is_input) for column in COLUMNS],
        ratio=target / now if target is not None and now else None,
        shares=exact,
        errors=errors_of(form, key) if is_input else [],
        due=due,
    )


def cell_of(form: FunnelForm, key: str, column: str, exact: Fraction | None, unit: str, is_input: bool) -> Cell:
    if is_input:
        bound = form[f"{key}_{column}"]
        if bound.errors:
            bound.field.widget.attrs["aria-invalid"] = "true"
        now = form[f"{key}_current"].value()
        if column != "current" and key != "revenue" and now not in (None, ""):
            bound.field.widget.attrs["placeholder"] = now
        return Cell(column, bound, None, "")
    if exact is None:
        return Cell(column, None, None, "")
    shown = shown_up(key, exact)
    full = format_amount(exact * 100 if key in RATES else exact, unit=unit, language=language(), precise=True)
    return Cell(column, None, shown * 100 if key in RATES else shown, full)


def amount_in(form: FunnelForm, key: str, column: str) -> Fraction | None:
    answer = form.answers[column]
    if answer is not None:
        return getattr(answer, key)
    typed = form.typed(key, column) if key in FunnelNumber.values else None
    return None if typed is None else Fraction(typed)


def errors_of(form: FunnelForm, key: str) -> list[tuple[str, str]]:
    """The columns and sentences about a row, each sentence saying its column."""
    return [
        (column, _("%(column)s: %(sentence)s") % {"column": COLUMN_NAMES[column], "sentence": sentence})
        for column in COLUMNS
        for sentence in form.errors.get(f"{key}_{column}", [])
    ]


def language() -> str:
    return get_language() or "ja"


def aim(form: FunnelForm) -> tuple[str, FunnelResult] | None:
    """The column the page speaks of: the challenge where there is one, else must-hit."""
    for column in ("challenge", "must_hit"):
        answer = form.answers[column]
        if answer is not None:
            return column, answer
    return None


def finding(form: FunnelForm) -> list[str]:
    """The title as one sentence in clauses: what the aim asks of the stage that has the furthest to go."""
    # Translators: “|” marks where a title may break into two lines.
    aimed = aim(form)
    if aimed is None:
        return _("Type what you aim at,|and see what each stage must become.").split("|")
    column, answer = aimed
    unit = form.kgi.unit
    amount = format_amount(int(answer.revenue), unit=unit, language=language())
    if form.unknown_number == FunnelNumber.REVENUE:
        asked = getattr(form.kgi, f"{column}_value")
        if asked is None or asked <= answer.revenue:
            return split(_promise(column), amount=amount)
        gap = format_amount(asked - int(answer.revenue), unit=unit, language=language())
        return split(_promise(column, short=True), amount=amount, gap=gap)
    now = form.answers["current"]
    if now is None:
        return split(
            _("To reach %(amount)s,|it takes %(orders)s orders from %(deals)s deals."),
            amount=amount,
            orders=f"{answer.shown_orders:,}",
            deals=f"{answer.shown_deals:,}",
        )
    names = {link.key: link.name for link in CHAIN}
    furthest = max(VOLUMES, key=lambda key: getattr(answer, key) / getattr(now, key))
    ratio = getattr(answer, furthest) / getattr(now, furthest)
    if ratio <= 1:
        return split(_("To reach %(amount)s,|no stage needs more than today."), amount=amount)
    times = format_ratio(ratio, language=language())
    return split(
        _("To reach %(amount)s,|%(stage)s must grow %(times)s."),
        amount=amount,
        stage=in_a_sentence(furthest, str(names[furthest])),
        times=times,
    )


def _promise(column: str, *, short: bool = False) -> str:
    if column == "challenge":
        if short:
            return _("If the challenge numbers come true: %(amount)s,|%(gap)s short of the KGI.")
        return _("If the challenge numbers come true,|revenue is %(amount)s.")
    if short:
        return _("If the must-hit numbers come true: %(amount)s,|%(gap)s short of the KGI.")
    return _("If the must-hit numbers come true,|revenue is %(amount)s.")


def in_a_sentence(key: str, name: str) -> str:
    """A stage's name inside a sentence: small, but for an abbreviation."""
    return name if key == "cvs" else name.lower()


def split(sentence: str, **values: object) -> list[str]:
    """The clauses of a title, filled in; split first, so that nobody's name can break it."""
    return [clause % values for clause in sentence.split("|")]


def warnings_of(form: FunnelForm) -> list[str]:
    """What the market or arithmetic objects to, once each, for the highest column that has it."""
    said: dict[Any, str] = {}
    for column in ("challenge", "must_hit", "current"):
        answer = form.answers[column]
        for warning in answer.warnings if answer else ():
            if warning.code == "rate_above_one":
                rate = str(warning.values["rate"])
                said.setdefault((warning.code, rate), rate_above_one(rate, answer))
            else:
                said.setdefault((warning.code, warning.values["of"]), too_many_deals(warning.values))
    return list(said.values()) + [suspicion(form, name) for name in ("win_rate", "deal_rate") if is_tiny(form, name)]


def is_tiny(form: FunnelForm, rate: str) -> bool:
    """Whether a rate was typed as 0.2 without a per cent sign, which is read as 0.2% and hardly meant."""
    return any(
        0 < (form.cleaned_data.get(f"{rate}_{column}") or 0) < TINY and "%" not in typed_text(form, rate, column)
        for column in COLUMNS
    )


def typed_text(form: FunnelForm, rate: str, column: str) -> str:
    return str(form.data.get(f"{rate}_{column}", "")).replace("％", "%")


def suspicion(form: FunnelForm, rate: str) -> str:
    column = next(column for column in COLUMNS if 0 < (form.cleaned_data.get(f"{rate}_{column}") or 0) < TINY)
    value = form.cleaned_data[f"{rate}_{column}"] * 100
    return _("%(rate)s is read as %(percents)s. Is %(instead)s meant?") % {
        "rate": next(str(link.name) for link in CHAIN if link.key == rate),
        "percents": format_amount(value, unit="%", language=language()),
        "instead": format_amount(value * 100, unit="%", language=language()),
    }


def rate_above_one(rate: str, answer: FunnelResult | None) -> str:
    names = {link.key: link.name for link in CHAIN}
    percents = format_amount(getattr(answer, rate) * 100, unit="%", language=language())
    return _("%(rate)s would have to be %(percents)s. No rate goes above 100%%: raise another number instead.") % {
        "rate": names[rate],
        "percents": percents,
    }


def too_many_deals(values: Any) -> str:
    numbers = {"needed": f"{values['needed']:,}", "available": f"{values['available']:,}"}
    if values["of"] == "companies":
        return (
            _(
                "It takes %(needed)s deals, but the market has %(available)s companies. "
                "Raise the win rate or the unit price, or widen the market."
            )
            % numbers
        )
    return (
        _(
            "It takes %(needed)s deals, but the market has %(available)s contacts. "
            "Raise the win rate or the unit price, or widen the market."
        )
        % numbers
    )


def market_share(form: FunnelForm) -> dict[str, Any] | None:
    """What part of the market's companies the deals of the aim meet, where that is possible at all."""
    aimed = aim(form)
    companies = form.cleaned_data.get("target_companies")
    if aimed is None or not companies or aimed[1].deals > companies:
        return None
    deals = aimed[1].shown_deals
    return {"deals": f"{deals:,}", "companies": f"{companies:,}", "share": Fraction(deals, companies)}


# When


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
    aimed, kgi = aim(form), form.kgi
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
    if is_first or month.month == 1:
        return date_format(month, pgettext("format of a month with its year", "M Y"))
    return date_format(month, pgettext("format of a month", "M"))


def percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def changes_of_kgi(form: FunnelForm) -> list[str]:
    """What saving would change in the KGI's own values, column by column: before → after, in full figures."""
    if form.unknown_number == FunnelNumber.REVENUE:
        return []
    changes = []
    for column in COLUMNS:
        before, after = getattr(form.kgi, f"{column}_value"), form.cleaned_data.get(f"revenue_{column}")
        if before != after and f"revenue_{column}" not in form.errors:
            amounts = (
                format_amount(value, unit=form.kgi.unit, language=language(), precise=True) for value in (before, after)
            )
            changes.append(f"{COLUMN_NAMES[column]} {' → '.join(amounts)}")
    return changes
