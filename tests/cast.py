"""A small company that most tests play in.

北灯珈琲, with a stranger from another company beside it. Today is Wednesday 20 May 2026, in the seventh week of the
quarter that began on Monday 6 April; check-ins are due on Fridays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from objectives import services
from objectives.models import Cycle, CycleState, Intent, KeyResult, Kind, Level, Objective, ObjectiveState, Step
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
        objective = services.save_objective(
            Objective(
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
        )
        for number in range(key_results):
            self.key_result(objective, title=f"結果 {number + 1}")
        if state != ObjectiveState.DRAFT:
            objective = services.change_state(objective, to=state, by=self.admin)
        return objective

    def key_result(self, objective: Objective, *, steps: list[Step] | None = None, **fields: Any) -> KeyResult:
        """A reach key result 0 → 100 件 owned by the member, unless said otherwise."""
        return services.save_key_result(
            KeyResult(
                **{
                    "objective": objective,
                    "title": "新しい定期便の契約",
                    "kind": Kind.REACH,
                    "unit": "件",
                    "start_value": Decimal(0),
                    "target_value": Decimal(100),
                    "owner": self.member,
                    "position": objective.key_results.count(),
                }
                | fields
            ),
            by=self.admin,
            steps=steps,
            reason="期中に加えた",
        )


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
    return Cast(
        organization=organization,
        company=company,
        sales=sales,
        online=online,
        admin=person(organization, "小林 彩", "admin@hokuto.example", Role.ADMIN, company),
        executive=person(organization, "中村 大輔", "executive@hokuto.example", Role.EXECUTIVE, company),
        manager=person(organization, "伊藤 遥", "manager@hokuto.example", Role.MANAGER, sales),
        member=person(organization, "山本 翔", "member@hokuto.example", Role.MEMBER, sales),
        colleague=person(organization, "佐藤 美咲", "colleague@hokuto.example", Role.MEMBER, online),
        partner=person(organization, "Mori Agency", "partner@agency.example", Role.PARTNER),
        stranger=person(elsewhere, "南 風太", "stranger@minami.example", Role.ADMIN),
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
