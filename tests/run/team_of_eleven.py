"""Eleven people in two teams with different rhythms, and thirteen weeks ahead of them.

Founded by `manage.py shell` in the installation under test: it prints what the story needs to know as one line of JSON.
"""

import json
from datetime import date
from decimal import Decimal

from objectives import services
from objectives.models import Cycle, CycleState, Intent, KeyResult, Kind, Level, Objective, ObjectiveState
from people.models import Cadence, DayOff, Membership, Organization, ReminderPreference, Role, Team, User
from people.services import make_token

PASSWORD = "correct horse battery"
FRIDAY, WEDNESDAY = 4, 2
GOALS = {
    "法人営業の朝を、北の珈琲で支える": ("manager", "early", "evening", "late"),
    "はじめての店に、迷わず選ばれる": ("browser", "skipping", "same_day"),
    "どの袋を開けても、同じ香りがする": ("morning", "silent"),
}


def found() -> None:
    organization = Organization.objects.create(name="北灯珈琲", slug="hokuto", check_in_weekday=FRIDAY)
    company = Team.objects.create(organization=organization, name="北灯珈琲")
    sales = Team.objects.create(organization=organization, parent=company, name="法人営業", position=1)
    roastery = Team.objects.create(organization=organization, parent=company, name="焙煎所", position=2)
    Cadence.objects.create(team=roastery, check_in_weeks=2, check_in_weekday=WEDNESDAY)
    # With the public holidays before them nobody works in that week.
    DayOff.objects.create(organization=organization, name="連休", first=date(2026, 5, 7), last=date(2026, 5, 8))
    cycle = Cycle.objects.create(
        organization=organization,
        name="FY2026 Q1",
        start=date(2026, 4, 6),
        end=date(2026, 7, 5),
        state=CycleState.ACTIVE,
    )
    people = {
        "admin": person(organization, "admin", Role.ADMIN, company),
        "executive": person(organization, "executive", Role.EXECUTIVE, company),
    }
    teams = dict(zip(GOALS, (sales, sales, roastery), strict=True))
    for title, names in GOALS.items():
        for name in names:
            role = Role.MANAGER if name == "manager" else Role.MEMBER
            people[name] = person(organization, name, role, teams[title])
    ReminderPreference.objects.create(membership=people["evening"], hour=18)
    key_results: dict[str, list[int]] = {}
    for title, names in GOALS.items():
        objective = services.save_objective(
            Objective(
                cycle=cycle,
                team=teams[title],
                owner=people[names[0]],
                level=Level.TEAM,
                kind=Intent.ASPIRATIONAL,
                title=title,
            )
        )
        for name in names:
            key_results[name] = [
                services.save_key_result(
                    KeyResult(
                        objective=objective,
                        title=f"{name} {number}",
                        kind=Kind.CUMULATIVE,
                        unit="件",
                        start_value=Decimal(0),
                        target_value=Decimal(20),
                        owner=people[name],
                        position=number,
                    ),
                    by=people["admin"],
                ).pk
                for number in range(1, 4 if name == "browser" else 2)
            ]
        services.change_state(objective, to=ObjectiveState.ACTIVE, by=people["admin"])
    tokens = {name: make_token(membership, name="story")[1] for name, membership in people.items()}
    print(json.dumps({"key_results": key_results, "tokens": tokens, "people": {n: p.pk for n, p in people.items()}}))


def person(organization: Organization, name: str, role: str, team: Team) -> Membership:
    language = "en" if name in {"late", "silent", "executive"} else "ja"
    user = User.objects.create_user(f"{name}@hokuto.example", PASSWORD, name=name, language=language)
    membership = Membership.objects.create(organization=organization, user=user, role=role)
    membership.teams.set([team])
    return membership
