"""Lines as people say them in meetings, and what they are read as."""

from __future__ import annotations

from datetime import date

import pytest

from objectives.formulas.minutes import ACTION, DECISION, NEXT_STEP, NOTE, Person, read_line
from objectives.formulas.spoken_days import days_in

WEDNESDAY = date(2026, 5, 20)
YAMAMOTO, SATO, ITO, OTHER_SATO, SMITH, NAKAMURA = range(1, 7)
TEAM = [
    Person(YAMAMOTO, "山本 翔", "やまもと しょう"),
    Person(SATO, "佐藤 美咲", "さとう みさき"),
    Person(OTHER_SATO, "佐藤 健", "さとう けん"),
    Person(ITO, "伊藤 遥", "いとう はるか"),
    Person(NAKAMURA, "中村 大輔", "なかむら だいすけ"),
    Person(SMITH, "Anna Smith"),
]
ME = ITO
MAY, JUNE = 5, 6


def on(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


# Line, kind, who does it (several: to be asked), by when
JAPANESE = [
    ("決定: 300万円までの見積は部長の承認にする", DECISION, (), None),
    ("決定：承認の期限は1営業日", DECISION, (), None),
    ("D: 秋の新作は二種類に絞る", DECISION, (), None),
    ("Ｄ：展示会は9/12に出る", DECISION, (), None),
    ("値引きはしないことに決めました。", DECISION, (), None),
    ("来月の試飲会は札幌店で決まり", DECISION, (), None),
    ("次: 紹介カードを30枚配る", NEXT_STEP, (), None),
    ("次回：受注率の内訳を持ち寄る", NEXT_STEP, (), None),
    ("山本さん 金曜までに見積もりを送る", ACTION, (YAMAMOTO,), on(MAY, 22)),
    ("山本さんが来週月曜までに見積書のひな形を直す", ACTION, (YAMAMOTO,), on(MAY, 25)),
    ("@山本 6/12 展示会の申し込み", ACTION, (YAMAMOTO,), on(JUNE, 12)),
    ("@山本 翔 お客さまの声を集める", ACTION, (YAMAMOTO,), None),
    ("伊藤部長が6月12日までに総務へ説明する", ACTION, (ITO,), on(JUNE, 12)),
    ("伊藤：明日、倉庫に電話する", ACTION, (ITO,), on(MAY, 21)),
    ("佐藤さん 今週中に写真を撮り直す", ACTION, (SATO, OTHER_SATO), on(MAY, 22)),
    ("佐藤 美咲さんが月末までに商品ページを書き直す", ACTION, (SATO,), on(MAY, 31)),
    ("美咲さん、来週中に原稿をお願いします", ACTION, (SATO,), on(MAY, 29)),
    ("中村さんに承認の流れの見直しをお願いする（5/29まで）", ACTION, (NAKAMURA,), on(MAY, 29)),
    ("紹介カードを増刷する（山本）6/5まで", ACTION, (YAMAMOTO,), on(JUNE, 5)),
    ("私が木曜までに数字をまとめます", ACTION, (ME,), on(MAY, 21)),
    ("山本さんと伊藤さんで来月末までに代理店を選ぶ", ACTION, (YAMAMOTO, ITO), on(JUNE, 30)),
    ("金曜までに単価を確認する", ACTION, (), on(MAY, 22)),
    ("宿題：競合の価格を調べる", ACTION, (), None),
    ("やまもとさん、3日以内に返事をする", ACTION, (YAMAMOTO,), on(MAY, 23)),
    ("山本さんが2週間後に結果を報告する", ACTION, (YAMAMOTO,), on(JUNE, 3)),
    ("山本さん 1/15までに来期の案を出す", ACTION, (YAMAMOTO,), on(1, 15, 2027)),
    ("山本さんの案件は順調", NOTE, (), None),
    ("山本さんが金曜に三社を訪問した", NOTE, (), None),
    ("6月の売上は前年より1割多い", NOTE, (), None),
    ("土曜は試飲会で店が混む", NOTE, (), None),
    ("5/15の展示会では名刺を50枚もらった", NOTE, (), None),
    ("田中村の農園から豆が届く", NOTE, (), None),
    ("金曜までの受注は4件", NOTE, (), None),
    ("伊藤さんは来週まで休み", NOTE, (), None),
    ("じゃあ山本さん、見積もりを明後日までに出して", ACTION, (YAMAMOTO,), on(MAY, 22)),
    ("今日中に山本さんから先方に連絡", ACTION, (YAMAMOTO,), on(MAY, 20)),
    ("翔くん、6月末までに事例を3つ集める", ACTION, (YAMAMOTO,), on(JUNE, 30)),
]
ENGLISH = [
    ("D: quotes up to ¥3M are approved by the manager", DECISION, (), None),
    ("Decision: we skip the trade fair", DECISION, (), None),
    ("decided: no discounts this quarter", DECISION, (), None),
    ("We decided to hire one more roaster", DECISION, (), None),
    ("We have agreed on two new blends", DECISION, (), None),
    ("next: hand out 30 referral cards", NEXT_STEP, (), None),
    ("Next step: bring the win rate by industry", NEXT_STEP, (), None),
    ("Yamamoto will send the quote by Friday", ACTION, (YAMAMOTO,), on(MAY, 22)),
    ("Yamamoto will call the three lost customers next Monday", ACTION, (YAMAMOTO,), on(MAY, 25)),
    ("@Yamamoto update the price list", ACTION, (YAMAMOTO,), None),
    ("Smith to draft the newsletter by Sep 12", ACTION, (SMITH,), on(9, 12)),
    ("Anna will book the booth tomorrow", ACTION, (SMITH,), on(MAY, 21)),
    ("Anna Smith: send the samples by 12 June", ACTION, (SMITH,), on(JUNE, 12)),
    ("Anna, please check the stock by the end of the week", ACTION, (SMITH,), on(MAY, 22)),
    ("Ito will report back in two weeks", ACTION, (ITO,), on(JUNE, 3)),
    ("I'll ask finance about the limit by Thursday", ACTION, (ME,), on(MAY, 21)),
    ("I will visit the roastery next Friday", ACTION, (ME,), on(MAY, 29)),
    ("Sato will retake the photos by next Tuesday", ACTION, (SATO, OTHER_SATO), on(MAY, 26)),
    ("Misaki will retake the photos by next Tuesday", ACTION, (SATO,), on(MAY, 26)),
    ("Yamamoto and Smith will choose an agency by the end of the month", ACTION, (YAMAMOTO, SMITH), on(MAY, 31)),
    ("Send the minutes to Nakamura by Friday", ACTION, (), on(MAY, 22)),
    ("Ask Nakamura to sign the contract by 6/5", ACTION, (NAKAMURA,), on(JUNE, 5)),
    ("Nakamura should decide on the budget by June 1st, 2027", ACTION, (NAKAMURA,), on(JUNE, 1, 2027)),
    ("Action: compare the prices of three suppliers", ACTION, (), None),
    ("Todo: Anna to tidy the CRM within three days", ACTION, (SMITH,), on(MAY, 23)),
    ("Nakamura will tell Yamamoto the result by the 29th", ACTION, (NAKAMURA,), on(MAY, 29)),
    ("Yamamoto's pipeline looks healthy", NOTE, (), None),
    ("Yamamoto visited three companies on Friday", NOTE, (), None),
    ("The fair is in two weeks", NOTE, (), None),
    ("May was our best month", NOTE, (), None),
    ("One third of the orders come by referral", NOTE, (), None),
    ("Anna was on leave until Friday", NOTE, (), None),
    ("Haruka takes over the referral list until the end of June", ACTION, (ITO,), on(JUNE, 30)),
    ("Orders are up 12/100 on last year", NOTE, (), None),
]


def read(line: str):
    found = read_line(line, people=TEAM, said_on=WEDNESDAY, author=ME)
    return found.kind, (found.owner,) if found.owner else found.candidates, found.due


def test_most_spoken_lines_are_read_as_they_were_meant(record_property):
    """Nineteen of twenty in each language; and what is said to be an action always is one."""
    for language, lines in (("ja", JAPANESE), ("en", ENGLISH)):
        assert len(lines) >= 30
        wrong = [(line, meant, read(line)) for line, *meant in lines if read(line) != tuple(meant)]
        record_property(f"read_rightly_{language}", f"{len(lines) - len(wrong)} of {len(lines)}")
        claimed = [(line, kind) for line, kind, *_rest in lines if read(line)[0] == ACTION]
        assert [line for line, kind in claimed if kind != ACTION] == []
        assert len(wrong) <= len(lines) // 20, wrong


@pytest.mark.parametrize(
    ("typed", "task"),
    [
        ("山本さん 金曜までに見積もりを送る", "見積もりを送る"),
        ("@山本 6/12(金)まで 展示会の申し込み", "展示会の申し込み"),
        ("紹介カードを増刷する（山本）6/5まで", "紹介カードを増刷する"),
        ("Yamamoto will send the quote by Friday", "Send the quote"),
        ("Anna, please check the stock by the end of the week", "Check the stock"),
        ("山本さん 金曜", "山本さん 金曜"),
    ],
)
def test_what_is_to_be_done_is_the_line_without_who_and_by_when(typed, task):
    assert read_line(typed, people=TEAM, said_on=WEDNESDAY).task == task


def test_days_turn_the_month_and_the_year_rightly():
    new_years_eve = date(2026, 12, 31)
    said = {
        "1/8まで": date(2027, 1, 8),
        "明日": date(2027, 1, 1),
        "来週月曜": date(2027, 1, 4),
        "月末": new_years_eve,
        "来月末": date(2027, 1, 31),
        "今週中": date(2027, 1, 1),
        "by Jan 8": date(2027, 1, 8),
        "next Monday": date(2027, 1, 4),
        "in two months": date(2027, 2, 28),
    }
    assert {line: days_in(line, new_years_eve)[0].day for line in said} == said


@pytest.mark.parametrize("weekday", range(7))
def test_a_weekday_that_is_named_lies_never_in_the_past(weekday):
    day = date(2026, 5, 18 + weekday)
    for name in "月火水木金土日":
        for week in ("", "今週", "来週"):
            (found,) = days_in(f"{week}{name}曜まで", day)
            assert found.day >= day
            assert found.day.weekday() == "月火水木金土日".index(name)
    for name in ("Monday", "Wed", "Sunday"):
        assert all(days_in(f"{by} {name}", day)[0].day >= day for by in ("by", "this", "next"))


@pytest.mark.parametrize("line", ["", "決定:", "@", "2/30まで", "13/45", "99日まで", "山本", "5月まで", "次:", "0/0"])
def test_what_says_nothing_is_read_as_a_note_or_left_open(line):
    found = read_line(line, people=TEAM, said_on=WEDNESDAY)
    assert found.due is None
    assert found.owner is None
