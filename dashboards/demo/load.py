"""Make the example company of the story, and let it live up to its today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from dashboards.demo.agency import work_with_partners
from dashboards.demo.channels import make_channels
from dashboards.demo.check_ins.earlier import SAID_IN
from dashboards.demo.company import Company
from dashboards.demo.days import DAY, WEEK, Days
from dashboards.demo.doing import do
from dashboards.demo.drafting import draft_next_quarter
from dashboards.demo.efforts import set_out
from dashboards.demo.endings import grade, grade_again, keep_up, open_cycle, step
from dashboards.demo.files import make_file
from dashboards.demo.foretelling import foretell
from dashboards.demo.founding import change_aim, make_aim, make_people, make_teams, update_passwords
from dashboards.demo.goals import GOALS
from dashboards.demo.health import watch_health
from dashboards.demo.inn import set_out_at_the_inn
from dashboards.demo.invitations import make_invitations
from dashboards.demo.journey import draw_journey
from dashboards.demo.learned import experiment, keep_lessons
from dashboards.demo.lookbacks import look_back, look_now
from dashboards.demo.matrices import fill_matrices
from dashboards.demo.meetings import hold_meetings
from dashboards.demo.readings import write_readings
from dashboards.demo.rhythms import holidays_on, keep_time
from dashboards.demo.scenarios import make_scenarios
from dashboards.demo.sharing import share
from dashboards.demo.story import Tale
from dashboards.demo.tables import empty, fingerprint
from dashboards.demo.tales import INN, ROASTER, TALES
from dashboards.demo.talk import talk
from dashboards.demo.tokens import make_tokens
from dashboards.demo.writing import note_step, write, write_around
from objectives import rollup
from objectives.models import Cycle, CycleState, KeyResult, Objective, ObjectiveState
from people.history import told
from people.models import Door, Organization
from people.refusals import Refusal
from people.services.units import seed_units

SLUG = ROASTER.slug
SUNDAY = 6
EARLIER = ("first", "second", "third")
BEGUN = (*EARLIER, "last", "year", "current")

Report = Callable[[str], None]


@transaction.atomic
def load_example(today: date, password: str, report: Report) -> Organization:
    """Make the example company as it is on a day, in the place of the one that is there, and the inn beside it.

    What is exactly as it would be made is left alone, ids included. Raises `Refusal` `not_the_example` where another
    company's organization bears one of the names.
    """
    held = {tale.slug: hold(tale) for tale in TALES}
    renewed = [
        renew(held[ROASTER.slug], ROASTER, today, lambda company: make(company, report)),
        renew(held[INN.slug], INN, today, make_inn),
    ]
    if not any(renewed):
        report(_("The example company was exactly so already; nothing changed."))
    update_passwords([person for tale in TALES for person in tale.people], password)
    return held[ROASTER.slug]


def hold(tale: Tale) -> Organization:
    """The organization of a tale, nobody else's, kept from being loaded twice at once."""
    organization, _is_new = Organization.objects.get_or_create(slug=tale.slug, defaults={"name": tale.name})
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    people = organization.memberships.all()
    if people.exists() and not people.filter(user__email=tale.owner_email).exists():
        raise Refusal(
            "not_the_example",
            _("There is an organization “%(slug)s” that is not the example company; it is left untouched.")
            % {"slug": tale.slug},
        )
    return organization


def renew(organization: Organization, tale: Tale, today: date, make_it: Callable[[Company], None]) -> bool:
    """Make an organization anew; whether anything differs from what was there. If nothing does, all stays."""
    before = fingerprint(organization)
    change = transaction.savepoint()
    empty(organization)
    company = Company(organization, Days(today), tale)
    with told(Door.COMMAND, address="load_demo", at=company.founded):
        make_it(company)
    if fingerprint(organization) == before:
        transaction.savepoint_rollback(change)
        organization.refresh_from_db()
        return False
    transaction.savepoint_commit(change)
    return True


def found(company: Company) -> None:
    """The organization with its teams, its people and its plan."""
    organization, today = company.organization, company.days.today
    organization.name = company.tale.name
    organization.time_zone = "Asia/Tokyo"
    organization.currency = "JPY"
    organization.fiscal_year_start = 4
    organization.check_in_weekday = today.weekday()
    organization.holidays = holidays_on(today)
    organization.band_lower, organization.band_upper = 0.6, 0.7
    organization.scored_on = today
    organization.save()
    seed_units(organization, language="ja")
    make_teams(company)
    make_people(company)


def make(company: Company, report: Report) -> None:
    """The roaster: its plan, four quarters that ended and the one that runs, with all that its people did."""
    organization, days = company.organization, company.days
    found(company)
    keep_time(company)
    make_invitations(company)
    make_tokens(company)
    share(company)
    report(_("People and teams: %(count)s people.") % {"count": len(company.people)})
    write_plan(company)
    make_scenarios(company)
    write_readings(company)
    for name in days.spans:
        plan_cycle(company, name)
    report(_("The plan: %(count)s KGIs with what they are made of.") % {"count": len(company.kgis)})

    for name in EARLIER:
        write(company, [goal for goal in GOALS if goal.cycle == name])
        live(company, told_days(company, name))
        close(company, company.cycles[name])
        grade(company, company.cycles[name])
    write(company, [goal for goal in GOALS if goal.cycle in ("last", "year")])
    live(company, last_days(company))
    close(company, company.cycles["last"])
    grade(company, company.cycles["last"])
    look_back(company)
    grade_again(company, company.cycles["last"])
    keep_lessons(company)
    report(_("Last quarter: %(cycle)s, closed.") % {"cycle": company.cycles["last"]})

    write(company, [goal for goal in GOALS if goal.cycle in ("current", "next")])
    write_around(company)
    live(company, current_days(company))
    draft_next_quarter(company)
    watch_health(company)
    keep_up(company)
    draw_journey(company)
    do(company)
    set_out(company)
    fill_matrices(company)
    talk(company)
    hold_meetings(company)
    look_now(company)
    experiment(company)
    work_with_partners(company)
    make_channels(company)
    foretell(company)
    make_file(company, "last", company.tale.administrator)
    report(
        _("This quarter: %(cycle)s. %(objectives)s objectives, %(key_results)s key results, %(check_ins)s check-ins.")
        % {
            "cycle": company.cycles["current"],
            "objectives": Objective.objects.filter(organization=organization).count(),
            "key_results": KeyResult.objects.filter(objective__organization=organization).count(),
            "check_ins": sum(map(len, company.reported.values())),
        }
    )


def make_inn(company: Company) -> None:
    """The inn: one KGI and the quarter that runs."""
    found(company)
    write_plan(company)
    write_readings(company)
    plan_cycle(company, "current")
    write(company, company.tale.goals)
    live(company, [day for day in current_days(company) if day.weekday() == SUNDAY or day == company.days.today])
    set_out_at_the_inn(company)
    foretell(company)


def write_plan(company: Company) -> None:
    """The KGIs, as they first aimed and as they do now."""
    for aim in company.tale.aims:
        with company.by(aim.owner, company.planned + 6 * DAY):
            make_aim(company, aim)
        change_aim(company, aim)


def plan_cycle(company: Company, name: str) -> None:
    """Write down a cycle; one whose first day has come begins on it."""
    span = company.days.spans[name]
    planned_on = max(company.past(span.start - 5 * WEEK), company.founded.date() + 8 * DAY)
    with company.by(company.tale.administrator, company.at(planned_on, "13:10")):
        company.cycles[name] = Cycle.objects.create(
            organization=company.organization,
            name=company.days.name_of(name, company.organization.fiscal_year_start),
            start=span.start,
            end=span.end,
        )
    if name in BEGUN:
        open_cycle(company, company.cycles[name])


def told_days(company: Company, name: str) -> list[date]:
    """Of a quarter long ago the Sundays of the weeks in which people reported, and the one in its middle."""
    span = company.days.spans[name]
    return [span.start + week * WEEK + 6 * DAY for week in sorted({*SAID_IN, 6})]


def last_days(company: Company) -> list[date]:
    """The Sundays of the last quarter: a week is what its dashboard shows at most."""
    span = company.days.spans["last"]
    return [span.start + week * WEEK + 6 * DAY for week in range(13)]


def current_days(company: Company) -> list[date]:
    """Every day of the last three weeks, and the Sundays before."""
    start, today = company.days.spans["current"].start, company.days.today
    days = [start + number * DAY for number in range((today - start).days + 1)]
    return [day for day in days if day.weekday() == SUNDAY or day > today - 3 * WEEK]


def live(company: Company, days: Sequence[date]) -> None:
    """Score day by day as it was known then, so that the history is the one a company would have."""
    late = {
        company.objectives[goal.key].activated_on: company.objectives[goal.key]
        for goal in company.tale.goals
        if goal.active_for is not None and goal.key in company.objectives
    }
    never_scored = KeyResult.objects.filter(objective__organization=company.organization, scored=None)
    rollup.rescore_key_results(company.organization, never_scored.values_list("pk", flat=True), days[0])
    rollup.roll_up(company.organization, [objective.pk for objective in company.objectives.values()], days[0])
    before = days[0] - DAY
    for day in days:
        begun = late.pop(day, None)
        if begun is not None:
            with company.acting(company.tale.administrator, company.at(day, "09:15")) as by:
                Objective.objects.filter(pk=begun.pk).update(state=ObjectiveState.ACTIVE)
                note_step(begun, ObjectiveState.AGREED, ObjectiveState.ACTIVE, by)
            company.reported[day] += begun.key_results.values_list("pk", flat=True)
        changed = {pk for said, ids in company.reported.items() if before < said <= day for pk in ids}
        if changed:
            rollup.rescore_key_results(company.organization, changed, day)
        rollup.score_day(company.organization, day)
        before = day


def close(company: Company, cycle: Cycle) -> None:
    """Close a cycle as it ended: scores as of its last day, for good."""
    objectives = [objective for objective in company.objectives.values() if objective.cycle_id == cycle.pk]
    with company.acting(company.tale.administrator, company.at(cycle.end + 2 * DAY, "17:30")):
        Objective.objects.filter(pk__in=[objective.pk for objective in objectives]).update(state=ObjectiveState.CLOSED)
        step(company, cycle, CycleState.CLOSED)
    key_results = KeyResult.objects.filter(objective__cycle=cycle).values_list("pk", flat=True)
    rollup.rescore_key_results(company.organization, key_results, cycle.end)
    rollup.roll_up(company.organization, [objective.pk for objective in objectives], cycle.end)
