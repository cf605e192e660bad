"""The numbers behind the company dashboard, for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import queries
from dashboards.queries.sql import ZONES
from dashboards.sentences import pattern_words
from funnel.fields import AmountSerializerField
from objectives.access import choose_cycle
from objectives.api.cycles import CycleSerializer
from objectives.formulas.pace import elapsed_share
from objectives.formulas.patterns import SERIOUS
from objectives.models import Cycle, ObstacleState, Risen
from objectives.queries.bars import week_number, weeks_in
from objectives.queries.forecasts import Landing
from people.api import Door, NameField
from people.models import Membership, Organization

CYCLE = OpenApiParameter(
    "cycle", OpenApiTypes.INT, description="The cycle's id; left out, the one people work in today. 404 for an unknown."
)


def amount(**options: Any) -> AmountSerializerField:
    return AmountSerializerField(allow_null=True, **options)


class BeforeSerializer(serializers.Serializer):
    """Where a KGI was forecast to land on an earlier day."""

    date = serializers.DateField()
    p50 = amount()
    must_hit = serializers.FloatField(allow_null=True, help_text="How likely the must-hit target is reached.")
    challenge = serializers.FloatField(allow_null=True, help_text="How likely the challenge target is reached.")


class LandingSerializer(BeforeSerializer):
    """Where a KGI is forecast to land: in four of five cases between `p10` and `p90`."""

    p10 = amount()
    p90 = amount()
    levers = serializers.IntegerField(help_text="How many levers its tree has.")
    spoken = serializers.IntegerField(help_text="Of how many of them more is known than the plan's own word.")
    four_weeks_ago = BeforeSerializer(source="ago", allow_null=True)


class KGIStandingSerializer(serializers.Serializer):
    """A KGI today. `required` is where an even way from last year to the must-hit target would stand by now."""

    id = serializers.IntegerField(source="standing.kgi.pk")
    name = serializers.CharField(source="standing.kgi.name")
    unit = serializers.CharField(source="standing.kgi.unit")
    period_start = serializers.DateField(source="standing.kgi.period_start", allow_null=True)
    period_end = serializers.DateField(source="standing.kgi.period_end", allow_null=True)
    last_year = amount(source="standing.kgi.last_year_value")
    must_hit = amount(source="standing.kgi.must_hit_value")
    challenge = amount(source="standing.kgi.challenge_value")
    actual = amount(source="standing.value")
    actual_on = serializers.DateField(source="standing.read_on", allow_null=True)
    elapsed = serializers.FloatField(
        source="standing.elapsed", allow_null=True, help_text="The share of its period that is over."
    )
    required = amount(source="standing.required")  # type: ignore[assignment]
    missing = amount(source="standing.missing", help_text="The must-hit target less the actual.")
    is_reached = serializers.BooleanField(source="standing.is_reached")
    is_challenge_reached = serializers.BooleanField(source="standing.is_challenge_reached")
    forecast = LandingSerializer(allow_null=True)


class BandsSerializer(serializers.Serializer):
    """How many objectives head below, into and above the stretch band, and how many say nothing yet."""

    below = serializers.IntegerField()
    inside = serializers.IntegerField()
    above = serializers.IntegerField()
    silent = serializers.IntegerField()
    total = serializers.IntegerField()
    lower = serializers.FloatField(help_text="Where the organization's band begins.")
    upper = serializers.FloatField(help_text="Where it ends.")


class BandsThenSerializer(BandsSerializer):
    """The bands on an earlier day: `silent` is 0, because no history is kept of those that said nothing."""

    date = serializers.DateField()


class PatternSerializer(serializers.Serializer):
    """A pattern of trouble, the most serious first, in the asker's language, with the rows it speaks of."""

    code = serializers.ChoiceField(SERIOUS)
    finding = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField()
    numbers = serializers.DictField(child=serializers.FloatField())
    key_results = serializers.ListField(child=serializers.IntegerField())
    teams = serializers.ListField(child=serializers.IntegerField())
    kgi = serializers.IntegerField(allow_null=True)


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
    mine = serializers.IntegerField(help_text="How many of them wait for the asker; they stand first.")
    shown = WaitingSerializer(many=True, help_text="Up to fifty, the longest waiting first.")


class DepartmentSerializer(serializers.Serializer):
    """A child of the company with all teams below it: plain means over its objectives, and week by week."""

    team = serializers.IntegerField(source="turn.pk")
    name = serializers.CharField(source="turn.name")
    objectives = serializers.IntegerField(source="turn.objectives")
    score = serializers.FloatField(source="turn.score", allow_null=True)
    landing = serializers.FloatField(source="turn.landing", allow_null=True)
    zone = serializers.ChoiceField(ZONES, source="turn.zone")
    open = serializers.IntegerField(source="turn.open", help_text="Key results one can check in on.")
    reported = serializers.IntegerField(source="turn.reported", help_text="Those of them reported on within a week.")
    scores = serializers.ListField(source="course.scores", child=serializers.FloatField(allow_null=True))
    paces = serializers.ListField(source="course.paces", child=serializers.FloatField(allow_null=True))


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
    four_weeks_ago = BandsThenSerializer(allow_null=True)
    shift = ShiftSerializer(allow_null=True)
    movement = MovementSerializer(allow_null=True)
    obstacles = ObstaclesSerializer()
    departments = DepartmentSerializer(many=True)
    silent = SilentTeamSerializer(many=True, help_text="Up to twenty-four, in the order of the organization.")
    silent_total = serializers.IntegerField()
    patterns = PatternSerializer(many=True)


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
    seen = queries.overview(membership, cycle, today)
    has_more = cycle is not None and not seen.is_empty
    return {
        "cycle": cycle,
        "today": today,
        "week_number": week_number(cycle, today) if cycle and cycle.start <= today <= cycle.end else None,
        "week_count": weeks_in(cycle) if cycle else None,
        "elapsed": elapsed_share(cycle.span, today) if cycle else None,
        "kgis": [KGINow(row, seen.landings.get(row.kgi.pk)) for row in seen.kgis],
        "bands": bands(seen.spread.counts, organization),
        "four_weeks_ago": four_weeks_ago(seen.board, organization),
        "shift": seen.shift if has_more else None,
        "movement": seen.movement if has_more else None,
        "obstacles": seen.obstacles,
        "departments": departments(membership, cycle, seen) if cycle is not None and has_more else [],
        "silent": seen.silence.teams,
        "silent_total": seen.silence.total,
        "patterns": [told(pattern) for pattern in seen.patterns],
    }


@dataclass(frozen=True, slots=True)
class KGINow:
    """A KGI with its forecast."""

    standing: queries.KGIStanding
    forecast: Landing | None


@dataclass(frozen=True, slots=True)
class DepartmentNow:
    """A department with its way through the cycle."""

    turn: queries.Turn
    course: queries.Department


def departments(membership: Membership, cycle: Cycle, seen: queries.Overview) -> list[DepartmentNow]:
    branch = queries.side_by_side(queries.tree_of(membership), seen.departments)
    courses = {row.unit.pk: row for row in queries.courses(membership, cycle, seen.today, branch)}
    return [DepartmentNow(turn, courses[turn.pk]) for turn in seen.departments if turn.pk in courses]


def bands(counts: Mapping[str, int], organization: Organization) -> dict[str, Any]:
    return {
        "below": counts.get("below", 0),
        "inside": counts.get("in", 0),
        "above": counts.get("above", 0),
        "silent": counts.get("none", 0),
        "total": sum(counts.values()),
        "lower": organization.band_lower,
        "upper": organization.band_upper,
    }


def four_weeks_ago(board: queries.Board, organization: Organization) -> dict[str, Any] | None:
    """The bands of then: without those that said nothing yet, of which no history is kept."""
    return None if board.before is None else {"date": board.before_on, **bands(board.before, organization)}


def told(pattern: queries.Pattern) -> dict[str, Any]:
    words = pattern_words(pattern)
    return {
        "code": pattern.sign.code,
        "finding": words.finding,
        "reason": words.reason,
        "remedy": words.remedy,
        "numbers": dict(pattern.sign.numbers),
        "key_results": [row.pk for row in pattern.key_results],
        "teams": [pk for pk, _name, _count in pattern.teams],
        "kgi": pattern.kgi.kgi.pk if pattern.kgi else None,
    }
