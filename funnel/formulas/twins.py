"""Levers that state the same thing twice: churn and lifetime, churn and retention, retention and lifetime.

By their names in both languages, and by their numbers where those leave no other reading. A segment in a name
("法人の解約率" beside "個人の契約期間") makes two things of it. Source: the product's domain notes 2.2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

LEXICON = {
    "churn": (
        r"(?:月次|年間|月間|年次)?(?:解約|退会|離脱|チャーン)(?:レート|率)?"
        r"|(?:monthly |annual |yearly )?(?:customer |logo )?(?:churn|cancell?ation|attrition)(?: rate)?"
    ),
    "lifetime": (
        r"(?:平均)?(?:契約|継続|利用|取引|お?付き合い)(?:[のが]?(?:続く|継続する?|平均))?(?:期間|年数|月数|期数)"
        r"|ライフタイム(?!バリュー|・バリュー)"
        r"|(?:average )?(?:contract|subscription|customer|membership) "
        r"(?:term|length|duration|lifetime|life|years|months)\b"
        r"|\blifetime\b(?! value)|\btenure\b|how long an? \w+ stays"
    ),
    "retention": (
        r"(?:月次|年間|顧客)?(?:継続|維持|残存|契約更新|リテンション)(?:レート|率)|リテンション"
        r"|(?:customer |logo )?(?:retention|contract renewal)(?: rate)?"
    ),
}
# 売上継続率 (NRR) goes above 100%: it is no share of customers who stay.
_OF_MONEY = re.compile(r"売上|nrr|grr|net revenue|revenue retention|ドル|金額", re.IGNORECASE)
_FILLERS = re.compile(
    r"お客(?:さま|様)|顧客|会員|既存|平均|契約|年間|月間|月次|年次|[年月週]"
    r"|\b(?:average|avg|customers?|clients?|existing|the|of|in|an?|per|rate|years?|months?|weeks?)\b"
    r"|[\s()（）・、/／_\-:：の]+",
    re.IGNORECASE,
)
CLOSE = 0.005


@dataclass(frozen=True)
class Figure:
    """A lever as it is compared; `values` by column, None where it has none."""

    key: str
    name: str
    is_rate: bool = False
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Twins:
    """Two levers, the second of which the first implies: `says` how. `lifetime`: it is 1 ÷ the rate (1 ÷ (1 − the rate)
    of a retention); `complement`: it is 1 − the rate.
    """

    first: str
    second: str
    says: str


def meaning_of(name: str, key: str = "") -> str | None:
    """What a lever is by its name, or else by its key: churn, lifetime, retention.

    >>> [meaning_of(name) for name in ("解約率", "契約期間", "Retention rate", "売上継続率", "LTV", "離職率")]
    ['churn', 'lifetime', 'retention', None, None, None]
    """
    for text in (name, key.replace("_", " ")):
        plain = unicodedata.normalize("NFKC", text)
        if _OF_MONEY.search(plain):
            return None
        for meaning, pattern in LEXICON.items():
            if re.search(pattern, plain, re.IGNORECASE):
                return meaning
    return None


def segment_of(name: str) -> str:
    """What is left of a name besides churn, lifetime or retention: whose it is.

    >>> segment_of("法人の解約率"), segment_of("契約期間"), segment_of("Customer churn (Basic)")
    ('法人', '', 'basic')
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    for pattern in LEXICON.values():
        plain = re.sub(pattern, " ", plain, flags=re.IGNORECASE)
    return _FILLERS.sub("", plain)


def twins_among(figures: Sequence[Figure]) -> Iterator[Twins]:
    """The pairs that state the same thing, each once."""
    for one, other in combinations(figures, 2):
        if (found := _by_name(one, other) or _by_numbers(one, other)) is not None:
            yield found


def _by_name(one: Figure, other: Figure) -> Twins | None:
    meanings = {meaning_of(figure.name, figure.key): figure for figure in (one, other)}
    if None in meanings or len(meanings) < 2 or segment_of(one.name) != segment_of(other.name):
        return None
    rate = meanings.get("churn") or meanings["retention"]
    whole = meanings.get("lifetime") or meanings["retention"]
    if not rate.is_rate or whole.is_rate != ("lifetime" not in meanings):
        return None
    says = "lifetime" if "lifetime" in meanings else "complement"
    return Twins(rate.key, whole.key, says)


def _by_numbers(one: Figure, other: Figure) -> Twins | None:
    """Only where both move, and in every column that both have, so that no round number meets another by chance."""
    columns = [name for name, value in one.values.items() if value is not None and other.values.get(name) is not None]
    pairs = {(float(one.values[name] or 0), float(other.values[name] or 0)) for name in columns}
    if len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
        return None
    if one.is_rate and other.is_rate:
        is_whole = all(0 < a < 1 and abs(a + b - 1) <= CLOSE for a, b in pairs)
        return Twins(one.key, other.key, "complement") if is_whole else None
    if one.is_rate == other.is_rate:
        return None
    rate, whole = (one, other) if one.is_rate else (other, one)
    if all(abs(a * b - 1) <= CLOSE for a, b in pairs):
        return Twins(rate.key, whole.key, "lifetime")
    return None
