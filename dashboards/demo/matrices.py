"""The two matrices of the example company: one with its list of leads, one in which only numbers are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from dashboards.demo.accounts import LIST, RULES, STAGES, WEEKS, WHY_SET, Account, Step, accounts
from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY, WEEK
from funnel.formulas.leads import known_as
from funnel.models import (
    CellCount,
    CellTarget,
    CountsAs,
    Lead,
    LeadImport,
    LeadImportState,
    LeadMove,
    Matrix,
    MatrixStage,
    MoveTarget,
    StageKind,
)
from funnel.services.matrices import add_matrix, save_fit_rule
from people.models import Membership

FRIDAY = 4
IN_SALES = ("nomura", "morishita", "nomura", "morishita", "fujiwara")
IN_MARKETING = ("kudo", "shiraishi")
EARLY = ("unaware", "warming")
WHERE_THEY_STAND = """
UPDATE funnel_lead lead
SET stage_id = now.stage, fit = now.fit, since = now.since, employees = now.employees, version = now.version
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::int[], %s::int[])
     AS now (id, stage, fit, since, employees, version)
WHERE lead.id = now.id
"""

# How many are to stand in a cell on the last day, by fit.
AIMED_CELLS = {
    "unaware": {"A": 4, "B": 8},
    "warming": {"A": 10, "B": 16},
    "interested": {"A": 10, "B": 16},
    "likely": {"A": 5, "B": 8},
    "agreed": {"A": 4, "B": 6},
    "met": {"A": 5, "B": 8},
    "deal": {"A": 8, "B": 12},
    "won": {"A": 8, "B": 13, "C": 1},
}
# How many are to move until then, by fit: "" is from outside.
AIMED_MOVES = {
    ("", "interested"): {"A": 14, "B": 28, "C": 12},
    ("unaware", "warming"): {"A": 14, "B": 26},
    ("warming", "interested"): {"A": 24, "B": 32},
    ("interested", "likely"): {"A": 22, "B": 36},
    ("likely", "agreed"): {"A": 20, "B": 32},
    ("agreed", "met"): {"A": 21, "B": 36},
    ("met", "deal"): {"A": 19, "B": 30, "C": 6},
    ("deal", "won"): {"A": 8, "B": 13, "C": 1},
}

COUNTED_STAGES = (
    ("unaware", "潜在", StageKind.OPEN, CountsAs.NONE, "観光協会の名簿にある宿と施設"),
    ("interested", "顕在化", StageKind.OPEN, CountsAs.CV, "紹介会社へ資料を求めてきた"),
    ("met", "訪問済", StageKind.OPEN, CountsAs.NONE, "紹介会社と一緒に一度伺った"),
    ("deal", "案件化", StageKind.OPEN, CountsAs.DEAL, "朝食か客室の見積もりを求められた"),
    ("won", "受注", StageKind.WON, CountsAs.ORDER, "注文書をいただいた"),
    ("lost", "失注", StageKind.LOST, CountsAs.NONE, "断りの返事をいただいた"),
)
COUNTED = {
    "unaware": {"A": 34, "B": 86, "C": 140},
    "interested": {"A": 6, "B": 11, "C": 9},
    "met": {"A": 3, "B": 5, "C": 2},
    "deal": {"A": 2, "B": 3, "C": 1},
    "won": {"A": 0, "B": 0, "C": 0},
    "lost": {"A": 0, "B": 0, "C": 0},
}
# From, to, fit, and how many in each of the twelve weeks; what the introducing company reports on Fridays.
COUNTED_MOVES = (
    ("unaware", "interested", "A", "1 2 1 1 2 1 2 1 2 1 1 2"),
    ("unaware", "interested", "B", "2 1 3 2 2 3 1 2 3 2 2 3"),
    ("unaware", "interested", "C", "1 0 2 1 1 0 1 1 0 2 1 0"),
    ("", "interested", "B", "0 0 1 0 0 4 0 1 0 0 1 0"),
    ("interested", "met", "A", "1 1 1 2 1 1 1 2 1 1 2 1"),
    ("interested", "met", "B", "1 2 1 1 2 1 2 1 2 1 1 2"),
    ("interested", "met", "C", "0 1 0 1 0 1 0 0 1 0 0 1"),
    ("interested", "unaware", "B", "0 1 0 1 0 0 1 0 1 0 0 1"),
    ("interested", "lost", "A", "0 1 0 0 1 0 1 0 0 1 0 1"),
    ("interested", "lost", "B", "1 0 1 1 0 1 0 1 1 0 1 0"),
    ("interested", "lost", "C", "0 1 1 1 0 0 1 0 1 0 1 1"),
    ("unaware", "lost", "B", "1 3 2 2 3 2 1 3 2 2 3 2"),
    ("unaware", "lost", "C", "4 6 5 3 6 5 4 6 5 4 5 6"),
    ("met", "deal", "A", "1 0 1 1 1 0 1 1 0 1 1 0"),
    ("met", "deal", "B", "1 1 0 1 1 1 0 1 1 0 1 1"),
    ("met", "lost", "B", "0 1 0 0 1 0 1 0 1 0 0 1"),
    ("met", "interested", "A", "0 0 1 0 0 1 0 0 0 1 0 0"),
    ("deal", "won", "A", "0 1 0 0 1 0 0 1 0 0 1 0"),
    ("deal", "won", "B", "0 0 0 1 0 0 0 0 1 0 0 0"),
    ("deal", "lost", "A", "0 0 1 0 0 1 0 0 1 0 0 0"),
    ("deal", "lost", "B", "0 1 0 1 0 1 1 0 1 0 1 0"),
    ("unaware", "unaware", "C>B", "0 0 0 6 0 0 0 0 4 0 0 0"),
)
COUNTED_CELLS_AIMED = {"deal": {"A": 6, "B": 8}, "won": {"A": 20, "B": 16}}
COUNTED_MOVES_AIMED = {
    ("unaware", "interested"): {"A": 44, "B": 66},
    ("interested", "met"): {"A": 46, "B": 56},
    ("met", "deal"): {"A": 36, "B": 40},
    ("deal", "won"): {"A": 20, "B": 16},
}

Stages = Mapping[str, MatrixStage]


def fill_matrices(company: Company) -> None:
    matrix, stages = found_matrix(company, "corporate", "札幌圏の会社（法人定期便）", STAGES, kgi="corporate")
    with company.acting("fujiwara", company.at(matrix.starts_on, "09:20")) as by:
        for fit, conditions in RULES.items():
            save_fit_rule(matrix, fit=fit, conditions=conditions, by=by)
        aim(matrix, stages, AIMED_CELLS, AIMED_MOVES)
    live(company, matrix, stages)
    leave_import(company, matrix)
    matrix, stages = found_matrix(company, "inns", "道内の宿と観光施設（件数のみ）", COUNTED_STAGES, has_leads=False)
    with company.acting("fujiwara", company.at(matrix.starts_on, "09:45")) as by:
        aim(matrix, stages, COUNTED_CELLS_AIMED, COUNTED_MOVES_AIMED)
        CellCount.objects.bulk_create(
            CellCount(matrix=matrix, stage=stages[name], fit=fit, date=matrix.starts_on, count=count, by=by)
            for name, fits in COUNTED.items()
            for fit, count in fits.items()
        )
    count_moves(company, matrix, stages)


def leave_import(company: Company, matrix: Matrix) -> None:
    """A file brought in yesterday: cards from a fair, of which all but two were there already."""
    at = company.at(company.days.today - DAY, "17:30")
    LeadImport.objects.create(
        organization=company.organization,
        matrix=matrix,
        membership=company.people["ishiguro"],
        filename="展示会の名刺.csv",
        headings=["会社名", "担当者", "メール"],
        mapping=["company", "contact", "email"],
        state=LeadImportState.DONE,
        done=21,
        total=21,
        unchanged=19,
        wrong=[[8, "bad_email", "email"], [15, "company_missing", "company"]],
        created_at=at,
        finished_at=at + timedelta(seconds=1),
    )


def first_monday(company: Company) -> date:
    return company.days.monday - WEEKS * WEEK


def found_matrix(
    company: Company,
    name: str,
    title: str,
    stages: Sequence[tuple[str, str, str, str, str]],
    *,
    kgi: str = "",
    has_leads: bool = True,
) -> tuple[Matrix, dict[str, MatrixStage]]:
    """A matrix from the Monday twelve weeks ago to the end of the quarter, and its stages under the story's keys."""
    day = first_monday(company)
    with company.acting("fujiwara", company.at(day, "09:10")) as by:
        matrix, _is_new = add_matrix(
            Matrix(
                name=title,
                kgi=company.kgis[kgi] if kgi else None,
                has_leads=has_leads,
                starts_on=day,
                ends_on=company.days.spans["current"].end,
                submission_key=key("matrix", name),
            ),
            by=by,
            stages=[stage[1:] for stage in stages],
        )
    rows = matrix.stages.order_by("position")
    return matrix, {stage[0]: row for stage, row in zip(stages, rows, strict=True)}


def aim(
    matrix: Matrix,
    stages: Stages,
    cells: Mapping[str, Mapping[str, int]],
    moves: Mapping[tuple[str, str], Mapping[str, int]],
) -> None:
    CellTarget.objects.bulk_create(
        CellTarget(matrix=matrix, stage=stages[name], fit=fit, count=count)
        for name, fits in cells.items()
        for fit, count in fits.items()
    )
    MoveTarget.objects.bulk_create(
        MoveTarget(
            matrix=matrix,
            from_stage=stages.get(origin),
            from_fit=fit if origin else "",
            to_stage=stages[to],
            to_fit=fit,
            count=count,
        )
        for (origin, to), fits in moves.items()
        for fit, count in fits.items()
    )


@dataclass(frozen=True)
class Told:
    """A step of a company's way, as it is written down."""

    account: Account
    place: int
    day: date

    @property
    def step(self) -> Step:
        return self.account.steps[self.place]

    @property
    def is_of_the_list(self) -> bool:
        return self.place == 0 and self.step.week == 0

    @property
    def who(self) -> str:
        """Marketing as long as nobody answered, then whoever of sales looks after the company."""
        if self.is_of_the_list:
            return "fujiwara"
        who = IN_MARKETING if self.step.stage in EARLY else IN_SALES
        return who[self.account.number % len(who)]

    @property
    def order(self) -> tuple[date, int, int]:
        return self.day, self.account.number, self.place


def live(company: Company, matrix: Matrix, stages: Stages) -> None:
    """Read the list in and let every lead go its way, week by week, up to yesterday."""
    groups: dict[tuple[bool, int, str], list[Told]] = defaultdict(list)
    for account in accounts():
        for place, step in enumerate(account.steps):
            told = Told(account, place, matrix.starts_on + step.week * WEEK + step.weekday * DAY)
            if told.day < company.days.today:
                groups[not told.is_of_the_list, step.week, told.who].append(told)
    leads: dict[int, Lead] = {}
    moved: list[tuple[Told, LeadMove]] = []
    for (_later, _week, who), group in sorted(groups.items()):
        group.sort(key=lambda told: told.order)
        with company.acting(who, company.at(group[-1].day, "09:40")) as by:
            come = [told for told in group if told.place == 0]
            leads |= {told.account.number: lead_of(company, matrix, stages, told.account, by) for told in come}
            Lead.objects.bulk_create(leads[told.account.number] for told in come)
            for told in group:
                moved.append((told, move(company, stages, leads[told.account.number], told, by)))
            changed = {told.account.number for told in group if told.place}
            write_where_they_stand([leads[number] for number in sorted(changed)])
    moved.sort(key=lambda one: one[0].order)
    LeadMove.objects.bulk_create(row for _told, row in moved)


def write_where_they_stand(leads: Sequence[Lead]) -> None:
    """All at once: `bulk_update` takes longer to put into words than the database to do."""
    if leads:
        rows = [(lead.pk, lead.stage_id, lead.fit, lead.since, lead.employees, lead.version) for lead in leads]
        with connection.cursor() as cursor:
            cursor.execute(WHERE_THEY_STAND, [list(column) for column in zip(*rows, strict=True)])


def lead_of(company: Company, matrix: Matrix, stages: Stages, account: Account, by: Membership) -> Lead:
    """A lead as it came in; where it stands and since when its moves say."""
    number, first = account.number, account.steps[0]
    is_ours = any(step.stage not in EARLY for step in account.steps)
    return Lead(
        organization=company.organization,
        matrix=matrix,
        stage=stages[first.stage],
        fit=first.fit,
        fit_is_set=account.fit_is_set,
        company=account.company,
        contact=account.contact,
        role=account.role,
        email=account.email,
        industry=account.industry,
        region=account.region,
        employees=None if account.is_known_later else account.employees,
        revenue=account.revenue,
        source=account.source,
        note=WHY_SET if account.fit_is_set else "",
        reference=f"K-{number + 1:04}" if account.source == LIST else "",
        owner=company.people[IN_SALES[number % len(IN_SALES)]] if is_ours else None,
        known_as=known_as(company=account.company, contact=account.contact, email=account.email),
        since=matrix.starts_on + first.week * WEEK + first.weekday * DAY,
        created_by=by,
        submission_key=key("lead", number),
    )


def move(company: Company, stages: Stages, lead: Lead, told: Told, by: Membership) -> LeadMove:
    """Let a lead go a step, and say so; written after a later step it changes nothing more."""
    step, before = told.step, told.account.steps[told.place - 1] if told.place else None
    if before is not None and lead.version <= told.place:
        lead.stage, lead.fit, lead.version = stages[step.stage], step.fit, told.place + 1
        if step.stage == before.stage:
            lead.employees = told.account.employees
        else:
            lead.since = told.day
    return LeadMove(
        matrix=lead.matrix,
        lead=lead,
        from_stage=stages[before.stage] if before else None,
        from_fit=before.fit if before else "",
        to_stage=stages[step.stage],
        to_fit=step.fit,
        date=told.day,
        reason=step.reason,
        by=by,
        created_at=company.at(told.day, "09:40"),
    )


def count_moves(company: Company, matrix: Matrix, stages: Stages) -> None:
    """What the introducing company reported, Friday after Friday."""
    with company.acting("fujiwara", company.at(company.past(company.days.monday), "09:30")) as by:
        LeadMove.objects.bulk_create(
            LeadMove(
                matrix=matrix,
                from_stage=stages.get(origin),
                from_fit=fits.partition(">")[0] if origin else "",
                to_stage=stages[to],
                to_fit=fits.rpartition(">")[2],
                date=matrix.starts_on + week * WEEK + FRIDAY * DAY,
                count=int(count),
                by=by,
                created_at=company.at(matrix.starts_on + week * WEEK + FRIDAY * DAY, "17:30"),
            )
            for week in range(WEEKS)
            for origin, to, fits, weeks in COUNTED_MOVES
            if (count := weeks.split()[week]) != "0"
        )
