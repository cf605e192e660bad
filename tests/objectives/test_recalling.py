"""Which lessons come back beside a draft: measured on pairs that people would, or would not, want to see together."""

from __future__ import annotations

from objectives.formulas.recalling import Memory, Told

# What a lesson was about, what is being drafted, and whether the one is worth reading for the other.
PAIRS = [
    ("商談からの受注率", "受注率を15%から25%に上げる", True),
    ("受注率", "成約率 25%", True),
    ("新規商談の件数", "新しい商談を月20件つくる", True),
    ("新しい法人契約", "法人の新規契約 30件", True),
    ("定期便の解約率", "定期便の継続率を95%にする", True),
    ("月の残業時間", "一人あたりの残業時間を20時間に減らす", True),
    ("オンライン店の月商", "オンライン店の売上を月450万円にする", True),
    ("問い合わせへの返信時間", "お問い合わせへの返信を2時間以内にする", True),
    ("再来店率", "本店の再来店率 45%", True),
    ("本店の再来店率", "再来店率を40%にする", True),
    ("焼きむらの発生率", "焼きむらの発生率を3%以下に抑える", True),
    ("一人あたりの客単価", "客単価 1,450円", True),
    ("有給休暇の取得率", "有給取得率を80%にする", True),
    ("メルマガの登録者数", "メールマガジンの登録者 3,000人", True),
    ("紹介による面談", "紹介からの面談 30件", True),
    ("納期の遅れ", "納期遅れを月2件までにする", True),
    ("採用の応募者数", "応募者数 60人", True),
    ("不良率", "製造ラインの不良率 0.8%", True),
    ("お客さまの満足度", "顧客満足度 4.5", True),
    ("サイトへの訪問数", "ウェブサイトの訪問者を5万人にする", True),
    ("Win rate", "Raise the win rate from 15% to 25%", True),
    ("Close rate of our proposals", "Win rate 30%", True),
    ("Monthly churn", "Reduce churn to 3%", True),
    ("New subscriptions from companies", "30 new company subscriptions", True),
    ("Repeat purchases", "Repeat purchase rate 40%", True),
    ("Website visitors", "50,000 visitors to the website", True),
    ("Overtime per person", "Cut overtime to 20 hours per person", True),
    ("Newsletter sign-ups", "3,000 newsletter sign-ups", True),
    ("受注率", "商談化率を10%にする", False),
    ("新規契約", "新規契約の解約率", False),
    ("本店の再来店率", "駅前店の客単価", False),
    ("オンライン店の月商", "本店の月商", False),
    ("法人の解約率", "個人の満足度", False),
    ("メルマガの登録者数", "メルマガの開封率", False),
    ("残業時間", "研修時間", False),
    ("採用の応募者数", "新規のお客さま 30社", False),
    ("不良率", "有給休暇の取得率", False),
    ("ウェブサイトの訪問数", "お客さまへの訪問 60件", False),
    ("焼きむらの発生率", "受注率 25%", False),
    ("面談の件数", "面談からの受注額", False),
    ("納期の遅れ", "請求から入金までの日数", False),
    ("Win rate", "Click rate of the newsletter", False),
    ("Orders", "Average order value", False),
    ("Lunch guests", "Dinner guests", False),
    ("Overtime per person", "Revenue per person", False),
    ("Website visitors", "Visits to customers", False),
    ("Churn of companies", "New companies", False),
]


def comes_back(about, draft):
    """Among a company's other lessons, so that words are as rare as they are in life."""
    others = {about for about, _draft, _wanted in PAIRS}
    memory = Memory(Told(number, other, 1) for number, other in enumerate(sorted(others)))
    return any(told.about == about for told in memory.recall(draft, most=5))


def test_lessons_come_back_where_they_help_and_nowhere_else():
    told = [(comes_back(about, draft), wanted) for about, draft, wanted in PAIRS]
    right = sum(came and wanted for came, wanted in told)
    precision, recall = right / sum(came for came, _wanted in told), right / sum(wanted for _came, wanted in told)
    missed = [pair[:2] for pair, (came, wanted) in zip(PAIRS, told, strict=True) if came != wanted]
    assert precision >= 0.96, missed
    assert recall >= 0.8, missed
