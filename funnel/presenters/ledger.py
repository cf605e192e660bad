"""How a calculated funnel is laid out: a row for each stage and rate, and what there is to say about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from funnel.forms.amounts import COLUMN_NAMES, NUMBERS, shown_up, suffix_of, unit_of
from funnel.forms.beside import BESIDE
from funnel.forms.funnels import FunnelForm
from funnel.formulas.back_calculation import RATES, VOLUMES, FunnelResult
from funnel.formulas.numbers import format_amount
from funnel.models import FunnelNumber
from funnel.presenters.weeks import dues_of
from funnel.presenters.words import language, split, times, within
from funnel.services import CHAIN, COLUMNS

# Where two rates or amounts are multiplied on the way down, the stage above is divided by the one written here.
DIVIDED_BY = {"unit_price", "win_rate", "deal_rate", "cv_rate"}
TINY = Decimal("0.01")


@dataclass(frozen=True)
class Cell:
    """One number of a row: a field to type into, or an answer with its full figure.

    `meant` is what a multiple typed into the field comes to, in the unit it is shown in.
    """

    column: str
    field: BoundField | None
    value: Decimal | None
    exact: str
    meant: Decimal | None = None


@dataclass(frozen=True)
class Row:
    """A stage (volume) or what it is divided by (lever), in the three columns, with what stands beside them."""

    key: str
    name: str
    unit: str
    suffix: str
    is_volume: bool
    is_found: bool
    cells: list[Cell]
    last_year: Cell
    reference: Cell
    source: str
    ratio: Fraction | None
    shares: dict[str, Fraction | None]
    errors: list[tuple[str, str]] = field(default_factory=list)
    due: date | None = None


def lay_out(form: FunnelForm) -> list[Row]:
    """The rows from revenue down to visits."""
    dues = {due.key: due.end for due in dues_of(form)}
    before = last_year_of(form)
    return [row_of(form, link.key, str(link.name), dues.get(link.key), before) for link in CHAIN]


def row_of(form: FunnelForm, key: str, name: str, due: date | None, before: dict[str, Fraction | None]) -> Row:
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
        last_year=beside_cell(form, key, "last_year", before.get(key), unit),
        reference=beside_cell(form, key, "reference", None, unit),
        source=str(form.beside[f"{key}_source"].value() or "").strip() if key in NUMBERS else "",
        ratio=target / now if target is not None and now else None,
        shares=exact,
        errors=errors_of(form, key) if key in NUMBERS else [],
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
        meant = form.multiples.get(f"{key}_{column}")
        return Cell(column, bound, None, "", meant * 100 if meant is not None and key in RATES else meant)
    if exact is None:
        return Cell(column, None, None, "")
    return answer_cell(key, column, exact, unit)


def answer_cell(key: str, column: str, exact: Fraction, unit: str) -> Cell:
    shown = shown_up(key, exact)
    full = format_amount(exact * 100 if key in RATES else exact, unit=unit, language=language(), precise=True)
    return Cell(column, None, shown * 100 if key in RATES else shown, full)


def beside_cell(form: FunnelForm, key: str, base: str, exact: Fraction | None, unit: str) -> Cell:
    """Last year or the industry's average: a field for the six numbers, last year's chain for what lies between."""
    if key in NUMBERS:
        bound = form.beside[f"{key}_{base}"]
        if bound.errors:
            bound.field.widget.attrs["aria-invalid"] = "true"
        return Cell(base, bound, None, "")
    return Cell(base, None, None, "") if exact is None else answer_cell(key, base, exact, unit)


def last_year_of(form: FunnelForm) -> dict[str, Fraction | None]:
    """Last year's orders, deals and CVs, divided down from its revenue as far as its price and rates are known."""
    volumes: dict[str, Fraction | None] = {}
    above = form.beside.cleaned_data.get("revenue_last_year")
    for stage, lever in (("orders", "unit_price"), ("deals", "win_rate"), ("cvs", "deal_rate")):
        divisor = form.beside.cleaned_data.get(f"{lever}_last_year")
        above = Fraction(above) / Fraction(divisor) if above and above > 0 and divisor and divisor > 0 else None
        volumes[stage] = above
    return volumes


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
    ] + [
        (base, _("%(column)s: %(sentence)s") % {"column": name, "sentence": sentence})
        for base, name in (BESIDE | {"source": _("Source of the average")}).items()
        for sentence in form.beside.errors.get(f"{key}_{base}", [])
    ]


def finding(form: FunnelForm) -> list[str]:
    """The title as one sentence in clauses: what the aim asks of the stage that has the furthest to go."""
    # Translators: “|” marks where a title may break into two lines.
    aimed = form.aim
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
    return split(
        _("To reach %(amount)s,|%(stage)s must grow %(times)s."),
        amount=amount,
        stage=within(str(names[furthest])),
        times=times(ratio),
    )


def _promise(column: str, *, short: bool = False) -> str:
    if column == "challenge":
        if short:
            return _("If the challenge numbers come true: %(amount)s,|%(gap)s short of the KGI.")
        return _("If the challenge numbers come true,|revenue is %(amount)s.")
    if short:
        return _("If the must-hit numbers come true: %(amount)s,|%(gap)s short of the KGI.")
    return _("If the must-hit numbers come true,|revenue is %(amount)s.")


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
        0 < (form.cleaned_data.get(f"{rate}_{column}") or 0) < TINY and is_bare(form, rate, column)
        for column in COLUMNS
    )


def is_bare(form: FunnelForm, rate: str, column: str) -> bool:
    """Whether a rate was typed as digits alone, neither in per cent nor as a multiple."""
    name = f"{rate}_{column}"
    return name not in form.multiples and "%" not in str(form.data.get(name, "")).replace("％", "%")


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


def market_shares(form: FunnelForm) -> list[dict[str, Any]]:
    """What part of the market's companies and contacts the deals of the aim meet, where that is possible at all."""
    aimed, shares = form.aim, []
    for of in ("companies", "contacts"):
        available = form.cleaned_data.get(f"target_{of}")
        if aimed is not None and available and aimed[1].deals <= available:
            deals = aimed[1].shown_deals
            share = Fraction(deals, available)
            shares.append({"of": of, "deals": f"{deals:,}", "available": f"{available:,}", "share": share})
    return shares


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
