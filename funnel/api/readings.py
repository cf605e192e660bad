"""Readings of many KPIs at once, for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel import services
from funnel.fields import AmountSerializerField
from funnel.models import KGI, KPI, ReadingSpan
from funnel.services import Saved, Written
from people.models import Membership
from people.refusals import Refusal

MOST_READINGS = 1_000


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class KeyOrIdField(serializers.Field):
    """A KPI of the KGI, by its key or its id."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError(_("Send the key or the id of a KPI of this KGI."))
        return str(data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string"}]})
class AsTypedField(serializers.Field):
    """A number, or a string as people type it: it is read in the unit of its KPI."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class OneOfManyInput(serializers.Serializer):
    """A reading of a day, or of the whole week or month that holds it. Of a rate 45% and 0.45 mean the same."""

    kpi = KeyOrIdField()
    date = serializers.DateField()
    span = serializers.ChoiceField(ReadingSpan.choices, required=False, default=ReadingSpan.DAY)
    value = AsTypedField(allow_null=True)


class ManyReadingsInput(serializers.Serializer):
    """Up to 1,000 readings: all are written, or none where one is refused. Sending them again changes nothing."""

    readings = serializers.ListField(child=OneOfManyInput(), min_length=1, max_length=MOST_READINGS)


class ManyReadingsAnswer(serializers.Serializer):
    """How many of the readings sent are new, changed another one, or were there already."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


def save_many(kgi: KGI, given: Sequence[Mapping[str, Any]], *, by: Membership) -> Saved:
    """Write the readings sent. Raises `Refusal` `readings`, its `fields` named by the place of each in the list."""
    known = {kpi.key: kpi for kpi in kgi.kpis.standing()}
    known |= {str(kpi.pk): kpi for kpi in known.values() if str(kpi.pk) not in known}
    wrong: dict[str, list[str]] = {}
    readings: list[Written] = []
    places: dict[str, list[int]] = {}
    for at, one in enumerate(given):
        kpi = known.get(one["kpi"])
        if kpi is None:
            wrong[f"readings.{at}.kpi"] = [_("No KPI of this KGI has this key or id.")]
            continue
        try:
            value = reader_of(kpi).to_internal_value(one["value"])
        except serializers.ValidationError as refused:
            wrong[f"readings.{at}.value"] = [str(sentence) for sentence in refused.detail]
            continue
        reading = Written(kpi, one["date"], value, one["span"])
        readings.append(reading)
        places.setdefault(reading.place, []).append(at)
    if wrong:
        raise Refusal("readings", _("Nothing is saved yet: look at what is marked."), wrong)
    try:
        return services.save_readings(kgi, readings, recorded_by=by)
    except Refusal as refused:
        marked = {f"readings.{places[place][-1]}": said for place, said in refused.fields.items() if place in places}
        raise Refusal(refused.code, refused.detail, marked) from refused


def reader_of(kpi: KPI) -> AmountSerializerField:
    return AmountSerializerField(rate=kpi.is_rate, unit="" if kpi.is_rate else kpi.unit)
