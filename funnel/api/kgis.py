"""KGIs for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel import services
from funnel.api.funnels import FunnelInput, FunnelSerializer, funnel_of, plan_of
from funnel.api.readings import ManyReadingsAnswer, ManyReadingsInput, save_many
from funnel.fields import BASE_MISSING, SENTENCES, AmountSerializerField, ChangeReasonField
from funnel.formulas.multiples import Multiple, multiple_of, read_multiple
from funnel.models import KGI, PLANNERS
from people.access import refuse
from people.api import Adding, Changing, LineField, Noun, OfferedField, ReasonSerializer, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership
from people.queries import possible_owners
from people.services.units import unit_of_money

LARGEST_AMOUNT = Decimal("1e15")
FIGURES = ("current_value", "last_year_value", "reference_value", "must_hit_value", "challenge_value")
LONG: dict[str, Any] = {"max_length": 2000, "allow_blank": True, "required": False}


class KGISerializer(serializers.ModelSerializer):
    """The final business number of a period, with the two targets on it."""

    owner = SeenField(Membership.objects.visible_to)
    current_value = AmountSerializerField(read_only=True, allow_null=True)
    last_year_value = AmountSerializerField(read_only=True, allow_null=True)
    must_hit_value = AmountSerializerField(read_only=True, allow_null=True)
    challenge_value = AmountSerializerField(read_only=True, allow_null=True)
    reference_value = AmountSerializerField(read_only=True, allow_null=True, help_text="The industry's average.")
    monthly_weights = serializers.ListField(
        child=AmountSerializerField(),
        read_only=True,
        allow_null=True,
        help_text="January to December; null where months count alike.",
    )
    is_draft = serializers.BooleanField(read_only=True, help_text="Without a target, or without its last day.")

    class Meta:
        model = KGI
        fields = (
            "id",
            "version",
            "name",
            "unit",
            "owner",
            "period_start",
            "period_end",
            "current_value",
            "last_year_value",
            "must_hit_value",
            "challenge_value",
            "reference_value",
            "reference_source",
            "monthly_weights",
            "why",
            "picture",
            "factors_likely",
            "factors_hard",
            "is_draft",
            "created_at",
            "dropped_at",
            "dropped_reason",
        )
        read_only_fields = fields


class TargetSerializerField(AmountSerializerField):
    """An amount, or the multiple of last year or of the industry that was meant: 昨年の150%, 2x, 業界平均の3倍."""

    def to_internal_value(self, data: Any) -> Decimal | Multiple:  # type: ignore[override]
        multiple = read_multiple(data) if isinstance(data, str) else None
        return super().to_internal_value(data) if multiple is None else multiple


class KGIInput(serializers.Serializer):
    """What is written of a KGI. A target may be said as a multiple: `2x`, `昨年の150%`, `業界平均の3倍`."""

    name = LineField(max_length=120)
    unit = serializers.CharField(max_length=20, required=False)
    owner = OfferedField(possible_owners, Membership, required=False, allow_null=True)
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    current_value = AmountSerializerField(required=False, allow_null=True)
    last_year_value = AmountSerializerField(required=False, allow_null=True)
    reference_value = AmountSerializerField(required=False, allow_null=True)
    reference_source = LineField(max_length=200, allow_blank=True, required=False)  # type: ignore[assignment]
    must_hit_value = TargetSerializerField(required=False, allow_null=True)
    challenge_value = TargetSerializerField(required=False, allow_null=True)
    why = serializers.CharField(**LONG)
    picture = serializers.CharField(**LONG)
    factors_likely = serializers.CharField(**LONG)
    factors_hard = serializers.CharField(**LONG)
    reason = ChangeReasonField()
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first KGI.")
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        sent = getattr(self, "initial_data", None)
        unit = sent.get("unit") if isinstance(sent, Mapping) else None
        for name in FIGURES:
            # A number is read in the unit sent beside it, else in the one that is saved.
            self.fields[name].unit = unit if isinstance(unit, str) else getattr(self.instance, "unit", "円")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        for name in ("must_hit_value", "challenge_value"):
            multiple = given.get(name)
            if not isinstance(multiple, Multiple):
                continue
            field = f"{multiple.of}_value"
            base = given.get(field, getattr(self.instance, field, None))
            if base is None:
                raise serializers.ValidationError({name: [str(BASE_MISSING[multiple.of])]})
            given[name] = multiple_of(base, multiple.factor)
            if abs(given[name]) > LARGEST_AMOUNT:
                raise serializers.ValidationError({name: [SENTENCES["too_large"]]})
        return given


class KGIFilters(filters.FilterSet):
    owner = RowFilter(Membership.objects)
    on = filters.DateFilter(method="holding", help_text="KGIs whose period holds this day, or has no such limit.")
    draft = filters.BooleanFilter(method="unfinished", help_text="Without a target or a last day, or with both.")
    dropped = filters.BooleanFilter(
        method="as_they_are", help_text="`true` for what was taken out of the plan; left out otherwise."
    )
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = KGI
        fields: tuple[str, ...] = ()

    def holding(self, rows: QuerySet, name: str, day: Any) -> QuerySet:
        began = Q(period_start=None) | Q(period_start__lte=day)
        return rows.filter(began, Q(period_end=None) | Q(period_end__gte=day))

    def unfinished(self, rows: QuerySet, name: str, draft: bool) -> QuerySet:
        finished = KGI.objects.finished().values("pk")
        return rows.exclude(pk__in=finished) if draft else rows.filter(pk__in=finished)

    def as_they_are(self, rows: QuerySet, name: str, dropped: bool) -> QuerySet:
        return rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("dropped"):
            return rows.exclude(dropped_at=None)
        return rows.filter(dropped_at=None)


@written_as(KGIInput, KGISerializer, drop=ReasonSerializer, restore=None)
class KGIs(Adding, Changing, Noun):
    """Key goal indicators with their two targets. Administrators, executives and managers write them.

    A partner is told of those shared with them. The funnel of a KGI, its calculation backwards, lies below it.
    """

    queryset = KGI.objects.order_by("period_start", "id")
    serializer_class = KGISerializer
    given_class = KGIInput
    filterset_class = KGIFilters
    ordering_fields = ("id", "name", "period_start", "period_end", "must_hit_value", "challenge_value", "created_at")

    def rows(self) -> QuerySet:
        """Those of the plan; and those taken out of it, for whoever may bring them back."""
        visible, dropped = KGI.objects.visible_to(self.membership), KGI.objects.restorable_by(self.membership)
        return self.queryset.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=dropped.values("pk")))

    def may_add(self) -> bool:
        return self.membership.role in PLANNERS

    def add(self, given: dict[str, Any]) -> KGI:
        self.expects(given)
        given.pop("reason", None)
        organization = self.membership.organization
        fields = {"organization": organization, "owner": self.membership, "unit": unit_of_money(organization.currency)}
        return services.save_kgi(KGI(**(fields | given)), by=self.membership)

    def change(self, row: KGI, given: dict[str, Any]) -> KGI:
        expected = self.expects(given)
        given.pop("submission_key", None)
        reason = given.pop("reason", "")
        for name, value in given.items():
            setattr(row, name, value)
        return services.save_kgi(row, expected_version=expected, by=self.membership, reason=reason)

    def get_reachable(self) -> KGI:
        """The KGI, dropped or not, for whoever may take it out of the plan and bring it back."""
        row: KGI = self.get_object()
        if self.membership.role not in PLANNERS:
            refuse()
        self.refuse_stale(row)
        return row

    @action(detail=True, methods=["post"])
    def drop(self, request: Request, **address: Any) -> Response:
        """Take it out of the plan, with the reason; its funnel and its objectives stay."""
        row = self.get_reachable()
        return self.answer(services.drop_kgi(row, reason=self.given(by=ReasonSerializer)["reason"]))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **address: Any) -> Response:
        """Bring back what was dropped; harmless where nothing was."""
        return self.answer(services.restore_kgi(self.get_reachable()))

    @extend_schema(responses=FunnelSerializer)
    @action(detail=True, methods=["get"])
    def funnel(self, request: Request, **address: Any) -> Response:
        """How it is calculated backwards: the six numbers in three columns, and the chain that follows from them."""
        return self.funnel_shown(self.get_object())

    @extend_schema(request=FunnelInput, responses=FunnelSerializer)
    @funnel.mapping.put
    def save_funnel(self, request: Request, **address: Any) -> Response:
        """Write the whole plan: what is left out is empty, the number to find is found, the KGI takes its revenue."""
        kgi = self.get_object()
        if not KGI.objects.editable_by(self.membership).filter(pk=kgi.pk).exists():
            refuse()
        given = self.given(by=FunnelInput)
        versions = {"expected_version": self.expects(given), "expected_kgi_version": given.pop("kgi_version", None)}
        reason = given.pop("reason", "")
        services.save_funnel(kgi, plan_of(kgi, given), by=self.membership, reason=reason, **versions)
        return self.funnel_shown(self.get_object())

    @extend_schema(request=ManyReadingsInput, responses=ManyReadingsAnswer)
    @action(detail=True, methods=["post"])
    def readings(self, request: Request, **address: Any) -> Response:
        """Write what many of its KPIs were: all of it, or nothing where one reading is refused."""
        kgi = self.get_object()
        if not KGI.objects.editable_by(self.membership).filter(pk=kgi.pk).exists():
            refuse()
        saved = save_many(kgi, self.given(by=ManyReadingsInput)["readings"], by=self.membership)
        return Response(ManyReadingsAnswer(saved).data)

    def funnel_shown(self, kgi: KGI) -> Response:
        shown = funnel_of(kgi)
        told = FunnelSerializer(shown, context=self.get_serializer_context()).data
        return Response(told, headers={"ETag": f'"{shown["version"]}"'})

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if self.action == "save_funnel" and "current" in (response.data or {}):
            shown = self.funnel_shown(self.get_object())
            response.data["current"] = shown.data
            response["ETag"] = shown["ETag"]
        return response
