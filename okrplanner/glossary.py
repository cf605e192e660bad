"""The words of the product, explained to a manager who meets them for the first time, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Term:
    """A word: its anchor, its names, what it means, an example, what else to read, and the page where one meets it."""

    slug: str
    ja: str
    en: str
    meaning: Words
    example: Words
    related: tuple[str, ...] = ()
    where: str = ""

    def name(self, language: str) -> str:
        return self.ja if language == "ja" else self.en

    def other_name(self, language: str) -> str:
        return self.en if language == "ja" else self.ja


@dataclass(frozen=True)
class Chapter:
    slug: str
    title: Words
    terms: Sequence[Term]


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "plan",
        _("The numbers of the plan"),
        (
            Term(
                "kgi",
                "KGI（重要目標達成指標）",
                "KGI, Key Goal Indicator",
                _("The business number a period is judged by in the end: specific, measurable and dated."),
                _("“Revenue of the online shop: 1.5 times last year’s by the end of FY2026.” Not: “raise sales”."),
                ("kpi", "must-hit", "back-calculation"),
                "kgis",
            ),
            Term(
                "kpi",
                "KPI（重要業績評価指標）",
                "KPI, Key Performance Indicator",
                _(
                    "A number on the way to the KGI. Either a lever one moves on purpose, "
                    "or a sign of health that should stay where it is."
                ),
                _("Visits, inquiries and the win rate are KPIs on the way to revenue."),
                ("kgi", "kpi-tree", "lever"),
                "kgis",
            ),
            Term(
                "kpi-tree",
                "KPIツリー",
                "KPI tree",
                _("The KGI broken down by formulas into the KPIs it consists of, down to what a team can move itself."),
                _("Revenue = orders × unit price; orders = visits × CV rate × deal rate × win rate."),
                ("kpi", "lever", "funnel"),
                "kgis",
            ),
            Term(
                "lever",
                "レバー",
                "Lever",
                _("A KPI at the end of the tree, with no formula below it: the place where work moves the result."),
                _("The win rate: today 15%; the target 25%."),
                ("kpi-tree", "kpi"),
                "kgis",
            ),
            Term(
                "funnel",
                "ファネル",
                "Funnel",
                _("The chain from a first visit to revenue: visits, CVs, deals, orders. It narrows at every step."),
                _("416,667 visits become 4,167 inquiries, 417 deals and 84 orders."),
                ("back-calculation", "cv", "deal", "order"),
                "kgis",
            ),
            Term(
                "back-calculation",
                "逆算",
                "Back-calculation",
                _("From the revenue one wants back to what every stage of the funnel must bring for it."),
                _("¥100M at ¥1.2M an order are 84 orders; at a win rate of 20%, they need 417 deals."),
                ("funnel", "kgi"),
                "kgis",
            ),
            Term(
                "must-hit",
                "必達目標",
                "Must-hit target",
                _("The lower of two targets on one number: what the company relies on. A solid tick on the bar."),
                _("Last year’s revenue × 1.5."),
                ("challenge", "committed"),
                "kgis",
            ),
            Term(
                "challenge",
                "挑戦目標",
                "Challenge target",
                _(
                    "The higher of two targets on one number: what would be great. "
                    "The score runs to it. An open tick on the bar."
                ),
                _("Last year’s revenue × 3."),
                ("must-hit", "aspirational", "stretch-band"),
                "kgis",
            ),
        ),
    ),
    Chapter(
        "goals",
        _("Goals"),
        (
            Term(
                "objective",
                "目標（Objective）",
                "Objective (O)",
                _(
                    "Where a team wants to be at the end of the cycle, in a sentence that moves people. "
                    "No number in it."
                ),
                _("“Offices trust us with their first cup of the day.”"),
                ("key-result", "alignment"),
                "objectives",
            ),
            Term(
                "key-result",
                "主要な結果（Key Result）",
                "Key result (KR)",
                _("How one would see that the objective is reached: a measurable result. Two to five to an objective."),
                _("“50 new offices on subscription”, from 12 today."),
                ("objective", "baseline", "reach"),
                "objectives",
            ),
            Term(
                "baseline",
                "いまの値（現状値）",
                "Baseline",
                _("Where a number stands when the cycle begins. Without it nobody can tell how far one has come."),
                _("Win rate 15% → 25%: the first of the two is the baseline."),
                ("key-result", "measure-first"),
                "plan",
            ),
            Term(
                "committed",
                "必達（ルーフショット）",
                "Committed (roof shot)",
                _("An objective the company counts on: it is expected in full."),
                _("The new accounting rules are in force by 1 April."),
                ("aspirational", "must-hit"),
                "objectives",
            ),
            Term(
                "aspirational",
                "挑戦（ムーンショット）",
                "Aspirational (moon shot)",
                _("An objective set so high that a score of 0.6 to 0.7 is a good result."),
                _("Three times the orders of last year. Twice would be a success."),
                ("committed", "stretch-band"),
                "objectives",
            ),
            Term(
                "alignment",
                "連携",
                "Alignment",
                _(
                    "Which objective helps which: from a person to the team to the company, "
                    "and sideways between departments. What contributes counts in the score above it."
                ),
                _("The shop’s objective contributes to the company’s; logistics supports it."),
                ("objective", "score"),
                "objectives",
            ),
            Term(
                "cycle",
                "期間（サイクル）",
                "Cycle",
                _(
                    "The time a plan is made for: a quarter or a year. "
                    "Goals are set before it and looked back on after."
                ),
                _("FY2026 Q1: from April to June 2026."),
                ("retrospective", "check-in"),
                "cycles",
            ),
            Term(
                "retrospective",
                "振り返り",
                "Retrospective",
                _("At the end of a cycle: what worked, what did not and why, and what one takes into the next."),
                _("“Two of three KRs waited for one person’s approval. Next quarter the team decides itself.”"),
                ("cycle", "score"),
                "cycles",
            ),
        ),
    ),
    Chapter(
        "progress",
        _("How it goes"),
        (
            Term(
                "check-in",
                "チェックイン",
                "Check-in",
                _(
                    "The short report once a week: the number, how confident one is, "
                    "what goes well, what is in the way."
                ),
                _("18 of 50 offices, confidence 6, in the way: samples arrive late. Under a minute."),
                ("confidence", "overdue"),
                "this_week",
            ),
            Term(
                "confidence",
                "自信（自信度）",
                "Confidence",
                _(
                    "How sure the owner is of reaching the target, from 0 to 10. A feeling that is worth saying early: "
                    "at 3 or less the health goes down a step."
                ),
                _("The number is fine, but the main customer hesitates: 4."),
                ("check-in", "at-risk"),
                "this_week",
            ),
            Term(
                "score",
                "スコア（達成率）",
                "Score, attainment",
                _(
                    "How much of the way from the baseline to the challenge target is done, from 0.0 to 1.0. "
                    "It says something about the goal, nothing about a person’s pay."
                ),
                _("From 12 to 50 offices, 31 today: 19 of 38, so 0.5."),
                ("stretch-band", "pace", "landing"),
                "objectives",
            ),
            Term(
                "stretch-band",
                "ストレッチ帯（60〜70%）",
                "Stretch band (60–70%)",
                _(
                    "Where an aspirational goal should land. Below it the goal was too far or the way was wrong; "
                    "far above it the goal was too easy."
                ),
                _("0.65 at the end of the quarter is a success, not a failure."),
                ("aspirational", "score", "landing"),
                "company",
            ),
            Term(
                "pace",
                "ペース（今日の目安）",
                "Pace",
                _("Where one should stand today if the work goes evenly: the share of the cycle that is over."),
                _("In week 7 of 13 the pace is 0.54. A thin marker on the bar."),
                ("landing", "score"),
                "objectives",
            ),
            Term(
                "landing",
                "着地見込み",
                "Heading for (landing)",
                _("Where the goal ends if it goes on like this: progress divided by pace."),
                _("Progress 0.35 at a pace of 0.54 heads for 0.65: in the band."),
                ("pace", "stretch-band"),
                "company",
            ),
        ),
    ),
    Chapter(
        "kinds",
        _("Kinds of key results"),
        (
            Term(
                "reach",
                "到達",
                "Reach",
                _("A number moves from the baseline to the target, upwards or downwards. One reports where it stands."),
                _("Days to delivery 45 → 30."),
                ("key-result", "baseline"),
                "plan",
            ),
            Term(
                "cumulative",
                "累計",
                "Cumulative",
                _("What is added up over the cycle. One reports what came since the last check-in."),
                _("30 new customers in the quarter; 3 this week."),
                ("key-result", "reach"),
                "plan",
            ),
            Term(
                "quota",
                "定例",
                "Repeating quota",
                _("The same amount every week or every month. What counts is how well each period was kept."),
                _("Three posts a week."),
                ("key-result", "cumulative"),
                "plan",
            ),
            Term(
                "average",
                "平均",
                "Average",
                _("The mean of all readings of the cycle should be at the target."),
                _("Retention over the year: on average 75%."),
                ("key-result", "keep"),
                "plan",
            ),
            Term(
                "keep",
                "維持",
                "Keep",
                _("A limit that is not to be crossed. What counts is the share of periods in which it held."),
                _("Every month an error rate of at most 1%."),
                ("key-result", "average"),
                "plan",
            ),
            Term(
                "coverage",
                "網羅",
                "Coverage",
                _("How many of all there are have been done. One reports the total so far."),
                _("A review held with all 50 key accounts."),
                ("key-result", "milestone"),
                "plan",
            ),
            Term(
                "milestone",
                "マイルストーン",
                "Milestone",
                _("Something is finished step by step. One ticks the steps; each has its weight."),
                _("Content calendar: draft, approval, published."),
                ("key-result", "coverage"),
                "plan",
            ),
        ),
    ),
    Chapter(
        "health",
        _("Health"),
        (
            Term(
                "not-started",
                "未報告",
                "Not started",
                _("No check-in yet: nothing is known, neither good nor bad."),
                _("The first week, before the first number."),
                ("check-in",),
                "objectives",
            ),
            Term(
                "measure-first",
                "まず現状を測る",
                "Measure first",
                _("The baseline is not known. The first step is to find it; until then there is no score."),
                _("NPS has never been asked: ask 30 customers first."),
                ("baseline",),
                "objectives",
            ),
            Term(
                "on-track",
                "順調",
                "On track",
                _("Heading for the stretch band or better; where everything is expected, for the whole of it."),
                _("Heading for 0.65: green, not red."),
                ("landing", "stretch-band"),
                "objectives",
            ),
            Term(
                "at-risk",
                "注意",
                "At risk",
                _("Heading for less than the band, but not lost: time to talk about what would help."),
                _("Heading for 0.4 in week 5."),
                ("on-track", "off-track"),
                "objectives",
            ),
            Term(
                "off-track",
                "遅れ",
                "Off track",
                _("Heading for less than half of what is expected. Change the way, or the goal, with a reason."),
                _("Heading for 0.2 in week 8."),
                ("at-risk",),
                "objectives",
            ),
            Term(
                "overdue",
                "報告おくれ",
                "Overdue",
                _("A check-in was due and has not come. What the goal does meanwhile, nobody can say."),
                _("Due on Friday, and it is Monday."),
                ("check-in",),
                "this_week",
            ),
            Term(
                "closed",
                "終了",
                "Closed",
                _("The cycle is over or the objective was closed: the score stands."),
                _("FY2025 Q4, closed with 0.62."),
                ("cycle", "retrospective"),
                "cycles",
            ),
        ),
    ),
    Chapter(
        "zones",
        _("Zones of the stretch bar"),
        (
            Term(
                "below",
                "帯の下",
                "Below the band",
                _("Heading for less than the band. A triangle that points down, in the colour of persimmon."),
                _("Heading for 0.45."),
                ("stretch-band", "at-risk"),
                "company",
            ),
            Term(
                "in-band",
                "帯の中",
                "In the band",
                _("Heading for the band: as an ambitious goal should. A full circle, in the colour of bamboo."),
                _("Heading for 0.64."),
                ("stretch-band", "on-track"),
                "company",
            ),
            Term(
                "above",
                "帯の上",
                "Above the band",
                _("Heading for more than the band. Strong; at 1.0 the goal was probably too easy."),
                _("Heading for 0.85."),
                ("stretch-band",),
                "company",
            ),
        ),
    ),
    Chapter(
        "sales",
        _("Sales and marketing"),
        (
            Term(
                "cv",
                "CV（コンバージョン）",
                "CV, conversion",
                _("A visitor becomes somebody one knows: an inquiry, a request for documents, a sign-up."),
                _("100 of 10,000 visitors ask: a CV rate of 1%."),
                ("funnel", "deal"),
                "kgis",
            ),
            Term(
                "deal",
                "商談",
                "Deal",
                _("A conversation about a sale with somebody who may buy."),
                _("A first meeting with the office manager."),
                ("deal-rate", "cv"),
                "kgis",
            ),
            Term(
                "deal-rate",
                "商談化率",
                "Deal rate",
                _("How many of the inquiries become deals: deals ÷ CVs."),
                _("417 deals from 4,167 inquiries: 10%."),
                ("deal", "cv"),
                "kgis",
            ),
            Term(
                "order",
                "受注（成約）",
                "Order, win",
                _("A deal that was won: the customer buys."),
                _("84 orders in the year."),
                ("win-rate", "unit-price"),
                "kgis",
            ),
            Term(
                "win-rate",
                "受注率（成約率）",
                "Win rate, close rate",
                _("How many of the deals become orders: orders ÷ deals."),
                _("84 orders from 417 deals: 20%."),
                ("order", "deal"),
                "kgis",
            ),
            Term(
                "unit-price",
                "平均単価",
                "Unit price",
                _("What an order brings on average: revenue ÷ orders."),
                _("¥1.2M an order."),
                ("order",),
                "kgis",
            ),
            Term(
                "tam",
                "母数（TAM）",
                "Population (TAM)",
                _(
                    "How many companies or people there are that could buy at all. "
                    "No plan can need more deals than that."
                ),
                _("3,000 offices in Sapporo with more than 20 people."),
                ("funnel", "deal"),
                "kgis",
            ),
            Term(
                "mql",
                "MQL（見込みの高いリード）",
                "MQL, Marketing Qualified Lead",
                _("A contact that marketing finds promising enough to hand over to sales."),
                _("Attended a seminar and asked for a price."),
                ("cv", "deal"),
                "kgis",
            ),
            Term(
                "nps",
                "NPS（推奨度）",
                "NPS, Net Promoter Score",
                _(
                    "Would you recommend us, from 0 to 10? The share of 9 and 10 less the share of 0 to 6: "
                    "from −100 to 100."
                ),
                _("Of 100 people 50 answer 9 or 10, and 18 answer 6 or less: NPS 32. It is not the average answer."),
                ("reach",),
                "plan",
            ),
            Term(
                "ppc",
                "PPC（クリック課金広告）",
                "PPC, pay per click",
                _("Advertising that is paid for each click."),
                _("Advertisements beside search results."),
                ("cac", "cv"),
                "kgis",
            ),
            Term(
                "ltv",
                "LTV（顧客生涯価値）",
                "LTV, lifetime value",
                _("What a customer brings over the whole time of being one."),
                _("¥30,000 a month for 20 months: ¥600,000."),
                ("cac", "unit-price"),
                "kgis",
            ),
            Term(
                "cac",
                "CAC（顧客獲得コスト）",
                "CAC, customer acquisition cost",
                _("What it costs to win one new customer. Sound while it stays well below the LTV."),
                _("¥2M for marketing and sales, 10 new customers: ¥200,000."),
                ("ltv", "ppc"),
                "kgis",
            ),
            Term(
                "abm",
                "ABM（アカウントベースドマーケティング）",
                "ABM, account-based marketing",
                _("Marketing that begins with a list of the companies one wants, sorted by fit and by stage."),
                _("20 companies of fit A, five of them with a meeting already."),
                ("tam", "deal"),
                "kgis",
            ),
        ),
    ),
)

TERMS: Mapping[str, Term] = {term.slug: term for chapter in CHAPTERS for term in chapter.terms}
