"""Comparing all goals of a company, and one with all others.

Titles are drawn from the words goals are written in, two of them kanji compounds that hardly repeat, so that a few
hundred pairs are alike. The floor reads the same titles once, cuts them into pairs of characters and counts those: less
cannot be done by anything that looks at every title.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal

from benchmarks.measuring import compare, head
from objectives.formulas.likeness import Comparison, Goal, Measured, words_of
from objectives.formulas.likeness.spelling import folded

WHOSE = [
    "新しい",
    "既存の",
    "法人の",
    "個人の",
    "地域の",
    "オンライン店の",
    "定期便の",
    "展示会からの",
    "紹介からの",
    "サイトからの",
    "ホテルの",
    "飲食店の",
]
WHAT = [
    "問い合わせ",
    "商談",
    "受注",
    "契約",
    "解約率",
    "リピート率",
    "満足度",
    "登録者",
    "見積もり",
    "試飲会",
    "導入事例",
    "口コミ",
    "返信時間",
    "在庫日数",
]
KEY_RESULTS = 4


def goals_of(count: int) -> list[Goal]:
    """So many objectives with four key results each, of a company with a team for every five of them."""
    draw = random.Random(5)
    rare = ["".join(chr(draw.randrange(0x4E00, 0x6800)) for _ in range(2)) for _ in range(max(200, count // 4))]

    def measure(number: int) -> Measured:
        title = f"{draw.choice(rare)}の{draw.choice(WHOSE)}{draw.choice(WHAT)}"
        start = Decimal(draw.randrange(50))
        return Measured(number, title, "reach", "件", start, start + draw.choice((-10, 10)))

    return [
        Goal(
            number,
            f"{draw.choice(rare)}で{draw.choice(rare)}な{draw.choice(WHOSE)}{draw.choice(WHAT)}を、{draw.choice(rare)}にする",
            owner=number // 2,
            team=number // 5,
            team_name=f"チーム{chr(0x4E00 + number // 5)}",
            start=date(2026, 4, 1),
            end=date(2026, 6, 30),
            cycle=1,
            key_results=[measure(number * KEY_RESULTS + place) for place in range(KEY_RESULTS)],
        )
        for number in range(count)
    ]


def main() -> None:
    head()
    for count, rounds in ((300, 7), (10_000, 3)):
        goals = goals_of(count)
        titles = [text for goal in goals for text in (goal.title, *(row.title for row in goal.key_results))]

        def read(titles: list[str] = titles) -> Counter[str]:
            pairs: Counter[str] = Counter()
            for title in map(folded, titles):
                pairs.update(title[place : place + 2] for place in range(len(title) - 1))
            return pairs

        def everything(goals: list[Goal] = goals) -> None:
            words_of.cache_clear()
            comparison = Comparison(goals)
            comparison.find(comparison.goals)

        def one(goals: list[Goal] = goals) -> None:
            comparison = Comparison(goals)
            comparison.find(comparison.widened({0}))

        compare(f"{count:,} objectives × {KEY_RESULTS}: all with all", everything, read, rounds)
        compare(f"{count:,} objectives × {KEY_RESULTS}: one with all, the words known", one, read, rounds)


if __name__ == "__main__":
    main()
