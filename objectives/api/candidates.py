"""Candidates for a partner, for other programs: who is considered, what was noticed of them, and the decision."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.models import PLANNERS, Candidate, CandidateRating, CandidateState
from objectives.api.filters import with_words
from objectives.formulas.candidates import NO, YES
from objectives.queries.candidates import Rated
from objectives.queries.partners import partners_of
from objectives.services import candidates as services
from people.api import Adding, Changing, LineField, Noun, OfferedField
from people.api.describing import written_as
from people.models import Membership

LONGEST_WORDS = 2000


class CandidateFilters(filters.FilterSet):
    q = filters.CharFilter(method="holding", help_text="Words of its name, of any width and case.")
    state = filters.MultipleChoiceFilter(choices=CandidateState.choices)

    class Meta:
        model = Candidate
        fields: tuple[str, ...] = ()

    def holding(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return with_words(rows, "name", words)


class AnswersField(serializers.DictField):
    """Answers of the scorecard by its prompts: 0 no, 1 in part, 2 yes; what was not seen is left out."""

    child = serializers.IntegerField(min_value=NO, max_value=YES)


class CandidateRatingSerializer(serializers.ModelSerializer):
    """What one person noticed."""

    membership = serializers.IntegerField(source="membership_id")
    answers = AnswersField()
    notes = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = CandidateRating
        fields = ("id", "version", "membership", "answers", "notes", "questions", "impression", "written_at")
        read_only_fields = fields


class CandidateStandingSerializer(serializers.Serializer):
    """What everybody together saw: `share` of what could be known (0–1), null while too little is known."""

    raters = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    asked = serializers.IntegerField(help_text="Questions about the business that were asked …")
    askable = serializers.IntegerField(help_text="… of so many of which somebody knows.")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Prompts that were a warning sign.")
    disputed = serializers.ListField(child=serializers.CharField(), help_text="Prompts where one says yes, another no.")


class CandidateSerializer(serializers.ModelSerializer):
    """A company that may become a partner.

    `standing` and `ratings` are null until the asker has written their own rating, or it is decided.
    """

    partner = serializers.IntegerField(source="membership_id", allow_null=True, help_text="The partner they became.")
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True)
    created_by = serializers.IntegerField(source="created_by_id")
    standing = serializers.SerializerMethodField()
    ratings = serializers.SerializerMethodField()

    class Meta:
        model = Candidate
        fields = (
            "id",
            "version",
            "name",
            "purpose",
            "note",
            "state",
            "reason",
            "decided_by",
            "decided_at",
            "partner",
            "created_by",
            "created_at",
            "standing",
            "ratings",
        )
        read_only_fields = fields

    def rated(self, row: Candidate) -> Rated:
        return Rated(row, self.context["view"].membership)

    @extend_schema_field(CandidateStandingSerializer(allow_null=True))
    def get_standing(self, row: Candidate) -> dict[str, Any] | None:
        rated = self.rated(row)
        if not rated.is_readable:
            return None
        found = rated.standing
        return {
            "raters": found.raters,
            "share": found.share,
            "asked": found.asked,
            "askable": found.askable,
            "warnings": [each.prompt.code for each in found.warnings],
            "disputed": [each.prompt.code for each in found.disputed],
        }

    @extend_schema_field(CandidateRatingSerializer(many=True, allow_null=True))
    def get_ratings(self, row: Candidate) -> list[Any] | None:
        rated = self.rated(row)
        return list(CandidateRatingSerializer(rated.ratings, many=True).data) if rated.is_readable else None


class CandidateInput(serializers.Serializer):
    """What is written of a candidate. `state` with `reason` decides, `open` considers them again."""

    name = LineField(max_length=120)
    purpose = LineField(max_length=200, required=False, allow_blank=True)
    note = serializers.CharField(max_length=LONGEST_WORDS, required=False, allow_blank=True)
    state = serializers.ChoiceField(CandidateState.choices, required=False)
    reason = LineField(max_length=500, required=False, allow_blank=True)
    partner = OfferedField(
        lambda membership, present: partners_of(membership), Membership, required=False, allow_null=True,
        help_text="The partner they became, once they are chosen.",
    )  # fmt: skip
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first candidate.")


class CandidateRatingInput(serializers.Serializer):
    """One's own rating, all of it: what is left out was not seen."""

    answers = AnswersField(required=False)
    notes = serializers.DictField(
        child=serializers.CharField(max_length=services.LONGEST_REMARK, allow_blank=True), required=False
    )
    questions = serializers.CharField(max_length=LONGEST_WORDS, required=False, allow_blank=True)
    impression = serializers.CharField(max_length=LONGEST_WORDS, required=False, allow_blank=True)
    version = serializers.IntegerField(
        min_value=0, required=False, help_text="Of one's own rating as it was read; 0 for the first."
    )


@written_as(CandidateInput, CandidateSerializer, rate=CandidateRatingInput)
class Candidates(Adding, Changing, Noun):
    """Companies that may become partners, newest first. Partners see none."""

    queryset = Candidate.objects.order_by("-created_at", "-id")
    serializer_class = CandidateSerializer
    given_class = CandidateInput
    filterset_class = CandidateFilters
    ordering_fields = ("id", "name", "created_at", "decided_at")

    def rows(self) -> QuerySet:
        return (
            super().rows().prefetch_related(Prefetch("ratings", CandidateRating.objects.order_by("written_at", "id")))
        )

    def may_add(self) -> bool:
        return self.membership.role in PLANNERS

    @transaction.atomic
    def add(self, given: dict[str, Any]) -> Candidate:
        acts = acts_in(given)
        row, is_new = services.add_candidate(Candidate(**given), by=self.membership)
        return self.acted(row, acts, None) if is_new else row

    @transaction.atomic
    def change(self, row: Candidate, given: dict[str, Any]) -> Candidate:
        given.pop("submission_key", None)
        acts, expected = acts_in(given), self.expected_version
        if given:
            for name, value in given.items():
                setattr(row, name, value)
            row = services.save_candidate(row, by=self.membership, expected_version=expected)
            expected = None if expected is None else row.version
        return self.acted(row, acts, expected)

    def acted(self, row: Candidate, acts: dict[str, Any], expected: int | None) -> Candidate:
        """Decide and connect what was said besides the words."""
        if "state" in acts or "reason" in acts:
            if acts.get("state") == CandidateState.OPEN:
                row = services.reopen_candidate(row, by=self.membership, expected_version=expected)
            else:
                state, reason = acts.get("state", row.state), acts.get("reason", row.reason)
                row = services.decide_candidate(
                    row, state=state, reason=reason, by=self.membership, expected_version=expected
                )
            expected = None if expected is None else row.version
        if "partner" in acts:
            partner = acts["partner"]
            row = services.connect_candidate(row, partner=partner, by=self.membership, expected_version=expected)
        return row

    @action(detail=True, methods=["post"])
    def rate(self, request: Request, **address: Any) -> Response:
        """Write one's own rating, the first time or again; answers the candidate with everybody's."""
        row = self.get_object()
        given = self.given(by=CandidateRatingInput)
        services.rate_candidate(
            row,
            by=self.membership,
            answers=given.get("answers", {}),
            notes=given.get("notes", {}),
            questions=given.get("questions", ""),
            impression=given.get("impression", ""),
            expected_version=given.get("version"),
        )
        return self.answer(row)


def acts_in(given: dict[str, Any]) -> dict[str, Any]:
    """What of the body is no word but an act, taken out of it."""
    return {name: given.pop(name) for name in ("state", "reason", "partner") if name in given}
