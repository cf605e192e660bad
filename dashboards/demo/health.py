"""What the teams of the example company keep an eye on besides their goals: health KPIs with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from dashboards.demo.company import Company, key, number
from dashboards.demo.days import DAY, WEEK
from dashboards.demo.story import Number
from funnel.formulas.actuals import month_of, next_month
from objectives.models import HealthKPI, HealthKPIReading, Period
from objectives.queries.health_kpis import health_standings, leads_of
from objectives.services.actions import add_action
from objectives.services.health_readings import note
from people import clock


@dataclass(frozen=True)
class Watched:
    """A health KPI: what was read of it in the weeks or months behind, the last one first; None where nobody wrote."""

    key: str
    team: str
    owner: str
    name: str
    unit: str
    values: tuple[Number | None, ...]
    period: Period = Period.WEEK
    lower: Number | None = None
    upper: Number | None = None
    definition: str = ""
    why: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Cause and counter-measure, by how many periods ago."""


WATCHED = (
    Watched(
        "overtime",
        "company",
        "ishiguro",
        "一人あたりの残業",
        "時間",
        (14, 17, "15.5", 18, 16, 19),
        Period.MONTH,
        upper=20,
        definition="勤怠表の月計 ÷ 在籍人数。管理職を含む",
    ),
    Watched(
        "late",
        "online",
        "onishi",
        "出荷の遅れ",
        "件",
        (1, 2, 0, 1, 3, 1, 2, 1, 0, 1),
        upper=2,
        definition="約束した日に出荷できなかった注文。天候による運休は除く",
        why={4: ("連休明けの注文が二日分重なった", "連休前に袋詰めまで済ませておく")},
    ),
    Watched(
        "churn",
        "online",
        "morishita",
        "定期便の解約率",
        "%",
        ("2.4", "2.6", "2.1", "2.8", "2.5", "2.7"),
        Period.MONTH,
        upper=3,
        definition="その月に止めた方 ÷ 月初の契約数。お休みは解約に数えない",
    ),
    Watched(
        "answer",
        "sales",
        "nomura",
        "問い合わせへの初回返信",
        "時間",
        (None, None, 9, 11, 8, 14, 10, 7, 12, 9),
        upper=24,
        definition="受信から最初の返信まで、営業時間の中央値",
    ),
    Watched(
        "visits",
        "marketing",
        "shiraishi",
        "サイト訪問（紹介・検索以外）",
        "件",
        (126, 118, 131, 109, 122, 104, 115, 121, 108, 112),
        lower=100,
        definition="週の訪問のうち、直接とメールからのもの",
    ),
    Watched(
        "faults",
        "roastery",
        "sugawara",
        "焙煎の不良率",
        "%",
        ("1.3", "1.4", "1.2", "0.8", "0.7", "0.8", "0.6", "0.7", "0.6", "0.7"),
        upper=1,
        definition="焼き直し・廃棄した重さ ÷ 焙煎した重さ",
        why={
            2: ("新しい豆の水分が多く、いつもの火力では焼きむらが出た", "豆ごとに初回だけ小さく試し焼きをする"),
            1: ("二号機の温度センサーが三度低く出ている", "始業前に校正する。センサーの交換を手配した"),
            0: ("センサー待ちの二号機で焼いた分が残った", "交換まで二号機は浅煎りだけに使う"),
        },
    ),
    Watched(
        "stock",
        "roastery",
        "onodera",
        "生豆の在庫日数",
        "日",
        (38, 36, 33, 34, 31, 29, 33, 35, 37, 34),
        lower=20,
        upper=45,
        definition="金曜の在庫 ÷ 直近四週の一日あたりの使用量",
    ),
)
FRIDAY = 4 * DAY
HEALTH = "health-kpi"
ACTION = "二号機の温度センサーを交換する"


def watch_health(company: Company) -> None:
    """The KPIs, their numbers as they were written, and what happened when the roastery left its corridor."""
    made = {watched.key: make(company, watched) for watched in WATCHED}
    faults = made["faults"]
    monday = company.days.monday
    with company.acting("sugawara", company.at(monday - WEEK + FRIDAY, "16:45")) as by:
        (standing,) = health_standings([faults], today=company.days.today)
        note(standing, leads_of(faults.team), monday - WEEK, by=by)
    with company.acting("onodera", company.at(company.past(monday - WEEK + 5 * DAY), "08:20")) as by:
        add_action(
            team=faults.team,
            title=ACTION,
            owner=company.people["sugawara"],
            due_on=monday + 11 * DAY,
            expected_effect="焙煎の不良率を1%以下に戻す",
            by=by,
            health_kpi=faults,
            submission_key=key("health-action", faults.name),
        )


def make(company: Company, watched: Watched) -> HealthKPI:
    organization = company.organization
    began = company.planned + 7 * DAY
    position = HealthKPI.objects.filter(team=company.teams[watched.team]).count()
    with company.acting(watched.owner, began):
        kpi = HealthKPI.objects.create(
            organization=organization,
            team=company.teams[watched.team],
            name=watched.name,
            unit=watched.unit,
            period=watched.period,
            lower=number(watched.lower),
            upper=number(watched.upper),
            owner=company.people[watched.owner],
            definition=watched.definition,
            position=position,
            submission_key=key(HEALTH, watched.key),
        )
    for ago in range(len(watched.values) - 1, -1, -1):
        value = watched.values[ago]
        if value is not None:
            read(company, kpi, watched, ago + 1, Decimal(str(value)))
    return kpi


def read(company: Company, kpi: HealthKPI, watched: Watched, ago: int, value: Decimal) -> None:
    """One week as it was written on its Friday, one month when the next had begun."""
    first, written = span_of(company, watched.period, ago)
    cause, countermeasure = watched.why.get(ago - 1, ("", ""))
    with company.acting(watched.owner, company.at(company.past(written), "16:40")) as by:
        HealthKPIReading.objects.create(
            health_kpi=kpi,
            period_start=first,
            value=value,
            cause=cause,
            countermeasure=countermeasure,
            recorded_by=by,
            recorded_at=clock.now(),
        )


def span_of(company: Company, period: Period, ago: int) -> tuple[date, date]:
    """The first day of the period so long ago, and the day on which its number was written."""
    if period == Period.WEEK:
        first = company.days.monday - ago * WEEK
        return first, first + FRIDAY
    first = next_month(month_of(company.days.today), -ago)
    return first, next_month(first) + timedelta(days=1)
