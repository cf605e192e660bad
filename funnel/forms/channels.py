"""The channels that share a funnel's stages, a row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.fields import AmountField, grouped, plain
from funnel.forms.amounts import COLUMN_NAMES
from funnel.forms.funnels import FunnelForm
from funnel.formulas.channels import spread
from funnel.models import Funnel, FunnelChannel, Stage
from funnel.services import COLUMNS, LINKS, MOST_CHANNELS, ChannelPlan
from people.access import read_id
from people.models import Team

# The rate at which a stage passes on what it holds, and what its volume is multiplied by after that.
RATE_OF = {"visits": "cv_rate", "cvs": "deal_rate", "deals": "win_rate"}
FURTHER = {
    "visits": ("deal_rate", "win_rate", "unit_price"),
    "cvs": ("win_rate", "unit_price"),
    "deals": ("unit_price",),
}
KINDS = {"volume": gettext_lazy("Volume"), "rate": gettext_lazy("Passes on")}


class VolumeField(AmountField):
    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and number < 0:
            raise ValidationError(_("Type a number of 0 or more."), code="out_of_range")
        return number


class RateField(AmountField):
    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and not 0 <= number <= 1:
            raise ValidationError(_("A rate lies between 0% and 100%."), code="out_of_range")
        return number


def team_choices(teams: Iterable[Team]) -> list[tuple[Any, str]]:
    """Read from the database only where they are drawn."""
    return [("", "–"), *((team.pk, team.name) for team in teams)]


class ChannelForm(forms.Form):
    """One channel. A row without a name and numbers is no channel yet."""

    id = forms.CharField(widget=forms.HiddenInput, required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices, required=False)
    name = forms.CharField(label=gettext_lazy("Medium or department"), max_length=120, required=False)
    team = forms.CharField(label=gettext_lazy("Team"), required=False)
    remove = forms.BooleanField(label=pgettext_lazy("a channel", "Take it away"), required=False)

    def __init__(self, data: Mapping[str, Any], *, teams: Iterable[Team], **kwargs: Any):
        super().__init__(data, **kwargs)
        unit = str(LINKS.get(self.data.get(self.add_prefix("stage")) or "", LINKS["visits"]).unit)
        for column in COLUMNS:
            self.fields[f"volume_{column}"] = VolumeField(required=False, unit=unit)
            self.fields[f"rate_{column}"] = RateField(required=False, rate=True)
        self.fields["team"].widget = forms.Select(choices=CallableChoiceIterator(partial(team_choices, teams)))
        titles = {f"{kind}_{column}": title for column, title in COLUMN_NAMES.items() for kind in KINDS}
        for name, field in self.fields.items():
            if name in titles:
                kind = KINDS[name.partition("_")[0]]
                field.label = _("%(number)s, %(column)s") % {"number": kind, "column": titles[name]}
                now = self.data.get(self.add_prefix(f"{name.partition('_')[0]}_current"))
                if now and not name.endswith("_current"):
                    field.widget.attrs["placeholder"] = now
            field.widget.attrs["aria-label"] = str(field.label)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["stage"] = cleaned.get("stage") or Stage.VISITS.value
        cleaned["name"] = " ".join(cleaned.get("name", "").split())
        if not cleaned["name"] and "name" not in self.errors and not self.is_blank:
            self.add_error("name", _("Name the medium or department in a few words."))
        return cleaned

    @property
    def is_blank(self) -> bool:
        typed = ("name", *(f"{kind}_{column}" for kind in KINDS for column in COLUMNS))
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in typed)

    @property
    def counts(self) -> bool:
        """Whether it is a channel that is to stay."""
        return not self.is_blank and not self.cleaned_data.get("remove")

    def number(self, kind: str, column: str) -> Decimal | None:
        """A volume or rate; a target left empty means as now."""
        typed = self.cleaned_data.get(f"{kind}_{column}")
        return self.cleaned_data.get(f"{kind}_current") if typed is None else typed

    def plan(self) -> ChannelPlan:
        cleaned = self.cleaned_data
        return ChannelPlan(
            stage=cleaned["stage"],
            name=cleaned["name"],
            team_id=read_id(cleaned.get("team")),
            volumes={column: cleaned.get(f"volume_{column}") for column in COLUMNS},
            rates={column: cleaned.get(f"rate_{column}") for column in COLUMNS},
            id=read_id(cleaned.get("id")),
        )


class ChannelTable:
    """All rows of the page, as they were sent with the funnel, else as they are saved."""

    def __init__(self, form: FunnelForm, teams: Iterable[Team]):
        self.form = form
        self.teams = teams
        self.is_sent = "channels" in form.data
        self.data: dict[str, Any] = dict(form.data) if self.is_sent else texts_of(saved_channels(form))
        count = read_id(self.data.get("channels"))
        self.rows = [self.row(number) for number in range(min(count or 0, MOST_CHANNELS + 1))]

    def row(self, number: int) -> ChannelForm:
        return ChannelForm(self.data, teams=self.teams, prefix=f"channel-{number}")

    def is_valid(self) -> bool:
        return all(row.is_valid() or row.is_blank or row.cleaned_data.get("remove") for row in self.rows)

    def standing(self, stage: str = "") -> list[ChannelForm]:
        """The rows that count, of one stage or of all."""
        return [row for row in self.rows if row.is_valid() and row.counts and stage in ("", row.cleaned_data["stage"])]

    def plans(self) -> list[ChannelPlan] | None:
        """What is to be saved; None where no channels were sent."""
        return [row.plan() for row in self.standing()] if self.is_sent else None

    def refuse(self, refused: Mapping[str, Any]) -> None:
        """Put what a service said about the rows that count beside their fields."""
        standing = self.standing()
        for number, fields in refused.items():
            for name, sentences in fields.items():
                standing[int(number)].add_error(name, sentences)

    def add_row(self) -> None:
        self.data = {**self.data, "channels": str(len(self.rows) + 1)}
        self.rows.append(self.row(len(self.rows)))

    def spread(self, stage: str, column: str) -> None:
        """Raise or lower a stage's volumes in proportion until they sum to what the funnel needs there."""
        answer, rows = self.form.answers.get(column), self.standing(stage)
        if answer is None or not rows or stage not in RATE_OF:
            return
        for row, volume in zip(
            rows, spread([row.number("volume", column) for row in rows], getattr(answer, stage)), strict=True
        ):
            self.data = {**self.data, row.add_prefix(f"volume_{column}"): f"{volume:,}"}
        self.rows = [self.row(number) for number in range(len(self.rows))]


def saved_channels(form: FunnelForm) -> list[FunnelChannel]:
    funnel: Funnel | None = getattr(form.kgi, "funnel", None)
    return list(funnel.channels.all()) if funnel else []


def texts_of(channels: Sequence[FunnelChannel]) -> dict[str, str]:
    """What stands in the fields of saved channels."""
    texts = {"channels": str(len(channels))}
    for number, channel in enumerate(channels):
        place = f"channel-{number}-"
        texts |= {
            f"{place}id": str(channel.pk),
            f"{place}stage": channel.stage,
            f"{place}name": channel.name,
            f"{place}team": str(channel.team_id or ""),
        }
        for column in COLUMNS:
            volume, rate = getattr(channel, f"{column}_volume"), getattr(channel, f"{column}_rate")
            texts[f"{place}volume_{column}"] = "" if volume is None else grouped(volume)
            texts[f"{place}rate_{column}"] = "" if rate is None else plain(rate * 100)
    return texts


def take_rate(form: FunnelForm, number: str, column: str, mean: Fraction) -> FunnelForm:
    """The same page with a rate of the funnel written as the channels' weighted mean."""
    data = dict(form.data)
    form.show_rounded(data, number, column, mean)
    taken = FunnelForm(data, kgi=form.kgi)
    taken.is_valid()
    return taken
