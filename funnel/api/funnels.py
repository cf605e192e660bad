"""The funnel of a KGI for other programs: the same six numbers as on its page, found by the same form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel.api.back_calculation import described
from funnel.fields import AmountSerializerField
from funnel.forms.funnels import LARGEST_COUNT, LEAD_TIMES, LONGEST_LEAD_TIME, NUMBERS, FunnelForm, saved_numbers
from funnel.formulas.back_calculation import RATES
from funnel.models import KGI, FunnelNumber
from funnel.services import COLUMNS, FunnelPlan
from people.refusals import Refusal

MARKETS = ("target_companies", "target_contacts")


class ColumnsSerializer(serializers.Serializer):
    """One number of the funnel in the three columns of a plan. An empty target means the same as now."""

    def __init__(self, *args: Any, rate: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.rate = rate

    def get_fields(self) -> dict[str, Any]:
        return {column: AmountSerializerField(rate=self.rate, required=False, allow_null=True) for column in COLUMNS}


class NumbersSerializer(serializers.Serializer):
    """The six numbers: revenue and price in the KGI's unit, rates from 0 to 1 or as 45%."""

    def get_fields(self) -> dict[str, Any]:
        return {name: ColumnsSerializer(rate=name in RATES, required=False) for name in NUMBERS}


def lead_time() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LONGEST_LEAD_TIME, required=False)


def market() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False, allow_null=True)


class FunnelInput(serializers.Serializer):
    """A whole plan. Without `revenue` the KGI's own values are what is aimed at."""

    unknown = serializers.ChoiceField(FunnelNumber.choices, default=FunnelNumber.VISITS)
    numbers = NumbersSerializer()
    target_companies = market()
    target_contacts = market()
    visit_to_cv_days = lead_time()
    cv_to_deal_days = lead_time()
    deal_to_order_days = lead_time()
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

    @extend_schema_field(ChainSerializer)
    def get_chain(self, shown: dict[str, Any]) -> dict[str, Any]:
        return shown["chain"]


def funnel_of(kgi: KGI) -> dict[str, Any]:
    """The KGI's funnel as it is answered."""
    funnel = getattr(kgi, "funnel", None)
    form = FunnelForm(kgi=kgi).calculate_initial()
    answers = dict.fromkeys(COLUMNS) if form.is_example else form.answers
    return {
        "kgi": kgi.pk,
        "version": funnel.version if funnel else 0,
        "kgi_version": kgi.version,
        "unknown": form.unknown_number,
        "numbers": saved_numbers(kgi),
        "chain": {column: described(answer) if answer else None for column, answer in answers.items()},
        **{name: getattr(funnel, name, None) for name in MARKETS},
        **{name: getattr(funnel, name, 0) for name in LEAD_TIMES.values()},
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
    form = FunnelForm(typed | more | {"unknown": given["unknown"]}, kgi=kgi)
    if not form.is_valid():
        raise refusal_of(form)
    return form.plan()


def refusal_of(form: FunnelForm) -> Refusal:
    """The form's errors, each where the number stands in the request."""
    fields: dict[str, Any] = {}
    for name, sentences in form.errors.items():
        number = next((one for one in NUMBERS if name.startswith(f"{one}_")), "")
        if number:
            place = fields.setdefault("numbers", {}).setdefault(number, {})
            place[name.removeprefix(f"{number}_")] = list(sentences)
        else:
            fields["non_field_errors" if name == "__all__" else name] = list(sentences)
    first = next(sentences[0] for sentences in form.errors.values())
    return Refusal("invalid", str(first), fields)
