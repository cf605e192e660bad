"""Numbers in a sentence: measurable amounts, told from everyday words, ranks and names.

An amount is digits or numerals with a unit or a factor: 2倍, 50社, ３０％, 10億円, 半分, "double", "by 30%". Not an
amount are everyday words (一杯, 一番, 三か月で, 一人ひとり, twice a week), ranks as ambition (No.1, トップ3) and names
(B2B, 5S, FY2026, Q1, 24時間365日). A span of time counts only where it is what shall become shorter or longer.
Source: the product's domain notes 3.22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from objectives.formulas.drafting.text import REMEMBERED, language_of, level
from objectives.formulas.drafting.vocabulary.amounts import COUNT, DIGITS, MONEY, PATTERNS, SCALE, SCORE


@dataclass(frozen=True)
class Amount:
    """An amount in a text: where it stands, as it was written, what it is of, and its value where it is plain.

    `origin` is where it starts from, where the text says so: from 15% to 25%.
    """

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | None = None
    unit: str = ""
    origin: str = ""


_LONGEST = 1_000
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "億": 8, "兆": 12}
_KANJI_DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")}
# Below five, numerals in kanji are everyday words more often than amounts: 二人三脚, 三社祭.
_FEWEST_IN_KANJI = 5


@lru_cache(maxsize=REMEMBERED)
def find_amounts(text: str) -> tuple[Amount, ...]:
    """The measurable amounts in a text, in order. Only the first thousand characters are read.

    >>> [amount.text for amount in find_amounts("オンラインストアの売上を2倍に、会員を５０％増やす")]
    ['2倍', '５０％']
    >>> find_amounts("三か月でB2Bの一番店になり、一人ひとりに最高の一杯を届ける")
    ()
    >>> [amount.text for amount in find_amounts("Double revenue and win 50 new customers")]
    ['Double', '50 new customers']
    >>> find_amounts("Double down on B2B in FY2026 and think twice")
    ()
    """
    text = text[:_LONGEST]
    found = sorted(_all_amounts(text), key=lambda amount: (amount.start, -amount.end))
    kept: list[Amount] = []
    for amount in found:
        if not kept or amount.start >= kept[-1].end:
            kept.append(amount)
    return tuple(kept)


def _all_amounts(text: str) -> Iterator[Amount]:
    searched = level(text)
    for kind, pattern in PATTERNS[language_of(text)]:
        for found in pattern.finditer(searched):
            amount = _amount_of(kind, found, text)
            if _is_measurable(amount, found):
                yield amount


def _amount_of(kind: str, found: re.Match[str], text: str) -> Amount:
    groups = found.groupdict()
    kanji, figure = groups.get("kanji"), groups.get("figure")
    value = number_in_kanji(kanji) if kanji else number_of(figure or "")
    if value is not None and groups.get("sign") == "-":
        value = -value
    if value is not None and groups.get("unit") == "割":
        value *= 10
    start = found.start("figure") if kind == SCORE else found.start()
    return Amount(start, found.end(), text[start : found.end()], kind, value, groups.get("unit") or "")


def _is_measurable(amount: Amount, found: re.Match[str]) -> bool:
    if amount.kind == MONEY and amount.value is not None:
        return not _is_coin_or_name(amount.value, found.string[found.end() :])
    if amount.kind != COUNT or amount.value is None:
        return True
    if re.search(r"\d\s?(?:k|m|thousand|million)\b", level(amount.text)):
        return True
    if found.groupdict().get("kanji"):
        return amount.value >= _FEWEST_IN_KANJI
    is_year = 1900 <= amount.value <= 2100 and "," not in amount.text and amount.text[:4].isdigit()
    return amount.value != 1 and not (is_year and amount.unit.isascii())


def _is_coin_or_name(value: Decimal, after: str) -> bool:
    """1円も無駄にしない, 100円ショップ, 500円玉."""
    is_of_a_name = re.match(r"[ァ-ヶ一-龥]", after) and not re.match(
        r"達成|突破|以上|以下|未満|規模|超|増|減|削|台|引き|値|上|下|安|高|アップ|ダウン", after
    )
    return value <= 1 or (value < 10_000 and bool(is_of_a_name))


def number_of(figure: str) -> Decimal | None:
    """The value of digits with 万, 億 and the like; None where there is none.

    >>> number_of("1,200"), number_of("1億2000万"), number_of("")
    (Decimal('1200'), Decimal('120000000'), None)
    """
    total, position = None, 0
    for part in re.finditer(rf"({DIGITS})\s?({SCALE})?", figure, re.ASCII):
        if part.start() != position:
            return None
        power = sum(_POWERS[sign] for sign in part[2] or "")
        try:
            total = (total or Decimal(0)) + Decimal(part[1].replace(",", "")).scaleb(power)
        except InvalidOperation:
            return None
        position = part.end()
    return total


def number_in_kanji(text: str) -> Decimal:
    """The value of a numeral: 二, 五十, 百二十, 三億.

    >>> number_in_kanji("五十"), number_in_kanji("百二十"), number_in_kanji("三億")
    (Decimal('50'), Decimal('120'), Decimal('300000000'))
    """
    total, section, digit = 0, 0, 0
    for sign in text:
        if sign in _KANJI_DIGITS:
            digit = _KANJI_DIGITS[sign]
        elif _POWERS[sign] < 4:
            section, digit = section + max(digit, 1) * 10 ** _POWERS[sign], 0
        else:
            total, section, digit = total + max(section + digit, 1) * 10 ** _POWERS[sign], 0, 0
    return Decimal(total + section + digit)
