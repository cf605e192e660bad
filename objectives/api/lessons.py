"""Lessons and experiments for other programs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from funnel.models import KPI
from objectives.api.filters import with_words
from objectives.models import Action, Cause, Cycle, Decision, Experiment, KeyResult, Lesson, Objective, Question
from objectives.services import experiments, lessons
from people.api import Adding, Changing, LineField, Noun, OfferedField, RowField, RowFilter
from people.api.describing import written_as
from people.models import Membership, Team, below
from people.queries import possible_owners


class LearnedFilters(filters.FilterSet):
    """What lists of lessons and of experiments have in common."""

    words = "title"

    q = filters.CharFilter(method="holding", help_text="Words of its text, of any width and case.")
    team = RowFilter(Team.objects, method="of_branch", help_text="A team with all teams below it.")
    key_result = RowFilter(KeyResult.objects)
    kpi = RowFilter(KPI.objects)

    def holding(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return with_words(rows, self.words, words)

    def of_branch(self, rows: QuerySet, name: str, team: Team) -> QuerySet:
        return rows.filter(team__in=below([team.pk]))


class LessonFilters(LearnedFilters):
    words = "text"

    cycle = RowFilter(Cycle.objects)
    objective = RowFilter(Objective.objects)
    question = filters.MultipleChoiceFilter(choices=Question.choices)
    cause = filters.MultipleChoiceFilter(choices=[choice for choice in Cause.choices if choice[0]])

    class Meta:
        model = Lesson
        fields: tuple[str, ...] = ()


class LessonSerializer(serializers.ModelSerializer):
    """What was learned, what to do next time, and what it is about."""

    team = serializers.IntegerField(source="team_id")
    cycle = serializers.IntegerField(source="cycle_id", allow_null=True)
    objective = serializers.IntegerField(source="objective_id", allow_null=True)
    key_result = serializers.IntegerField(source="key_result_id", allow_null=True)
    kpi = serializers.IntegerField(source="kpi_id", allow_null=True, help_text="The lever of a tree it is about.")
    retrospective = serializers.IntegerField(source="retrospective_id", allow_null=True)
    author = serializers.IntegerField(source="author_id")

    class Meta:
        model = Lesson
        fields = (
            "id",
            "version",
            "text",
            "advice",
            "question",
            "cause",
            "measure",
            "team",
            "cycle",
            "objective",
            "key_result",
            "kpi",
            "retrospective",
            "author",
            "created_at",
        )
        read_only_fields = fields


class LessonInput(serializers.Serializer):
    """What is written of a lesson. Team, cycle and lever are those of its key result or objective where left out."""

    text = LineField(max_length=300)
    advice = LineField(max_length=300, required=False, allow_blank=True)
    question = serializers.ChoiceField(Question.choices, required=False)
    cause = serializers.ChoiceField(Cause.choices, required=False, allow_blank=True)
    measure = LineField(
        max_length=120, required=False, allow_blank=True, help_text="Where no key result stands for it."
    )
    team = RowField(Team.objects, required=False)
    cycle = RowField(Cycle.objects, required=False, allow_null=True)
    objective = RowField(Objective.objects, required=False, allow_null=True)
    key_result = RowField(KeyResult.objects.select_related("objective"), required=False, allow_null=True)
    kpi = RowField(KPI.objects, required=False, allow_null=True)
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first lesson.")


@written_as(LessonInput, LessonSerializer)
class Lessons(Adding, Changing, Noun):
    """What was learned, newest first, without what was retired. Partners see none."""

    queryset = Lesson.objects.order_by("-created_at", "-id")
    serializer_class = LessonSerializer
    given_class = LessonInput
    filterset_class = LessonFilters
    ordering_fields = ("id", "created_at")

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def add(self, given: dict[str, Any]) -> Lesson:
        return lessons.add_lesson(Lesson(**given), by=self.membership)[0]

    def change(self, row: Lesson, given: dict[str, Any]) -> Lesson:
        given.pop("submission_key", None)
        for name, value in given.items():
            setattr(row, name, value)
        return lessons.save_lesson(row, by=self.membership, expected_version=self.expected_version)


class ExperimentFilters(LearnedFilters):
    owner = RowFilter(Membership.objects)
    running = filters.BooleanFilter(
        field_name="decision", method="as_decided", help_text="Those under way, or the others."
    )
    decision = filters.MultipleChoiceFilter(choices=[choice for choice in Decision.choices if choice[0]])
    ends_before = filters.DateFilter(field_name="ends_on", lookup_expr="lt")

    class Meta:
        model = Experiment
        fields: tuple[str, ...] = ()

    def as_decided(self, rows: QuerySet, name: str, running: bool) -> QuerySet:
        return rows.running() if running else rows.exclude(decision=Decision.OPEN)  # type: ignore[attr-defined]


class ExperimentSerializer(serializers.ModelSerializer):
    """A small trial: what is tried, by what one will know, what came out, and what follows from it."""

    team = serializers.IntegerField(source="team_id")
    owner = serializers.IntegerField(source="owner_id")
    key_result = serializers.IntegerField(source="key_result_id", allow_null=True)
    kpi = serializers.IntegerField(source="kpi_id", allow_null=True)
    action = serializers.IntegerField(source="action_id", allow_null=True, help_text="What it is a small trial of.")
    follows = serializers.IntegerField(source="follows_id", allow_null=True, help_text="What it tries again.")
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True)

    class Meta:
        model = Experiment
        fields = (
            "id",
            "version",
            "title",
            "hypothesis",
            "sign",
            "team",
            "owner",
            "key_result",
            "kpi",
            "action",
            "starts_on",
            "ends_on",
            "result",
            "decision",
            "decided_on",
            "decided_by",
            "follows",
            "created_at",
        )
        read_only_fields = fields


class ExperimentInput(serializers.Serializer):
    """What is written of an experiment. `decision` with `result` decides it; an empty one lets it go on."""

    title = LineField(max_length=200)
    hypothesis = LineField(max_length=300, required=False, allow_blank=True)
    sign = LineField(max_length=200, required=False, allow_blank=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    team = RowField(Team.objects, required=False)
    owner = OfferedField(possible_owners, Membership, required=False)
    key_result = RowField(KeyResult.objects.select_related("objective__team"), required=False, allow_null=True)
    kpi = RowField(KPI.objects, required=False, allow_null=True)
    action = RowField(Action.objects.select_related("team", "key_result"), required=False, allow_null=True)
    result = LineField(max_length=500, required=False, allow_blank=True)
    decision = serializers.ChoiceField(Decision.choices, required=False, allow_blank=True)
    follows = RowField(Experiment.objects, required=False, allow_null=True, help_text="Only of a new one.")
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first experiment.")


@written_as(ExperimentInput, ExperimentSerializer)
class Experiments(Adding, Changing, Noun):
    """Small trials, the latest first, without what was taken back. Partners see none."""

    queryset = Experiment.objects.order_by("-starts_on", "-id")
    serializer_class = ExperimentSerializer
    given_class = ExperimentInput
    filterset_class = ExperimentFilters
    ordering_fields = ("id", "starts_on", "ends_on", "decided_on", "created_at")

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def add(self, given: dict[str, Any]) -> Experiment:
        decision, result = given.pop("decision", Decision.OPEN), given.pop("result", "")
        with transaction.atomic():
            row, is_new = experiments.add_experiment(Experiment(**given), by=self.membership)
            return self.decided(row, decision, result) if is_new and (decision or result) else row

    def change(self, row: Experiment, given: dict[str, Any]) -> Experiment:
        for name in ("submission_key", "follows"):
            given.pop(name, None)
        said = {name: given.pop(name) for name in ("decision", "result") if name in given}
        expected = self.expected_version
        with transaction.atomic():
            if given:
                for name, value in given.items():
                    setattr(row, name, value)
                row = experiments.save_experiment(row, by=self.membership, expected_version=expected)
                expected = row.version
            if not said:
                return row
            decision, result = said.get("decision", row.decision), said.get("result", row.result)
            return self.decided(row, decision, result, expected)

    def decided(self, row: Experiment, decision: str, result: str, expected: int | None = None) -> Experiment:
        return experiments.decide_experiment(
            row, decision=decision, result=result, by=self.membership, expected_version=expected
        )
