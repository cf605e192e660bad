"""One spelling of words that are written in many ways."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 200
JAPANESE = re.compile(r"[ぁ-んァ-ヺ一-鿿]")
DASHES = re.compile(r"[‐-―−ｰ〜~]")
LAST_VOWEL = re.compile(r"ー+(?![ァ-ヺ])")


def folded(text: str) -> str:
    """Full width, half width and case do not matter, nor whether a long vowel ends a word.

    >>> folded("ＥＣサーバー"), folded("E‐Commerce")
    ('ecサーバ', 'e-commerce')
    """
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    if not JAPANESE.search(text):
        return DASHES.sub("-", text)
    return LAST_VOWEL.sub("", DASHES.sub("ー", text))
