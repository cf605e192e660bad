"""Make the people, the plan and their passwords."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.hashers import check_password, make_password
from django.utils import translation

from dashboards.demo.company import Company, number
from dashboards.demo.story import Aim, Branch, Calculation, Chain, Channel, Lever, Person
from funnel.formulas.back_calculation import FunnelInput, back_calculate
from funnel.models import KGI, KPI, FunnelNumber, KGIShare, PlanChange, Stage
from funnel.services import COLUMNS, ChannelPlan, FunnelPlan, save_funnel
from objectives.formulas.calendar import fiscal_year
from people.models import Membership, Team, User


def make_teams(company: Company) -> None:
    root = None
    for position, (name, title) in enumerate(company.tale.teams.items()):
        company.teams[name] = Team.objects.create(
            organization=company.organization, parent=root, name=title, position=position
        )
        root = root or company.teams[name]


def make_people(company: Company) -> None:
    people = company.tale.people
    known = {user.email: user for user in User.objects.filter(email__in=[person.email for person in people])}
    for person in people:
        # An unusable password: the accounts get theirs at the end, nobody else is meant to sign in.
        user = known.get(person.email) or User(email=person.email, password=make_password(None))
        user.name, user.reading, user.is_active = person.name, person.reading, True
        user.save()
        company.people[person.key] = Membership(organization=company.organization, user=user, role=person.role)
    Membership.objects.bulk_create(company.people.values())
    places = Membership.teams.through
    places.objects.bulk_create(
        places(membership=company.people[person.key], team=company.teams[team])
        for person in people
        for team in person.teams
    )


def update_passwords(people: Iterable[Person], password: str) -> None:
    """Give the accounts the password. One hash for all, made only where needed: hashing is slow on purpose."""
    accounts = User.objects.filter(email__in=[person.email for person in people if person.is_account])
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
        current_value=number(aim.current),
        must_hit_value=number(aim.aimed.was if aim.aimed else aim.must_hit),
        challenge_value=number(aim.challenge),
        reference_value=number(aim.reference),
        reference_source=aim.reference_source,
        why=aim.why,
        picture=aim.picture,
        factors_likely=aim.likely,
        factors_hard=aim.hard,
    )
    company.kgis[aim.key] = kgi
    with translation.override("ja"):
        if aim.funnel is not None:
            save_funnel(kgi, plan_of(aim.funnel, company))
        KPI.objects.bulk_create(node_of(company, kgi, node, position) for position, node in enumerate(aim.tree))
    KGIShare.objects.bulk_create(KGIShare(kgi=kgi, membership=company.people[name]) for name in aim.shared_with)
    company.kpis |= {f"{aim.key}/{kpi.key}": kpi for kpi in kgi.kpis.all()}


def plan_of(funnel: Calculation, company: Company) -> FunnelPlan:
    columns = {
        "current": solved(funnel.current),
        "must_hit": solved(funnel.must_hit),
        "challenge": solved(funnel.challenge),
    }
    return FunnelPlan(
        unknown=FunnelNumber.VISITS,
        numbers={name: {column: numbers[name] for column, numbers in columns.items()} for name in FunnelNumber.values},
        target_companies=funnel.companies,
        target_contacts=funnel.contacts,
        lead_times=dict(zip(("visits", "cvs", "deals"), funnel.days, strict=True)),
        last_year=None if funnel.last_year is None else counted(solved(funnel.last_year)),
        reference={name: number(value) for name, value in funnel.average.items()},
        reference_source=dict.fromkeys(funnel.average, funnel.average_source),
        channels=[channel_of(channel, company) for channel in funnel.channels],
    )


def counted(column: dict[str, Decimal]) -> dict[str, Decimal]:
    """A column that has been: its visits are whole."""
    return column | {"visits": round(column["visits"], -2)}


def channel_of(channel: Channel, company: Company) -> ChannelPlan:
    return ChannelPlan(
        stage=Stage.CVS,
        name=channel.name,
        team_id=company.teams[channel.team].pk,
        volumes=dict(zip(COLUMNS, map(number, channel.volumes), strict=True)),
        rates=dict(zip(COLUMNS, map(number, channel.rates), strict=True)),
    )


def node_of(company: Company, kgi: KGI, node: Branch | Lever, position: int) -> KPI:
    kpi = KPI(kgi=kgi, key=node.key, name=node.name, unit=node.unit, period=node.period, position=position)
    kpi.definition, kpi.is_goal = node.definition, position == 0
    if isinstance(node, Branch):
        kpi.formula = node.formula
        return kpi
    kpi.is_rate, kpi.is_locked, kpi.effort = node.is_rate, node.is_locked, Decimal(str(node.effort))
    kpi.current, kpi.must_hit, kpi.challenge = map(number, (node.current, node.must_hit, node.challenge))
    kpi.low, kpi.likely, kpi.high = map(number, node.spread or (None, None, None))
    kpi.minimum, kpi.maximum = map(number, node.limits)
    kpi.reference, kpi.reference_source = number(node.reference), node.reference_source
    kpi.owner, kpi.source, kpi.note = company.people[node.owner], node.source, node.note
    return kpi


def change_aim(company: Company, aim: Aim) -> None:
    """Where a KGI first aimed elsewhere: the target it has now, with who changed it, when and why."""
    if aim.aimed is None:
        return
    kgi = company.kgis[aim.key]
    at = company.planned + timedelta(days=aim.aimed.days)
    with company.by(aim.owner, at):
        kgi.must_hit_value = number(aim.must_hit)
        kgi.version += 1
        kgi.save(update_fields=["must_hit_value", "version"])
        PlanChange.objects.create(
            kgi=kgi,
            column="must_hit",
            before=Decimal(str(aim.aimed.was)),
            after=kgi.must_hit_value,
            reason=aim.aimed.reason,
            changed_by=company.people[aim.owner],
            changed_at=at,
        )


def solved(chain: Chain) -> dict[str, Decimal]:
    """The six numbers of a column, the visits found from the others."""
    known = {name: Decimal(str(getattr(chain, name))) for name in chain.__dataclass_fields__}
    visits = back_calculate(
        FunnelInput(known["revenue"], known["unit_price"], known["win_rate"], known["deal_rate"], known["cv_rate"])
    ).visits
    return known | {"visits": round(Decimal(visits.numerator) / visits.denominator, 6)}
