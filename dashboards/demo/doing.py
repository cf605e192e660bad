"""What the people of the example company set out to do, and what they did day by day in the last three weeks."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from objectives.models import Obstacle
from objectives.services.actions import add_action, drop_action, finish_action
from objectives.services.activities import log_activity


@dataclass(frozen=True)
class Planned:
    """An action for a key result: written down `days` ago, to be done within so many days from then.

    `done` says how many days ago it was finished, `dropped` why it is not done. With `against` it is to clear what
    stands in the way of its key result.
    """

    serves: str
    title: str
    owner: str
    by: str
    days: int
    within: int
    effect: str = ""
    done: int | None = None
    dropped: str = ""
    against: bool = False


ACTIONS = (
    Planned(
        "new-contracts", "試飲いただいた三社に、月20kgの見積もりを届ける", "nomura", "fujiwara", 20, 7, "契約3件", 14
    ),
    Planned("fair-deals", "見本市でいただいた名刺に、三日以内にお礼の電話をする", "nomura", "fujiwara", 17, 4, "", 12),
    Planned(
        "deciders", "総務の方に、決裁者との面談を一緒に組んでもらう", "morishita", "fujiwara", 12, 14, "面談を週2件に"
    ),
    Planned("reviews", "四半期レビューの日程を、残りの取引先と決める", "nomura", "nomura", 9, 12),
    Planned(
        "win-rate",
        "失注した商談の理由を、五つの言葉に分けて入力する",
        "fujiwara",
        "fujiwara",
        15,
        11,
        "受注率+2ポイント",
    ),
    Planned("sns-visits", "焙煎の動画を、店ごとに週一本ずつ上げる", "morishita", "onishi", 18, 10, "訪問 週+150", 8),
    Planned("sub-reasons", "やめた方への短い質問を、三問に減らして送り直す", "onishi", "onishi", 8, 10, "返信率30%"),
    Planned(
        "search-rank",
        "産地の読みものから、通販のページへの案内を入れる",
        "shiraishi",
        "onishi",
        10,
        12,
        "検索順位5位以内",
    ),
    Planned(
        "loyal-voices", "聞き取りのお願いを、木曜の夕方にまとめて電話する", "shiraishi", "kudo", 6, 9, against=True
    ),
    Planned("inquiries", "事例のページの終わりに、試飲の申し込みを置く", "kudo", "kudo", 13, 7, "問い合わせ 月+5件", 5),
    Planned(
        "tastings",
        "平日の飲みくらべを、雨の日にも試す",
        "onodera",
        "onodera",
        16,
        9,
        dropped="梅雨のあいだは人手が足りない",
    ),
    Planned("capacity", "二号機の始業前点検を、一枚の表にする", "sugawara", "onodera", 7, 13),
)
"""The fifth is past its day by four days; everything else that is open lies ahead."""


@dataclass(frozen=True)
class Done:
    """A line of somebody's day, so many days ago; `serves` is empty where it served no key result."""

    by: str
    days: int
    text: str
    serves: str = ""
    at: str = "17:40"


LINES = (
    Done("nomura", 1, "製薬会社の総務の方と面談。秋の切り替えを検討いただける", "deciders"),
    Done("shiraishi", 1, "産地の読みものを一本公開。農園の写真を三枚入れた", "local-posts"),
    Done("morishita", 1, "店頭でQRカードを四十枚手渡し。反応は雨の日のほうがよい", "newsletter"),
    Done("sugawara", 1, "二号機の温度を校正。午前の分は焼き直しなし", "defects"),
    Done("onishi", 2, "二回目の方に手書きの一筆を入れる手順を決めた", "sub-second"),
    Done("nomura", 2, "四半期レビューを一社。追加で紅茶も試したいとのこと", "reviews"),
    Done("kudo", 2, "問い合わせのお礼の文面を、業種ごとに三つ用意した", "inquiries"),
    Done("fujiwara", 3, "失注した商談を十件見直し。理由の半分は納期だった", "win-rate"),
    Done("shiraishi", 3, "常連の方お二人に聞き取り。きっかけは二人とも贈りもの", "loyal-voices"),
    Done("onodera", 3, "店頭の飲みくらべ会。十二名のうち五名が豆も購入", "tastings"),
    Done("morishita", 4, "雨の日の焙煎動画を投稿。保存が普段の倍", "sns-visits"),
    Done("sugawara", 4, "深煎りの味の説明カードを一枚書き直した", "taste-cards"),
    Done("nomura", 5, "展示会のお礼の電話、残りの八件を終えた", "fair-deals"),
    Done("onishi", 5, "月末の締めの確認で半日"),
    Done("kudo", 6, "ホテルの導入事例の取材。料理長の話がよい", "cases"),
    Done("fujiwara", 7, "新しい業種の候補を三つに絞った。まずは歯科医院から", "new-contracts"),
    Done("shiraishi", 8, "古い記事を二十本見直し、まとめられるものに印を付けた", "audit"),
    Done("onodera", 8, "出荷の前倒しを試した。水曜の夜に袋詰めまで終える", "ship-days"),
    Done("morishita", 9, "決裁者の方に試飲の箱を三つ送った", "deciders"),
    Done("nomura", 10, "業種別のひな形、介護施設の分を書いた", "proposal-kit"),
    Done("onishi", 11, "はじめての方の申し込みの流れを、スマートフォンで見直した", "sub-first"),
    Done("kudo", 12, "声の集計。おすすめの理由は「香り」がいちばん多い", "recommend"),
    Done("sugawara", 13, "淹れ方の動画の二本目を撮影", "brew-films"),
    Done("fujiwara", 14, "ご継続の相談に一社訪問。来月からの増量をいただいた", "break-retention"),
    Done("shiraishi", 15, "ほかのサイトの方に紹介のお願いを五通", "backlinks"),
    Done("nomura", 16, "商談の記録、先週の分を入力し終えた", "crm"),
    Done("onodera", 17, "新しい豆の試し焼きを三回", "defects"),
    Done("morishita", 18, "スタッフ二人に動画の撮り方を説明", "sns-visits"),
    Done("ishiguro", 19, "締めの手順から、二つの確認を一つにまとめた", "footing-closing"),
    Done("onishi", 20, "解約の方五名に電話。お休みのほうがよかった方が三名", "sub-reasons"),
)


def do(company: Company) -> None:
    """The actions as they were written down and closed, and the log line by line."""
    for planned in ACTIONS:
        plan(company, planned)
    for number, line in enumerate(LINES):
        day = company.days.today - line.days * DAY
        with company.acting(line.by, company.at(day, line.at)) as by:
            log_activity(
                by,
                text=line.text,
                date=day,
                key_result=company.key_results[line.serves] if line.serves else None,
                submission_key=key("activity", number),
            )


def plan(company: Company, planned: Planned) -> None:
    written_on = company.days.today - planned.days * DAY
    key_result = company.key_results[planned.serves]
    with company.acting(planned.by, company.at(written_on, "10:20")) as by:
        action = add_action(
            team=key_result.objective.team,
            title=planned.title,
            owner=company.people[planned.owner],
            due_on=written_on + planned.within * DAY,
            by=by,
            key_result=key_result,
            obstacle=Obstacle.objects.filter(key_result=key_result).order_by("-raised_on").first()
            if planned.against
            else None,
            expected_effect=planned.effect,
            submission_key=key("action", planned.title),
        )
    if planned.done is not None:
        with company.acting(planned.owner, company.at(company.days.today - planned.done * DAY, "16:10")) as by:
            finish_action(action, by=by)
    if planned.dropped:
        with company.acting(planned.by, company.at(company.days.today - 3 * DAY, "09:30")) as by:
            drop_action(action, by=by, reason=planned.dropped)
