"""The funnel of a KGI for other programs: the same six numbers as on its page, found by the same form."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel.api.back_calculation import described
from funnel.fields import AmountSerializerField, ChangeReasonField
from funnel.forms.amounts import NUMBERS
from funnel.forms.beside import BESIDE, LONGEST_SOURCE, WEIGHTS, saved_beside
from funnel.forms.funnels import LARGEST_COUNT, LEAD_TIMES, LONGEST_LEAD_TIME, FunnelForm, saved_numbers
from funnel.formulas.back_calculation import RATES
from funnel.formulas.multiples import Multiple, read_multiple
from funnel.models import KGI, FunnelChannel, FunnelNumber, Stage
from funnel.services import COLUMNS, MOST_CHANNELS, ChannelPlan, FunnelPlan
from people.api import LineField, SeenField
from people.models import Team
from people.refusals import Refusal

MARKETS = ("target_companies", "target_contacts")


class PlannedSerializerField(AmountSerializerField):
    """A number of the funnel, or the multiple that was meant: 2x, 昨年の150%, 業界平均の3倍."""

    def to_internal_value(self, data: Any) -> Decimal | Multiple:  # type: ignore[override]
        multiple = read_multiple(data) if isinstance(data, str) else None
        return super().to_internal_value(data) if multiple is None else multiple


class ColumnsSerializer(serializers.Serializer):
    """One number of the funnel in the three columns of a plan. An empty target means the same as now."""

    def __init__(self, *args: Any, rate: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.rate = rate

    def get_fields(self) -> dict[str, Any]:
        return {column: PlannedSerializerField(rate=self.rate, required=False, allow_null=True) for column in COLUMNS}


class NumbersSerializer(serializers.Serializer):
    """The six numbers: revenue and price in the KGI's unit, rates from 0 to 1 or as 45%.

    A number may be said as a multiple of last year's or of the industry's: `2x`, `昨年の150%`, `業界平均の3倍`.
    """

    def get_fields(self) -> dict[str, Any]:
        return {name: ColumnsSerializer(rate=name in RATES, required=False) for name in NUMBERS}


class FactsSerializer(serializers.Serializer):
    """What each of the six numbers is compared with, rates from 0 to 1."""

    def get_fields(self) -> dict[str, Any]:
        return {name: AmountSerializerField(rate=name in RATES, required=False, allow_null=True) for name in NUMBERS}


class SourcesSerializer(serializers.Serializer):
    """Where the industry's averages come from."""

    def get_fields(self) -> dict[str, Any]:
        return {
            name: serializers.CharField(max_length=LONGEST_SOURCE, allow_blank=True, required=False) for name in NUMBERS
        }


class VolumesSerializer(serializers.Serializer):
    """A channel's volumes or rates in the three columns. An empty target means the same as now."""

    def __init__(self, *args: Any, rate: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.rate = rate

    def get_fields(self) -> dict[str, Any]:
        return {column: AmountSerializerField(rate=self.rate, required=False, allow_null=True) for column in COLUMNS}


class ChannelInput(serializers.Serializer):
    """A medium or department that brings a part of a stage, and passes it on at a rate of its own."""

    id = serializers.IntegerField(required=False, allow_null=True, help_text="Of the channel that is renamed.")
    stage = serializers.ChoiceField(Stage.choices)
    name = LineField(max_length=120)
    team = serializers.IntegerField(required=False, allow_null=True)
    volumes = VolumesSerializer(required=False)
    rates = VolumesSerializer(rate=True, required=False)


class ChannelSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    stage = serializers.ChoiceField(Stage.choices)
    name = serializers.CharField()
    team = SeenField(Team.objects.visible_to)
    volumes = serializers.SerializerMethodField()
    rates = serializers.SerializerMethodField()

    @extend_schema_field(VolumesSerializer)
    def get_volumes(self, channel: FunnelChannel) -> dict[str, Any]:
        return VolumesSerializer({column: getattr(channel, f"{column}_volume") for column in COLUMNS}).data

    @extend_schema_field(VolumesSerializer)
    def get_rates(self, channel: FunnelChannel) -> dict[str, Any]:
        rates = {column: getattr(channel, f"{column}_rate") for column in COLUMNS}
        return VolumesSerializer(rates, rate=True).data


def lead_time() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LONGEST_LEAD_TIME, required=False)


def market() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False, allow_null=True)


class FunnelInput(serializers.Serializer):
    """A whole plan. Without `revenue` the KGI's own values are what is aimed at.

    What stands beside the numbers (`last_year`, `reference`, `reference_source`, `monthly_weights`, `channels`) stays
    as it is where it is left out; where it is given, it is given whole. `monthly_weights` of null are even ones.
    """

    unknown = serializers.ChoiceField(FunnelNumber.choices, default=FunnelNumber.VISITS)
    numbers = NumbersSerializer()
    target_companies = market()
    target_contacts = market()
    visit_to_cv_days = lead_time()
    cv_to_deal_days = lead_time()
    deal_to_order_days = lead_time()
    last_year = FactsSerializer(required=False)
    reference = FactsSerializer(required=False)
    reference_source = SourcesSerializer(required=False)
    monthly_weights = serializers.ListField(
        child=AmountSerializerField(), min_length=12, max_length=12, required=False, allow_null=True
    )
    channels = serializers.ListField(child=ChannelInput(), max_length=MOST_CHANNELS, required=False)
    reason = ChangeReasonField()
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")
    kgi_version = serializers.IntegerField(required=False, help_text="The version of the KGI that is counted on.")


class ChainSerializer(serializers.Serializer):
    """What follows in each column, null where it is empty; volumes are rounded up, `exact` holds them unrounded."""

    def get_fields(self) -> dict[str, Any]:
        return {column: serializers.DictField(allow_null=True) for column in COLUMNS}


class FunnelSerializer(serializers.Serializer):
    """A KGI's funnel; `version` is 0 while there is none."""

    kgi = serializers.IntegerField()
    version = serializers.IntegerField()
    kgi_version = serializers.IntegerField()
    unknown = serializers.ChoiceField(FunnelNumber.choices)
    numbers = NumbersSerializer()
    chain = serializers.SerializerMethodField()
    target_companies = serializers.IntegerField(allow_null=True)
    target_contacts = serializers.IntegerField(allow_null=True)
    visit_to_cv_days = serializers.IntegerField()
    cv_to_deal_days = serializers.IntegerField()
    deal_to_order_days = serializers.IntegerField()
    last_year = FactsSerializer()
    reference = FactsSerializer()
    reference_source = SourcesSerializer()
    monthly_weights = serializers.ListField(child=AmountSerializerField(), allow_null=True)
    channels = ChannelSerializer(many=True)

    @extend_schema_field(ChainSerializer)
    def get_chain(self, shown: dict[str, Any]) -> dict[str, Any]:
        return shown["chain"]


def funnel_of(kgi: KGI) -> dict[str, Any]:
    """The KGI's funnel as it is answered."""
    funnel = getattr(kgi, "funnel", None)
    form = FunnelForm(kgi=kgi).calculate_initial()
    answers = dict.fromkeys(COLUMNS) if form.is_example else form.answers
    beside = saved_beside(kgi)
    return {
        "kgi": kgi.pk,
        "version": funnel.version if funnel else 0,
        "kgi_version": kgi.version,
        "unknown": form.unknown_number,
        "numbers": saved_numbers(kgi),
        "chain": {column: described(answer) if answer else None for column, answer in answers.items()},
        **{name: getattr(funnel, name, None) for name in MARKETS},
        **{name: getattr(funnel, name, 0) for name in LEAD_TIMES.values()},
        **{base: {name: facts[base] for name, facts in beside.items()} for base in BESIDE},
        "reference_source": {name: facts["source"] for name, facts in beside.items()},
        "monthly_weights": kgi.monthly_weights,
        "channels": list(funnel.channels.all()) if funnel else [],
    }


def plan_of(kgi: KGI, given: dict[str, Any]) -> FunnelPlan:
    """What is given as the plan to be saved. Raises `Refusal` `invalid` with the places where something is wrong."""
    numbers = given["numbers"]
    revenue = {column: getattr(kgi, f"{column}_value") for column in COLUMNS}
    typed = {
        f"{name}_{column}": value
        for name, values in ({"revenue": revenue} | numbers).items()
        for column, value in values.items()
        if value is not None
    }
    more = {name: str(given[name]) for name in (*MARKETS, *LEAD_TIMES.values()) if given.get(name) is not None}
    form = FunnelForm(typed | more | beside_of(given) | {"unknown": given["unknown"]}, kgi=kgi)
    if not form.is_valid():
        raise refusal_of(form)
    channels = [channel_of(channel) for channel in given["channels"]] if "channels" in given else None
    return replace(form.plan(), channels=channels)


def beside_of(given: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the numbers, as the form's fields; nothing of what was left out."""
    suffixes = {"last_year": "last_year", "reference": "reference", "reference_source": "source"}
    fields = {
        f"{number}_{suffix}": "" if (value := given[name].get(number)) is None else value
        for name, suffix in suffixes.items()
        if name in given
        for number in NUMBERS
    }
    if "monthly_weights" in given:
        fields |= dict(zip(WEIGHTS, given["monthly_weights"] or [""] * 12, strict=True))
    return fields


def channel_of(given: dict[str, Any]) -> ChannelPlan:
    return ChannelPlan(
        stage=given["stage"],
        name=given["name"],
        team_id=given.get("team"),
        volumes=given.get("volumes", {}),
        rates=given.get("rates", {}),
        id=given.get("id"),
    )


BESIDES = {"_last_year": "last_year", "_reference": "reference", "_source": "reference_source"}


def refusal_of(form: FunnelForm) -> Refusal:
    """The form's errors, each where the number stands in the request."""
    fields: dict[str, Any] = {}
    errors = [*form.errors.items(), *form.beside.errors.items()]
    for name, sentences in errors:
        if name in WEIGHTS:
            fields.setdefault("monthly_weights", []).extend(sentences)
            continue
        beside = next((one for one in BESIDES if name.endswith(one)), "")
        if beside:
            place = fields.setdefault(BESIDES[beside], {})
            place[name.removesuffix(beside)] = list(sentences)
            continue
        number = next((one for one in NUMBERS if name.startswith(f"{one}_")), "")
        if number:
            place = fields.setdefault("numbers", {}).setdefault(number, {})
            place[name.removeprefix(f"{number}_")] = list(sentences)
        else:
            fields["non_field_errors" if name == "__all__" else name] = list(sentences)
    first = errors[0][1][0]
    return Refusal("invalid", str(first), fields)
