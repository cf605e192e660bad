"""Which cycle a page speaks of, for whom one may plan, and what one may do with an objective."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from objectives.models import Cycle, KeyResult, Level, Objective, ObjectiveState
from objectives.models.cycles import current_of
from objectives.queries.frame import frame_of
from people.access import read_id
from people.models import Membership, Role, Team, TeamQuerySet

NEXT_STATES = {
    ObjectiveState.DRAFT: {ObjectiveState.PROPOSED, ObjectiveState.AGREED, ObjectiveState.ACTIVE},
    ObjectiveState.PROPOSED: {ObjectiveState.DRAFT, ObjectiveState.AGREED, ObjectiveState.ACTIVE},
    ObjectiveState.AGREED: {ObjectiveState.DRAFT, ObjectiveState.ACTIVE},
    ObjectiveState.ACTIVE: {ObjectiveState.CLOSED},
    ObjectiveState.CLOSED: {ObjectiveState.ACTIVE},
}
# What belongs to those who lead; anything else to whoever may change the objective.
DECIDING = {ObjectiveState.AGREED, ObjectiveState.ACTIVE, ObjectiveState.CLOSED}


def choose_cycle(request: HttpRequest, membership: Membership) -> Cycle | None:
    """The cycle named by `?cycle=`, else the one people work in today; 404 for one that does not exist here."""
    if not hasattr(request, "cycle"):
        cycles = frame_of(request, membership).cycles
        # Also where the asked one is refused: the page that says so has a masthead, and comes by here again.
        request.cycle = current_of(cycles, membership.organization.today)  # type: ignore[attr-defined]
        asked = request.GET.get("cycle", "")
        if asked:
            chosen = next((cycle for cycle in cycles if cycle.pk == read_id(asked)), None)
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


def teams_paced_by(membership: Membership) -> TeamQuerySet:
    """The open ones whose rhythm the person decides on: administrators all, managers those they lead."""
    if membership.is_executive:
        return Team.objects.none()
    return teams_decided_by(membership).open()


def teams_planned_by(membership: Membership) -> TeamQuerySet:
    """The open ones the person may write for: those they decide on, and for a member the own teams, as proposals."""
    if membership.role == Role.MEMBER:
        return Team.objects.open().filter(organization=membership.organization_id, pk__in=membership.team_ids)
    return teams_decided_by(membership).open()


def teams_seen_by(membership: Membership) -> TeamQuerySet:
    """The teams one may see; for a partner also those of the objectives shared with them."""
    teams = Team.objects.visible_to(membership)
    if not membership.is_partner:
        return teams
    shared = Objective.objects.visible_to(membership).values("team")
    return Team.objects.filter(Q(pk__in=teams.values("pk")) | Q(pk__in=shared))


def teams_shown(membership: Membership, cycle: Cycle | None) -> TeamQuerySet:
    """The teams a list of the cycle can be narrowed to: the open ones, and those closed that have goals in it."""
    rows = Team.objects.visible_to(membership)
    of_cycle = Objective.objects.filter(cycle=cycle).values("team") if cycle is not None else []
    return rows.filter(Q(closed_on=None) | Q(pk__in=of_cycle))


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


def leads(membership: Membership, objective: Objective) -> bool:
    """Whether the person decides on the objective: administrators, executives for the company, managers below them."""
    return Objective.objects.led_by(membership).filter(pk=objective.pk).exists()


def may_nudge(membership: Membership, person: Membership) -> bool:
    """Whether one may ask somebody for a check-in: administrators, executives, and managers of a team of theirs."""
    if membership.organization_id != person.organization_id:
        return False
    if membership.role in {Role.ADMIN, Role.EXECUTIVE}:
        return True
    return membership.is_manager and Team.objects.led_by(membership).filter(members=person).exists()


@dataclass(frozen=True)
class Reach:
    """What one person may do with one objective that is read already: the rules of the querysets, without asking again.

    `in_branch` says whether a manager leads its team, `is_writable` whether a partner's share lets them write. A test
    holds it equal to `editable_by`, `within_reach_of`, `led_by` and `checkable_by` for everybody and every objective.
    """

    membership: Membership
    objective: Objective
    in_branch: bool
    is_writable: bool

    @property
    def is_owner(self) -> bool:
        return self.objective.owner_id == self.membership.pk

    @property
    def leads(self) -> bool:
        return self.objective.dropped_at is None and self._decides

    @property
    def _decides(self) -> bool:
        is_company = self.objective.level == Level.COMPANY
        match self.membership.role:
            case Role.ADMIN:
                return True
            case Role.EXECUTIVE:
                return is_company
            case Role.MANAGER:
                return self.in_branch and not is_company
        return False

    @property
    def is_within(self) -> bool:
        """Whether the role reaches it, dropped or not."""
        return not self.membership.is_partner and (self._decides or self.is_owner)

    @property
    def may_edit(self) -> bool:
        return self.objective.dropped_at is None and self.is_within

    @property
    def may_add_key_result(self) -> bool:
        proposed = self.objective.state in {ObjectiveState.DRAFT, ObjectiveState.PROPOSED}
        is_member = self.membership.role == Role.MEMBER and self.objective.team_id in self.membership.team_ids
        return self.may_edit or (proposed and is_member)

    def may_edit_key_result(self, row: KeyResult) -> bool:
        if self.membership.is_partner or not self._stands(row):
            return False
        return row.owner_id == self.membership.pk or self.may_edit

    def may_check_in(self, row: KeyResult) -> bool:
        if not self._stands(row):
            return False
        if self.membership.is_partner:
            return self.is_writable
        of_team = self.objective.level == Level.TEAM and self.objective.team_id in self.membership.team_ids
        return of_team or self.may_edit_key_result(row)

    def _stands(self, row: KeyResult) -> bool:
        return row.dropped_at is None and self.objective.dropped_at is None


@dataclass(frozen=True)
class Act:
    """A state the person may move the objective to, what the button says, and whether it is the natural next one.

    `page` is the name of the address at which more is asked or shown first, empty where one click does.
    """

    to: str
    label: str
    is_next: bool
    page: str = ""


def possible_acts(objective: Objective, *, may_edit: bool, may_lead: bool, is_owner: bool = True) -> list[Act]:
    """What the person may do with an objective, the most likely first."""
    if objective.cycle.is_closed or objective.dropped_at is not None:
        return []
    before = ObjectiveState(objective.state)
    labels = {
        ObjectiveState.AGREED: _("Agree"),
        ObjectiveState.ACTIVE: _("Begin again") if before == ObjectiveState.CLOSED else _("Begin"),
        ObjectiveState.PROPOSED: _("Propose"),
        ObjectiveState.CLOSED: pgettext("objective", "Close"),
        ObjectiveState.DRAFT: _("Back to draft") if is_owner else pgettext("objective", "Send back"),
    }
    pages = {} if before == ObjectiveState.CLOSED else {ObjectiveState.ACTIVE: "begin_objective"}
    pages[ObjectiveState.CLOSED] = "close_objective"
    if not is_owner:
        pages[ObjectiveState.DRAFT] = "send_back_objective"
    allowed = [to for to in labels if to in NEXT_STATES[before] and (may_lead if to in DECIDING else may_edit)]
    order = list(ObjectiveState)
    return [
        Act(to, labels[to], to == allowed[0] and order.index(to) > order.index(before), pages.get(to, ""))
        for to in allowed
    ]
