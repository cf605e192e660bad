"""What the channels of a stage bring together, against what the funnel needs there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from funnel.forms.amounts import COLUMN_NAMES, shown_up, unit_of
from funnel.forms.channels import FURTHER, RATE_OF, ChannelForm, ChannelTable
from funnel.forms.funnels import FunnelForm
from funnel.formulas.channels import shortfall, total, weighted_mean, worth
from funnel.formulas.numbers import format_amount, format_percent
from funnel.models import Stage
from funnel.presenters.words import language
from funnel.services import COLUMNS, LINKS


@dataclass(frozen=True)
class Sum:
    """One column of a split stage: what the channels bring, in words, and what may be done about it."""

    column: str
    name: str
    sentence: str
    is_short: bool
    can_spread: bool
    mean: Fraction | None
    own: Fraction | None
    can_take: bool


@dataclass(frozen=True)
class Split:
    """A stage that channels share; `sums` has only the columns about which something can be said."""

    key: str
    name: str
    rate: str
    rate_name: str
    sums: list[Sum]


@dataclass(frozen=True)
class ChannelRow:
    """A row of the table: its share of the stage (0–1) and what it comes to in the KGI's unit."""

    form: ChannelForm
    share: Fraction | None
    worth: Fraction | None
    errors: list[str]
    numbers: dict[str, list[Any]]


def splits_of(form: FunnelForm, table: ChannelTable) -> list[Split]:
    splits = []
    for stage, name in Stage.choices:
        rows = table.standing(stage)
        if rows:
            rate = RATE_OF[stage]
            sums = [one for column in COLUMNS if (one := sum_of(form, rows, stage, column))]
            splits.append(Split(stage, str(name), rate, str(LINKS[rate].name), sums))
    return splits


def sum_of(form: FunnelForm, rows: list[ChannelForm], stage: str, column: str) -> Sum | None:
    brought = total(row.number("volume", column) for row in rows)
    mean = weighted_mean((row.number("volume", column), row.number("rate", column)) for row in rows)
    answer = form.answers[column]
    rate = RATE_OF[stage]
    own = getattr(answer, rate) if answer is not None else None
    if brought is None and mean is None:
        return None
    missing = None if answer is None or brought is None else shortfall(getattr(answer, stage), brought)
    return Sum(
        column=column,
        name=str(COLUMN_NAMES[column]),
        sentence=sentence_of(stage, column, brought, answer, missing) if brought is not None else "",
        is_short=column != "current" and missing is not None and missing > 0,
        can_spread=column != "current" and bool(missing),
        mean=mean,
        own=own,
        can_take=mean is not None
        and mean > 0
        and form.unknown_number != rate
        and (own is None or format_percent(mean) != format_percent(own)),
    )


def sentence_of(stage: str, column: str, brought: Fraction, answer: Any, missing: int | None) -> str:
    """The sum against the need: "チャネルを合わせるとCVは3,900件。必要な4,167件に267件足りません"."""

    def said(number: int | Decimal | Fraction) -> str:
        return format_amount(int(number), unit=unit_of(stage, ""), language=language(), precise=True)

    words: dict[str, str] = {"stage": str(LINKS[stage].name), "sum": said(brought)}
    if missing is None or answer is None:
        return _("%(stage)s: the channels bring %(sum)s together.") % words
    words |= {"need": said(shown_up(stage, getattr(answer, stage))), "rest": said(abs(missing))}
    if column == "current":
        if missing == 0:
            return _("%(stage)s: the channels bring %(sum)s together, just what the funnel has today.") % words
        return _("%(stage)s: the channels bring %(sum)s together; the funnel has %(need)s today.") % words
    if missing > 0:
        return _("%(stage)s: the channels bring %(sum)s together, %(rest)s short of the %(need)s needed.") % words
    if missing < 0:
        return _("%(stage)s: the channels bring %(sum)s together, %(rest)s more than the %(need)s needed.") % words
    return _("%(stage)s: the channels bring %(sum)s together, just what is needed.") % words


def rows_of(form: FunnelForm, table: ChannelTable) -> list[ChannelRow]:
    """The table, each channel with its share of what its stage is brought and what it comes to, for the aim."""
    aimed = form.aim
    column, answer = aimed if aimed else ("current", None)
    brought = {stage: total(row.number("volume", column) for row in table.standing(stage)) for stage in Stage.values}
    return [channel_row(row, column, answer, brought) for row in table.rows]


def channel_row(row: ChannelForm, column: str, answer: Any, brought: dict[str, Fraction | None]) -> ChannelRow:
    share = value = None
    if row.is_valid() and row.counts:
        stage = row.cleaned_data["stage"]
        volume, whole = row.number("volume", column), brought[stage]
        share = Fraction(volume) / whole if volume is not None and whole else None
        if volume is not None and answer is not None:
            rate = row.number("rate", column)
            own = getattr(answer, RATE_OF[stage]) if rate is None else rate
            value = worth(volume, own, [getattr(answer, name) for name in FURTHER[stage]])
    errors = [str(sentence) for sentences in row.errors.values() for sentence in sentences]
    numbers = {kind: [row[f"{kind}_{column}"] for column in COLUMNS] for kind in ("volume", "rate")}
    return ChannelRow(row, share, value, [] if row.is_blank else errors, numbers)
