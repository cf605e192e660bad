"""Moving a team, and ending it: into another one, or for good."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funnel.models import Funnel, FunnelChannel
from objectives import rollup, tasks
from objectives.models import (
    Action,
    Cycle,
    CycleState,
    Experiment,
    HealthKPI,
    NotDoing,
    Objective,
    ObjectiveState,
    Retrospective,
)
from people.models import Invitation, Membership, Organization, Team, below
from people.refusals import Refusal, stale
from people.services import teams as tree
from people.services.teams import hold_team, refuse_other_organization, refuse_taken_name


def open_objectives(team: Team) -> QuerySet[Objective]:
    """What still stands in the plan of a team: not closed, not dropped, in a cycle that is not closed."""
    return (
        Objective.objects.filter(team=team, dropped_at=None)
        .exclude(state=ObjectiveState.CLOSED)
        .exclude(cycle__state=CycleState.CLOSED)
    )


def rescore_rhythms(organization: Organization | int) -> None:
    """Have due days follow a changed rhythm: recorded here, done by the worker."""
    rollup.request_roll_up(organization if isinstance(organization, int) else organization.pk, None)
    tasks.wake()


@transaction.atomic
def change_team(
    team: Team,
    *,
    name: str | None = None,
    parent: Team | None = None,
    position: int | None = None,
    expected_version: int | None = None,
) -> Team:
    """As `people.services.change_team`; below another team it takes over that one's rhythm, so due days follow."""
    above = Team.objects.values_list("parent", flat=True).get(pk=team.pk)
    changed = tree.change_team(team, name=name, parent=parent, position=position, expected_version=expected_version)
    if changed.parent_id != above:
        rescore_rhythms(changed.organization_id)
    return changed


@transaction.atomic
def merge_team(team: Team, *, into: Team, by: Membership, expected_version: int | None = None) -> Team:
    """Close a team by giving what it has to another one, which is returned.

    Its objectives and what it leaves undone in cycles that are not closed, its channels in funnels, its health KPIs,
    its experiments under way and retrospectives that run, its members, the teams below it and open invitations move;
    what lies in closed cycles keeps the old name. Merging it into the same team again is harmless.
    Raises `Refusal`: `company_stays`, `into_itself`, `into_company`, `team_closed`, `team_name_taken` where both have a
    team of one name below them, `other_organization`, `stale`.
    """
    refuse_other_organization(team, into, "into")
    held = hold_team(team)
    into = Team.objects.select_for_update().get(pk=into.pk)
    if held.merged_into_id == into.pk and held.closed_on is not None:
        return into
    if expected_version is not None and held.version != expected_version:
        raise stale()
    parent_of(held)
    if held.pk == into.pk:
        raise Refusal.of_field("into", "into_itself", _("Choose another team than this one."))
    if into.parent_id is None:
        raise Refusal.of_field(
            "into",
            "into_company",
            _("The company has objectives of its own kind. Choose one of its teams."),
        )
    for one in (held, into):
        if one.closed_on is not None:
            raise Refusal.of_field(
                "into", "team_closed", _("“%(team)s” is closed. Choose another team.") % {"team": one.name}
            )
    held.closed_on, held.merged_into, held.version = by.organization.today, into, held.version + 1
    held.save()
    move_children(held, into)
    move_members(held, into)
    move_goals(held, into)
    tasks.compare(held.organization_id)
    move_channels(held, into)
    move_health_kpis(held, into)
    move_retrospectives(held, into)
    Action.objects.open().filter(team=held).update(team=into, version=F("version") + 1)
    Experiment.objects.running().filter(team=held).update(team=into, version=F("version") + 1)
    rescore_rhythms(held.organization_id)
    Invitation.objects.open().filter(team=held).update(team=into)
    return into


def move_children(team: Team, into: Team) -> None:
    """The open teams below come below the other one; where that lies below the team itself, it takes its place."""
    if Team.objects.filter(pk=into.pk, pk__in=below([team.pk])).exists():
        above = parent_of(team)
        refuse_taken_name(into.name, above, besides=into)
        into.parent, into.position = above, team.position
    last = into.children.count()
    for number, child in enumerate(Team.objects.open().filter(parent=team).exclude(pk=into.pk), last):
        refuse_taken_name(child.name, into)
        child.parent, child.position, child.version = into, number, child.version + 1
        child.save(update_fields=["parent", "position", "version"])
    into.version += 1
    into.save()


def move_goals(team: Team, into: Team) -> None:
    cycles = Cycle.objects.filter(organization=team.organization_id).exclude(state=CycleState.CLOSED)
    moving = list(Objective.objects.filter(team=team, cycle__in=cycles).order_by("pk").values_list("pk", flat=True))
    rollup.hold(moving)
    Objective.objects.filter(pk__in=moving).update(team=into, version=F("version") + 1)
    said_there = NotDoing.objects.filter(team=into, cycle__in=cycles)
    for wont in NotDoing.objects.filter(team=team, cycle__in=cycles):
        if not said_there.filter(cycle=wont.cycle_id, text=wont.text).exists():
            wont.team = into
            wont.save(update_fields=["team"])


def move_health_kpis(team: Team, into: Team) -> None:
    """They come last; one whose name the other team has already says where it is from."""
    names = set(HealthKPI.objects.standing().filter(team=into).values_list("name", flat=True))
    position = HealthKPI.objects.filter(team=into).count()
    for number, kpi in enumerate(HealthKPI.objects.standing().filter(team=team), position):
        if kpi.name in names:
            kpi.name = f"{kpi.name[:60]} ({team.name[:50]})"
        kpi.team, kpi.position, kpi.version = into, number, kpi.version + 1
        kpi.save(update_fields=["name", "team", "position", "version"])


def move_retrospectives(team: Team, into: Team) -> None:
    """Those that run go on where their people are now, unless the other team looks back at the same cycle itself."""
    running = Retrospective.objects.running().filter(team=team).order_by("pk").select_for_update(no_key=True)
    theirs = set(Retrospective.objects.filter(team=into, objective=None).values_list("cycle", flat=True))
    for row in running:
        if row.objective_id is not None or row.cycle_id not in theirs:
            row.team, row.version = into, row.version + 1
            row.save(update_fields=["team", "version"])


def move_channels(team: Team, into: Team) -> None:
    funnels = Funnel.objects.filter(channels__team=team).distinct().values_list("pk", flat=True)
    Funnel.objects.filter(pk__in=list(funnels)).update(version=F("version") + 1)
    FunnelChannel.objects.filter(team=team).update(team=into)


def move_members(team: Team, into: Team) -> None:
    places = Membership.teams.through.objects
    people = list(places.filter(team=team).values_list("membership", flat=True))
    there = list(places.filter(team=into).values_list("membership", flat=True))
    places.filter(team=team).exclude(membership__in=there).update(team=into)
    places.filter(team=team).delete()
    Membership.objects.filter(pk__in=people).update(version=F("version") + 1)


@transaction.atomic
def close_team(team: Team, *, by: Membership, expected_version: int | None = None) -> Team:
    """Close a team that has nothing open any more; it vanishes from choices, and old objectives keep its name. Its
    health KPIs are watched no longer.

    Closing it again is harmless. Raises `Refusal`: `company_stays`, `open_teams`, `open_objectives`, `stale`.
    """
    held = hold_team(team)
    if held.closed_on is not None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    parent = parent_of(held)
    children = Team.objects.open().filter(parent=held).count()
    if children:
        raise Refusal(
            "open_teams",
            ngettext(
                "%(count)s team lies below it. Move or close that one first, or merge this team into another.",
                "%(count)s teams lie below it. Move or close them first, or merge this team into another.",
                children,
            )
            % {"count": children},
        )
    standing = open_objectives(held).count()
    if standing:
        raise Refusal(
            "open_objectives",
            ngettext(
                "It still has %(count)s open objective. Close or drop it, give it to another team, or merge the team.",
                "It still has %(count)s open objectives. Close or drop them, give them to another team, "
                "or merge the team.",
                standing,
            )
            % {"count": standing},
        )
    held.closed_on, held.version = by.organization.today, held.version + 1
    held.save(update_fields=["closed_on", "version"])
    watched = HealthKPI.objects.standing().filter(team=held)
    watched.update(retired_on=held.closed_on, version=F("version") + 1)
    Invitation.objects.open().filter(team=held).update(team=parent)
    return held


@transaction.atomic
def reopen_team(team: Team, *, by: Membership, expected_version: int | None = None) -> Team:
    """Open a closed team again, at its old place; what was merged into another one stays there.

    An open team stays as it is. Raises `Refusal`: `parent_closed`, `team_name_taken`, `stale`.
    """
    held = hold_team(team)
    if held.closed_on is None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    parent = parent_of(held)
    if parent.closed_on is not None:
        raise Refusal("parent_closed", _("“%(team)s” above it is closed. Open that one first.") % {"team": parent.name})
    refuse_taken_name(held.name, parent, besides=held)
    held.closed_on, held.merged_into, held.version = None, None, held.version + 1
    held.save(update_fields=["closed_on", "merged_into", "version"])
    return held


def parent_of(team: Team) -> Team:
    """The team above. The company has none and never ends: `Refusal` `company_stays`."""
    if team.parent is None:
        raise Refusal("company_stays", _("The company itself stays open."))
    return team.parent
