"""Pairs of goals as two departments write them, and what a careful reader would say of each pair.

Four in ten repeat or contradict each other; the others look alike and are not: part and whole, new and existing,
another stage of the funnel, the same word for each shop's own number.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from objectives.formulas.likeness import Finding, Measured

SAME, OPPOSITE, BASELINES = Finding.SAME_MEASURE, Finding.OPPOSITE, Finding.BASELINES
SAME_OBJECTIVE = Finding.SAME_OBJECTIVE
NOTHING = None


def kr(title: str, unit: str = "", start=None, target=None, kind: str = "reach", limit: str = "") -> Measured:
    numbers = (None if number is None else Decimal(str(number)) for number in (start, target))
    return Measured(0, title, kind, unit, *numbers, limit=limit)


@dataclass(frozen=True)
class Pair:
    """`teams` are the names of the two departments; a title alone is an objective's."""

    said: Finding | None
    one: Measured | str
    other: Measured | str
    teams: tuple[str, str] = ("営業部", "マーケティング部")


PAIRS = [
    # The same objective in other words
    Pair(SAME_OBJECTIVE, "オンライン店を、全国の食卓の定番にする", "オンラインショップを全国の食卓の定番に"),
    Pair(SAME_OBJECTIVE, "はたらく人の午後を、珈琲で支える", "珈琲で、働く人の午後を支える"),
    Pair(SAME_OBJECTIVE, "お客さまに最初に相談される会社になる", "顧客から最初に相談される会社になる"),
    Pair(SAME_OBJECTIVE, "新しい業界への扉を開く", "新しい業界の扉を開ける"),
    Pair(SAME_OBJECTIVE, "問い合わせの絶えないサイトにする", "お問い合わせが絶えないホームページにする"),
    Pair(SAME_OBJECTIVE, "紹介だけで予定が埋まる営業になる", "紹介だけで予定が埋まる営業チームへ"),
    Pair(SAME_OBJECTIVE, "既存のお客様との関係を深める", "既存顧客との関係を深める"),
    Pair(SAME_OBJECTIVE, "地域でいちばん信頼される工務店になる", "地域で一番信頼される工務店へ"),
    Pair(
        SAME_OBJECTIVE,
        "Become the first name people think of for coffee",
        "Be the first name people think of for coffee",
    ),
    Pair(SAME_OBJECTIVE, "Make our online shop a joy to use", "Make the web shop a joy to use"),
    Pair(SAME_OBJECTIVE, "Customers recommend us to their friends", "Clients recommend us to friends"),
    Pair(SAME_OBJECTIVE, "Open the door to a new industry", "Opening doors to new industries"),
    Pair(OPPOSITE, "倉庫の在庫を増やし、待たせない店になる", "倉庫の在庫を減らし、待たせない店になる"),
    # The same measure
    Pair(SAME, kr("新規顧客数", "社", 0, 30, "cumulative"), kr("新しいお客さまの獲得", "社", 0, 50, "cumulative")),
    Pair(SAME, kr("法人契約の件数", "件", 0, 30, "cumulative"), kr("法人の受注件数", "件", 0, 40, "cumulative")),
    Pair(SAME, kr("問い合わせ件数を月50件に増やす", "件", 30, 50), kr("お問い合わせ数", "件", 30, 45)),
    Pair(SAME, kr("リピート率", "%", 40, 55), kr("再購入率を55%に上げる", "%", 40, 55)),
    Pair(SAME, kr("メルマガ登録者数", "人", 2500, 3000), kr("メールマガジンの購読者", "人", 2500, 4000)),
    Pair(SAME, kr("初回返信までの時間", "時間", 24, 8), kr("お客さまへの初回応答時間を短縮", "時間", 24, 6)),
    Pair(SAME, kr("オンライン店の月商", "万円", 820, 1640), kr("ECサイトの売上を月1,500万円にする", "万円", 820, 1500)),
    Pair(SAME, kr("顧客満足度", "点", 4.1, 4.5), kr("お客様満足度を4.5に", "点", 4.1, 4.6)),
    Pair(SAME, kr("解約率", "%", 15, 5), kr("チャーンレートを15%から8%に下げる", "％", 15, 8)),
    Pair(SAME, kr("展示会からの商談数", "件", 0, 50, "cumulative"), kr("展示会経由の商談", "件", 0, 60, "cumulative")),
    Pair(SAME, kr("導入事例の公開本数", "本", 0, 6, "cumulative"), kr("導入事例を公開する", "本", 0, 4, "cumulative")),
    Pair(SAME, kr("商談化率", "%", 10, 20), kr("問い合わせが商談になる割合", "%", 10, 15)),
    Pair(SAME, kr("NPS", "", 32, 50), kr("NPS（推奨度）", "", 32, 45)),
    Pair(SAME, kr("平均客単価", "円", 3200, 3800), kr("平均購入額", "円", 3200, 4000)),
    Pair(SAME, kr("在庫切れ率", "%", None, 2, "keep", "max"), kr("欠品率", "%", None, 3, "keep", "max")),
    Pair(
        SAME,
        kr("サイトへの訪問者数", "人", 10000, 20000),
        kr("ウェブサイトのアクセス数", "人", 10000, 15000),
        ("営業部", "広報部"),
    ),
    Pair(SAME, kr("New customers", "", 0, 30, "cumulative"), kr("Win 50 new clients", "", 0, 50, "cumulative")),
    Pair(SAME, kr("Number of inquiries per month", "", 30, 50), kr("Monthly enquiries", "", 30, 60)),
    Pair(SAME, kr("Churn rate", "%", 15, 5), kr("Reduce churn from 15% to 8%", "%", 15, 8)),
    Pair(SAME, kr("Repeat purchase rate", "%", 40, 55), kr("Increase repurchase rate to 50%", "%", 40, 50)),
    Pair(SAME, kr("Newsletter subscribers", "people", 2500, 3000), kr("Mailing list sign-ups", "people", 2500, 4000)),
    Pair(SAME, kr("Website traffic", "visits", 10000, 20000), kr("Site visits", "visits", 10000, 15000)),
    Pair(SAME, kr("Average order value", "¥", 3200, 3800), kr("Raise the average basket", "yen", 3200, 4000)),
    Pair(SAME, kr("問い合わせ件数", "件", 0, 200, "cumulative"), kr("Inquiries", "", 0, 150, "cumulative")),
    Pair(SAME, kr("解約率", "%", 15, 5), kr("Churn rate", "%", 15, 6)),
    Pair(SAME, kr("受注率", "%", 20, 26), kr("Win rate", "%", 20, 30)),
    # The same measure, wanted the other way
    Pair(OPPOSITE, kr("平均単価", "円", 3200, 3800), kr("平均単価を2,800円に下げる", "円", 3200, 2800)),
    Pair(OPPOSITE, kr("在庫日数", "日", 30, 45), kr("在庫の日数", "日", 30, 20)),
    Pair(OPPOSITE, kr("広告費", "万円", 300, 500), kr("広告費を削減", "万円", 300, 200)),
    Pair(OPPOSITE, kr("値引き率", "%", 10, 15), kr("値引きの割合", "%", 10, 5)),
    Pair(OPPOSITE, kr("在庫を90日分以上持つ", "日", None, 90, "keep", "min"), kr("在庫を減らす", "日", 80, 45)),
    Pair(OPPOSITE, kr("商品の品数", "種", 40, 60), kr("商品の品数を絞る", "種", 40, 25)),
    Pair(OPPOSITE, kr("Inventory days", "days", 30, 45), kr("Stock days", "days", 30, 20)),
    Pair(OPPOSITE, kr("Discounts", "%", 10, 15), kr("Discount rate cut to 5%", "%", 10, 5)),
    Pair(OPPOSITE, kr("Ad spend", "万円", 300, 500), kr("Advertising cost", "万円", 300, 200)),
    # The same measure, read differently today
    Pair(BASELINES, kr("解約率", "%", 15, 5), kr("解約率", "%", 9, 5)),
    Pair(BASELINES, kr("オンライン店の月商", "万円", 820, 1640), kr("オンラインストアの月間売上", "万円", 960, 1500)),
    Pair(BASELINES, kr("NPS", "", 32, 50), kr("NPSの向上", "", 18, 50)),
    Pair(BASELINES, kr("リピート率", "%", 40, 55), kr("リピート率", "%", 46, 55)),
    Pair(BASELINES, kr("検索順位", "位", 12, 3), kr("検索順位", "位", 20, 3)),
    Pair(
        BASELINES,
        kr("Customer satisfaction", "points", 4.1, 4.5),
        kr("Customer satisfaction score", "points", 3.6, 4.5),
    ),
    Pair(BASELINES, kr("Retention rate", "%", 68, 78), kr("Customer retention", "%", 75, 80)),
    # Alike, and not the same
    Pair(NOTHING, kr("新規顧客数", "社", 0, 30, "cumulative"), kr("既存顧客数", "社", 0, 30, "cumulative")),
    Pair(NOTHING, kr("受注件数", "件", 0, 30, "cumulative"), kr("受注率", "%", 20, 30)),
    Pair(NOTHING, kr("商談件数", "件", 0, 30, "cumulative"), kr("受注件数", "件", 0, 30, "cumulative")),
    Pair(NOTHING, kr("札幌店の売上", "万円", 300, 400), kr("旭川店の売上", "万円", 280, 400), ("札幌店", "旭川店")),
    Pair(NOTHING, kr("オンライン店の月商", "万円", 820, 1640), kr("全社の月商", "万円", 3200, 4000)),
    Pair(NOTHING, kr("法人のお客さまの継続率", "%", 68, 78), kr("個人のお客さまの継続率", "%", 55, 60)),
    Pair(NOTHING, kr("法人のお客さまの満足度", "点", 4.1, 4.5), kr("法人のお客さまの継続率", "%", 68, 78)),
    Pair(NOTHING, kr("受注率", "%", 20, 26), kr("紹介案件の受注率", "%", 34, 50)),
    Pair(NOTHING, kr("問い合わせ件数", "件", 30, 50), kr("法人からの問い合わせ", "件", 12, 20)),
    Pair(NOTHING, kr("残業時間", "時間", 30, 20), kr("月の残業時間", "時間", 45, 30)),
    Pair(NOTHING, kr("有給休暇の取得率", "%", 48, 70), kr("有給取得率", "%", 60, 80)),
    Pair(NOTHING, kr("売上", "万円", 3000, 4000), kr("売上高", "万円", 1200, 2000), ("法人営業部", "通販事業部")),
    Pair(
        NOTHING,
        kr("商談件数", "件", 0, 40, "cumulative"),
        kr("商談件数", "件", 0, 30, "cumulative"),
        ("営業一課", "営業二課"),
    ),
    Pair(NOTHING, kr("月間の売上", "万円", 820, 1000), kr("営業利益", "万円", 80, 100)),
    Pair(NOTHING, kr("サイトへの訪問", "回", 10000, 12000), kr("店舗への訪問", "回", 200, 300)),
    Pair(NOTHING, kr("店舗スタッフのSNSからの訪問", "回", 900, 3600), kr("サイトへの訪問", "回", 10000, 12000)),
    Pair(NOTHING, kr("メルマガ登録者", "人", 2500, 3000), kr("メルマガの開封率", "%", 18, 25)),
    Pair(NOTHING, kr("契約から納品までの日数", "日", 45, 30), kr("提案から受注までの日数", "日", 45, 30)),
    Pair(NOTHING, kr("注文から発送までの日数", "日", 3.2, 1.5), kr("請求から入金までの日数", "日", 45, 30)),
    Pair(NOTHING, kr("導入事例", "本", 0, 3, "cumulative"), kr("導入事例ページの閲覧", "回", 0, 5000, "cumulative")),
    Pair(NOTHING, kr("不良率", "%", 3, 1), kr("返品率", "%", 3, 1)),
    Pair(NOTHING, kr("顧客満足度", "点", 4.1, 4.5), kr("従業員満足度", "点", 3.6, 4.0)),
    Pair(NOTHING, kr("決裁者との面談", "回", 0, 100, "cumulative"), kr("紹介による面談", "回", 0, 90, "cumulative")),
    Pair(NOTHING, kr("研修の参加者", "人", 0, 30, "cumulative"), kr("研修の回数", "回", 0, 6, "cumulative")),
    Pair(NOTHING, kr("新商品の売上", "万円", 0, 300, "cumulative"), kr("定番商品の売上", "万円", 0, 900, "cumulative")),
    Pair(NOTHING, kr("広告からの問い合わせ", "件", 10, 30), kr("紹介からの問い合わせ", "件", 8, 30)),
    Pair(NOTHING, kr("業種別の提案書のひな形", kind="milestone"), kr("提案書の点検", kind="milestone")),
    Pair(NOTHING, kr("在庫を45日分以上持つ", "日", None, 45, "keep", "min"), kr("棚卸しの日数", "日", 8, 3)),
    Pair(NOTHING, kr("CRMの入力率", "%", None, 95, "keep", "min"), kr("日報の入力率", "%", None, 95, "keep", "min")),
    Pair(
        NOTHING,
        kr("New customers", "", 0, 30, "cumulative"),
        kr("Existing customers with an upgrade", "", 0, 30, "cumulative"),
    ),
    Pair(NOTHING, kr("Revenue in Sapporo", "万円", 300, 400), kr("Revenue in Osaka", "万円", 300, 400)),
    Pair(
        NOTHING,
        kr("Deals from trade fairs", "", 0, 50, "cumulative"),
        kr("Deals from referrals", "", 0, 50, "cumulative"),
    ),
    Pair(NOTHING, kr("Win rate", "%", 20, 26), kr("Win rate of proposals to hotels", "%", 34, 50)),
    Pair(NOTHING, kr("Days from order to dispatch", "days", 3, 1), kr("Days from invoice to payment", "days", 45, 30)),
    Pair(NOTHING, kr("Customer satisfaction", "points", 4.1, 4.5), kr("Employee satisfaction", "points", 3.6, 4)),
    Pair(NOTHING, kr("Overtime hours per person", "hours", 30, 20), kr("Overtime per person", "hours", 45, 30)),
    Pair(NOTHING, kr("Open rate of the newsletter", "%", 18, 25), kr("Click rate of the newsletter", "%", 2, 4)),
    Pair(
        NOTHING,
        kr("Articles published", "posts", 0, 12, "cumulative"),
        kr("Videos published", "posts", 0, 12, "cumulative"),
    ),
    Pair(
        NOTHING,
        kr("Leads from the website", "", 0, 90, "cumulative"),
        kr("Leads from partners", "", 0, 90, "cumulative"),
    ),
    Pair(NOTHING, kr("Defect rate", "%", 3, 1), kr("Return rate", "%", 3, 1)),
    Pair(NOTHING, "お客さまに愛される店になる", "お客さまに選ばれる商品をつくる"),
    Pair(NOTHING, "法人営業の体制を整える", "法人営業を会社の柱に育てる"),
    Pair(NOTHING, "発信の土台を、忙しさに負けない形に整える", "採用の土台を、地元で知られる形に整える"),
    Pair(NOTHING, "勘ではなく、記録から次の一手を決める", "勘に頼らず、味をそろえる焙煎所になる"),
    Pair(NOTHING, "札幌店を街の居場所にする", "旭川店を駅前の待ち合わせ場所にする", ("札幌店", "旭川店")),
    Pair(NOTHING, "Open the door to hotels", "Open a second shop in the station"),
    Pair(NOTHING, "Every order leaves the house the same day", "Every question is answered the same day"),
    Pair(NOTHING, "Become the partner corporate customers ask first", "Become the shop families visit first"),
    # Written after the finder, to see what it makes of goals it was not made for
    Pair(SAME, kr("定期便の解約件数", "件", 40, 20), kr("定期便の解約を減らす", "件", 40, 25)),
    Pair(
        SAME, kr("セミナーの参加企業数", "社", 0, 60, "cumulative"), kr("ウェビナー参加企業", "社", 0, 80, "cumulative")
    ),
    Pair(SAME, kr("CV数を月100件へ", "件", 60, 100), kr("コンバージョン数", "件", 60, 120)),
    Pair(
        SAME,
        kr("既存顧客からの追加受注", "件", 0, 20, "cumulative"),
        kr("既存のお客さまからの追加注文", "件", 0, 30, "cumulative"),
    ),
    Pair(SAME, kr("納期遅れの件数", "件", 12, 3), kr("納期遅れ", "件", 12, 5)),
    Pair(SAME, kr("口コミ評価の平均", "点", 4.0, 4.5), kr("口コミの評価", "点", 4.0, 4.6)),
    Pair(SAME, kr("資料請求の件数", "件", 0, 90, "cumulative"), kr("資料ダウンロード数", "件", 0, 120, "cumulative")),
    Pair(SAME, kr("一人あたりの売上", "万円", 300, 390), kr("1人当たり売上高を390万円に", "万円", 300, 390)),
    Pair(
        SAME,
        kr("アップセルの受注額", "万円", 0, 500, "cumulative"),
        kr("アップセル受注金額", "万円", 0, 800, "cumulative"),
    ),
    Pair(
        SAME,
        kr("Meetings with decision makers", "", 0, 100, "cumulative"),
        kr("Decision-maker meetings", "", 0, 80, "cumulative"),
    ),
    Pair(SAME, kr("Time to first reply", "hours", 24, 8), kr("First response time", "hours", 24, 4)),
    Pair(
        SAME,
        kr("Share of orders from outside Hokkaido", "%", 38, 55),
        kr("Orders from outside Hokkaido as a share", "%", 38, 50),
    ),
    Pair(OPPOSITE, kr("商品単価を上げる", "円", 1200, 1400), kr("商品の単価", "円", 1200, 980)),
    Pair(OPPOSITE, kr("外注費", "万円", 200, 350), kr("外注費の削減", "万円", 200, 120)),
    Pair(OPPOSITE, kr("仕入先の数", "社", 12, 20), kr("仕入先を絞り込む", "社", 12, 6)),
    Pair(OPPOSITE, kr("Price of the standard plan", "yen", 980, 1200), kr("Standard plan price", "yen", 980, 780)),
    Pair(BASELINES, kr("受注率", "%", 20, 30), kr("成約率を30%に", "%", 26, 30)),
    Pair(BASELINES, kr("会員数", "人", 5200, 8000), kr("会員の数", "人", 4700, 8000)),
    Pair(SAME_OBJECTIVE, "どの部署からも相談される情報システムになる", "全部署から相談される情報システムへ"),
    Pair(SAME_OBJECTIVE, "北海道の朝の一杯を、全国の習慣にする", "北海道の朝の一杯を全国の習慣に"),
    Pair(SAME_OBJECTIVE, "Turn first-time buyers into regulars", "Turning first-time customers into regulars"),
    Pair(SAME_OBJECTIVE, "お客様の声から商品が生まれる会社になる", "顧客の声から商品が生まれる会社にする"),
    Pair(NOTHING, kr("定期便の解約件数", "件", 40, 20), kr("定期便の申し込み件数", "件", 60, 90)),
    Pair(NOTHING, kr("セミナーの参加者", "人", 0, 60, "cumulative"), kr("セミナーの満足度", "点", 4, 4.5)),
    Pair(NOTHING, kr("製造原価", "円", 300, 260), kr("製造リードタイム", "日", 12, 8)),
    Pair(NOTHING, kr("東京の新規顧客", "社", 0, 30, "cumulative"), kr("大阪の新規顧客", "社", 0, 30, "cumulative")),
    Pair(NOTHING, kr("商品Aの売上", "万円", 300, 400), kr("商品Bの売上", "万円", 200, 300)),
    Pair(NOTHING, kr("営業資料の更新", kind="milestone"), kr("採用資料の更新", kind="milestone")),
    Pair(NOTHING, kr("20代の来店者", "人", 300, 500), kr("30代の来店者", "人", 400, 500)),
    Pair(NOTHING, kr("新規顧客の獲得単価", "円", 9000, 7000), kr("新規顧客の平均単価", "円", 9000, 12000)),
    Pair(NOTHING, kr("Q2の新機能の利用率", "%", 10, 40), kr("新機能の不具合", "件", 10, 2)),
    Pair(NOTHING, kr("Users of the mobile app", "users", 1000, 2000), kr("Users of the web app", "users", 3000, 4000)),
    Pair(NOTHING, kr("Supplier invoices paid on time", "%", 80, 95), kr("Customer invoices paid on time", "%", 70, 90)),
    Pair(
        NOTHING,
        kr("Interviews with loyal customers", "", 0, 10, "cumulative"),
        kr("Interviews with lost customers", "", 0, 10, "cumulative"),
    ),
    Pair(NOTHING, "在庫に振り回されない店になる", "予約に振り回されない店になる"),
    Pair(NOTHING, "採用に強い会社になる", "提案に強い会社になる"),
    Pair(NOTHING, "お客さまに愛される店になる", "地域に愛される店になる"),
    Pair(NOTHING, "Make reporting effortless", "Make onboarding effortless"),
]
