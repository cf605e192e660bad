"""Objectives for other programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.fields import AmountSerializerField
from funnel.models import KGI
from objectives import services
from objectives.access import teams_planned_by, teams_seen_by
from objectives.api.filters import ObjectiveFilters
from objectives.api.key_results import KeyResultSerializer, shown_steps
from objectives.models import (
    Alignment,
    Cycle,
    Grade,
    Health,
    Intent,
    KeyResult,
    Level,
    Link,
    Objective,
    ObjectiveState,
    Outcome,
)
from objectives.services.alignment import same_parent
from objectives.services.rules import kgis_offered, level_of, owners_of_objective
from people.access import get_visible, read_id, refuse
from people.api import (
    Adding,
    Changing,
    LineField,
    Noun,
    OfferedField,
    QuickMixin,
    ReasonSerializer,
    RowField,
    SeenField,
    WordField,
    at_most,
    is_told,
)
from people.api.describing import written_as
from people.models import Membership, Team
from people.refusals import Refusal

MOST_PARENTS = 50


class ParentSerializer(serializers.Serializer):
    """What an objective helps: another objective or one of its key results, one of the two is named."""

    objective = serializers.IntegerField(required=False)
    key_result = serializers.IntegerField(required=False)
    link = serializers.ChoiceField(Link.choices)
    weight = serializers.FloatField(allow_null=True)


def standing_parents() -> QuerySet[Alignment]:
    """The connections to what was not dropped."""
    return (
        Alignment.objects.filter(
            Q(parent_objective__isnull=False, parent_objective__dropped_at=None)
            | Q(
                parent_key_result__isnull=False,
                parent_key_result__dropped_at=None,
                parent_key_result__objective__dropped_at=None,
            )
        )
        .select_related("parent_key_result")
        .order_by("pk")
    )


def parents_told(view: Any, alignments: Any) -> list[dict[str, Any]]:
    """The connections as they are answered; of those above the share a partner hears nothing."""
    told = []
    for row in alignments:
        of_key_result = row.parent_key_result
        above = of_key_result.objective_id if of_key_result else row.parent_objective_id
        if is_told(view, Objective.objects.visible_to, above):
            parent = {"key_result": of_key_result.pk} if of_key_result else {"objective": above}
            told.append(parent | {"link": row.link, "weight": row.weight})
    return told


class GradeSerializer(QuickMixin, serializers.ModelSerializer):
    """How it ended: `score` is what counts, `computed` unless people said another with a reason."""

    score = serializers.FloatField(read_only=True, allow_null=True)
    outcome = WordField(Outcome.choices, read_only=True)

    class Meta:
        model = Grade
        fields = ("score", "computed", "override", "reason", "outcome", "outcome_reason", "graded_at")
        read_only_fields = fields


class ObjectiveSerializer(QuickMixin, serializers.ModelSerializer):
    """An objective with its key results and where it stands."""

    cycle = serializers.IntegerField(source="cycle_id", read_only=True)
    team = SeenField(teams_seen_by)
    owner = SeenField(Membership.objects.visible_to)
    kgi = SeenField(KGI.objects.visible_to)
    parents = serializers.SerializerMethodField()
    score = serializers.FloatField(source="scored.score", read_only=True, allow_null=True)
    pace = serializers.FloatField(source="scored.pace", read_only=True, allow_null=True)
    landing = serializers.FloatField(source="scored.landing", read_only=True, allow_null=True)
    health = serializers.ChoiceField(Health.choices, source="scored.health", read_only=True, default=Health.NOT_STARTED)
    grade = GradeSerializer(read_only=True, allow_null=True)
    key_results = KeyResultSerializer(source="standing_key_results", many=True, read_only=True)

    class Meta:
        model = Objective
        fields = (
            "id",
            "version",
            "cycle",
            "title",
            "why",
            "kind",
            "state",
            "level",
            "team",
            "owner",
            "parents",
            "kgi",
            "score",
            "pace",
            "landing",
            "health",
            "grade",
            "key_results",
            "position",
            "created_at",
            "activated_on",
            "dropped_at",
            "dropped_reason",
        )
        read_only_fields = fields

    @extend_schema_field(ParentSerializer(many=True))
    def get_parents(self, objective: Objective) -> list[dict[str, Any]]:
        return parents_told(self.context["view"], objective.standing_parents)  # type: ignore[attr-defined]


class ParentInput(serializers.Serializer):
    """What an objective is to help: name either `objective` or `key_result`.

    Left out, the weight counts like that of one of the parent's key results; only who may edit the parent gives one.
    """

    objective = RowField(Objective.objects, required=False, allow_null=True)
    key_result = RowField(KeyResult.objects, required=False, allow_null=True)
    link = serializers.ChoiceField(Link.choices, default=Link.CONTRIBUTES)
    weight = AmountSerializerField(required=False, allow_null=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given.get("objective")) == bool(given.get("key_result")):
            raise serializers.ValidationError(_("Name either an objective or a key result."))
        return given


def help_of(given: dict[str, Any]) -> services.Help:
    weight = given.get("weight")
    return services.Help(
        to=given.get("objective") or given["key_result"],
        link=given.get("link", Link.CONTRIBUTES),
        weight=None if weight is None else float(weight),
    )


class ObjectiveInput(serializers.Serializer):
    """What is written of an objective. A new one is a draft of the asker's, unless more is said."""

    cycle = RowField(Cycle.objects)
    title = LineField(max_length=200)
    why = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    kind = serializers.ChoiceField(Intent.choices, required=False)
    level = serializers.ChoiceField(
        Level.choices,
        required=False,
        help_text="Follows from the team: the root team's are the company's. Say `individual` for a personal one.",
    )
    team = RowField(Team.objects, required=False)
    owner = OfferedField(owners_of_objective, Membership, required=False)
    kgi = OfferedField(kgis_offered, KGI, required=False, allow_null=True)
    parents = at_most(MOST_PARENTS, ParentInput(), required=False)
    state = serializers.ChoiceField(ObjectiveState.choices, required=False)
    comment = serializers.CharField(
        max_length=1000,
        allow_blank=True,
        required=False,
        help_text="Said with a change of `state`, and asked of a lead who sends a proposal back to `draft`.",
    )
    grade = AmountSerializerField(
        required=False, allow_null=True, help_text="Another grade than the score, 0–1; null for the score itself."
    )
    reason = serializers.CharField(
        max_length=500, allow_blank=True, required=False, help_text="Why the grade is another one; it stays visible."
    )
    outcome = WordField(Outcome.choices, required=False, help_text="What becomes of it; null while that is open.")
    outcome_reason = serializers.CharField(
        max_length=500, allow_blank=True, required=False, help_text="Why; asked for where it is `dropped`."
    )
    submission_key = serializers.UUIDField(required=False, help_text="A repeated one answers the first objective.")
    version = serializers.IntegerField(required=False, help_text="The version counted on, where If-Match names none.")


OF_THE_END = ("grade", "reason", "outcome", "outcome_reason")
"""What is said of how an objective ended: of a new one nothing can be."""


def word_from(given: dict[str, Any], row: Objective | None) -> services.Word | None:
    """What is said of the end, taken out of what is given; what is left out stays as it was. None where nothing is."""
    said = {name: given.pop(name) for name in OF_THE_END if name in given}
    if row is None or not said:
        return None
    if "grade" in said:
        typed = said.pop("grade")
        said["override"] = None if typed is None else float(typed)
    return replace(services.word_of(getattr(row, "grade", None)), **said)


ONE_PARENT = [
    OpenApiParameter("objective", OpenApiTypes.INT, description="The objective it no longer helps."),
    OpenApiParameter("key_result", OpenApiTypes.INT, description="Or the key result it no longer helps."),
]


@written_as(ObjectiveInput, ObjectiveSerializer, drop=ReasonSerializer, restore=None)
class Objectives(Adding, Changing, Noun):
    """Objectives with their key results, scores and what they help; those of every cycle, unless one is asked for.

    Written by whom the roles allow: executives those of the company, managers those of their branch, members their own
    and proposals for their teams. `state` in a change moves it along draft, proposed, agreed, active, closed; agreeing,
    beginning and closing belong to those who lead. `parents` replaces what it helps.

    `grade`, `reason`, `outcome` and `outcome_reason` say how it ended: sent with `state: closed` they close it with
    them; sent alone they are what the owner proposes of a running one, or correct a closed one while its cycle is open.
    One closed as `carried` stands in the next cycle as a draft, where there is one.
    """

    queryset = Objective.objects.order_by("-cycle__start", "cycle", "team__position", "team", "position", "pk")
    serializer_class = ObjectiveSerializer
    given_class = ObjectiveInput
    filterset_class = ObjectiveFilters
    ordering_fields = {
        "id": "pk",
        "title": "title",
        "cycle": "cycle__start",
        "team": "team__position",
        "score": "scored__score",
        "landing": "scored__landing",
        "created_at": "created_at",
    }

    def rows(self) -> QuerySet:
        standing = KeyResult.objects.filter(dropped_at=None).select_related("scored", "forecast")
        key_results = standing.prefetch_related(shown_steps())
        return (
            self.queryset.readable_by(self.membership)
            .select_related("scored", "grade")
            .prefetch_related(
                Prefetch("parents", standing_parents(), "standing_parents"),
                Prefetch("key_results", key_results, "standing_key_results"),
            )
        )

    def may_add(self) -> bool:
        return not self.membership.is_partner and teams_planned_by(self.membership).exists()

    def add(self, given: dict[str, Any]) -> Objective:
        self.expects(given)
        helps, state = [help_of(parent) for parent in given.pop("parents", ())], given.pop("state", "")
        comment = given.pop("comment", "")
        if any(given.get(name) not in (None, "") for name in OF_THE_END):
            raise Refusal("no_such_step", _("An objective cannot go from this state to that one."))
        word_from(given, None)
        self.place(given, None)
        objective = Objective(**{"owner": self.membership, "organization": self.membership.organization} | given)
        return services.write_objective(objective, by=self.membership, helps=helps, state=state, comment=comment)

    def change(self, row: Objective, given: dict[str, Any]) -> Objective:
        expected = self.expects(given)
        given.pop("submission_key", None)
        helps = [help_of(parent) for parent in given.pop("parents")] if "parents" in given else None
        state, comment, word = given.pop("state", ""), given.pop("comment", ""), word_from(given, row)
        self.place(given, row)
        for name, value in given.items():
            setattr(row, name, value)
        written = services.write_objective(
            row, by=self.membership, helps=helps, state=state, comment=comment, word=word, expected_version=expected
        )
        if word is not None and word.outcome == Outcome.CARRIED and written.state == ObjectiveState.CLOSED:
            services.carry_on([written], by=self.membership)
        return written

    def place(self, given: dict[str, Any], row: Objective | None) -> None:
        """Put team and level into what is given, as they follow from each other."""
        asked = given.get("level")
        if row is None and "team" not in given:
            root = Team.objects.filter(organization=self.membership.organization_id, parent=None)
            own = teams_planned_by(self.membership).filter(pk__in=self.membership.team_ids)
            given["team"] = (root if asked == Level.COMPANY else own).order_by("position", "pk").first()
            if given["team"] is None:
                raise Refusal.of_field("team", "required", _("Choose the team it is for."))
        if row is not None and not {"team", "level"} & given.keys():
            return
        team = given.get("team") or row.team  # type: ignore[union-attr]
        present = row.level if row is not None else Level.TEAM
        level = level_of(team, personal=(asked or present) == Level.INDIVIDUAL)
        if asked and asked != level:
            sentence = _("The objectives of “%(team)s” are of another level.") % {"team": team.name}
            raise Refusal.of_field("level", "level_of_team", sentence)
        given["level"] = level

    def get_reachable(self) -> Objective:
        """The objective, dropped or not, for whoever may take it out of the plan and bring it back."""
        row: Objective = self.get_object()
        if not Objective.objects.within_reach_of(self.membership).filter(pk=row.pk).exists():
            refuse()
        self.refuse_stale(row)
        return row

    @action(detail=True, methods=["post"])
    def drop(self, request: Request, **address: Any) -> Response:
        """Take it out of the plan, with the reason; its history stays, and `restore` brings it back."""
        row = self.get_reachable()
        reason = self.given(by=ReasonSerializer)["reason"]
        return self.answer(services.drop_objective(row, reason=reason, by=self.membership))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **address: Any) -> Response:
        """Bring back what was dropped; harmless where nothing was."""
        return self.answer(services.restore_objective(self.get_reachable(), by=self.membership))

    @extend_schema(responses=ParentSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=())
    def parents(self, request: Request, **address: Any) -> Response:
        """What it helps."""
        return Response(parents_told(self, self.get_object().standing_parents))

    @extend_schema(request=ParentInput, responses=ObjectiveSerializer)
    @parents.mapping.post
    def align(self, request: Request, **address: Any) -> Response:
        """Connect it to an objective or a key result; connecting again changes link and weight."""
        row = self.get_editable()
        wanted = help_of(self.given(by=ParentInput))
        services.align(row, to=wanted.to, link=wanted.link, weight=wanted.weight, by=self.membership)
        return self.answer(row)

    @extend_schema(parameters=ONE_PARENT, responses={204: None})
    @parents.mapping.delete
    def unalign(self, request: Request, **address: Any) -> Response:
        """Take one connection away; harmless where there is none."""
        row = self.get_editable()
        asked = {
            name: request.query_params[name] for name in ("objective", "key_result") if name in request.query_params
        }
        if len(asked) != 1:
            raise Refusal.of_field("objective", "invalid", _("Name either an objective or a key result."))
        (name, pk) = asked.popitem()
        rows: Any = Objective.objects if name == "objective" else KeyResult.objects
        parent = get_visible(rows, self.membership, pk=read_id(pk) or 0)
        alignment = row.parents.filter(**same_parent(parent)).first()
        if alignment is not None:
            services.unalign(alignment)
        return Response(status=status.HTTP_204_NO_CONTENT)
