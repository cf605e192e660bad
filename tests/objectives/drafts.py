"""Drafts as people write them: what the coach finds in each, and what only looks alike."""

from decimal import Decimal

from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Past

OTHER = DraftKeyResult("ほかの指標")


def result(title="受注率", kind="reach", unit="%", start=15, target=25, **more):
    numbers = {"start_value": start, "target_value": target}
    told = {name: value if value in (None, UNTOLD) else Decimal(str(value)) for name, value in numbers.items()}
    return DraftKeyResult(title, kind, unit, **told, **more)


def about(*results, title="頼られる営業になる", **more):
    return Draft(title, key_results=(*results, OTHER) if len(results) == 1 else results, **more)


def past(measure="商談", score=None, start=None, target=None, end=None, unit=None):
    numbers = [None if value is None else Decimal(str(value)) for value in (start, target, end)]
    return Past(measure, score, unit, *numbers)


def deals(target, *history, kind="cumulative", **more):
    return about(result("商談", kind, "件", 0, target), history=history, **more)


def pair(one, other):
    return about(one, other)


NPS = {"unit": "点", "start": None}
# What each rule and case finds: the draft, the suggestion where the words matter.
FOUND = [
    (
        "objective_has_number",
        "to_key_result",
        Draft("オンラインストアの売上を2倍にする"),
        "オンラインストアが、もっと多くのお客さまに選ばれるようになる",
    ),
    (
        "objective_has_number",
        "to_key_result",
        Draft("法人の売上を２倍にして、午後の一杯を届ける"),
        "午後の一杯を届ける",
    ),
    (
        "objective_has_number",
        "to_key_result",
        Draft("新規顧客を50社獲得する"),
        "はじめてのお客さまに、真っ先に選ばれる会社になる",
    ),
    ("objective_has_number", "to_key_result", Draft("ブライダル成約を月8組にする"), "ブライダル成約を大きく増やす"),
    ("objective_has_number", "", Draft("Sign up ten new distributors"), "Become the first choice of new distributors"),
    ("objective_has_number", "to_key_result", Draft("解約率を半分にする"), "解約率を大きく下げる"),
    (
        "objective_has_number",
        "to_key_result",
        Draft("Double our online sales"),
        "Grow our online sales well beyond today's level",
    ),
    ("objective_has_number", "to_key_result", Draft("Reduce churn by 30%"), "Bring churn well below today's level"),
    ("objective_has_number", "to_key_result", Draft("解約率を15%から5%に下げる"), "解約率を大きく下げる"),
    ("objective_has_number", "", Draft("二桁成長を続ける会社になる"), ""),
    ("objective_has_number", "", Draft("50社の新しいお客さまに選ばれる"), None),
    ("objective_has_number", "", Draft("Become a $10M company"), ""),
    ("objective_vague", "", Draft("顧客満足度の向上"), "お客さまが、知り合いに薦めたくなる会社になる"),
    ("objective_vague", "", Draft("業務改善を推進する"), None),
    ("objective_vague", "", Draft("売上を伸ばす"), None),
    ("objective_vague", "", Draft("Strengthen our brand"), "We are the first name that comes to mind"),
    ("objective_vague", "", Draft("Increase sales"), None),
    ("objective_vague", "nouns", Draft("売上・利益・品質"), None),
    ("objective_vague", "task", Draft("新しい受発注システムを導入する"), ""),
    ("objective_vague", "task", Draft("Launch the new website"), ""),
    ("objective_vague", "slogan", Draft("一丸となって頑張る"), ""),
    ("objective_vague", "slogan", Draft("Work hard as one team"), ""),
    (
        "objective_too_long",
        "characters",
        Draft("お客さまの声を毎日丁寧に聞き、商品とサービスの見直しを一つずつ進め、地域で真っ先に思い出される店になる"),
        "地域で真っ先に思い出される店になる",
    ),
    (
        "objective_too_long",
        "words",
        Draft(
            "We listen to what our customers say every single day so that in the end we become a shop that nobody "
            "in our town would ever want to miss"
        ),
        None,
    ),
    ("kr_count", "few", Draft("頼られる営業になる", key_results=(OTHER,)), ""),
    ("kr_count", "few", Draft("頼られる営業になる", key_results=None), ""),
    ("kr_count", "many", about(*[DraftKeyResult(f"指標{sign}") for sign in "甲乙丙丁戊己"]), ""),
    (
        "only_process_measures",
        "",
        about(result("電話", measure_type="process"), result("訪問", measure_type="process")),
        None,
    ),
    (
        "only_result_measures",
        "",
        about(result("法人の受注", measure_type="result"), result("離職率", measure_type="result")),
        "決裁者との面談 → __回",
    ),
    ("no_kgi", "", Draft("頼られる営業になる", kgi=None), ""),
    ("alone", "nobody", Draft("頼られる営業になる", level="team", aligned_above=0, aligned_below=0), ""),
    ("alone", "nobody_below", Draft("頼られる会社になる", level="company", aligned_above=0, aligned_below=0), ""),
    ("alone", "nothing_above", Draft("頼られる人になる", level="individual", aligned_above=0, aligned_below=0), ""),
    ("all_aspirational", "", Draft("頼られる営業になる", intents_in_team=("aspirational",) * 3), ""),
    ("too_many_objectives", "", Draft("頼られる店になる", objectives_in_team=6), ""),
    ("too_many_objectives", "sales", Draft("頼られる営業になる", team_kind="sales", objectives_in_team=5), ""),
    ("too_many_objectives", "first_cycle", Draft("頼られる店になる", is_first_cycle=True, objectives_in_team=3), ""),
    ("kr_same_as_start", "", about(result(start=25)), "受注率：25%を維持（種類は「維持」）"),
    ("kr_same_as_start", "", about(result("商談", "cumulative", "件", None, 0)), ""),
    ("kr_is_activity", "", about(DraftKeyResult("セミナーを開催する")), "セミナー経由の商談 → __件"),
    ("kr_is_activity", "", about(DraftKeyResult("新しいCRMを導入する")), "新しいCRMを毎週使っている人の割合 → __%"),
    (
        "kr_is_activity",
        "",
        about(DraftKeyResult("業務マニュアルの作成")),
        "業務マニュアルを見て一人で作業できる人 → __人",
    ),
    ("kr_is_activity", "", about(DraftKeyResult("Hold three webinars")), "Deals from the webinars → __"),
    ("kr_is_activity", "", about(DraftKeyResult("Launch a new website")), "Inquiries from the new website → __"),
    (
        "kr_scale_ambiguous",
        "nps_average",
        about(result("NPSの平均を9に", target=9, **NPS)),
        "NPSの質問への回答の平均（0〜10）",
    ),
    (
        "kr_scale_ambiguous",
        "nps_average",
        about(result("Average NPS of 9", target=9, **NPS)),
        "Average answer to the NPS question (0–10)",
    ),
    ("kr_scale_ambiguous", "nps_outside", about(result("NPS", unit="NPS", start=30, target=120)), ""),
    ("kr_scale_ambiguous", "nps_percent", about(result("NPS", start=32, target=50)), "NPS"),
    (
        "kr_scale_ambiguous",
        "plus_percent",
        about(result("SNSからの訪問 +300%", unit="回", start=1000, target=None)),
        "SNSからの訪問 1,000 → 4,000（現状の4倍）",
    ),
    (
        "kr_scale_ambiguous",
        "plus_percent",
        about(result("Visits from social media +300%", unit="visits", start=None, target=None)),
        "Visits from social media: __ → __ (4 times today's value)",
    ),
    ("kr_scale_ambiguous", "plus_percent", about(result("サイトの訪問数", start=None, target=300)), None),
    ("kr_scale_ambiguous", "times_more", about(result("会員を2倍増", unit="人", start=None, target=None)), ""),
    (
        "kr_scale_ambiguous",
        "percent_or_points",
        about(result("受注率を5%向上", start=None, target=5)),
        "受注率 __% → __%（5ポイント増）",
    ),
    (
        "kr_scale_ambiguous",
        "percent_or_points",
        about(result("Raise the win rate by 5%", start=None, target=5)),
        "win rate: __% → __% (5 points)",
    ),
    ("kr_scale_ambiguous", "rate_in_points", about(result(unit="ポイント")), "%"),
    ("kr_scale_ambiguous", "fraction", about(result(start=0.15, target=0.25)), "25%"),
    ("kr_scale_ambiguous", "beyond_scale", about(result("満足度（5点満点）", unit="点", start=3.9, target=8)), ""),
    (
        "kr_scale_ambiguous",
        "fall_beyond_all",
        about(result("Reduce waste by 300%", unit="kg", start=900, target=300)),
        "",
    ),
    ("kr_scale_ambiguous", "month_or_cycle", about(result("月間新規商談", "cumulative", "件", 0, 200)), None),
    ("kr_scale_ambiguous", "month_or_cycle", about(result("New deals per month", "cumulative", "deals", 0, 200)), ""),
    ("kr_scale_ambiguous", "month_or_year", about(result("月商", unit="万円/年", start=800, target=1600)), ""),
    ("kr_scale_ambiguous", "mean_of_rates", about(result("店舗ごとの受注率の平均")), ""),
    ("kr_rate_above_one", "", about(result(target=120)), "受注率 15% → __%（100%以下）"),
    (
        "kr_rate_above_one",
        "",
        about(result("Shop units let", start=86, target=105)),
        "Shop units let: 86% → __% (at most 100%)",
    ),
    ("kr_rate_above_one", "", about(result("Win rate", target=120)), "Win rate: 15% → __% (at most 100%)"),
    ("kr_must_hit_outside", "", about(result(must_hit_value=Decimal(30))), ""),
    ("kr_restates_another", "same", pair(result("受注率"), result("成約率を25%にする", start=10)), None),
    ("kr_restates_another", "same", pair(result("Win rate"), result("Close rate: 15% → 25%", start=10)), None),
    (
        "kr_restates_another",
        "same",
        pair(
            result("平日昼の客数（月）", unit="人", start=240, target=400),
            result("平日昼の来店者数", unit="人", start=240, target=400),
        ),
        None,
    ),
    (
        "kr_restates_another",
        "mirror",
        pair(result("法人の解約率", start=15, target=5), result("法人の継続率", start=80, target=95)),
        None,
    ),
    (
        "kr_restates_another",
        "mirror",
        pair(result("Uptime", start=82, target=91), result("Standstill", start=18, target=9)),
        None,
    ),
    (
        "kr_restates_another",
        "implied",
        pair(result("解約率", start=15, target=5), result("平均契約期間", unit="年", start=1, target=3)),
        None,
    ),
    ("kr_no_target", "", about(result(target=None)), ""),
    ("kr_no_baseline", "", about(result(start=None)), "受注率 現状 __% → 25%"),
    ("kr_no_baseline", "", about(result("Win rate", start=None)), "Win rate: now __% → 25%"),
    ("kr_no_unit", "", about(result(unit=None)), "%"),
    ("kr_no_unit", "", about(result("オンラインストアの売上", unit=" ")), "万円"),
    ("kr_no_unit", "", about(result("Complaints", unit=None)), "complaints"),
    ("kr_no_owner", "", about(result(owner=None)), ""),
    ("kr_no_measuring_method", "", about(result("紹介からの商談", measured_how=None)), "CRMの記録を毎週金曜に集計"),
    ("same_as_last_cycle", "", deals(30, past(start=0, target=30, end=20)), "25件"),
    (
        "same_as_last_cycle",
        "",
        about(DraftKeyResult("Guests: 400", target_value=Decimal(400)), history=(past("Guests: 400", 0.7),)),
        "",
    ),
    ("too_easy", "by_numbers", deals(5, past(end=20), past(end=22), past(end=21)), "28件"),
    (
        "too_easy",
        "by_scores",
        deals(5, past(start=0, target=20, score=1.0), past(start=0, target=22, score=1.0)),
        "28件",
    ),
    ("too_easy", "always_reached", deals(30, past(score=1.0), past(score=0.97)), ""),
    ("out_of_reach", "by_numbers", deals(120, past(end=11), past(end=9)), "14件"),
    (
        "out_of_reach",
        "by_scores",
        deals(300, past(start=0, target=20, score=0.5), past(start=0, target=22, score=0.5)),
        "14件",
    ),
    ("out_of_reach", "always_missed", deals(30, past(score=0.2), past(score=0.25)), ""),
]

# What looks alike and is no reason for a remark, by the rule that must stay silent.
SILENT = [
    *[
        ("objective_has_number", Draft(title))
        for title in (
            "最高の一杯を、地域で一番届ける",
            "三か月で生まれ変わる店にする",
            "一人ひとりが輝く会社になる",
            "業界No.1の対応で選ばれる",
            "B2Bの柱をつくる",
            "5Sが根付いた工場になる",
            "FY2026を飛躍の年にする",
            "24時間365日、止まらない安心を届ける",
            "100年続く会社になる",
            "1社でも多くの会社の力になる",
            "Q1のうちに信頼を取り戻す",
            "三方よしの取引を広げる",
            "100点満点の笑顔で迎える",
            "100円ショップに負けない品揃えにする",
            "Double down on what customers love",
            "Be the No. 1 choice in town",
            "One team, one voice",
            "24/7 help people trust",
            "Be a top 10 employer in the region",
            "Industry 4.0 that people at the machines like",
            "Yoga twice a week for all",
        )
    ],
    *[
        ("objective_vague", Draft(title))
        for title in (
            "雪国で焼いた一杯を、日本じゅうの朝へ",
            "改善提案が毎日飛び交う工場になる",
            "電話がつながらない店から、すぐ出る店へ改善する",
            "知らない業界の扉を、自分たちの手で開ける",
            "売上を3倍にする",
            "Improve service until nobody waits",
            "Support that feels near",
            "Customers recommend us without being asked",
            "Launch customers into their second year with a smile",
        )
    ],
    ("objective_too_long", Draft("北国の小さな焙煎所から、全国の食卓の常連へ")),
    ("kr_count", Draft("頼られる営業になる")),
    ("kr_count", about(OTHER, DraftKeyResult("指標"))),
    *[
        ("kr_is_activity", about(DraftKeyResult(title, kind)))
        for title, kind in (
            ("セミナーを開催する", "milestone"),
            ("四半期レビューを実施する", "coverage"),
            ("顧客の声を聞く会を開催する", "quota"),
            ("新規導入社数", "reach"),
            ("公開事例からの問い合わせ", "reach"),
            ("50社が新プランを導入する", "reach"),
            ("新規顧客を開拓する", "reach"),
            ("Launch revenue", "reach"),
            ("Review score", "reach"),
            ("Call answer rate", "reach"),
            ("Deliver 99% of orders on time", "reach"),
            ("Host cancellations", "reach"),
            ("Hold a seminar", "milestone"),
        )
    ],
    ("kr_is_activity", about(result("訪問を100件実施する", "cumulative", "件", 0, 100, measure_type="process"))),
    ("kr_no_unit", about(result(kind="milestone", unit=None))),
    *[("kr_no_baseline", about(result(kind=kind, start=None))) for kind in ("cumulative", "quota", "keep", "coverage")],
    ("kr_no_baseline", about(result(start=None, measure_first=True))),
    ("kr_no_target", about(result(target=None, measure_first=True))),
    *[
        ("kr_scale_ambiguous", about(one))
        for one in (
            result("NPS", unit="NPS", start=32, target=50),
            result("NPS", unit="NPS", start=-20, target=5),
            result("NPSの質問への回答の平均（0〜10）", unit="点", start=7, target=9),
            result("満足度（5点満点）", unit="点", start=3.9, target=4.5),
            result("会員 +20%", unit="人", start=None, target=None),
            result("受注率を5ポイント向上", start=20),
            result("誤出荷率", start=0.4, target=0.1),
            result("CV率", start=0.8, target=1),
            result("月間訪問", unit="回", start=800, target=900),
            result("月次決算の日数", unit="日", start=9, target=5),
            result("昨年比の売上", start=100, target=150),
            result("Monthly visits", unit="visits", start=800, target=900),
            result("+300%の訪問", unit="回", start=1000, target=4000),
        )
    ],
    *[
        ("kr_rate_above_one", about(one))
        for one in (
            result("売上達成率", target=120),
            result("売上の前年比", target=150),
            result("ROAS", target=400),
            result("稼働率", start=80, target=105),
            result("Net revenue retention", start=98, target=115),
            result("受注率を120%向上", target=None),
            result("受注率", target=100),
        )
    ],
    ("kr_must_hit_outside", about(result(must_hit_value=Decimal(20)))),
    ("kr_must_hit_outside", about(result("日数", unit="日", start=45, target=30, must_hit_value=Decimal(38)))),
    ("kr_same_as_start", about(result(kind="keep", start=25))),
    ("kr_restates_another", pair(result("新規顧客の売上"), result("既存顧客の売上", start=1))),
    ("kr_restates_another", pair(result("本店の再来店率"), result("駅前店の再来店率"))),
    ("kr_restates_another", pair(result("Lunch guests", unit="guests"), result("Dinner guests", unit="guests"))),
    (
        "kr_restates_another",
        pair(result("参加率", start=40, target=60), result("初回だけの人の割合", start=60, target=40)),
    ),
    ("kr_rate_above_one", about(result("設備投資の回収率（累計）", start=80, target=120))),
    ("kr_rate_above_one", about(result("Fixed assets to equity", start=130, target=108))),
    ("kr_restates_another", pair(result("受注率"), result("受注件数", unit="件"))),
    ("kr_restates_another", pair(result("商談", "cumulative", "件", 0, 30), result("紹介", "cumulative", "件", 0, 30))),
    ("only_process_measures", pair(result(measure_type="process"), result("商談", measure_type=None))),
    ("only_result_measures", pair(result(measure_type="result"), result("商談", measure_type="process"))),
    (
        "only_result_measures",
        pair(result("新規契約", measure_type="result"), result("決裁者との面談", measure_type="result")),
    ),
    ("too_many_objectives", Draft("頼られる店になる", objectives_in_team=5)),
    ("too_many_objectives", Draft("頼られる営業になる", team_kind="sales", objectives_in_team=4)),
    ("all_aspirational", Draft("頼られる店になる", intents_in_team=("aspirational", "committed"))),
    ("all_aspirational", Draft("頼られる店になる", intents_in_team=("aspirational",))),
    ("alone", Draft("頼られる会社になる", level="company", aligned_above=0, aligned_below=1)),
    ("alone", Draft("頼られる店になる", aligned_above=1, aligned_below=0)),
    ("same_as_last_cycle", deals(40, past(start=0, target=30, end=20))),
    ("same_as_last_cycle", deals(30, past(start=0, target=30, end=20, unit="社"))),
    ("too_easy", deals(20, past(end=20), past(end=22), past(end=21))),
    ("too_easy", deals(30, past(score=1.0), past(score=1.0), kind="keep")),
    ("too_easy", about(result("商談", "quota", "件", None, 30), kind="committed", history=(past(score=1.0),))),
    ("out_of_reach", deals(24, past(end=20), past(end=22), past(end=21))),
    ("out_of_reach", deals(30, past(score=0.45))),
    ("out_of_reach", deals(500, past("紹介", end=20))),
]
