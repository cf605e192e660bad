"""KGIs for other programs, with where they land."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel.api import kgis
from funnel.fields import AmountSerializerField
from funnel.models import KGI
from objectives.queries.forecasts import kgi_landings
from people.api import ReasonSerializer
from people.api.describing import written_as
from people.api.fields import TogetherField
from people.models import Membership


class KGIDriverSerializer(serializers.Serializer):
    """A lever with its share of the range, 0–1; `is_own` for the course of the KGI's own actuals."""

    key = serializers.CharField()
    name = serializers.CharField()
    share = serializers.FloatField()
    is_own = serializers.BooleanField()


class KGIBeforeSerializer(serializers.Serializer):
    """What was forecast four weeks earlier."""

    date = serializers.DateField()
    p50 = AmountSerializerField()
    must_hit = serializers.FloatField(allow_null=True)
    challenge = serializers.FloatField(allow_null=True)


class KGILandingSerializer(serializers.Serializer):
    """Where the KGI lands, in its unit: in four of five cases between `p10` and `p90`; and how likely it reaches its
    targets, whichever way it goes. Of the tree's `levers` more than the plan's own word is known on `spoken`.
    """

    date = serializers.DateField()
    mean = AmountSerializerField()
    p10 = AmountSerializerField()
    p50 = AmountSerializerField()
    p90 = AmountSerializerField()
    must_hit = serializers.FloatField(allow_null=True)
    challenge = serializers.FloatField(allow_null=True)
    levers = serializers.IntegerField()
    spoken = serializers.IntegerField()
    drivers = KGIDriverSerializer(many=True)
    ago = KGIBeforeSerializer(allow_null=True)


@extend_schema_field(KGILandingSerializer(allow_null=True))
class LandingField(TogetherField):
    """Where a KGI lands; null where nothing can be said yet."""

    def rows_in(self, answered: Any) -> list[KGI]:
        return [row for row in super().rows_in(answered) if isinstance(row, KGI)]

    def ask(self, rows: list[KGI], membership: Membership) -> Mapping[int, Any]:
        return kgi_landings(membership, rows, membership.organization.today)

    def to_representation(self, row: KGI) -> dict[str, Any] | None:
        landing = self.told_of(row)
        return None if landing is None else KGILandingSerializer(landing).data


class KGISerializer(kgis.KGISerializer):
    """The final business number of a period, with the two targets on it and where it lands."""

    landing = LandingField(help_text="What is forecast from check-ins, readings and ranges through its tree.")

    class Meta(kgis.KGISerializer.Meta):
        fields: tuple[str, ...] = (*kgis.KGISerializer.Meta.fields, "landing")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


@written_as(kgis.KGIInput, KGISerializer, drop=ReasonSerializer, restore=None)
class KGIs(kgis.KGIs):
    """Key goal indicators with their two targets and where they land. Administrators, executives and managers write
    them.

    A partner is told of those shared with them. The funnel of a KGI, its calculation backwards, lies below it.
    """

    serializer_class = KGISerializer
