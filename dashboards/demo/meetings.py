"""The weekly meetings of two teams so far: what was decided, who took on what, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY, WEEK
from objectives.formulas.bar import Bar
from objectives.formulas.pace import BOUNDED_KINDS, elapsed_share, landing
from objectives.models import Action, ActionState, CheckIn, KeyResult, KeyResultScore, Meeting, MinuteLine
from objectives.queries.agenda import ADDING, CHANGED, PROMISED, RED, Item, frozen, words_of
from objectives.queries.bars import must_hit_place, week_number


@dataclass(frozen=True)
class Told:
    """A line somebody wrote; an action names who does it, by when (days after the meeting), and after how many days
    it was done, None where it still is to do.
    """

    kind: str
    result: str
    by: str
    text: str
    task: str = ""
    owner: str = ""
    due: int = 0
    done: int | None = None


@dataclass(frozen=True)
class Held:
    """One meeting: how many weeks ago, and what was talked about."""

    team: str
    weeks_ago: int
    led_by: str
    at: str
    minutes: int
    present: tuple[str, ...]
    results: tuple[str, ...]
    lines: tuple[Told, ...]


SALES = ("fujiwara", "nomura", "morishita")
ONLINE = ("onishi", "morishita")
MEETINGS = (
    Held(
        "sales",
        3,
        "fujiwara",
        "09:00",
        28,
        SALES,
        ("win-rate", "new-contracts", "fair-deals"),
        (
            Told("note", "new-contracts", "fujiwara", "見積もりの承認を待つあいだに、一社が他社に決めてしまった"),
            Told("decision", "new-contracts", "nomura", "一割までの値引きは、藤原さんの判断で出してよい"),
            Told(
                "action",
                "new-contracts",
                "nomura",
                "藤原さん 金曜までに三浦さんへ決裁の線引きを相談する",
                "三浦さんへ決裁の線引きを相談する",
                "fujiwara",
                4,
                3,
            ),
            Told(
                "action",
                "fair-deals",
                "fujiwara",
                "野村さん 来週月曜までに名刺へ困りごとを一行書く欄を作る",
                "名刺へ困りごとを一行書く欄を作る",
                "nomura",
                7,
                6,
            ),
        ),
    ),
    Held(
        "sales",
        2,
        "fujiwara",
        "09:00",
        31,
        SALES,
        ("win-rate", "deciders", "fair-deals"),
        (
            Told("decision", "fair-deals", "fujiwara", "催しの翌朝は約束を入れず、困りごとの順に電話する"),
            Told(
                "action",
                "win-rate",
                "nomura",
                "藤原さん 断られた五社に、来週金曜までに話を聞きに行く",
                "断られた五社に話を聞きに行く",
                "fujiwara",
                11,
                9,
            ),
            Told(
                "action",
                "deciders",
                "fujiwara",
                "森下さん 木曜までに飲みくらべの道具をもう一組そろえる",
                "飲みくらべの道具をもう一組そろえる",
                "morishita",
                3,
                3,
            ),
            Told("next_step", "deciders", "morishita", "飲みくらべは、野村さんと二手に分かれて回る"),
        ),
    ),
    Held(
        "sales",
        1,
        "fujiwara",
        "09:00",
        26,
        SALES,
        ("win-rate", "satisfaction", "deciders"),
        (
            Told("note", "win-rate", "fujiwara", "断られた理由は値段ではなく、掃除の当番が決まらないことだった"),
            Told("decision", "win-rate", "fujiwara", "掃除つきの契約は、採算が見えるまで三社だけで試す"),
            Told(
                "action",
                "win-rate",
                "nomura",
                "藤原さん 来週金曜までに掃除つきの契約の採算を石黒さんと計算する",
                "掃除つきの契約の採算を石黒さんと計算する",
                "fujiwara",
                11,
            ),
            Told(
                "action",
                "satisfaction",
                "fujiwara",
                "野村さん 金曜までに、訪問先でその場で書くアンケートを用意する",
                "訪問先でその場で書くアンケートを用意する",
                "nomura",
                4,
            ),
            Told(
                "action",
                "deciders",
                "morishita",
                "森下さん 来週水曜までに、先に延びた面談三件の日取りを決め直す",
                "先に延びた面談三件の日取りを決め直す",
                "morishita",
                9,
            ),
            Told("next_step", "win-rate", "nomura", "受注率は、業界ごとに分けて持ち寄る"),
        ),
    ),
    Held(
        "online",
        3,
        "onishi",
        "13:30",
        24,
        ONLINE,
        ("sub-days", "sub-reasons", "sub-first"),
        (
            Told("decision", "sub-days", "onishi", "定期便のぶんは、朝いちばんの釜に入れる"),
            Told(
                "action",
                "sub-days",
                "morishita",
                "大西さん 水曜までに焙煎の当番表へ朝の釜の枠を足してもらう",
                "焙煎の当番表へ朝の釜の枠を足してもらう",
                "onishi",
                2,
                2,
            ),
        ),
    ),
    Held(
        "online",
        2,
        "onishi",
        "13:30",
        29,
        ONLINE,
        ("sub-reasons", "sub-second", "sub-first"),
        (
            Told("note", "sub-reasons", "morishita", "「味に飽きた」ではなく「選べなくて飽きた」という声が続いている"),
            Told("decision", "sub-reasons", "onishi", "三か月目に、豆の系統を替える提案をはさむ"),
            Told(
                "action",
                "sub-reasons",
                "onishi",
                "森下さん 金曜までに三か月目の案内文を書く",
                "三か月目の案内文を書く",
                "morishita",
                4,
                4,
            ),
        ),
    ),
    Held(
        "online",
        1,
        "onishi",
        "13:30",
        22,
        ONLINE,
        ("sub-first", "sub-second", "sub-days"),
        (
            Told("decision", "sub-first", "onishi", "箱詰めは週三日に分け、金曜は受け付けだけにする"),
            Told(
                "action",
                "sub-second",
                "onishi",
                "大西さん 来週金曜までに百五十グラムの選択肢を管理画面へ足す",
                "百五十グラムの選択肢を管理画面へ足す",
                "onishi",
                11,
            ),
            Told(
                "action",
                "sub-reasons",
                "morishita",
                "森下さん 来週木曜までに折り返しの電話を記録する欄を作る",
                "折り返しの電話を記録する欄を作る",
                "morishita",
                10,
            ),
            Told("next_step", "sub-second", "morishita", "二回目の前に送るメールの文面を見直す"),
        ),
    ),
)


def hold_meetings(company: Company) -> None:
    """Each meeting as it was held, in the order of time, with the agenda that lay on the table then."""
    before: dict[str, Meeting] = {}
    promised: dict[str, list[Action]] = {}
    for held in sorted(MEETINGS, key=lambda held: -held.weeks_ago):
        meeting = write_meeting(company, held, before.get(held.team))
        items = [*promises(promised.get(held.team, []), meeting.date), *figures(company, held, meeting.date)]
        lines, actions = write_lines(company, held, meeting)
        keys = [item.key for item in items]
        with company.by(held.led_by, meeting.started_at + timedelta(minutes=held.minutes)):
            meeting.agenda = {"items": [frozen(item) for item in items], "events": [], "spent": {}}
            meeting.talked = keys
            meeting.ended_at = meeting.started_at + timedelta(minutes=held.minutes)
            meeting.ended_by = company.people[held.led_by]
            meeting.version = len(lines) + len(keys) + 2
            meeting.save()
        before[held.team] = meeting
        promised[held.team] = [*promised.get(held.team, []), *actions]


def write_meeting(company: Company, held: Held, previous: Meeting | None) -> Meeting:
    day = company.days.monday - held.weeks_ago * WEEK
    with company.acting(held.led_by, company.at(day, held.at)) as by:
        return Meeting.objects.create(
            organization=company.organization,
            team=company.teams[held.team],
            cycle=company.cycles["current"],
            date=day,
            facilitator=by,
            present=[company.people[name].pk for name in held.present],
            previous=previous,
            agenda={},
            submission_key=key("meeting", held.team, held.weeks_ago),
        )


def write_lines(company: Company, held: Held, meeting: Meeting) -> tuple[list[MinuteLine], list[Action]]:
    """The lines as they were typed, with the actions that came of them and were done or not until today."""
    lines, actions = [], []
    for number, told in enumerate(held.lines):
        at = company.at(meeting.date, held.at, 4 + 5 * number)
        key_result = company.key_results[told.result]
        with company.acting(told.by, at) as by:
            line = MinuteLine.objects.create(
                meeting=meeting,
                kind=told.kind,
                text=told.text,
                item=f"kr:{key_result.pk}",
                key_result=key_result,
                author=by,
                submission_key=key("minutes", held.team, held.weeks_ago, number),
            )
            lines.append(line)
            if told.task:
                actions.append(write_action(company, held, told, line, meeting.date))
        if told.done is not None:
            finish(company, actions[-1], told, meeting.date + told.done * DAY)
    return lines, actions


def write_action(company: Company, held: Held, told: Told, line: MinuteLine, day: date) -> Action:
    return Action.objects.create(
        organization=company.organization,
        team=company.teams[held.team],
        title=told.task,
        owner=company.people[told.owner],
        due_on=day + told.due * DAY,
        key_result=line.key_result,
        minute_line=line,
        created_by=line.author,
        submission_key=key("action of minutes", line.submission_key),
    )


def finish(company: Company, action: Action, told: Told, day: date) -> None:
    with company.acting(told.owner, company.at(company.past(day), "17:20")) as by:
        action.state, action.closed_on, action.closed_by = ActionState.DONE, company.past(day), by
        action.version += 1
        action.save()


def promises(actions: list[Action], day: date) -> list[Item]:
    """The actions of earlier meetings that were open on that day, or done since the last one."""
    lately = [action for action in actions if action.closed_on is None or action.closed_on >= day - WEEK]
    return [
        Item(
            key=f"action:{action.pk}",
            section=PROMISED,
            title=action.title,
            about=action.key_result.title if action.key_result else "",
            owner=action.owner.user.name,
            key_result=action.key_result_id,
            state=ActionState.DONE if action.closed_on and action.closed_on < day else ActionState.OPEN,
            due=action.due_on,
        )
        for action in lately
    ]


def figures(company: Company, held: Held, day: date) -> list[Item]:
    """Key results with their figures as they were known on a day, those in trouble first."""
    items = [figure(company, company.key_results[name], day) for name in held.results]
    return sorted(items, key=lambda item: item.section != RED)


def figure(company: Company, key_result: KeyResult, day: date) -> Item:
    cycle = key_result.objective.cycle
    told = list(
        CheckIn.objects.counted()
        .filter(key_result=key_result, date__lt=day)
        .select_related("author__user")
        .order_by("date", "created_at")
    )
    values = amounts(key_result, told)
    week = week_number(cycle, day) - 1
    weekly = KeyResultScore.objects.get(pk=key_result.pk).weekly_progress[:week]
    progress = next((value for value in reversed(weekly) if value is not None), None)
    pace = elapsed_share(cycle.span, day - DAY)
    bar = Bar.of(
        progress=progress,
        score=None if progress is None else min(max(progress, 0.0), 1.0),
        landing=landing(progress, pace, is_bounded=key_result.kind in BOUNDED_KINDS),
        pace=pace,
        must_hit=must_hit_place(key_result),
        intent=key_result.intent,
        trail=weekly,
        band_lower=company.organization.band_lower,
        band_upper=company.organization.band_upper,
    )
    latest = told[-1] if told else None
    owner = key_result.owner or key_result.objective.owner
    return Item(
        key=f"kr:{key_result.pk}",
        section=RED if bar.zone == "below" else CHANGED,
        title=key_result.title,
        about=key_result.objective.title,
        owner=owner.user.name,
        objective=key_result.objective_id,
        key_result=key_result.pk,
        unit=key_result.unit,
        kind=key_result.kind,
        value=values[-1] if values else None,
        before=values[-2] if len(values) > 1 else None,
        target=key_result.target_value,
        confidence=latest.confidence if latest else None,
        confidence_before=told[-2].confidence if len(told) > 1 else None,
        intent=key_result.intent,
        bar=bar,
        said=words_of(latest) if latest else None,
    )


def amounts(key_result: KeyResult, told: list[CheckIn]) -> list[Decimal]:
    """What stood after each check-in: the sum where they add up, else the figure itself."""
    values: list[Decimal] = []
    for check_in in told:
        adds: Any = key_result.kind in ADDING and values
        values.append(check_in.value + values[-1] if adds else check_in.value)
    return values
