"""Make the people, the plan and their passwords."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.hashers import check_password, make_password
from django.utils import translation

from dashboards.demo.company import Company, number
from dashboards.demo.people import PEOPLE, TEAMS
from dashboards.demo.story import Aim, Chain
from funnel.formulas.back_calculation import FunnelInput, back_calculate
from funnel.models import KGI, KPI, FunnelNumber, KGIShare
from funnel.services import FunnelPlan, record_actual, save_funnel
from objectives.formulas.calendar import fiscal_year
from people.models import Membership, Team, User


def make_teams(company: Company) -> None:
    root = None
    for position, (name, title) in enumerate(TEAMS.items()):
        company.teams[name] = Team.objects.create(
            organization=company.organization, parent=root, name=title, position=position
        )
        root = root or company.teams[name]


def make_people(company: Company) -> None:
    known = {user.email: user for user in User.objects.filter(email__in=[person.email for person in PEOPLE])}
    for person in PEOPLE:
        # An unusable password: the accounts get theirs at the end, nobody else is meant to sign in.
        user = known.get(person.email) or User(email=person.email, password=make_password(None))
        user.name, user.reading, user.is_active = person.name, person.reading, True
        user.save()
        company.people[person.key] = Membership(organization=company.organization, user=user, role=person.role)
    Membership.objects.bulk_create(company.people.values())
    places = Membership.teams.through
    places.objects.bulk_create(
        places(membership=company.people[person.key], team=company.teams[team])
        for person in PEOPLE
        for team in person.teams
    )


def update_passwords(password: str) -> None:
    """Give the accounts the password. One hash for all, made only where needed: hashing is slow on purpose."""
    accounts = User.objects.filter(email__in=[person.email for person in PEOPLE if person.is_account])
    held = set(accounts.values_list("password", flat=True))
    right = {encoded for encoded in held if check_password(password, encoded)}
    if held != right:
        accounts.exclude(password__in=right).update(password=make_password(password))


def make_aim(company: Company, aim: Aim) -> None:
    year = fiscal_year(company.days.today, company.organization.fiscal_year_start)
    kgi = KGI.objects.create(
        organization=company.organization,
        name=aim.name,
        owner=company.people[aim.owner],
        period_start=year.start,
        period_end=year.end,
        last_year_value=number(aim.last_year),
        why=aim.why,
        picture=aim.picture,
        factors_likely=aim.likely,
        factors_hard=aim.hard,
    )
    company.kgis[aim.key] = kgi
    columns = {
        "current": solved(aim.current),
        "must_hit": solved(aim.must_hit_chain),
        "challenge": solved(aim.challenge_chain),
    }
    with translation.override("ja"):
        save_funnel(
            kgi,
            FunnelPlan(
                unknown=FunnelNumber.VISITS,
                numbers={
                    name: {column: numbers[name] for column, numbers in columns.items()} for name in FunnelNumber.values
                },
                target_companies=aim.companies,
                target_contacts=aim.contacts,
                lead_times=dict(zip(("visits", "cvs", "deals"), aim.days, strict=True)),
            ),
        )
        month_end = company.days.today.replace(day=1) - timedelta(days=1)
        actual = number(aim.actual)
        if actual is not None and month_end >= year.start:
            closed_on = company.past(month_end + timedelta(days=3))
            with company.by(aim.owner, company.at(closed_on, "09:40")):
                record_actual(kgi, date=month_end, value=actual, recorded_by=company.people[aim.owner])
    KPI.objects.bulk_create(
        KPI(
            kgi=kgi,
            key=lever.key,
            name=lever.name,
            unit=lever.unit,
            is_rate=lever.is_rate,
            current=number(lever.current),
            must_hit=number(lever.must_hit),
            challenge=number(lever.challenge),
            owner=company.people[lever.owner],
            source=lever.source,
            definition=lever.definition,
            position=100 + position,
        )
        for position, lever in enumerate(aim.levers)
    )
    KGIShare.objects.bulk_create(KGIShare(kgi=kgi, membership=company.people[name]) for name in aim.shared_with)
    company.kpis |= {f"{aim.key}/{kpi.key}": kpi for kpi in kgi.kpis.all()}


def solved(chain: Chain) -> dict[str, Decimal]:
    """The six numbers of a column, the visits found from the others."""
    known = {name: Decimal(str(getattr(chain, name))) for name in chain.__dataclass_fields__}
    visits = back_calculate(
        FunnelInput(known["revenue"], known["unit_price"], known["win_rate"], known["deal_rate"], known["cv_rate"])
    ).visits
    return known | {"visits": round(Decimal(visits.numerator) / visits.denominator, 6)}
