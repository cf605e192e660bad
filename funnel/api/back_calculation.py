"""The calculator of the funnel: no row is read or written."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from funnel.formulas.back_calculation import (
    RATES,
    VOLUMES,
    FunnelInput,
    FunnelRefused,
    FunnelResult,
    FunnelWarning,
    back_calculate,
)
from people.api import Calculator
from people.refusals import Refusal

SENTENCES = {
    "not_positive": gettext_lazy("This must be greater than 0."),
    "negative": gettext_lazy("This may not be below 0."),
    "rate_out_of_range": gettext_lazy("A rate is greater than 0 and at most 1 (100%)."),
    "overdetermined": gettext_lazy("All six numbers are given: leave out the one that is to be found."),
    "underdetermined": gettext_lazy("Too many numbers are missing: this one is needed."),
}


class BackCalculationSerializer(serializers.Serializer):
    """What is known of a funnel; one of the six numbers is left out and found."""

    revenue = AmountSerializerField(required=False, allow_null=True)
    unit_price = AmountSerializerField(required=False, allow_null=True)
    win_rate = AmountSerializerField(rate=True, required=False, allow_null=True)
    deal_rate = AmountSerializerField(rate=True, required=False, allow_null=True)
    cv_rate = AmountSerializerField(rate=True, required=False, allow_null=True)
    visits = AmountSerializerField(required=False, allow_null=True)
    target_population = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**12)
    target_contacts = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**12)


class BackCalculation(Calculator):
    """From the revenue back to orders, deals, CVs and visits, with any one number unknown."""

    @extend_schema(request=BackCalculationSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        given = BackCalculationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            result = back_calculate(FunnelInput(**given.validated_data))
        except FunnelRefused as refused:
            sentence = str(SENTENCES.get(refused.code, gettext_lazy("This is not a number.")))
            raise Refusal.of_field(refused.field, refused.code, sentence) from refused
        return Response(described(result))


def described(result: FunnelResult) -> dict[str, Any]:
    """The answer of api `back-calculation`: volumes as shown, exact ones to six decimals, the number found."""
    found: dict[str, Any] = dict(result.shown)
    if result.solved is not None and result.solved not in VOLUMES:
        found[result.solved] = rounded(getattr(result, result.solved), 12 if result.solved in RATES else 6)
    found["exact"] = {name: rounded(value, 6) for name, value in result.exact.items()}
    found["warnings"] = [{"code": warning.code, "detail": sentence_of(warning)} for warning in result.warnings]
    return found


def rounded(value: Fraction, digits: int) -> float | int:
    number = float(round(value, digits))
    return int(number) if number.is_integer() else number


def sentence_of(warning: FunnelWarning) -> str:
    """The warning as a sentence in the reader's language."""
    values = dict(warning.values)
    if warning.code == "rate_above_one":
        return _("This rate would have to be %(percent)s%%: more than everyone.") % {
            "percent": rounded(Fraction(values["value"]) * 100, 1)  # type: ignore[call-overload]
        }
    if values["of"] == "contacts":
        return _("%(needed)s deals are needed, but there are only %(available)s contacts in the market.") % values
    return _("%(needed)s deals are needed, but there are only %(available)s companies in the market.") % values
