"""People coming, changing and leaving: nothing they carry is left without an owner, and somebody stays in charge.

Every act here holds the organization first, so that two administrators who leave at the same moment meet there, then
the person: who gives them a goal meanwhile waits, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI, Content, ContentState, HandoverStep, KGIShare, KPIShare, Lead, PartnerLever
from objectives import rollup, tasks
from objectives.models import (
    Action,
    CycleState,
    Experiment,
    HealthKPI,
    KeyResult,
    Notice,
    Objective,
    ObjectiveShare,
    ObjectiveState,
    Obstacle,
)
from people import clock
from people.models import APIToken, Export, Invitation, Membership, Role, Team
from people.refusals import Refusal, stale
from people.services.teams import hold_tree

OBJECTIVES, KEY_RESULTS, KGIS, KPIS = "objectives", "key_results", "kgis", "kpis"
ACTIONS, OBSTACLES, EXPERIMENTS = "actions", "obstacles", "experiments"
GOALS = (OBJECTIVES, KEY_RESULTS, KGIS, KPIS, EXPERIMENTS)
"""What a partner owns none of; actions and obstacles may be theirs."""


def carried_objectives(member: Membership) -> QuerySet[Objective]:
    """The objectives somebody must go on with: not closed, in cycles that are not closed; those dropped can return."""
    rows = Objective.objects.filter(owner=member).exclude(state=ObjectiveState.CLOSED)
    return rows.exclude(cycle__state=CycleState.CLOSED)


def carried_key_results(member: Membership) -> QuerySet[KeyResult]:
    rows = KeyResult.objects.filter(owner=member).exclude(objective__state=ObjectiveState.CLOSED)
    return rows.exclude(objective__cycle__state=CycleState.CLOSED)


def carried_kgis(member: Membership) -> QuerySet[KGI]:
    """The KGIs whose period is not over, and those without one yet."""
    return KGI.objects.filter(Q(period_end=None) | Q(period_end__gte=member.organization.today), owner=member)


def carried_kpis(member: Membership) -> QuerySet[KPI]:
    today = member.organization.today
    return KPI.objects.filter(Q(kgi__period_end=None) | Q(kgi__period_end__gte=today), owner=member)


def carried_actions(member: Membership) -> QuerySet[Action]:
    return Action.objects.open().filter(owner=member)


def carried_obstacles(member: Membership) -> QuerySet[Obstacle]:
    return Obstacle.objects.standing().filter(owner=member)


def carried_experiments(member: Membership) -> QuerySet[Experiment]:
    """The experiments under way, those taken back too: they can return."""
    return Experiment.objects.running().filter(owner=member)


def unpublished_contents(member: Membership) -> QuerySet[Content]:
    return Content.objects.filter(owner=member).exclude(state=ContentState.DONE)


def open_steps(member: Membership) -> QuerySet[HandoverStep]:
    """What they do of a partner's work coming in-house; those dropped can return."""
    return HandoverStep.objects.filter(owner=member, done_at=None)


def carries(member: Membership, *, dropped_too: bool = True) -> dict[str, int]:
    """How much of each kind somebody must go on with when this person leaves; what was dropped can return."""
    standing = {} if dropped_too else {"dropped_at": None}
    of_objective = {} if dropped_too else {"objective__dropped_at": None}
    of_kgi = {} if dropped_too else {"kgi__dropped_at": None}
    of_experiment = {} if dropped_too else {"withdrawn_at": None}
    return {
        OBJECTIVES: carried_objectives(member).filter(**standing).count(),
        KEY_RESULTS: carried_key_results(member).filter(**standing, **of_objective).count(),
        KGIS: carried_kgis(member).filter(**standing).count(),
        KPIS: carried_kpis(member).filter(**standing, **of_kgi).count(),
        ACTIONS: carried_actions(member).count(),
        OBSTACLES: carried_obstacles(member).count(),
        EXPERIMENTS: carried_experiments(member).filter(**of_experiment).count(),
    }


def owns_goals(member: Membership) -> bool:
    found = carries(member)
    return any(found[kind] for kind in GOALS)


@dataclass(frozen=True)
class Successors:
    """Who goes on with what: one person for all of it, or another one for a kind or for single objectives.

    An objective given to somebody takes those of its key results along that the leaving person owns.
    """

    of_all: Membership | None = None
    of_kind: Mapping[str, Membership] = field(default_factory=dict)
    of_objective: Mapping[int, Membership] = field(default_factory=dict)

    def everybody(self) -> set[Membership]:
        return {one for one in (self.of_all, *self.of_kind.values(), *self.of_objective.values()) if one is not None}

    def of(self, kind: str, objective_id: int | None = None) -> Membership | None:
        if objective_id is not None and objective_id in self.of_objective:
            return self.of_objective[objective_id]
        return self.of_kind.get(kind, self.of_all)


@transaction.atomic
def change_member(
    member: Membership,
    *,
    by: Membership,
    role: str | None = None,
    teams: Iterable[Team] | None = None,
    expected_version: int | None = None,
) -> Membership:
    """Give somebody another role or other teams; None leaves them. The same again is harmless.

    `PermissionDenied` unless an administrator does it. Raises `Refusal`: `stale`, `left`, `last_admin`,
    `still_carries` where somebody with open goals would become a partner, `unknown_role`, `team_closed`,
    `other_organization`.
    """
    held = hold_member(member, by)
    before = {team.pk for team in held.teams.all()}
    role = held.role if role is None else role
    chosen = None if teams is None else list(teams)
    wanted = before if chosen is None else {team.pk for team in chosen}
    if role == held.role and wanted == before:
        return held
    refuse_stale(held, expected_version)
    if held.left_on is not None:
        raise Refusal("left", _("This person has left. Take them back before changing anything."))
    if role not in Role.values:
        raise Refusal.of_field("role", "unknown_role", _("Choose one of the roles offered."))
    for team in chosen or ():
        refuse_team(team, held, before)
    if role != Role.ADMIN:
        refuse_last_admin(held, "role")
    if role == Role.PARTNER and held.role != Role.PARTNER and owns_goals(held):
        raise Refusal.of_field(
            "role",
            "still_carries",
            _("This person still owns goals, and a partner owns none. Hand them over first."),
        )
    if held.role == Role.PARTNER and role != Role.PARTNER:
        end_levers(held)
    if held.role != Role.PARTNER and role == Role.PARTNER:
        leave_inside(held)
    held.role, held.version = role, held.version + 1
    held.save(update_fields=["role", "version"])
    if chosen is not None:
        held.teams.set(chosen)
    return held


@transaction.atomic
def hand_over(member: Membership, *, by: Membership, successors: Successors) -> dict[str, int]:
    """Give what a person carries to others, as far as a successor is named for it; how much of each kind went over.

    What lies in closed cycles, closed objectives and past periods keeps the name it had. Raises `Refusal`
    `successor` for somebody who cannot own goals. `PermissionDenied` unless an administrator does it.
    """
    held = hold_member(member, by)
    refuse_successors(held, successors)
    return give(held, successors)


@transaction.atomic
def end_membership(
    member: Membership,
    *,
    by: Membership,
    successor: Membership | None = None,
    successors: Successors | None = None,
    expected_version: int | None = None,
) -> Membership:
    """Let somebody leave today: hand over what they carry, and end their tokens, shares and invitations.

    `successor` goes on with everything; `successors` says it more finely. Health KPIs, leads and content nobody takes
    on stay without an owner. History keeps the name, and the teams are remembered for `reinstate_member`. Who has left
    already only hands over what is still theirs. `PermissionDenied` unless an administrator does it. Raises `Refusal`:
    `stale`, `last_admin`, `successor` for somebody who cannot own goals, `successor_missing` where something would be
    left without an owner.
    """
    held = hold_member(member, by)
    if held.left_on is None:
        refuse_stale(held, expected_version)
        refuse_last_admin(held, "")
    successors = successors or Successors(of_all=successor)
    refuse_successors(held, successors)
    give(held, successors)
    watched = HealthKPI.objects.standing().filter(owner=held)
    for left in (watched, unpublished_contents(held), Lead.objects.filter(owner=held), open_steps(held)):
        left.update(owner=None, version=F("version") + 1)
    if any(carries(held).values()):
        raise Refusal.of_field(
            "successor", "successor_missing", _("Choose who goes on with the goals this person owns.")
        )
    if held.left_on is None:
        held.left_on, held.version = held.organization.today, held.version + 1
        held.save(update_fields=["left_on", "version"])
    end_ways_in(held)
    return held


@transaction.atomic
def reinstate_member(member: Membership, *, by: Membership, expected_version: int | None = None) -> Membership:
    """Take somebody back who left, in the old role and teams; goals handed over stay where they are.

    Who is here stays as they are. `PermissionDenied` unless an administrator does it. Raises `Refusal`: `stale`,
    `erased`.
    """
    held = hold_member(member, by)
    if held.left_on is None:
        return held
    refuse_stale(held, expected_version)
    if held.user.erased_at is not None:
        raise Refusal("erased", _("This person's data was erased. Invite them again instead."))
    held.left_on, held.version = None, held.version + 1
    held.save(update_fields=["left_on", "version"])
    return held


def hold_member(member: Membership, by: Membership) -> Membership:
    if not by.is_admin or by.organization_id != member.organization_id:
        raise PermissionDenied
    hold_tree(member.organization_id)
    rows = Membership.objects.select_related("organization", "user").prefetch_related("teams")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)


def refuse_stale(held: Membership, expected_version: int | None) -> None:
    if expected_version is not None and held.version != expected_version:
        raise stale()


def refuse_last_admin(held: Membership, name: str) -> None:
    """Somebody must be able to let people in and out: the last active administrator stays one."""
    others = Membership.objects.active().filter(organization=held.organization_id, role=Role.ADMIN)
    if held.role == Role.ADMIN and not others.exclude(pk=held.pk).exists():
        sentence = _("This is the last administrator. Make somebody else an administrator first.")
        raise Refusal("last_admin", sentence, {name: [sentence]} if name else None)


def refuse_team(team: Team, held: Membership, before: set[int]) -> None:
    if team.organization_id != held.organization_id:
        raise Refusal.of_field("teams", "other_organization", _("Choose a team of this organization."))
    if team.closed_on is not None and team.pk not in before:
        raise Refusal.of_field(
            "teams", "team_closed", _("“%(team)s” is closed. Choose another team.") % {"team": team.name}
        )


def refuse_successors(held: Membership, successors: Successors) -> None:
    colleagues = Membership.objects.colleagues().filter(organization=held.organization_id).exclude(pk=held.pk)
    wanted = {one.pk for one in successors.everybody()}
    if colleagues.filter(pk__in=wanted).count() < len(wanted):
        raise Refusal.of_field(
            "successor", "successor", _("Choose a colleague who is still here and is not a partner.")
        )


def give(held: Membership, successors: Successors) -> dict[str, int]:
    """Write the new owners, objectives before what belongs to them, each kind by number."""
    objectives = dict(carried_objectives(held).values_list("pk", "pk"))
    key_results = dict(carried_key_results(held).values_list("pk", "objective"))
    rollup.hold({*objectives, *key_results.values()})
    kgis = list(carried_kgis(held).order_by("pk").values_list("pk", flat=True))
    kpis = dict(carried_kpis(held).values_list("pk", "kgi"))
    list(KGI.objects.filter(pk__in={*kgis, *kpis.values()}).order_by("pk").select_for_update(no_key=True))
    if objectives:
        tasks.compare(held.organization_id)
    watched = numbers(HealthKPI.objects.standing().filter(owner=held))
    own(HealthKPI, dict.fromkeys(watched, successors.of_all))
    own(Content, dict.fromkeys(numbers(unpublished_contents(held)), successors.of_all))
    own(Lead, dict.fromkeys(numbers(Lead.objects.filter(owner=held)), successors.of_all))
    own(HandoverStep, dict.fromkeys(numbers(open_steps(held)), successors.of_all))
    return {
        OBJECTIVES: own(Objective, {pk: successors.of(OBJECTIVES, pk) for pk in objectives}),
        KEY_RESULTS: own(KeyResult, {pk: successors.of(KEY_RESULTS, above) for pk, above in key_results.items()}),
        KGIS: own(KGI, {pk: successors.of(KGIS) for pk in kgis}),
        KPIS: own(KPI, {pk: successors.of(KPIS) for pk in kpis}),
        ACTIONS: own(Action, dict.fromkeys(numbers(carried_actions(held)), successors.of(ACTIONS))),
        OBSTACLES: own(Obstacle, dict.fromkeys(numbers(carried_obstacles(held)), successors.of(OBSTACLES))),
        EXPERIMENTS: own(Experiment, dict.fromkeys(numbers(carried_experiments(held)), successors.of(EXPERIMENTS))),
    }


def numbers(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def own(
    model: type[
        Objective | KeyResult | KGI | KPI | HealthKPI | Content | Lead | HandoverStep | Action | Obstacle | Experiment
    ],
    owners: Mapping[int, Membership | None],
) -> int:
    """Write the owners, one statement for each person; the number of rows that have another one now."""
    given: dict[Membership, list[int]] = {}
    for pk, owner in owners.items():
        if owner is not None:
            given.setdefault(owner, []).append(pk)
    for owner, ids in given.items():
        model._default_manager.filter(pk__in=sorted(ids)).update(owner=owner, version=F("version") + 1)
    return sum(map(len, given.values()))


def end_ways_in(held: Membership) -> None:
    """What opened something to this person, or through them to others."""
    now = clock.now()
    APIToken.objects.filter(membership=held, ended_at=None).update(ended_at=now)
    ObjectiveShare.objects.filter(membership=held).delete()
    KGIShare.objects.filter(membership=held).delete()
    KPIShare.objects.filter(membership=held).delete()
    end_levers(held)
    theirs = Q(invited_by=held) | Q(email=held.user.email)
    Invitation.objects.open().filter(theirs, organization=held.organization_id).update(withdrawn_at=now)


def leave_inside(held: Membership) -> None:
    """What was made, told and given to somebody as one of those inside is no partner's."""
    Export.objects.filter(membership=held).delete()
    Notice.objects.filter(membership=held, objective=None).delete()
    open_steps(held).update(owner=None, version=F("version") + 1)


def end_levers(held: Membership) -> None:
    """What a partner's levers move from tomorrow on is nobody's outside; those that were to begin later never do."""
    today = held.organization.today
    levers = PartnerLever.objects.held(today).filter(membership=held)
    levers.filter(began_on__gt=today).delete()
    levers.update(ended_on=today, version=F("version") + 1)
