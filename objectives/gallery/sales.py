"""Sets for sales, and measures to be added to any. Both follow the product's domain notes, section 4."""

from __future__ import annotations

from objectives.gallery.sets import (
    CASES,
    COMPANIES,
    DAYS,
    MONEY,
    NPS,
    OUT_OF_FIVE,
    PERCENT,
    Measured,
    Measures,
    Set,
    Text,
)
from objectives.models import Area, Kind, Limit, MeasureType, Period

INDUSTRY = Set(
    key="sales-industry",
    area=Area.SALES,
    title=Text("新しい業界で、真っ先に相談される会社になる", "In a new industry, we are the ones people ask first"),
    why=Text(
        "いまの業界だけに頼らず、景気の波に揺れない柱をもう一つ育てるためです。",
        "So that we do not depend on the industry we know, and stand firm when it has a bad year.",
    ),
    helps=Text(
        "これまで取引のなかった業界に、本気で入っていくとき",
        "When you enter an industry in which you have no customers yet",
    ),
    key_results=(
        Measured(
            Text("新しい業界でお取引が始まったお客様", "New customers in the industry"),
            Text("最初の受注があった会社の数", "Companies with a first order"),
            COMPANIES,
            kind=Kind.CUMULATIVE,
            must_hit=20,
            target=30,
        ),
        Measured(
            Text("業界の展示会・交流会から生まれた商談", "Deals that began at industry events"),
            Text("CRMで、きっかけが催しになっている商談の件数", "Deals in the CRM whose source is an event"),
            CASES,
            kind=Kind.CUMULATIVE,
            must_hit=35,
            target=50,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("決裁者と直接お会いした面談", "Meetings with decision makers"),
            Text("CRMで、相手が決裁者になっている面談の件数", "Meetings in the CRM held with who decides"),
            CASES,
            kind=Kind.CUMULATIVE,
            must_hit=70,
            target=100,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

DEEPEN = Set(
    key="sales-deepen",
    area=Area.SALES,
    title=Text(
        "付き合いが長いお客様ほど、私たちを頼ってくださる", "The longer customers know us, the more they rely on us"
    ),
    why=Text(
        "新規の獲得だけを追わず、いまのお客様の役に立てる場面を増やすためです。",
        "So that we become useful in more ways to those who trust us already, instead of only winning new names.",
    ),
    helps=Text(
        "既存のお客様への提案が、担当者まかせになっているとき",
        "When what existing customers are offered depends on who looks after them",
    ),
    key_results=(
        Measured(
            Text("上位プランと関連商品の追加売上", "Sales of upgrades and further products"),
            Text(
                "既存のお客様の四半期売上のうち、追加のご契約分。現状は前年同期、目標はその1.5倍の例です",
                "Added contracts per quarter; the example goes from last year's figure to 150% of it",
            ),
            MONEY,
            start=10_000_000,
            must_hit=12_000_000,
            target=15_000_000,
        ),
        Measured(
            Text("お客様満足度（5点満点の平均）", "Customer satisfaction, average of five stars"),
            Text("取引後アンケートの総合評価の平均", "Overall rating in the survey after each delivery"),
            OUT_OF_FIVE,
            kind=Kind.AVERAGE,
            must_hit="4.3",
            target="4.5",
        ),
        Measured(
            Text("重点のお客様との四半期の振り返り", "Quarterly reviews with key accounts"),
            Text("議事録がある重点のお客様の数", "Key accounts with minutes of the review"),
            COMPANIES,
            kind=Kind.COVERAGE,
            must_hit=40,
            population=50,
            measure_type=MeasureType.PROCESS,
        ),
    ),
)

FACTS = Set(
    key="sales-facts",
    area=Area.SALES,
    title=Text("勘に頼らず、事実から次の手を選べる営業になる", "Our sales team chooses its next move from facts"),
    why=Text(
        "うまくいった理由を誰もが使えるようにして、個人の経験だけに頼らない営業にするためです。",
        "So that what works is known to all, and success does not rest on a few people's experience.",
    ),
    helps=Text(
        "成績が人によって大きく違い、理由がわからないとき",
        "When results differ widely between people and nobody knows why",
    ),
    key_results=(
        Measured(
            Text("商談の記録がCRMに入っている割合", "Share of deals recorded in the CRM"),
            Text(
                "その週の商談のうち、翌営業日までに入力された割合", "Deals of the week entered by the next working day"
            ),
            PERCENT,
            kind=Kind.KEEP,
            target=95,
            limit=Limit.MIN,
            period=Period.WEEK,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("商談の受注率", "Win rate of deals"),
            Text("受注した件数 ÷ 結論が出た商談の件数", "Orders won, divided by deals that were decided"),
            PERCENT,
            start=15,
            must_hit=20,
            target=25,
        ),
        Measured(
            Text("営業担当1人あたりの月間粗利", "Gross profit per sales person and month"),
            Text("月間の粗利 ÷ 営業担当の人数", "Gross profit of the month, divided by sales people"),
            MONEY,
            start=1_000_000,
            must_hit=1_150_000,
            target=1_300_000,
        ),
    ),
)

SALES = (INDUSTRY, DEEPEN, FACTS)

FURTHER = Measures(
    key="further-measures",
    key_results=(
        Measured(
            Text("新しいお客様", "New customers"),
            Text("最初の受注があった会社の数", "Companies with a first order"),
            COMPANIES,
            kind=Kind.CUMULATIVE,
            must_hit=35,
            target=50,
        ),
        Measured(
            Text("平均契約単価", "Average contract value"),
            Text("受注額の合計 ÷ 受注件数", "Total of orders, divided by their number"),
            MONEY,
            kind=Kind.AVERAGE,
            start=900_000,
            must_hit=1_050_000,
            target=1_200_000,
        ),
        Measured(
            Text("新しく始まった商談", "New deals"),
            Text("CRMに登録された商談の件数", "Deals entered in the CRM"),
            CASES,
            kind=Kind.QUOTA,
            quota=200,
            period=Period.MONTH,
            measure_type=MeasureType.PROCESS,
        ),
        Measured(
            Text("提案から受注までの平均日数", "Average days from proposal to order"),
            Text("受注した案件ごとの、提案日から受注日までの日数の平均", "Days between both dates, mean of orders won"),
            DAYS,
            kind=Kind.AVERAGE,
            start=45,
            must_hit=36,
            target=30,
        ),
        Measured(
            Text("お客様の推奨度（NPS）", "How likely customers are to recommend us (NPS)"),
            Text(
                "すすめる度合いを0〜10で聞き、9以上の割合から6以下の割合を引きます（−100〜100）",
                "Asked from 0 to 10; the share of 9 and 10 less the share of 0 to 6, from −100 to 100",
            ),
            NPS,
            must_hit=40,
            target=50,
        ),
        Measured(
            Text("リピート率", "Repeat rate"),
            Text("期間中に購入したお客様のうち、2回以上購入した割合", "Customers who bought again, of all who bought"),
            PERCENT,
            start=55,
            must_hit=62,
            target=70,
        ),
    ),
)
