"""Comments for other programs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from objectives.models import CheckIn, Comment, CommentKind, KeyResult, Objective, Obstacle
from objectives.queries.comments import may_talk, objective_of
from objectives.services.comments import add_comment, change_comment, restore_comment, withdraw_comment
from objectives.services.obstacles import answer_obstacle, offer_help
from people.access import refuse
from people.api import Adding, Changing, NameField, Noun, RowField, RowFilter, SeenField
from people.api.describing import written_as
from people.models import Membership, Role
from people.refusals import Refusal

PLACES = ("obstacle", "check_in", "key_result", "objective")
ANSWERING = (Role.MANAGER, Role.EXECUTIVE, Role.ADMIN)


class CommentSerializer(serializers.ModelSerializer):
    """Words about an objective, or about one of its key results, check-ins or obstacles."""

    author = SeenField(Membership.objects.visible_to)
    author_name = NameField(source="author")

    class Meta:
        model = Comment
        fields = (
            "id",
            "version",
            "objective",
            "key_result",
            "check_in",
            "obstacle",
            "kind",
            "author",
            "author_name",
            "text",
            "created_at",
            "edited_at",
            "withdrawn_at",
        )


class CommentInput(serializers.Serializer):
    """A new comment names one thing it is about. `@` with a name tells that person; `kind` is for obstacles."""

    objective = RowField(Objective.objects, required=False)
    key_result = RowField(KeyResult.objects.select_related("objective"), required=False)
    check_in = RowField(CheckIn.objects.select_related("key_result__objective"), required=False)
    obstacle = RowField(Obstacle.objects.select_related("key_result__objective"), required=False)
    kind = serializers.ChoiceField(CommentKind.choices, required=False, default=CommentKind.COMMENT)
    text = serializers.CharField(max_length=2000)
    submission_key = serializers.UUIDField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if sum(name in given for name in PLACES) != 1:
            raise serializers.ValidationError({"objective": [_("Name one thing that the comment is about.")]})
        if given["kind"] != CommentKind.COMMENT and "obstacle" not in given:
            raise serializers.ValidationError({"kind": [_("Only an obstacle is answered or helped with.")]})
        return given


class CommentChange(serializers.Serializer):
    """One's own words, said better."""

    text = serializers.CharField(max_length=2000)
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


class CommentFilters(filters.FilterSet):
    objective = RowFilter(Objective.objects, help_text="All that was said about it and what belongs to it.")
    key_result = RowFilter(KeyResult.objects)
    check_in = RowFilter(CheckIn.objects)
    obstacle = RowFilter(Obstacle.objects)
    author = RowFilter(Membership.objects)
    kind = filters.MultipleChoiceFilter(choices=CommentKind.choices)

    class Meta:
        model = Comment
        fields: tuple[str, ...] = ()


@written_as(CommentInput, CommentSerializer)
class Comments(Adding, Changing, Noun):
    """What people said, oldest first. A repeated `submission_key` is answered by the first comment.

    One changes and takes back one's own; what was taken back is answered to its author alone, who can restore it.
    """

    queryset = Comment.objects.order_by("created_at", "id")
    serializer_class = CommentSerializer
    given_class = CommentInput
    filterset_class = CommentFilters
    ordering_fields = ("id", "created_at")

    def rows(self) -> QuerySet:
        rows = super().rows().select_related("author__user")
        return rows.filter(Q(withdrawn_at=None) | Q(author=self.membership.pk))

    def add(self, given: dict[str, Any]) -> Comment:
        about = next(given[name] for name in PLACES if name in given)
        if not may_talk(self.membership, objective_of(about).pk):
            refuse()
        words = {"by": self.membership, "text": given["text"], "submission_key": given.get("submission_key")}
        match given["kind"]:
            case CommentKind.OFFER:
                return offer_help(about, **words)
            case CommentKind.ANSWER:
                if self.membership.role not in ANSWERING:
                    refuse()
                return answer_obstacle(about, **words)
        return add_comment(about, **words)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        if row.author_id != self.membership.pk or not may_talk(self.membership, row.objective_id):
            refuse()
        _wrong = self.expected_version
        given = self.given(row, by=CommentChange)
        expected = self.expects(given)
        return self.answer(self.change(row, {**given, "expected": expected}))

    def change(self, row: Comment, given: dict[str, Any]) -> Comment:
        if "text" not in given:
            raise Refusal.of_field("text", "text_missing", _("Write a word or two."))
        return change_comment(row, by=self.membership, text=given["text"], expected_version=given["expected"])

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take words back; they are answered as they were."""
        return self.shown(withdraw_comment(self.get_editable(), by=self.membership))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(restore_comment(self.get_editable(), by=self.membership))
