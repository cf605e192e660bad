"""What can be said of an obstacle from its words and dates alone."""

from __future__ import annotations

import unicodedata


def folded(words: str) -> str:
    """Words as they are compared: width, case and spaces do not matter.

    >>> folded("ＥＣ の 写真が　足りない") == folded("ecの写真が足りない")
    True
    """
    return "".join(unicodedata.normalize("NFKC", words).casefold().split())
