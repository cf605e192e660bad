"""What can be said of an obstacle from its words and dates alone: how old it is, and how far it has risen."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Literal

Age = Literal["fresh", "week", "fortnight", "month"]

TO_MANAGER = timedelta(days=7)
"""A week with the team: by then the next check-in has come, and nobody took it up. Calendar days, because what is in
the way is in the way on Sundays too, and a rule that all can count in their heads is trusted."""
TO_EXECUTIVE = timedelta(days=14)
"""Two weeks with the manager: time for two meetings of the team, and for a decision that needs asking around."""
HELP_LASTS = timedelta(days=14)
"""Help that is not spoken of for two weeks has fallen asleep: the clock goes on."""


def folded(words: str) -> str:
    """Words as they are compared: width, case and spaces do not matter.

    >>> folded("ＥＣ の 写真が　足りない") == folded("ecの写真が足りない")
    True
    """
    return "".join(unicodedata.normalize("NFKC", words).casefold().split())


def age_of(days: int) -> Age:
    """
    >>> [age_of(days) for days in (0, 6, 7, 14, 29, 30)]
    ['fresh', 'fresh', 'week', 'fortnight', 'fortnight', 'month']
    """
    if days >= 30:
        return "month"
    if days >= 14:
        return "fortnight"
    return "week" if days >= 7 else "fresh"


def rises_to(risen_to: str, raised_on: date, risen_on: date | None, *, last_help_on: date | None, today: date) -> str:
    """How far a standing obstacle has risen by today: not at all (empty), to the manager, to the executives.

    `last_help_on` is the day of the last word on it while somebody helps, None where nobody does. It rises one step at
    a time and never sinks by itself.

    >>> day = date(2026, 5, 1)
    >>> rises_to("", day, None, last_help_on=None, today=date(2026, 5, 7)), rises_to(
    ...     "", day, None, last_help_on=None, today=date(2026, 5, 8))
    ('', 'manager')
    >>> rises_to("", day, None, last_help_on=date(2026, 5, 6), today=date(2026, 5, 19))
    ''
    >>> rises_to("", day, None, last_help_on=date(2026, 5, 6), today=date(2026, 5, 20))
    'manager'
    >>> rises_to("manager", day, date(2026, 5, 8), last_help_on=None, today=date(2026, 5, 22))
    'executive'
    """
    if last_help_on is not None and today - last_help_on < HELP_LASTS:
        return risen_to
    if not risen_to:
        return "manager" if today - raised_on >= TO_MANAGER else ""
    if risen_to == "manager" and risen_on is not None and today - risen_on >= TO_EXECUTIVE:
        return "executive"
    return risen_to


BLAME = (
    r"言い訳|いいわけ|甘え|怠け|やる気(?:が|の)(?:ない|問題)|努力(?:が|は)?(?:足り|不足)|(?:責任|せい)(?:だ|です|でしょ|だろ)|誰の(?:せい|責任)|"
    r"(?:なぜ|なんで|何で|どうして)[^。？?\n]{0,14}(?:ない|なかった|ません|遅い|遅れ)|"
    r"\bexcuses?\b|\byour fault\b|\bwho(?:'s| is) to blame\b|\blazy\b|"
    r"\bwhy (?:haven'?t|didn'?t|don'?t|can'?t|couldn'?t|aren'?t|have(?: you)? not|did(?: you)? not)\b|"
    r"\byou should have\b"
)
ORDER = (
    r"(?:しろ|せよ|やれ|急げ)(?:よ)?(?:[。!！\s]|$)|なんとかし(?:ろ|なさい|て(?:ください|よ)?)|"
    r"(?:早く|すぐに?|今すぐ)[^。\n]{0,10}(?:しなさい|やって|出して|終わらせ)|しなさい|必ずやり(?:切|き)|つべこべ|"
    r"\bjust (?:do|fix|get) it\b|\bget it done\b|\btry harder\b|\bdo it (?:now|at once)\b"
)


def tone_of(answer: str) -> Literal["", "blame", "order"]:
    """Whether an answer sounds like blame or like an order; only plain cases, a doubtful one is left in peace.

    >>> [tone_of(text) for text in ("なぜできないのですか", "すぐにやってください", "わたしから先方に連絡しましょうか")]
    ['blame', 'order', '']
    >>> tone_of("Why haven't you called them?"), tone_of("What would help you most?")
    ('blame', '')
    """
    text = unicodedata.normalize("NFKC", answer).replace("’", "'").casefold()
    if re.search(BLAME, text):
        return "blame"
    return "order" if re.search(ORDER, text) else ""
