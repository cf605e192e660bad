"""The first steps of an organization: calendar, teams, first KGI, first objective. Each moves `setup_step` on.

They can be gone through again until the last one is done; then settings, plan and KGI pages are the place. Only
administrators take them. All hold the organization first, so that two browsers go one after the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KGI
from funnel.services import FunnelPlan, save_funnel, save_kgi
from objectives.formulas.calendar import fiscal_quarter, fiscal_year
from objectives.formulas.scoring import Span
from objectives.models import Cycle, CycleState, KeyResult, Objective, ObjectiveState
from objectives.services.cycles import save_organization
from objectives.services.planning import change_state, make_key_results, save_objective
from people.models import Membership, Organization, StartLink, Team, User
from people.models.company import SetupStep
from people.queries import team_tree
from people.refusals import Refusal
from people.services import Founder, Guest, create_team, found_organization, invite_people

STEPS = list(SetupStep.values)
Path = tuple[str, ...]


def is_reached(organization: Organization, step: str) -> bool:
    """Whether one may take this step now: it is the next one, or was taken before."""
    return bool(organization.setup_step) and STEPS.index(step) <= STEPS.index(organization.setup_step)


def hold_setup(by: Membership, step: str) -> Organization:
    """Lock the organization for a step. `PermissionDenied` for others than administrators.

    Raises `Refusal`: `setup_done`, `too_early`.
    """
    if not by.is_admin:
        raise PermissionDenied
    organization = Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
    if not organization.setup_step:
        raise Refusal("setup_done", _("The first steps are done."))
    if not is_reached(organization, step):
        raise Refusal("too_early", _("There is a step before this one."))
    by.organization = organization
    return organization


def advance(organization: Organization, step: str) -> None:
    """The step is done; going back to an earlier one does not undo later ones."""
    if organization.setup_step == step:
        organization.setup_step = next(iter(STEPS[STEPS.index(step) + 1 :]), "")
        organization.save(update_fields=["setup_step"])


@transaction.atomic
def found(link: StartLink, founder: User | Founder, *, name: str, slug: str) -> Membership:
    """Make an organization with the link, and its running quarter. Raises what `found_organization` raises."""
    membership = found_organization(link, founder, name=name, slug=slug)
    plan_cycles(membership.organization, with_year=False)
    return membership


@transaction.atomic
def begin_setup(membership: Membership) -> Organization:
    """Give a new organization its running quarter and let its administrator be led through the first steps."""
    organization = membership.organization
    organization.setup_step = SetupStep.CALENDAR
    organization.save(update_fields=["setup_step"])
    plan_cycles(organization, with_year=False)
    return organization


def plan_cycles(organization: Organization, *, with_year: bool) -> None:
    """Let the running quarter, and the year if wished, be what the calendar says.

    What an earlier answer made and nobody has planned in gives way or takes the new days; the rest stays. The quarter
    of an organization that has planned nothing yet is the one of its first steps.
    """
    first = organization.fiscal_year_start
    wanted = [fiscal_quarter(organization.today, first)]
    if with_year:
        wanted.append(fiscal_year(organization.today, first))
    names = {suggestion.name for suggestion in wanted}
    present = {cycle.name: cycle for cycle in Cycle.objects.filter(organization=organization)}
    unused = Cycle.objects.filter(organization=organization, objectives=None, not_doing=None).order_by("pk")
    empty = [cycle for cycle in unused if cycle.span in spans_of_today(organization)]
    spare = [cycle for cycle in empty if cycle.name not in names]
    begins = len(empty) == len(present)
    for suggestion in wanted:
        cycle = present.get(suggestion.name)
        if cycle is None:
            cycle = spare.pop(0) if spare else Cycle(organization=organization)
        elif cycle not in empty:
            continue
        cycle.name, cycle.start, cycle.end = suggestion.name, suggestion.start, suggestion.end
        cycle.state = CycleState.ACTIVE
        cycle.is_first = begins and suggestion is wanted[0]
        cycle.full_clean()
        cycle.save()
    for cycle in spare:
        cycle.delete()


def spans_of_today(organization: Organization) -> list[Span]:
    """Every quarter and year that today may belong to, whichever month the year begins with."""
    found = [which(organization.today, first) for first in range(1, 13) for which in (fiscal_quarter, fiscal_year)]
    return [Span(suggestion.start, suggestion.end) for suggestion in found]


@transaction.atomic
def set_calendar(
    *,
    by: Membership,
    fiscal_year_start: int,
    check_in_weekday: int,
    time_zone: str,
    currency: str,
    with_year: bool,
) -> Organization:
    """The organization's calendar, and the cycles that follow from it. Raises `Refusal`: see `hold_setup`."""
    organization = hold_setup(by, SetupStep.CALENDAR)
    organization.fiscal_year_start = fiscal_year_start
    organization.check_in_weekday = check_in_weekday
    organization.time_zone = time_zone
    organization.currency = currency
    save_organization(organization)
    plan_cycles(organization, with_year=with_year)
    advance(organization, SetupStep.CALENDAR)
    return organization


@transaction.atomic
def set_teams(
    paths: Sequence[Path],
    *,
    by: Membership,
    guests: Iterable[tuple[Guest, Path | None]] = (),
    language: str = "",
    submission_key: uuid.UUID | None = None,
) -> dict[Path, Team]:
    """The teams below the company, each by its way from the top, and people invited into them.

    A team that is left out goes, unless something belongs to it. Raises `Refusal`: see `hold_setup`, and what
    `invite_people` raises.
    """
    organization = hold_setup(by, SetupStep.TEAMS)
    company = Team.objects.get(organization=organization, parent=None)
    teams = teams_by_path(organization)
    for path in paths:
        for length in range(1, len(path) + 1):
            part = path[:length]
            if part not in teams:
                teams[part] = create_team(organization, name=part[-1], parent=teams.get(part[:-1], company))
    wanted = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    for path in sorted(teams.keys() - wanted, key=len, reverse=True):
        if is_unused(teams[path]):
            teams.pop(path).delete()
    invited = [replace(guest, team=teams[path] if path is not None else None) for guest, path in guests]
    if invited:
        invite_people(organization, invited, by=by, language=language, submission_key=submission_key)
    advance(organization, SetupStep.TEAMS)
    return teams


def teams_by_path(organization: Organization) -> dict[Path, Team]:
    """The open teams below the company under their ways from the top, in the order of the tree."""
    rows = Team.objects.filter(organization=organization).open().order_by("position", "pk")
    return {(*branch.above, branch.team.name): branch.team for branch in team_tree(rows) if not branch.team.is_company}


def is_unused(team: Team) -> bool:
    """Whether nothing would be lost with it."""
    related = (team.members, team.children, team.objectives, team.invitations, team.not_doing, team.merged)
    return not any(rows.exists() for rows in related)


def first_kgi(organization: Organization) -> KGI | None:
    """The KGI the first steps speak of."""
    rows = KGI.objects.filter(organization=organization, dropped_at=None).select_related("organization", "funnel")
    return rows.order_by("pk").first()


@transaction.atomic
def set_first_kgi(kgi: KGI, plan: FunnelPlan, *, by: Membership) -> KGI:
    """The first KGI with its funnel; going through the step again changes the one that is there.

    Raises `Refusal`: see `hold_setup`, and `stale` where somebody else changed it meanwhile.
    """
    organization = hold_setup(by, SetupStep.KGI)
    present = first_kgi(organization)
    if present is not None and kgi._state.adding:
        # The same step in two windows: the later one changes what the earlier one made.
        kgi.pk, kgi._state.adding = present.pk, False
        kgi.submission_key, kgi.created_at = present.submission_key, present.created_at
    saved = save_kgi(kgi)
    save_funnel(saved, plan)
    advance(organization, SetupStep.KGI)
    return saved


@transaction.atomic
def set_first_objective(objective: Objective, drafts: Sequence[KeyResult], *, by: Membership, begin: bool) -> Objective:
    """The first objective with its key results, as a draft or begun at once; with it the first steps are done.

    Raises `Refusal`: see `hold_setup`, and what `make_key_results` and `change_state` raise.
    """
    organization = hold_setup(by, SetupStep.OBJECTIVE)
    if drafts:
        objective = make_key_results(objective, drafts, by=by)[0].objective
    else:
        objective = save_objective(objective)
    if begin:
        objective = change_state(objective, to=ObjectiveState.ACTIVE, by=by)
    advance(organization, SetupStep.OBJECTIVE)
    return objective


@transaction.atomic
def skip_step(step: str, *, by: Membership) -> Organization:
    """Leave a step for later. Skipping it twice, or after it was done, is harmless."""
    if not by.is_admin:
        raise PermissionDenied
    organization = Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
    if organization.setup_step:
        advance(organization, step)
    return organization
