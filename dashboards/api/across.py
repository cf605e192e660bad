"""The numbers of the page across cycles, for other programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.figures import BINS
from dashboards.formulas.goal_setting import CODES
from dashboards.formulas.reliability import FEWEST, Reliability
from dashboards.presenters.across import KINDS
from dashboards.presenters.across_words import habit_words
from dashboards.queries.across import AT_FIRST, MOST_AT_ALL, POINTS, Across, CycleEnds, Ends, across, choose_cycles
from dashboards.queries.branches import branch as branch_of
from dashboards.queries.foretold import Foretold, foretold
from dashboards.queries.promised import promises
from objectives.api.cycles import CycleSerializer
from people.access import read_id
from people.api import Door

TEAM = OpenApiParameter(
    "team", OpenApiTypes.INT, description="Only this team and those below it. 404 for one the asker does not see."
)
KIND = OpenApiParameter(
    "kind", {"type": "string", "enum": sorted(KINDS.values())}, description="Left out, quarters where there are any."
)
LAST = OpenApiParameter(
    "last",
    {"type": "integer", "minimum": 1, "maximum": MOST_AT_ALL, "default": AT_FIRST},
    description="How many cycles that have begun, counted back from the latest.",
)


class AskedSerializer(serializers.Serializer):
    """What the address may ask."""

    kind = serializers.ChoiceField(sorted(KINDS.values()), required=False)
    last = serializers.IntegerField(min_value=1, max_value=MOST_AT_ALL, default=AT_FIRST)


class EndsSerializer(serializers.Serializer):
    """How the objectives of one intent ended, by their grades, or where they are heading while the cycle runs."""

    total = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True)
    below = serializers.IntegerField()
    inside = serializers.IntegerField(help_text="In the band; of committed ones, on their mark.")
    above = serializers.IntegerField()
    silent = serializers.IntegerField(help_text="Without any report.")
    twentieths = serializers.ListField(
        child=serializers.IntegerField(), help_text="How many lie in each twentieth of 0–1; the last holds 1.0."
    )


class CycleEndsSerializer(serializers.Serializer):
    """A cycle against the band. `changed` of its `graded` objectives have a grade that differs from their score."""

    cycle = CycleSerializer()
    is_over = serializers.BooleanField()
    aspirational = EndsSerializer()
    committed = EndsSerializer()
    graded = serializers.IntegerField()
    changed = serializers.IntegerField()


class CellSerializer(serializers.Serializer):
    """The cases of one part of the scale: the mean chance said of them, and how many came true."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    cases = serializers.IntegerField()
    said = serializers.FloatField()
    right = serializers.IntegerField()
    is_few = serializers.BooleanField(help_text=f"Fewer than {FEWEST} cases: too few to judge.")


class ReliabilitySerializer(serializers.Serializer):
    """Stated chances against what came true. `brier` is best at 0; `baseline` is what the average alone would have."""

    cells = CellSerializer(many=True)
    cases = serializers.IntegerField()
    brier = serializers.FloatField(allow_null=True)
    baseline = serializers.FloatField(allow_null=True)


class ConfidenceSerializer(ReliabilitySerializer):
    """The last confidence stated by a point of the way, 7 being read as 0.7."""

    elapsed = serializers.FloatField(help_text="The share of the cycle that was over.")
    is_drawn = serializers.BooleanField(help_text="Whether key results were drawn by lot, being too many.")


class ForecastSerializer(ReliabilitySerializer):
    """The chance to end well as the forecast would have said it half-way."""

    is_drawn = serializers.BooleanField(help_text="Whether key results were drawn by lot, being too many.")


class PromiseSerializer(serializers.Serializer):
    """A KGI's target whose period is over: how likely it was said to be reached half-way, and whether it was."""

    kgi = serializers.IntegerField(source="kgi.pk")
    is_challenge = serializers.BooleanField()
    said_on = serializers.DateField()
    chance = serializers.FloatField()
    is_reached = serializers.BooleanField()


class SkillSerializer(serializers.Serializer):
    """Of `ended` goals so many were `well` set; `apart` is the mean confidence half-way less the share that came."""

    cycle = serializers.IntegerField()
    ended = serializers.IntegerField()
    well = serializers.IntegerField()
    apart = serializers.FloatField(allow_null=True)
    is_few = serializers.BooleanField()


class UnitSerializer(serializers.Serializer):
    """A team with all below it, or its own goals alone, cycle by cycle, the oldest first."""

    team = serializers.IntegerField()
    name = serializers.CharField()
    is_own = serializers.BooleanField()
    cycles = SkillSerializer(many=True)


class HabitSerializer(serializers.Serializer):
    """A pattern that comes back in a team's cycles, with the cycles that show it."""

    team = serializers.IntegerField()
    name = serializers.CharField()
    code = serializers.ChoiceField(CODES)
    finding = serializers.CharField()
    remedy = serializers.CharField()
    cycles = serializers.ListField(child=serializers.IntegerField())
    judged = serializers.IntegerField()


class AcrossSerializer(serializers.Serializer):
    """Several cycles, the latest first. Confidence, forecast, habits and skill speak of those that are over."""

    kind = serializers.ChoiceField(sorted(KINDS.values()))
    older = serializers.IntegerField(help_text="How many older cycles were left out.")
    cycles = CycleEndsSerializer(many=True)
    confidence = ConfidenceSerializer(many=True)
    forecast = ForecastSerializer(allow_null=True)
    kgis = PromiseSerializer(many=True, help_text="The latest first; empty where a team was asked for.")
    units = UnitSerializer(many=True, help_text="In the order of the organization.")
    habits = HabitSerializer(many=True, help_text="In the order of the organization.")


class AcrossCycles(Door):
    """How goals ended over several cycles, what confidence and forecast were worth, and which habits come back.

    It speaks of teams and never of persons; it is no ranking. Partners have none: 404.
    """

    @extend_schema(parameters=[TEAM, KIND, LAST], responses=AcrossSerializer)
    def get(self, request: Request, slug: str) -> Response:
        membership = self.membership
        team = request.query_params.get("team", "")
        branch = None if membership.is_partner else branch_of(membership, read_id(team) or 0 if team else None)
        if branch is None:
            raise Http404
        given = AskedSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked, today = given.validated_data, membership.organization.today
        wants_long = {name: long for long, name in KINDS.items()}.get(asked.get("kind", ""))
        chosen = choose_cycles(membership, today, wants_long=wants_long, most=asked["last"])
        seen = across(membership, chosen, today, branch)
        told = foretold(membership, seen.over, branch, seen.reported) if seen.over else None
        kept = promises(membership, today).kept if branch.is_whole else ()
        shown = AcrossSerializer(numbers(seen, told) | {"kgis": kept}, context={"view": self})
        return Response(shown.data)


def numbers(seen: Across, told: Foretold | None) -> dict[str, Any]:
    """What the page shows, in numbers."""
    return {
        "kind": KINDS[seen.chosen.is_long],
        "older": seen.chosen.older,
        "cycles": [cycle_numbers(each) for each in seen.ends],
        "confidence": [
            {"elapsed": share, "is_drawn": seen.is_drawn, **reliability_numbers(found)}
            for share, found in zip(POINTS, seen.confidences, strict=False)
        ],
        "forecast": None if told is None else {"is_drawn": told.is_drawn, **reliability_numbers(told.told)},
        "units": [
            {
                "team": row.unit.pk,
                "name": row.unit.name,
                "is_own": row.unit.is_own,
                "cycles": [
                    {
                        "cycle": cycle.pk,
                        "ended": skill.ended,
                        "well": skill.well,
                        "apart": skill.apart,
                        "is_few": skill.is_few,
                    }
                    for cycle, skill in zip(seen.over, row.skills, strict=True)
                ],
            }
            for row in seen.units
        ],
        "habits": [
            {
                "team": row.team,
                "name": row.name,
                "code": habit.code,
                "finding": habit_words(habit.code).finding,
                "remedy": habit_words(habit.code).remedy,
                "cycles": [cycle.pk for cycle in cycles],
                "judged": habit.judged,
            }
            for row in seen.habits
            for habit, cycles in row.habits
        ],
    }


def cycle_numbers(each: CycleEnds) -> dict[str, Any]:
    return {
        "cycle": each.cycle,
        "is_over": each.is_over,
        "aspirational": ends_numbers(each.aspirational),
        "committed": ends_numbers(each.committed),
        "graded": each.graded,
        "changed": each.changed,
    }


def ends_numbers(ends: Ends) -> dict[str, Any]:
    return {
        "total": ends.total,
        "median": ends.median,
        "below": ends.counts["below"],
        "inside": ends.counts["in"],
        "above": ends.counts["above"],
        "silent": ends.counts["none"],
        "twentieths": [sum(ends.piles.get(bin_, {}).values()) for bin_ in range(BINS + 1)],
    }


def reliability_numbers(found: Reliability) -> dict[str, Any]:
    return {
        "cells": found.cells,
        "cases": found.cases,
        "brier": found.brier,
        "baseline": found.baseline,
    }
