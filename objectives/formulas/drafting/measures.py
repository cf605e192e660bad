"""What a title measures: its measure without numbers and verbs, and whether two titles mean the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.text import JA, REMEMBERED, any_of, language_of, level, tidy
from objectives.formulas.drafting.vocabulary.measures import (
    FALLING,
    FILLERS_EN,
    IMPLIED,
    MIRRORS,
    SYNONYMS_EN,
    SYNONYMS_JA,
)

_BRACKETS = re.compile(r"[(（【\[「『][^)）】\]」』]*[)）】\]」』]")
_REST_JA = re.compile(
    any_of(
        (
            *(
                "以上",
                "以下",
                "以内",
                "未満",
                "超",
                "程度",
                "達成",
                "突破",
                "維持",
                "獲得",
                "確保",
                "実現",
                "到達",
                "増加",
                "減少",
            ),
            *(
                "増",
                "減",
                "アップ",
                "ダウン",
                "up",
                "向上",
                "改善",
                "短縮",
                "削減",
                "引き上げ",
                "引き下げ",
                "開拓",
                "拡大",
            ),
            *(
                "抑制",
                "目指す",
                "にする",
                "とする",
                "する",
                "させる",
                "上げる",
                "下げる",
                "増やす",
                "減らす",
                "伸ばす",
                "高める",
            ),
            *("保つ", "なる", "抑える", "縮める", "引き上げる", "引き下げる", "できる", "もらう", "いただく", "得る"),
            *("へ", "に", "を", "が", "は", "まで", "を月", "を月間", "を年", "を週"),
        )
    )
    + "$"
)
_BEFORE_JA = re.compile(
    r"(?:対?前年(?:同期|同月)?比|昨年比|前期比|前月比|昨対|今期|四半期で|年間で|月間で|合計で?|最低でも|少なくとも|\+)+"
)
_NOISE_JA = re.compile(
    r"の?(?:総数|合計|件数|社数|人数|回数|本数|数)$|全体の|への|当社の|自社の|弊社の|わが社の|年間|月間|毎月の?"
)
_STOPS_EN = re.compile(
    r"\b(?:the|an?|our|of|to|by|from|in|for|per|on|at|and|or|with|is|be|as|we|us|number|count|total|amount|up|down|than|"
    r"more|least|most|over|under|above|below|now|each|month|monthly|year|yearly|week|weekly|quarter|quarterly)\b"
)
_VERBS_EN = re.compile(
    r"^\s*(?:increase|grow|raise|reach|achieve|get|improve|reduce|cut|lower|decrease|boost|win|gain|acquire|hit|double|"
    r"triple|halve|lift|bring|drive|generate|secure|attain|sign|close|earn|make|keep|maintain|hold) (?!rate)(?=\s*\w)"
)


@lru_cache(maxsize=REMEMBERED)
def core(title: str) -> str:
    """The measure of a title in one spelling, to be compared: no numbers, no verbs, no brackets, one word for synonyms.

    >>> core("オンラインストアの売り上げを2倍にする") == core("オンラインストアの売上 １．２億円")
    True
    >>> core("Increase the win rate to 25%") == core("Close rate: 15% → 25%")
    True
    >>> core("新規顧客の売上") == core("既存顧客の売上")
    False
    """
    text = re.sub(r"約(?=\s?\d)", " ", _BRACKETS.sub(" ", level(tidy(title))))
    for amount in reversed(find_amounts(text)):
        text = text[: amount.start] + " " + text[amount.end :]
    text = re.sub(r"(?<![a-z])[\d.,]+(?![a-z])|現状|から(?=\s|$)|[→⇒>%+×]|->", " ", text)
    return _core_ja(text) if language_of(title) == JA else _core_en(text)


def _core_ja(text: str) -> str:
    for pattern, word in SYNONYMS_JA:
        text = re.sub(pattern, word, text)
    text = _BEFORE_JA.sub("", re.sub(r"\s+", "", text)).strip(":・、,。")
    while (found := _REST_JA.search(text)) and found.start():
        text = text[: found.start()]
    text = _NOISE_JA.sub("", text)
    return re.sub(r"[\s:・、,。の]", "", text)


def _core_en(text: str) -> str:
    for pattern, word in SYNONYMS_EN:
        text = re.sub(rf"\b(?:{pattern})s?\b", word, text)
    text = _STOPS_EN.sub(" ", _VERBS_EN.sub("", text))
    words = re.findall(r"[a-z][a-z\-]*", text)
    return " ".join(sorted({word.rstrip("s") if len(word) > 3 else word for word in words}))


def is_same_measure(one: str, other: str) -> bool:
    """Whether two titles name the same measure.

    >>> is_same_measure("受注率", "成約率 25%"), is_same_measure("受注率", "商談化率")
    (True, False)
    """
    return bool(core(one)) and core(one) == core(other)


def differ_in_nothing(one: str, other: str) -> bool:
    """Whether what differs between two titles are mere fillers, or stands in one of them only.

    Two shops, lunch and dinner, or two acts after the same course are different measures, whatever their numbers.

    >>> differ_in_nothing("Win rate", "Close rate of our proposals"), differ_in_nothing("Lunch guests", "Dinner guests")
    (True, False)
    >>> differ_in_nothing("平日昼の客数", "平日昼の来店者数"), differ_in_nothing("本店の再来店率", "駅前店の再来店率")
    (True, False)
    """
    left, right = core(one), core(other)
    if language_of(left) != language_of(right):
        return False
    if language_of(left) != JA:
        mine, yours = (set(re.findall(r"[a-z\-]+", FILLERS_EN.sub(" ", measure))) for measure in (left, right))
        return bool(mine & yours) and not (mine - yours and yours - mine)
    common = [block for block in SequenceMatcher(None, left, right, False).get_matching_blocks() if block.size >= 2]
    kept = sum(block.size for block in common)
    return kept >= 2 and kept in (len(left), len(right))


def is_mirror(one: str, other: str) -> bool:
    """Whether two titles are the two sides of one thing, so that either says the other: churn and retention.

    >>> is_mirror("法人の解約率", "法人の継続率"), is_mirror("法人の解約率", "個人の継続率")
    (True, False)
    """
    left, right = core(one), core(other)
    return any(
        (falling in left and left.replace(falling, rising) == right)
        or (falling in right and right.replace(falling, rising) == left)
        for falling, rising in MIRRORS
    )


def is_implied(one: str, other: str) -> bool:
    """Whether one follows from the other by arithmetic: a lower churn already means a longer contract.

    >>> is_implied("解約率", "平均契約期間"), is_implied("解約率", "売上")
    (True, False)
    """
    return any(
        (re.search(cause, level(left)) and re.search(effect, level(right)))
        for cause, effect in IMPLIED
        for left, right in ((one, other), (other, one))
    )


def find_word(table: Sequence[tuple[str, str]], text: str) -> str:
    """What a table says of the first words it knows in a text, empty where it knows none."""
    searched = level(text)
    return next((answer for pattern, answer in table if re.search(pattern, searched)), "")


def is_falling(measure: str) -> bool:
    """Whether less of it is better."""
    return bool(re.search(FALLING[language_of(measure)], level(measure)))
