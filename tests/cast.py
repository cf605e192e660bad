"""A small company that most tests play in.

北灯珈琲, with a stranger from another company beside it. Today is Wednesday 20 May 2026, in the seventh week of the
quarter that began on Monday 6 April; check-ins are due on Fridays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from objectives import rollup, services
from objectives.models import Cycle, CycleState, Intent, KeyResult, Kind, Level, Objective, ObjectiveState, Step
from objectives.services.steps import record_step
from people.models import Membership, Organization, Role, Team, User

TODAY = date(2026, 5, 20)
NOW = "2026-05-20T10:00:00+09:00"
PASSWORD = "correct horse battery"


@dataclass
class Cast:
    organization: Organization
    company: Team
    sales: Team
    online: Team
    admin: Membership
    executive: Membership
    manager: Membership
    """Leads sales."""
    member: Membership
    """Works in sales."""
    colleague: Membership
    """Works in online, led by nobody in the cast but the administrator."""
    partner: Membership
    stranger: Membership
    """An administrator, of another organization."""
    cycle: Cycle
    closed_cycle: Cycle

    def url(self, path: str = "") -> str:
        return f"/o/{self.organization.slug}/{path}"

    def objective(self, *, key_results: int = 2, state: str = ObjectiveState.ACTIVE, **fields: Any) -> Objective:
        """An objective of sales with as many reach key results 0 → 100, active unless said otherwise."""
        goal = Objective(
            **{
                "cycle": self.cycle,
                "team": self.sales,
                "owner": self.manager,
                "level": Level.TEAM,
                "kind": Intent.ASPIRATIONAL,
                "title": "はたらく人の午後を、珈琲で支える",
            }
            | fields
        )
        if state == ObjectiveState.ACTIVE:
            return self.begun(goal, key_results)
        objective = services.save_objective(goal)
        self.draft(objective, key_results)
        if state != ObjectiveState.DRAFT:
            return services.change_state(objective, to=state, by=self.admin, open_points=())
        self.score(objective)
        return objective

    def begun(self, objective: Objective, key_results: int) -> Objective:
        """As it is left by those who begin it, in few statements: thousands of tests begin here."""
        objective.organization = objective.cycle.organization
        objective.state, objective.version = ObjectiveState.ACTIVE, 2
        objective.activated_on = objective.organization.today
        objective.save(force_insert=True)
        self.draft(objective, key_results)
        record_step(objective, before=ObjectiveState.DRAFT, by=self.admin)
        self.score(objective)
        return objective

    def draft(self, objective: Objective, key_results: int) -> None:
        KeyResult.objects.bulk_create(
            self.drafted(objective, title=f"結果 {number + 1}", position=number) for number in range(key_results)
        )

    def score(self, objective: Objective) -> None:
        drafts = list(objective.key_results.values_list("pk", flat=True))
        with transaction.atomic():
            rollup.rescore(objective.organization, drafts, objective.pk, objective.organization.today, is_held=True)

    def many(self, number: int, title: str = "目標", **fields: Any) -> list[Objective]:
        """So many objectives just as they lie in the table, numbered, without key results and whatever follows them."""
        given = {"cycle": self.cycle, "team": self.sales, "owner": self.manager} | fields
        rows = [Objective(organization=self.organization, title=f"{title} {each}", **given) for each in range(number)]
        return Objective.objects.bulk_create(rows)

    def key_result(self, objective: Objective, *, steps: list[Step] | None = None, **fields: Any) -> KeyResult:
        """A reach key result 0 → 100 件 owned by the member, unless said otherwise."""
        return services.save_key_result(
            self.drafted(objective, **{"position": objective.key_results.count()} | fields),
            by=self.admin,
            steps=steps,
            reason="期中に加えた",
        )

    def sums_of_sums(self) -> list[KeyResult]:
        """Of the company, a department and a team, each the sum of what the next reports."""
        sums: list[KeyResult] = []
        for title in ("会社", "部", "課"):
            objective = self.objective(title=title)
            objective.key_results.update(unit="回")
            if sums:
                services.align(objective, to=sums[-1])
            sums.append(self.key_result(objective, combine="sum", target_value=200))
        return sums

    def drafted(self, objective: Objective, **fields: Any) -> KeyResult:
        return KeyResult(
            **{
                "objective": objective,
                "title": "新しい定期便の契約",
                "kind": Kind.REACH,
                "unit": "件",
                "start_value": Decimal(0),
                "target_value": Decimal(100),
                "owner": self.member,
            }
            | fields
        )


def people(*cast: tuple[Organization, str, str, str, Team | None]) -> list[Membership]:
    """What `person` makes, of all at once."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(email=email, name=name, password=password) for _organization, name, email, _role, _team in cast
    )
    memberships = Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role=role)
        for user, (organization, _name, _email, role, _team) in zip(users, cast, strict=True)
    )
    Membership.teams.through.objects.bulk_create(
        Membership.teams.through(membership=membership, team=team)
        for membership, (*_who, team) in zip(memberships, cast, strict=True)
        if team is not None
    )
    return memberships


def person(organization: Organization, name: str, email: str, role: str, *teams: Team) -> Membership:
    user = User.objects.create_user(email, PASSWORD, name=name)
    membership = Membership.objects.create(organization=organization, user=user, role=role)
    membership.teams.set(teams)
    return membership


def make_cast() -> Cast:
    organization = Organization.objects.create(name="北灯珈琲", slug="hokuto")
    company = Team.objects.create(organization=organization, name="北灯珈琲")
    sales = Team.objects.create(organization=organization, parent=company, name="法人営業", position=1)
    online = Team.objects.create(organization=organization, parent=company, name="オンライン店", position=2)
    elsewhere = Organization.objects.create(name="南風商事", slug="minami")
    Team.objects.create(organization=elsewhere, name="南風商事")
    Cycle.objects.create(
        organization=elsewhere, name="FY2026 Q1", start=date(2026, 4, 1), end=date(2026, 6, 30), state=CycleState.ACTIVE
    )
    admin, executive, manager, member, colleague, partner, stranger = people(
        (organization, "小林 彩", "admin@hokuto.example", Role.ADMIN, company),
        (organization, "中村 大輔", "executive@hokuto.example", Role.EXECUTIVE, company),
        (organization, "伊藤 遥", "manager@hokuto.example", Role.MANAGER, sales),
        (organization, "山本 翔", "member@hokuto.example", Role.MEMBER, sales),
        (organization, "佐藤 美咲", "colleague@hokuto.example", Role.MEMBER, online),
        (organization, "Mori Agency", "partner@agency.example", Role.PARTNER, None),
        (elsewhere, "南 風太", "stranger@minami.example", Role.ADMIN, None),
    )
    return Cast(
        organization=organization,
        company=company,
        sales=sales,
        online=online,
        admin=admin,
        executive=executive,
        manager=manager,
        member=member,
        colleague=colleague,
        partner=partner,
        stranger=stranger,
        cycle=Cycle.objects.create(
            organization=organization,
            name="FY2026 Q1",
            start=date(2026, 4, 6),
            end=date(2026, 7, 5),
            state=CycleState.ACTIVE,
        ),
        closed_cycle=Cycle.objects.create(
            organization=organization,
            name="FY2025 Q4",
            start=date(2026, 1, 5),
            end=date(2026, 4, 5),
            state=CycleState.CLOSED,
        ),
    )
