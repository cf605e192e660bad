"""The numbers behind the company dashboard, for other programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import queries
from funnel.fields import AmountSerializerField
from objectives.access import choose_cycle
from objectives.api.cycles import CycleSerializer
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle, ObstacleState, Risen
from objectives.queries.bars import week_number, weeks_in
from people.api import Door, NameField
from people.models import Membership

CYCLE = OpenApiParameter(
    "cycle", OpenApiTypes.INT, description="The cycle's id; left out, the one people work in today. 404 for an unknown."
)
ZONES = ("below", "in", "above", "none")


def amount(**options: Any) -> AmountSerializerField:
    return AmountSerializerField(allow_null=True, **options)


class KGIStandingSerializer(serializers.Serializer):
    """A KGI today. `required` is where an even way from last year to the must-hit target would stand by now."""

    id = serializers.IntegerField(source="kgi.pk")
    name = serializers.CharField(source="kgi.name")
    unit = serializers.CharField(source="kgi.unit")
    period_start = serializers.DateField(source="kgi.period_start", allow_null=True)
    period_end = serializers.DateField(source="kgi.period_end", allow_null=True)
    last_year = amount(source="kgi.last_year_value")
    must_hit = amount(source="kgi.must_hit_value")
    challenge = amount(source="kgi.challenge_value")
    actual = amount(source="value")
    actual_on = serializers.DateField(source="read_on", allow_null=True)
    elapsed = serializers.FloatField(allow_null=True, help_text="The share of its period that is over.")
    required = amount()  # type: ignore[assignment]
    missing = amount(help_text="The must-hit target less the actual.")
    is_reached = serializers.BooleanField()
    is_challenge_reached = serializers.BooleanField()


class BandsSerializer(serializers.Serializer):
    """How many objectives head below, into and above the stretch band, and how many say nothing yet."""

    below = serializers.IntegerField()
    inside = serializers.IntegerField()
    above = serializers.IntegerField()
    silent = serializers.IntegerField()
    total = serializers.IntegerField()
    lower = serializers.FloatField(help_text="Where the organization's band begins.")
    upper = serializers.FloatField(help_text="Where it ends.")


class ShiftSerializer(serializers.Serializer):
    """How many objectives changed sides of the band since a day."""

    since = serializers.DateField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    into_band = serializers.IntegerField()


class MoverSerializer(serializers.Serializer):
    """A key result whose landing changed, and by how much."""

    key_result = serializers.IntegerField(source="key_result.pk")
    objective = serializers.IntegerField(source="key_result.objective_id")
    title = serializers.CharField(source="key_result.title")
    landing = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(source="delta")
    before = amount(help_text="The value it had then, in its own unit.")
    unit = serializers.CharField(source="key_result.unit")


class MovementSerializer(serializers.Serializer):
    """The key results that moved most since a day: the risen first, up to three each way."""

    since = serializers.DateField()
    risen = serializers.IntegerField()
    fallen = serializers.IntegerField()
    movers = MoverSerializer(many=True)


class WaitingSerializer(serializers.Serializer):
    """What is in the way of a key result, with the check-in that named it."""

    id = serializers.IntegerField(source="obstacle.pk")
    state = serializers.ChoiceField(ObstacleState.choices, source="obstacle.state")
    risen_to = serializers.ChoiceField(Risen.choices, source="obstacle.risen_to", allow_blank=True)
    key_result = serializers.IntegerField(source="obstacle.key_result_id")
    objective = serializers.IntegerField(source="obstacle.key_result.objective_id")
    title = serializers.CharField(source="obstacle.key_result.title")
    check_in = serializers.IntegerField(source="obstacle.check_in_id", allow_null=True)
    obstacle = serializers.CharField(source="obstacle.text")
    next_step = serializers.CharField(source="obstacle.check_in.next_step", allow_blank=True, default="")
    author = NameField(source="obstacle.raised_by")
    date = serializers.DateField(source="obstacle.raised_on")
    days = serializers.IntegerField(help_text="How long it has been waiting.")


class ObstaclesSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    shown = WaitingSerializer(many=True, help_text="Up to fifty, the longest waiting first.")


class DepartmentSerializer(serializers.Serializer):
    """A child of the company with all teams below it: plain means over its objectives, and week by week."""

    team = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    objectives = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    landing = serializers.FloatField(allow_null=True)
    zone = serializers.ChoiceField(ZONES)
    open = serializers.IntegerField(help_text="Key results one can check in on.")
    reported = serializers.IntegerField(help_text="Those of them reported on within a week.")
    scores = serializers.ListField(child=serializers.FloatField(allow_null=True))
    paces = serializers.ListField(child=serializers.FloatField(allow_null=True))


class SilentTeamSerializer(serializers.Serializer):
    """A team not heard from: nothing said for a week, or check-ins owed since before today."""

    team = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    last = serializers.DateField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)


class DashboardSerializer(serializers.Serializer):
    """The company dashboard in numbers. Without a cycle, and before an objective is active, only KGIs are told of."""

    cycle = CycleSerializer(allow_null=True)
    today = serializers.DateField()
    week_number = serializers.IntegerField(allow_null=True, help_text="The cycle's week it is, null outside of it.")
    week_count = serializers.IntegerField(allow_null=True)
    elapsed = serializers.FloatField(allow_null=True, help_text="The share of the cycle that is over.")
    kgis = KGIStandingSerializer(many=True)
    bands = BandsSerializer()
    shift = ShiftSerializer(allow_null=True)
    movement = MovementSerializer(allow_null=True)
    obstacles = ObstaclesSerializer()
    departments = DepartmentSerializer(many=True)
    silent = SilentTeamSerializer(many=True)


class Dashboard(Door):
    """The numbers behind the company dashboard: KGIs, the band, what moved, what is in the way, departments.

    Everybody may read it, as on its page. All of it is counted from what the asker may see, so a partner's holds the
    shared branches alone.
    """

    @extend_schema(parameters=[CYCLE], responses=DashboardSerializer)
    def get(self, request: Request, slug: str) -> Response:
        cycle = choose_cycle(request, self.membership)  # type: ignore[arg-type]
        shown = DashboardSerializer(numbers(self.membership, cycle), context={"view": self})
        return Response(shown.data)


def numbers(membership: Membership, cycle: Cycle | None) -> dict[str, Any]:
    """What the page shows, in numbers."""
    organization, today = membership.organization, membership.organization.today
    spread = queries.distribution(membership, cycle) if cycle else None
    counts = spread.counts if spread else dict.fromkeys(ZONES, 0)
    shown: dict[str, Any] = {
        "cycle": cycle,
        "today": today,
        "week_number": week_number(cycle, today) if cycle and cycle.start <= today <= cycle.end else None,
        "week_count": weeks_in(cycle) if cycle else None,
        "elapsed": elapsed_share(cycle.span, today) if cycle else None,
        "kgis": queries.kgis(membership, cycle, today),
        "bands": {
            "below": counts["below"],
            "inside": counts["in"],
            "above": counts["above"],
            "silent": counts["none"],
            "total": sum(counts.values()),
            "lower": organization.band_lower,
            "upper": organization.band_upper,
        },
        "shift": None,
        "movement": None,
        "obstacles": queries.Obstacles(),
        "departments": [],
        "silent": [],
    }
    if cycle is not None and spread is not None and spread.total:
        departments, silent = queries.teams(membership, cycle, today)
        shown |= {
            "shift": queries.shift(membership, cycle, today),
            "movement": queries.movement(membership, cycle, today),
            "obstacles": queries.obstacles(membership, cycle, today),
            "departments": departments,
            "silent": silent,
        }
    return shown
