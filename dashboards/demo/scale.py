"""Large organizations to measure with: many goals in a deep alignment, in the middle of a half year."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import count

import pgtrigger
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext as _

from dashboards.demo.copies import copy_key_results
from dashboards.demo.days import DAY, WEEK, Days, moment
from dashboards.demo.obstacles import obstacle_of
from dashboards.demo.tables import empty
from objectives import rollup
from objectives.models import (
    Alignment,
    CheckIn,
    Cycle,
    CycleState,
    Intent,
    KeyResult,
    Kind,
    Level,
    Limit,
    Objective,
    ObjectiveState,
    Obstacle,
    Period,
)
from people.models import Audit, Membership, Organization, Role, Searched, Team, User

AT_ONCE = 2_000
DEPARTMENTS = 10
KEY_RESULTS = 4
WEEKS = 13
"""How many weeks have gone, of a half year; each key result has a check-in for each."""
PATTERNS = 200
"""How many objectives differ in their courses; those after them go the way of one of these."""
SILENT = 40
"""Of so many key results one has said nothing in the last week."""
WISHES = (
    "お客さまに、また会いたいと思われる",
    "相談の最初の電話が、うちに鳴る",
    "現場の気づきが、翌週には形になる",
    "待たせない、迷わせない、がっかりさせない",
    "誰が休んでも、仕事が気持ちよく進む",
    "新しい街で、最初に名前が挙がる",
    "数字の話を、前を向いてできる",
    "隣の部署に、先に手を貸す",
)
MEASURES = (
    (Kind.REACH, "満足と答えた方の割合", "%", {"start_value": 40, "must_hit_value": 60, "target_value": 80}),
    (Kind.CUMULATIVE, "新しいお取引", "件", {"start_value": 0, "target_value": 120}),
    (Kind.KEEP, "期日を守れた割合", "%", {"target_value": 95, "limit": Limit.MIN, "period": Period.WEEK}),
    (Kind.REACH, "手配にかかる日数", "日", {"start_value": 30, "target_value": 12}),
    (Kind.AVERAGE, "問い合わせに答えるまでの時間", "時間", {"start_value": 20, "target_value": 8}),
)

# A history needs no exactness here, only its size: today's scores, earlier in proportion to the pace of the day.
EARLIER = """
INSERT INTO objectives_objectivesnapshot (objective_id, date, score, pace, landing, health)
SELECT s.objective_id, day, s.score * share, s.pace * share, s.landing, s.health
FROM objectives_objectivescore s
JOIN objectives_objective o ON o.id = s.objective_id AND o.organization_id = %(organization)s
CROSS JOIN LATERAL (
    SELECT day::date AS day,
           (day::date - %(start)s::date + 1)::float8 / (%(today)s::date - %(start)s::date + 1) AS share
    FROM generate_series(%(start)s::date + 6, %(today)s::date - 1, interval '7 days') AS day
) AS week
"""


@transaction.atomic
def load_large(
    objectives: int, today: date, report: Callable[[str], None] = lambda line: None, weeks: int = WEEKS
) -> Organization:
    """Make the organization `demo-N` with N objectives of 4 key results each, in the place of an older one.

    Each key result has `weeks` check-ins, from 1 to 13, one for each of the last weeks. Of the rows no history is
    kept: it would cost a sixth of the time and say only that they were loaded.
    """
    begun = time.monotonic()
    slug = f"demo-{objectives}"
    organization, _is_new = Organization.objects.get_or_create(slug=slug)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    empty(organization)
    rest(Audit)
    organization.name = f"凪雪グループ {objectives:,}"
    organization.check_in_weekday = today.weekday()
    organization.scored_on = today
    organization.save()
    teams = make_teams(organization, objectives)
    people = make_people(organization, teams, objectives)
    start = Days(today).monday - WEEKS * WEEK
    cycle = Cycle.objects.create(
        organization=organization,
        name=f"{start:%Y.%m}–{start + 2 * WEEKS * WEEK - DAY:%Y.%m}",
        start=start,
        end=start + 2 * WEEKS * WEEK - DAY,
        state=CycleState.ACTIVE,
    )
    made = make_objectives(organization, cycle, teams, people, objectives)
    report(_("%(slug)s: %(count)s objectives after %(seconds)s seconds.") % spent(slug, len(made), begun))
    write_key_results(organization, made[:PATTERNS], today, weeks)
    rest(Audit, Searched)
    copy_key_results(organization, PATTERNS)
    report(
        _("%(slug)s: %(count)s key results after %(seconds)s seconds.") % spent(slug, len(made) * KEY_RESULTS, begun)
    )
    ids = [objective.pk for objective in made]
    rollup.roll_up(organization, ids, today)
    rollup.snapshot(ids, today)
    with connection.cursor() as cursor:
        # What is measured next would else be planned for the tables as they were before.
        cursor.execute("ANALYZE")
        cursor.execute(EARLIER, {"organization": organization.pk, "start": cycle.start, "today": today})
    report(_("%(slug)s: done, %(count)s objectives in %(seconds)s seconds.") % spent(slug, len(made), begun))
    return organization


def rest(*kinds: type[pgtrigger.Trigger]) -> None:
    """Let the triggers of these kinds rest until this transaction ends."""
    names = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered() if isinstance(trigger, kinds)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])


def spent(slug: str, number: int, begun: float) -> dict[str, object]:
    return {"slug": slug, "count": number, "seconds": round(time.monotonic() - begun, 1)}


def make_teams(organization: Organization, objectives: int) -> list[list[Team]]:
    """The company, its departments, and their teams of about 25 objectives."""
    root = Team.objects.create(organization=organization, name=organization.name)
    departments = Team.objects.bulk_create(
        Team(organization=organization, parent=root, name=f"第{number + 1}部", position=number)
        for number in range(DEPARTMENTS)
    )
    teams = Team.objects.bulk_create(
        Team(
            organization=organization,
            parent=departments[number % DEPARTMENTS],
            name=f"{number // DEPARTMENTS + 1}課",
            position=number,
        )
        for number in range(max(DEPARTMENTS, objectives // 25))
    )
    return [[root], departments, teams]


def make_people(organization: Organization, teams: list[list[Team]], objectives: int) -> list[Membership]:
    """Someone for every five objectives, and the example accounts, so that one can sign in and look."""
    accounts = User.objects.filter(email__in=[f"{role}@demo.example" for role in Role.values])
    names = {f"p{number}@{organization.slug}.example": number for number in range(max(20, objectives // 5))}
    known = set(User.objects.filter(email__in=names).values_list("email", flat=True))
    nobody = make_password(None)
    User.objects.bulk_create(
        User(email=email, name=f"社員 {number + 1}", reading=f"しゃいん {number + 1:06}", password=nobody)
        for email, number in names.items()
        if email not in known
    )
    users = sorted(User.objects.filter(email__in=names), key=lambda user: names[user.email])
    leaders = len(teams[2])
    Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role=user.email.partition("@")[0]) for user in accounts
    )
    people = Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role=Role.MANAGER if number < leaders else Role.MEMBER)
        for number, user in enumerate(users)
    )
    places = Membership.teams.through
    places.objects.bulk_create(
        places(membership=person, team=teams[2][number % leaders]) for number, person in enumerate(people)
    )
    places.objects.bulk_create(
        places(membership=person, team=teams[2][0] if person.role == Role.MEMBER else teams[1][0])
        for person in organization.memberships.filter(user__in=accounts, role__in=[Role.MANAGER, Role.MEMBER])
    )
    return people


def make_objectives(
    organization: Organization, cycle: Cycle, teams: list[list[Team]], people: list[Membership], objectives: int
) -> list[Objective]:
    """Five for the company, three for each department, two for each team, the rest people's; each aligned upwards.

    One person's objective in five builds on another person's, which makes the alignment five levels deep.
    """
    made: list[Objective] = []
    parents: list[int | None] = []

    def one(team: Team, level: str, parent: int | None) -> None:
        number = len(made)
        made.append(
            Objective(
                organization=organization,
                cycle=cycle,
                team=team,
                owner=people[number % len(people)],
                level=level,
                title=f"{WISHES[number % len(WISHES)]} {number + 1}",
                kind=Intent.COMMITTED if number % 4 == 3 else Intent.ASPIRATIONAL,
                state=ObjectiveState.ACTIVE,
                position=number,
                activated_on=cycle.start,
            )
        )
        parents.append(parent)

    for number, (team, level, parent) in enumerate(places_of(teams)):
        if number == objectives:
            break
        one(team, level, parent)
    Objective.objects.bulk_create(made, batch_size=AT_ONCE)
    Alignment.objects.bulk_create(
        (
            Alignment(child=objective, parent_objective=made[parent])
            for objective, parent in zip(made, parents, strict=True)
            if parent is not None
        ),
        batch_size=AT_ONCE,
    )
    return made


def places_of(teams: list[list[Team]]) -> Iterator[tuple[Team, str, int | None]]:
    """Team, level and number of the parent of one objective after the other, without end."""
    companies, of_department, of_team = 5, 3, 2
    for _number in range(companies):
        yield teams[0][0], Level.COMPANY, None
    for number, department in enumerate(department for department in teams[1] for _number in range(of_department)):
        yield department, Level.TEAM, number % companies
    first_of_departments = companies
    for number, team in enumerate(teams[2]):
        for turn in range(of_team):
            yield team, Level.TEAM, first_of_departments + (number % DEPARTMENTS) * of_department + turn
    first_of_teams = companies + DEPARTMENTS * of_department
    first_of_people = first_of_teams + len(teams[2]) * of_team
    for number in count():
        place = number % len(teams[2])
        if number % 5 == 4:
            yield teams[2][place], Level.INDIVIDUAL, first_of_people + number - 1
        else:
            yield teams[2][place], Level.INDIVIDUAL, first_of_teams + place * of_team + number % of_team


def write_key_results(organization: Organization, objectives: list[Objective], today: date, weeks: int) -> None:
    """Key results with their check-ins of the last weeks, and what they are worth by themselves."""
    key_results = []
    for objective in objectives:
        for position in range(KEY_RESULTS):
            kind, title, unit, numbers = MEASURES[(objective.position + position) % len(MEASURES)]
            key_results.append(
                KeyResult(
                    objective=objective,
                    title=title,
                    kind=kind,
                    unit=unit,
                    owner=objective.owner,
                    measured_how="月次の集計",
                    position=position,
                    **numbers,
                )
            )
    KeyResult.objects.bulk_create(key_results, batch_size=AT_ONCE)
    with connection.cursor() as cursor:
        # Tables that were vacuumed while empty count as empty, and a trigger would read them whole for each row.
        cursor.execute("ANALYZE objectives_objective, objectives_keyresult")
    check_ins = [
        check_in
        for number, key_result in enumerate(key_results)
        for check_in in check_ins_of(organization, key_result, number, today, weeks)
    ]
    CheckIn.objects.bulk_create(check_in for check_in in check_ins if check_in.obstacle)
    rest(Audit, Searched)
    CheckIn.objects.bulk_create((one for one in check_ins if not one.obstacle), batch_size=AT_ONCE)
    rest(Audit)
    rollup.rescore_key_results(organization, [key_result.pk for key_result in key_results], today)
    Obstacle.objects.bulk_create(
        (obstacle_of(check_in) for check_in in check_ins if check_in.obstacle), batch_size=AT_ONCE
    )


def check_ins_of(
    organization: Organization, key_result: KeyResult, number: int, today: date, weeks: int
) -> Iterator[CheckIn]:
    """The check-ins of the last weeks; how far each key result came is spread evenly by its number."""
    share = Decimal(number * 37 % 101) / 100
    start, target = Decimal(key_result.start_value or 0), Decimal(key_result.target_value or 0)
    this_week = Days(today).monday
    for week in range(WEEKS - weeks, WEEKS):
        # Some report twice in their first week and have been silent in the last one.
        day = this_week - (WEEKS - week + (number % SILENT == 7)) * WEEK + 2 * DAY
        day = max(day, this_week - WEEKS * WEEK)
        # Nobody's course is a straight line.
        wave = Decimal((number + week) * 29 % 7 - 3) / 60
        so_far = max(Decimal(0), (share + wave) * (week + 1) / (2 * WEEKS))
        match key_result.kind:
            case Kind.KEEP:
                value = Decimal(100 if (number + week) % 4 else 90)
            case Kind.CUMULATIVE:
                value = round(max(Decimal(0), share + wave) * target / (2 * WEEKS), 0)
            case Kind.AVERAGE:
                value = round(start + (target - start) * max(Decimal(0), share + wave), 1)
            case _:
                value = round(start + (target - start) * so_far, 1)
        yield CheckIn(
            key_result=key_result,
            author=key_result.owner,
            date=day,
            value=value,
            confidence=3 + (number + week // 4) % 7,
            obstacle="決裁を待っている" if week == WEEKS - 1 - number % 2 and number % 40 < 2 else "",
            created_at=moment(day, "09:30", organization.zone, week),
        )
