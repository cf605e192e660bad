"""Which cycle a page speaks of, and for whom one may plan."""

from django.http import Http404, HttpRequest

from objectives.models import Cycle, Level, Objective, ObjectiveState
from people.access import read_id
from people.models import Membership, Role, Team, TeamQuerySet


def choose_cycle(request: HttpRequest, membership: Membership) -> Cycle | None:
    """The cycle named by `?cycle=`, else the one people work in today; 404 for one that does not exist here."""
    if not hasattr(request, "cycle"):
        cycles = Cycle.objects.visible_to(membership)
        # Also where the asked one is refused: the page that says so has a masthead, and comes by here again.
        request.cycle = cycles.current_on(membership.organization.today)  # type: ignore[attr-defined]
        asked = request.GET.get("cycle", "")
        if asked:
            chosen = cycles.filter(pk=read_id(asked) or 0).first()
            if chosen is None:
                raise Http404
            request.cycle = chosen  # type: ignore[attr-defined]
    return request.cycle  # type: ignore[attr-defined]


def teams_decided_by(membership: Membership) -> TeamQuerySet:
    """Those whose plan the person decides on: everything, the company for an executive, a manager's branch."""
    teams = Team.objects.filter(organization=membership.organization_id)
    match membership.role:
        case Role.ADMIN:
            return teams
        case Role.EXECUTIVE:
            return teams.filter(parent=None)
        case Role.MANAGER:
            return Team.objects.led_by(membership)
    return teams.none()


def teams_planned_by(membership: Membership) -> TeamQuerySet:
    """Those the person may write objectives for: what they decide on, and for a member the own teams, as proposals."""
    if membership.role == Role.MEMBER:
        return Team.objects.filter(organization=membership.organization_id, pk__in=membership.team_ids)
    return teams_decided_by(membership)


def may_plan_for(membership: Membership, team: Team, level: str) -> bool:
    """Whether the person may write an objective of this level for this team.

    Company objectives belong to administrators and executives, who write nothing else; managers plan for their teams
    and those below, members propose for their own.
    """
    if level == Level.COMPANY and membership.role not in {Role.ADMIN, Role.EXECUTIVE}:
        return False
    if level != Level.COMPANY and membership.role == Role.EXECUTIVE:
        return False
    return teams_planned_by(membership).filter(pk=team.pk).exists()


def may_add_key_result(membership: Membership, objective: Objective) -> bool:
    """Whoever may edit the objective; and, until it is agreed, the members of its team, who propose."""
    if Objective.objects.editable_by(membership).filter(pk=objective.pk).exists():
        return True
    proposed = objective.state in {ObjectiveState.DRAFT, ObjectiveState.PROPOSED}
    return proposed and membership.role == Role.MEMBER and objective.team_id in membership.team_ids
