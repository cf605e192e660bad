"""How the last quarter of the example company ended: the grades, what went on, and who closed it when."""

from __future__ import annotations

from dashboards.demo.check_ins.earlier import EARLIER_ENDINGS
from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from dashboards.demo.goals import GOALS
from dashboards.demo.health import HEALTH
from dashboards.demo.story import Ended
from objectives.models import Cycle, CycleState, CycleStep, Grade, HealthKPI, KeyResult, Objective, Outcome
from people import clock

ENDINGS = {
    "last-seat": Ended(
        Outcome.CARRIED, "月商も道外の割合も、ようやく伸び方が見えてきた。終わりの値を出発点にして続ける。"
    ),
    "last-first-box": Ended(
        Outcome.FINISHED,
        "箱は全商品で切り替え終えた。はじめての方の数は、日々の仕事として見ていく。",
        0.7,
        "感想80件は八週目に届いてしまい、目標が軽すぎた。新しいお客さまの数だけで見れば七割と読むのが正直なところ。",
    ),
    "last-called": Ended(
        Outcome.CARRIED,
        "面談の少なさが契約の少なさに響いた。次の期は「知らない業界の扉」として、決裁者との面談を行動の目標に置く。",
        0.5,
        "期間中に口頭で決まっていた二社の契約書が、四月の第一週に押印された。二社を含めると24社で、必達に届いている。",
    ),
    "last-one-voice": Ended(
        Outcome.HEALTH_KPI, "24時間以内の返信は身についた。窓口は法人営業が受け持ち、健全性KPIとして見守る。"
    ),
    "last-craft": Ended(
        Outcome.DROPPED,
        "釜の改修が続くあいだは、検定の練習に使う時間が取れない。残る六種の記録は日々の仕事に移し、目標としてはここで区切る。",
    ),
    **EARLIER_ENDINGS,
}
AFTERWARDS = "last-called"
"""Whose grade was looked at once more after the first closing."""
REOPENED_FOR = "法人営業の契約二社の押印日を確かめ、評価に含めるため。"
KEPT_UP = ("answer", "last-replies")
"""The health KPI that goes on with a key result."""


def open_cycle(company: Company, cycle: Cycle) -> None:
    """A cycle begins on its first morning."""
    with company.acting(company.tale.administrator, company.at(cycle.start, "08:30")):
        step(company, cycle, CycleState.ACTIVE)


def step(company: Company, cycle: Cycle, to: CycleState, reason: str = "") -> None:
    """Open or close a cycle, as the person at work and at this moment."""
    CycleStep.objects.create(
        cycle=cycle, old_state=cycle.state, new_state=to, reason=reason, by=company.people[company.tale.administrator]
    )
    cycle.state = to
    cycle.version += 1
    cycle.save(update_fields=["state", "version"])


def grade(company: Company, cycle: Cycle) -> None:
    """A grade for every objective of a cycle, by who leads its team, on the day before it was closed."""
    rows = Objective.objects.filter(cycle=cycle).select_related("scored")
    scores = dict(rows.values_list("pk", "scored__score"))
    goals = [goal for goal in GOALS if goal.key in ENDINGS and company.cycles[goal.cycle] == cycle]
    for place, goal in enumerate(goals):
        by, ended = company.tale.leaders[goal.team], ENDINGS[goal.key]
        at = company.at(cycle.end + DAY, "15:30", 12 * place)
        is_settled = goal.key != AFTERWARDS
        with company.by(by, at):
            Grade.objects.create(
                objective=company.objectives[goal.key],
                computed=scores[company.objectives[goal.key].pk],
                override=ended.override if is_settled else None,
                reason=ended.reason if is_settled else "",
                outcome=ended.outcome,
                outcome_reason=ended.why,
                graded_by=company.people[by],
                graded_at=at,
            )


def grade_again(company: Company, cycle: Cycle) -> None:
    """The last quarter was opened once more for a grade, and closed two days later."""
    ended = ENDINGS[AFTERWARDS]
    with company.acting("ishiguro", company.at(cycle.end + 8 * DAY, "10:40")):
        step(company, cycle, CycleState.ACTIVE, REOPENED_FOR)
    with company.acting("fujiwara", company.at(cycle.end + 9 * DAY, "11:20")):
        written = Grade.objects.get(objective=company.objectives[AFTERWARDS])
        written.override, written.reason = ended.override, ended.reason
        written.graded_at = clock.now()
        written.version += 1
        written.save()
    with company.acting("ishiguro", company.at(cycle.end + 10 * DAY, "17:10")):
        step(company, cycle, CycleState.CLOSED)


def keep_up(company: Company) -> None:
    """What one key result of the last quarter reached is watched from then on."""
    name, result = KEPT_UP
    key_result: KeyResult = company.key_results[result]
    with company.by("kudo", company.at(company.cycles["last"].end + DAY, "16:50")):
        kpi = HealthKPI.objects.get(submission_key=key(HEALTH, name))
        kpi.made_from = key_result
        kpi.version += 1
        kpi.save(update_fields=["made_from", "version"])
