"""Reading what people write, in Japanese and English: its language by its script, its signs in one width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeGuard

from objectives.formulas.drafting.draft import Told

JA, EN = "ja", "en"
# A page asks for the same few titles again and again.
REMEMBERED = 4_096

_KANA_OR_HAN = re.compile(r"[ぁ-ゖァ-ヺー一-鿿㐀-䶿々〆]")
_WORD = re.compile(r"[A-Za-z]*[a-z]{3}[A-Za-z]*")
_HALF_KANA = re.compile(r"[\uff61-\uff9f]+")
_LATIN = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–−﹣△▲", "-") | {"￥": "¥", "→": "→"})


@lru_cache(maxsize=REMEMBERED)
def tidy(text: str) -> str:
    """The text as its writer means it: one space between words, kana in full width.

    >>> tidy("  ｵﾝﾗｲﾝ\u3000ストア ")
    'オンライン ストア'
    """
    whole = _HALF_KANA.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return " ".join(whole.split())


@lru_cache(maxsize=REMEMBERED)
def level(text: str) -> str:
    """The text to be searched in, character for character as long as before: half-width signs, small letters.

    >>> level("ＮＰＳ ３０％")
    'nps 30%'
    """
    narrow = text.translate(_LATIN).translate(_SIGNS)
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in narrow)


def language_of(*texts: Told[str]) -> str:
    """The language of the first text that shows one: Japanese by its script, English by a word of small letters.

    >>> language_of("受注率"), language_of("Win rate"), language_of("NPS 50", "お客さまに愛される店"), language_of("")
    ('ja', 'en', 'ja', 'en')
    """
    for text in texts:
        if isinstance(text, str) and _KANA_OR_HAN.search(text):
            return JA
        if isinstance(text, str) and _WORD.search(text):
            return EN
    return EN


def is_missing(value: Told[object]) -> bool:
    """Whether something was told to be missing: null, or nothing but spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_said(value: Told[str]) -> TypeGuard[str]:
    """Whether there are words."""
    return isinstance(value, str) and bool(value.strip())


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first.

    >>> any_of(["社", "社員"])
    '(?:社員|社)'
    """
    return "(?:" + "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word))) + ")"


def any_listed(words: str) -> str:
    """A pattern for any of the words of a list with commas.

    >>> any_listed("set up, roll out")
    '(?:roll\\\\ out|set\\\\ up)'
    """
    return any_of(word.strip() for word in words.split(","))
