"""What the example company learned in its last quarter, and what it tries on a small scale."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from objectives.models import Cause, Decision, Experiment, Lesson, Question, RetrospectiveNote


@dataclass(frozen=True)
class Learned:
    """A lesson, written so many days after the last quarter.

    It is about a key result, or about a measure in words; `note` is the note of a retrospective that it was made of.
    """

    key: str
    by: str
    team: str
    question: Question
    text: str
    advice: str
    days: int
    at: str = "17:20"
    cause: Cause = Cause.UNSORTED
    result: str = ""
    measure: str = ""
    kpi: str = ""
    note: str = ""


LESSONS = (
    Learned(
        "last-day-visit",
        "fujiwara",
        "sales",
        Question.SUCCEEDED,
        "お試しの最終日に伺うと、その場で契約が決まることが多い",
        "お試しを始める日に、最終日の訪問まで約束しておく",
        3,
        "16:55",
        result="last-contracts",
        note="sales-visit",
    ),
    Learned(
        "meetings-first",
        "fujiwara",
        "sales",
        Question.MISSED,
        "面談の数が足りないと、契約の目標はどう工夫しても届かない",
        "契約の目標には、面談に出られる人数と日数から割り出した行動の目標を添える",
        3,
        "16:58",
        Cause.HANDS,
        result="last-contracts",
        note="sales-few",
    ),
    Learned(
        "ninety-days",
        "nomura",
        "sales",
        Question.MEASURE,
        "商談になる割合は90日の平均なので、四半期のうちには手ごたえが出にくい",
        "割合を目標にするときは、直近30日の数字も並べて書く",
        3,
        "17:02",
        result="last-deal-rate",
        kpi="corporate/deal_rate",
        note="sales-slow",
    ),
    Learned(
        "tell-the-outcome",
        "morishita",
        "sales",
        Question.SUCCEEDED,
        "紹介してくださった方に結果を知らせると、次の紹介が生まれる",
        "紹介から始まった商談は、結果のご報告までを一つの行動として数える",
        3,
        "17:05",
        result="last-meetings",
        note="sales-thanks",
    ),
    Learned(
        "few-replies",
        "shiraishi",
        "marketing",
        Question.MEASURE,
        "返信率は、件数の少ない週に一件で大きく動く",
        "割合を保つ目標には、その週の件数も並べて記録する",
        4,
        "13:50",
        Cause.MEASURE,
        result="last-replies",
        note="marketing-swing",
    ),
    Learned(
        "order-of-approval",
        "kudo",
        "marketing",
        Question.MISSED,
        "全部署の承認が要る仕事は、言葉を選ぶ話し合いだけで三週間延びる",
        "承認をもらう順番と期限を、草案を書く前に決める",
        4,
        "13:54",
        Cause.OTHERS,
        result="last-framework",
        note="marketing-word",
    ),
    Learned(
        "hours-of-the-roaster",
        "onodera",
        "roastery",
        Question.MISSED,
        "人を育てる目標は、練習に使える釜の時間で上限が決まる",
        "人数を決める前に、週に使える釜の時間から割り出してみる",
        5,
        "19:20",
        Cause.TARGET,
        result="last-roasters",
        note="roastery-four",
    ),
    Learned(
        "three-fields",
        "sugawara",
        "roastery",
        Question.IMPROVE,
        "書く欄が多い記録は、忙しい週に止まる",
        "記録は三項目までに絞り、三十秒で書けるか試してから始める",
        5,
        "19:24",
        Cause.FADED,
        result="last-profiles",
        note="roastery-fields",
    ),
    Learned(
        "five-photographs",
        "onishi",
        "online",
        Question.SUCCEEDED,
        "商品写真の撮り直しは、少ない費用で月商に効く",
        "広告を増やす前に、よく見られる五品の写真から手をつける",
        2,
        "10:05",
        result="last-online",
        note="seat-photographs",
    ),
    Learned(
        "share-without-number",
        "miura",
        "company",
        Question.MEASURE,
        "割合は、分母が減っただけでも上がってしまう",
        "割合を目標にするときは、件数の目標を一つ添える",
        6,
        "11:10",
        Cause.MEASURE,
        result="last-outside",
        note="company-share",
    ),
    Learned(
        "same-roaster",
        "ishiguro",
        "company",
        Question.MISSED,
        "出荷と焙煎の練習が、同じ釜と同じ曜日を取り合っていた",
        "発送を早める目標を立てる前に、釜と人の空きを部門どうしで確かめる",
        6,
        "11:14",
        Cause.HANDS,
        measure="注文から発送までの日数",
        note="company-roaster",
    ),
    Learned(
        "eighty-comments",
        "onishi",
        "online",
        Question.MEASURE,
        "感想の件数は八週目に届いたが、店が良くなったかどうかは分からなかった",
        "お客さまの声を目標にするときは、件数のほかに「企画に生かした声」を数える",
        9,
        cause=Cause.MEASURE,
        result="last-comments",
    ),
    Learned(
        "trial-box",
        "onishi",
        "online",
        Question.MISSED,
        "送料込みのお試しの箱は、広げるほど赤字が増える",
        "はじめての方へのお試しは、百箱で採算を確かめてから広げる",
        9,
        "17:32",
        Cause.METHOD,
        result="last-first",
    ),
    Learned(
        "change-of-persons",
        "fujiwara",
        "sales",
        Question.MISSED,
        "解約のきっかけの半分は、先方の担当者の異動だった",
        "継続率を目標にするときは、異動の時期の前にごあいさつの訪問を入れる",
        12,
        cause=Cause.MARKET,
        measure="法人のお客さまの継続率",
        kpi="revenue/churn_rate",
    ),
    Learned(
        "third-order",
        "kudo",
        "marketing",
        Question.MISSED,
        "値引きで増えた二度目のご注文は、三度目に続かなかった",
        "二度目を増やす取り組みは、三度目のご注文まで見て効き目を判断する",
        14,
        cause=Cause.METHOD,
        measure="二度目のご注文をくださった方の割合",
    ),
)


@dataclass(frozen=True)
class Tried:
    """An experiment: from and until which day, counted from today, and on which it was decided."""

    key: str
    by: str
    team: str
    title: str
    hypothesis: str
    sign: str
    starts: int
    ends: int
    result: str = ""
    decision: Decision = Decision.OPEN
    decided: int = 0
    serves: str = ""
    kpi: str = ""
    follows: str = ""
    action: str = ""


EXPERIMENTS = (
    Tried(
        "second-letter",
        "kudo",
        "marketing",
        "はじめての方への二割引の手紙",
        "二割引なら、二度目のご注文が10ポイント増える",
        "手紙を受け取った方の、60日以内の再注文の割合",
        -120,
        -60,
        "再注文は31%から39%に増えたが、三度目に続いたのは一割だけ。値引きのぶん、粗利は残らなかった",
        Decision.STOP,
        -55,
        serves="last-first",
    ),
    Tried(
        "letter-at-once",
        "morishita",
        "sales",
        "紹介のお願いを、契約のその場で手紙にしてお渡しする",
        "手紙があれば、総務の方がほかの会社の方に話しやすい",
        "お渡しした12社のうち、一か月以内に紹介をいただいた数が4社以上",
        -75,
        -47,
        "12社のうち紹介は2社。まだ飲んでいない時期にお願いするのは早すぎた",
        Decision.AGAIN,
        -44,
        serves="last-meetings",
    ),
    Tried(
        "evening-bags",
        "onodera",
        "roastery",
        "定期便のぶんだけ、前日の夜に袋詰めまで終える",
        "朝の袋詰めがなくなれば、発送が半日早まる",
        "発送までの日数の中央値が2.6日以下、焼き直しは増えない",
        -36,
        -16,
        "二週間で2.9日から2.4日になり、焼き直しも増えなかった。残業は一人あたり週20分",
        Decision.SCALE,
        -14,
        serves="ship-days",
        action="all-evenings",
    ),
    Tried(
        "film-below",
        "shiraishi",
        "marketing",
        "産地の読みものの終わりに、淹れ方の短い動画を置く",
        "動画があれば最後まで読まれ、検索の順位も上がる",
        "10本の記事で、最後まで読んだ方の割合が5ポイント以上増える",
        -32,
        -4,
        serves="page-one",
        kpi="revenue/visits",
    ),
    Tried(
        "letter-later",
        "morishita",
        "sales",
        "紹介のお願いの手紙を、三か月目の訪問でお渡しする",
        "毎日飲んでいただいたあとなら、勧める言葉が自然に出てくる",
        "お渡しする10社のうち、一か月以内に紹介をいただいた数が4社以上",
        -17,
        18,
        serves="new-contracts",
        follows="letter-at-once",
        action="third-month",
    ),
    Tried(
        "with-cleaning",
        "nomura",
        "sales",
        "掃除つきの契約を、三社だけで試す",
        "断られる理由の一番である掃除の当番がなくなれば、受注率が上がる",
        "三社のうち二社が契約し、掃除にかかる時間が一社あたり週30分以内",
        -8,
        20,
        serves="win-rate",
        kpi="corporate/win_rate",
        action="no-cleaning",
    ),
    Tried(
        "price-on-one-page",
        "kudo",
        "marketing",
        "料金の目安を、ホテル向けのページだけに二週間出す",
        "目安が見えれば、安い会社に流れるより先に、人数の合う会社から問い合わせが来る",
        "そのページのCV率が0.1ポイント以上増え、値引きのお願いが増えない",
        -37,
        -25,
        "CV率は0.8%から1.0%に増え、値引きのお願いは一件もなかった",
        Decision.SCALE,
        -25,
        serves="inquiries",
        kpi="corporate/cv_rate",
        action="price-first",
    ),
    Tried(
        "stand-in-one-hall",
        "onodera",
        "roastery",
        "無人の一杯スタンドを、一棟のホールに二週間だけ置く",
        "飲んだ方が社内で話し、法人のページへの訪問が増える",
        "一日50杯以上、そのビルからの訪問が月に20回以上、片づけは一日20分以内",
        -27,
        -13,
        "一日34杯、訪問は月に3回、片づけは一日一時間。三つとも届かなかった",
        Decision.STOP,
        -12,
        serves="tastings",
        kpi="corporate/visits",
        action="stand",
    ),
)


def keep_lessons(company: Company) -> None:
    """The lessons of the last quarter, each when it was written down."""
    cycle = company.cycles["last"]
    notes = {
        note.submission_key: note
        for note in RetrospectiveNote.objects.filter(retrospective__organization=company.organization)
    }
    for learned in LESSONS:
        key_result = company.key_results[learned.result] if learned.result else None
        note = notes[key("note", learned.note)] if learned.note else None
        with company.acting(learned.by, company.at(cycle.end + learned.days * DAY, learned.at)) as by:
            Lesson.objects.create(
                organization=company.organization,
                team=company.teams[learned.team],
                cycle=cycle,
                question=learned.question,
                text=learned.text,
                advice=learned.advice,
                cause=learned.cause,
                objective_id=key_result.objective_id if key_result else None,
                key_result=key_result,
                measure=learned.measure,
                kpi=company.kpis[learned.kpi] if learned.kpi else None,
                retrospective_id=note.retrospective_id if note else None,
                note=note,
                author=by,
                submission_key=key("lesson", learned.key),
            )


def experiment(company: Company) -> None:
    """What was tried and is tried, with what came out."""
    today = company.days.today
    made: dict[str, Experiment] = {}
    for tried in EXPERIMENTS:
        with company.acting(tried.by, company.at(today + (tried.starts - 2) * DAY, "11:05")) as by:
            made[tried.key] = row = Experiment.objects.create(
                organization=company.organization,
                team=company.teams[tried.team],
                owner=by,
                title=tried.title,
                hypothesis=tried.hypothesis,
                sign=tried.sign,
                key_result=company.key_results[tried.serves],
                kpi=company.kpis[tried.kpi] if tried.kpi else None,
                action=company.actions[tried.action] if tried.action else None,
                starts_on=today + tried.starts * DAY,
                ends_on=today + tried.ends * DAY,
                follows=made.get(tried.follows),
                created_by=by,
                submission_key=key("experiment", tried.key),
            )
        if tried.decision:
            with company.acting(tried.by, company.at(today + tried.decided * DAY, "16:20")) as by:
                row.result, row.decision = tried.result, tried.decision
                row.decided_on, row.decided_by = today + tried.decided * DAY, by
                row.version += 1
                row.save()
