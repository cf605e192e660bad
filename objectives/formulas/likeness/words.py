"""What a goal is about, taken from its words: meanings and characters that can be compared, and the way it is to move.

Numbers, target phrases and verbs are left out: 「問い合わせを月50件に増やす」 and “Inquiries” are about the same.
Japanese has no blanks, so what is no known word is cut into pairs of characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from objectives.formulas.likeness.lexicon import Lexicon
from objectives.formulas.likeness.spelling import folded
from objectives.formulas.likeness.synonyms import FALLS, HOLDS, MEANINGS, PERIODS, RISES, SAYS_NOTHING

UP, DOWN, HOLD = 1, -1, 0

# Names of groups that are no meanings.
WAYS = {"*up": UP, "*down": DOWN, "*hold": HOLD}
NOTHING = "*nothing"
KNOWN = Lexicon({**MEANINGS, "*up": RISES, "*down": FALLS, "*hold": HOLDS, NOTHING: SAYS_NOTHING})
PERIOD = Lexicon(PERIODS)
UNITS = (
    "円|yen|jpy|%|パーセント|割|倍|社|者|人|名|件|回|個|本|点|台|枚|冊|種|店舗|店|位|日間|日分|日|時間|分|秒|週間|週|か月|ヶ月|カ月|ヵ月|"
    "ヵ年|年度|年|月|期|ポイント|pt|kg|トン|t|件目|つ|x|million|billion|thousand|mn|bn|m|k"
)
NUMBER = re.compile(
    rf"[+\-−△▲約]?[¥$€]?(?<![a-z0-9])(?!\d+[代歳号階型])\d[\d,.]*(?:\s*(?:千|百|十)?(?:万|億|兆))?\s*(?:(?:{UNITS})(?![a-z]))?"
    r"(?:以上|以下|以内|未満|超|まで)?(?:/(?:年|月|週|日))?"
)
KANJI_NUMBER = re.compile(rf"[〇一二三四五六七八九十百千万億]+(?:{UNITS})(?:以上|以下|以内|まで)?")
CODED = re.compile(r"(?<![a-z])(?:fy ?\d{2,4}|q[1-4]|第[1-4]四半期)(?![a-z0-9])")
RUN = re.compile(r"[一-鿿々〆ヶ]+|[ァ-ヺー]+|[ぁ-ん]+|[a-z][a-z0-9'+#&]*|[0-9]+(?:[a-z][a-z0-9]*|[代歳号階型])")
PARTICLES = re.compile(
    r"^(?:について|における|による|に対する|に対し|として|からの|への|での|との|までの|から|まで|より|など|って|では|には|とは|も|の|を|に|"
    r"へ|で|が|は|と|や)+|(?:の|を|に|へ|で|が|は|と|や|も)$"
)
KANJI = re.compile(r"[一-鿿々〆ヶ]+")
# Characters that stand before a word of two: 新商品, 全店舗.
BEFORE = frozenset("新全各再未不無非大小高低総副主両毎本当前現旧他")
ALONE_SAYING_NOTHING = frozenset("月年週日分別中内目等的性化額")
PART_OF_A_WORD = 0.5
# Most of it is grammar.
WHOLE_OF_HIRAGANA = 0.5
MARK = "§"


@dataclass(frozen=True, slots=True)
class Words:
    """`meanings` are known words; `pieces` everything else, each with the share of its word that it stands for.

    `way` is UP, DOWN, HOLD or None where no verb says; `period` the time an amount is counted over, where it is named.
    """

    text: str
    pieces: dict[str, float]
    meanings: frozenset[str]
    way: int | None
    period: str


@lru_cache(maxsize=65_536)
def words_of(title: str) -> Words:
    """What a title is about.

    >>> words_of("新規のお客さまを３０社に増やす").meanings == words_of("Win 30 new customers").meanings
    True
    >>> words_of("解約率を15%から5%に下げる").way, words_of("オンライン店の月商").period
    (-1, 'month')
    """
    text = folded(title)
    period = next((group for _start, _end, group in PERIOD.found_in(text)), "")
    meanings: list[str] = []
    way = None
    rest, end = [], 0
    # Before the numbers: 1人あたり is no amount.
    for start, after, group in KNOWN.found_in(text):
        rest.append(text[end:start])
        end = after
        if group in WAYS:
            way = WAYS[group] if way is None else way
        elif group != NOTHING:
            meanings.append(group)
    text = " ".join((*rest, text[end:]))
    text = KANJI_NUMBER.sub(" ", NUMBER.sub(" ", CODED.sub(" ", text)))
    pieces = {f"{MARK}{meaning}": 1.0 for meaning in meanings}
    for run in RUN.findall(text):
        for piece, share in cut(run):
            pieces[piece] = max(pieces.get(piece, 0), share)
    core = " ".join(sorted(pieces))
    return Words(core, pieces, frozenset(meanings), way, period)


def cut(run: str) -> list[tuple[str, float]]:
    """The pieces of a run of one script, each with the share of a word it stands for.

    A Latin word is one. Words of kanji mostly have two characters, with one before or behind them; kana are cut into
    all their pairs, which share the weight.

    >>> cut("新商品開発部"), [piece for piece, _share in cut("ホテル")]
    ([('新', 0.5), ('商品', 1.0), ('開発', 1.0), ('部', 0.5)], ['ホテ', 'テル'])
    >>> cut("articles"), cut("の")
    ([('article', 1.0)], [])
    """
    if run[0].isascii():
        return [(stem(run), 1.0)]
    if KANJI.fullmatch(run):
        return words_of_kanji(run)
    if "ぁ" <= run[0] <= "ん":
        run = PARTICLES.sub("", run)
        # Behind a stem stands its ending; what is a word in itself is longer.
        if len(run) < 3:
            return []
    if len(run) <= 2:
        return [(run, 1.0)]
    pairs = [run[place : place + 2] for place in range(len(run) - 1)]
    whole = WHOLE_OF_HIRAGANA if "ぁ" <= run[0] <= "ん" else 1
    return [(pair, whole * len(pairs) ** -0.5) for pair in dict.fromkeys(pairs)]


def words_of_kanji(run: str) -> list[tuple[str, float]]:
    if len(run) == 1:
        return [] if run in ALONE_SAYING_NOTHING else [(run, 1.0)]
    pieces: list[tuple[str, float]] = []
    if len(run) > 2 and run[0] in BEFORE:
        pieces, run = [(run[0], PART_OF_A_WORD)], run[1:]
    pieces += [(run[place : place + 2], 1.0) for place in range(0, len(run) - 1, 2)]
    if len(run) % 2 and run[-1] not in ALONE_SAYING_NOTHING:
        pieces.append((run[-1], PART_OF_A_WORD))
    return pieces


def stem(word: str) -> str:
    word = word.removesuffix("'s").rstrip("'")
    for ending, instead in (("ies", "y"), ("ing", ""), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            return word.removesuffix(ending) + instead
    return word
