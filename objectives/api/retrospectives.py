"""Retrospectives and their notes for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from objectives.models import (
    Cause,
    Cycle,
    KeyResult,
    Objective,
    Question,
    Retrospective,
    RetrospectiveNote,
    RetrospectiveVote,
    Stage,
)
from objectives.queries.meetings import teams_meeting_with
from objectives.queries.retrospectives import COUNTED, objectives_to_look_back_at
from objectives.services.retrospective_notes import add_note
from objectives.services.retrospectives import start_retrospective
from people.access import refuse
from people.api import Adding, Nested, Noun, RowField, RowFilter
from people.api.describing import written_as
from people.models import Membership, Role, Team


class RetrospectiveSerializer(serializers.ModelSerializer):
    """One look back. `objective` is null where it is about the team's whole cycle; `present` is known once it ended."""

    cycle = serializers.IntegerField(source="cycle_id", read_only=True)
    team = serializers.IntegerField(source="team_id", read_only=True)
    objective = serializers.IntegerField(source="objective_id", read_only=True, allow_null=True)
    facilitator = serializers.IntegerField(source="facilitator_id", read_only=True)
    stage = serializers.ChoiceField(Stage.choices, read_only=True)
    present = serializers.SerializerMethodField()
    notes = serializers.IntegerField(source="note_count", read_only=True, help_text="How many notes there are.")

    class Meta:
        model = Retrospective
        fields = (
            "id",
            "version",
            "cycle",
            "team",
            "objective",
            "facilitator",
            "stage",
            "votes_each",
            "timer_ends_at",
            "notes",
            "summary",
            "present",
            "started_at",
            "ended_at",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_present(self, row: Retrospective) -> list[int]:
        return row.kept.get("present", []) if not row.is_running else []


class RetrospectiveInput(serializers.Serializer):
    """What people look back at: an objective, or a team's cycle."""

    cycle = RowField(Cycle.objects, required=False)
    team = RowField(Team.objects, required=False)
    objective = RowField(Objective.objects.select_related("cycle", "team"), required=False)
    facilitator = RowField(Membership.objects, required=False, help_text="The asker, where nobody is named.")
    votes_each = serializers.IntegerField(min_value=1, max_value=10, required=False, default=3)
    submission_key = serializers.UUIDField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "objective" in given:
            return given | {"cycle": given["objective"].cycle, "team": given["objective"].team}
        missing = {name: [_("Say what you look back at.")] for name in ("cycle", "team") if name not in given}
        if missing:
            raise serializers.ValidationError(missing)
        return given

    def validate_facilitator(self, person: Membership) -> Membership:
        if person.role == Role.PARTNER or person.left_on is not None:
            raise serializers.ValidationError(_("Choose somebody of this company."))
        return person


class RetrospectiveFilters(filters.FilterSet):
    cycle = RowFilter(Cycle.objects)
    team = RowFilter(Team.objects)
    objective = RowFilter(Objective.objects)
    stage = filters.MultipleChoiceFilter(choices=Stage.choices)

    class Meta:
        model = Retrospective
        fields: tuple[str, ...] = ()


@written_as(RetrospectiveInput, RetrospectiveSerializer)
class Retrospectives(Adding, Noun):
    """Looks back at a team's cycle or at one objective, newest first. A partner sees none.

    They are led through their stages on the page. Posting one that was begun already answers that one.
    """

    queryset = Retrospective.objects.order_by("-started_at", "-id")
    serializer_class = RetrospectiveSerializer
    given_class = RetrospectiveInput
    filterset_class = RetrospectiveFilters
    ordering_fields = ("id", "started_at", "ended_at")

    def rows(self) -> QuerySet:
        standing = RetrospectiveNote.objects.filter(retrospective=OuterRef("pk"), withdrawn_at=None).order_by()
        counted = standing.values("retrospective").annotate(number=Count("pk")).values("number")
        return super().rows().annotate(note_count=Subquery(counted))

    def may_add(self) -> bool:
        return not self.membership.is_partner

    def add(self, given: dict[str, Any]) -> Retrospective:
        objective = given.get("objective")
        if objective is not None:
            is_own = objectives_to_look_back_at(self.membership).filter(pk=objective.pk).exists()
        else:
            is_own = teams_meeting_with(self.membership).filter(pk=given["team"].pk).exists()
        if not is_own:
            refuse()
        return start_retrospective(**given, by=self.membership)[0]


class RetrospectiveNoteSerializer(serializers.ModelSerializer):
    """One note. `under` is the note it was laid on, `votes` are told once voting has ended. Notes bear no names."""

    question = serializers.ChoiceField(Question.choices, read_only=True)
    cause = serializers.ChoiceField(Cause.choices, read_only=True)
    key_result = serializers.IntegerField(source="key_result_id", read_only=True, allow_null=True)
    under = serializers.IntegerField(source="under_id", read_only=True, allow_null=True)
    is_own = serializers.SerializerMethodField()
    votes = serializers.SerializerMethodField()

    class Meta:
        model = RetrospectiveNote
        fields = ("id", "version", "question", "text", "cause", "key_result", "under", "is_own", "votes", "created_at")
        read_only_fields = fields

    def get_is_own(self, note: RetrospectiveNote) -> bool:
        return note.author_id == self.context["view"].membership.pk

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_votes(self, note: RetrospectiveNote) -> int | None:
        return getattr(note, "vote_count", 0) or 0 if self.context["view"].parent.stage in COUNTED else None


class RetrospectiveNoteInput(serializers.Serializer):
    question = serializers.ChoiceField(Question.choices)
    text = serializers.CharField(max_length=300)
    cause = serializers.ChoiceField(Cause.choices, required=False, allow_blank=True)
    key_result = RowField(KeyResult.objects.select_related("objective"), required=False, allow_null=True)
    submission_key = serializers.UUIDField(required=False)


@written_as(RetrospectiveNoteInput, RetrospectiveNoteSerializer)
class RetrospectiveNotes(Nested, Adding, Noun):
    """The notes of a retrospective, oldest first. While people write, everybody is answered only their own.

    A repeated `submission_key` is answered by the first note. None is added once people vote.
    """

    queryset = RetrospectiveNote.objects.order_by("id")
    serializer_class = RetrospectiveNoteSerializer
    given_class = RetrospectiveNoteInput
    parents = Retrospective.objects
    parent_field = "retrospective"
    ordering_fields = ("id", "created_at")

    def rows(self) -> QuerySet:
        given = RetrospectiveVote.objects.filter(note=OuterRef("pk")).order_by().values("note")
        return super().rows().annotate(vote_count=Subquery(given.annotate(number=Count("pk")).values("number")))

    def may_add(self) -> bool:
        return Retrospective.objects.editable_by(self.membership).filter(pk=self.parent.pk).exists()

    def add(self, given: dict[str, Any]) -> RetrospectiveNote:
        return add_note(self.parent, by=self.membership, **given)[0]
