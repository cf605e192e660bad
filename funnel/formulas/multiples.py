"""Targets said as a multiple of last year or of the industry: 昨年の150%, 2x, 2倍, 業界平均の3倍, 3× the industry.

Source: the product's domain notes 2.2 and 3.14.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Literal

Base = Literal["last_year", "reference"]

LARGEST = 1000

_FIGURE = r"(?P<figure>\d{1,4}(?:\.\d{1,4})?)"
_LAST_YEAR = r"(?:昨年度?|前年度?|去年|昨対|前年同期)(?:実績|売上)?(?:の|比|対比)?"
_INDUSTRY = r"(?:業界|同業(?:他社)?|他社)(?:の?平均値?)?(?:の|比|対比)?"
_THE_INDUSTRY = r"(?:the\s+)?(?:industry(?:'s)?(?:\s+(?:average|mean))?|average\s+of\s+the\s+industry)"
_PATTERNS: tuple[tuple[Base, tuple[re.Pattern[str], ...]], ...] = (
    (
        "last_year",
        (
            re.compile(rf"{_LAST_YEAR}\s*{_FIGURE}\s*(?P<unit>%|倍)"),
            re.compile(
                rf"{_FIGURE}\s*(?P<unit>%|x|×|times)\s*(?:of\s+)?last\s+year(?:'s)?(?:\s+value)?", re.IGNORECASE
            ),
            re.compile(rf"last\s+year\s*[x×*]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
            re.compile(rf"{_FIGURE}\s*(?P<unit>倍|x|×|times)", re.IGNORECASE),
            re.compile(rf"[x×]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
        ),
    ),
    (
        "reference",
        (
            re.compile(rf"{_INDUSTRY}\s*{_FIGURE}\s*(?P<unit>%|倍)"),
            re.compile(rf"{_FIGURE}\s*(?P<unit>%|x|×|times)\s*(?:of\s+)?{_THE_INDUSTRY}", re.IGNORECASE),
            re.compile(rf"{_THE_INDUSTRY}\s*[x×*]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
        ),
    ),
)
_NOW = r"(?:今|いま|現在|現状)(?:の|比|対比)?"
_OF_NOW = (
    re.compile(rf"(?:{_NOW})?\s*{_FIGURE}\s*(?P<unit>倍)"),
    re.compile(rf"{_NOW}\s*{_FIGURE}\s*(?P<unit>%)"),
    re.compile(rf"{_FIGURE}\s*(?P<unit>x|×|times)(?:\s*(?:of\s+)?(?:now|today|current))?", re.IGNORECASE),
    re.compile(rf"{_FIGURE}\s*(?P<unit>%)\s*of\s+(?:now|today|current)", re.IGNORECASE),
    re.compile(rf"(?:(?:now|today|current)\s*)?[x×]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
)
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Multiple:
    """How often a number is asked for, and of what: last year's value, or the industry's (`reference`)."""

    factor: Fraction
    of: Base = "last_year"


def read_multiple(text: str) -> Multiple | None:
    """The multiple a text asks for, 1.5 of last year for 昨年の150%; None when it speaks of no multiple.

    2x and 2倍 alone mean last year's. A bare 150% is none: it may be an amount in per cent. Neither is a factor of 0
    or above 1,000.

    >>> [str(read_multiple(text).factor) for text in ("昨年の150%", "１５０％ of last year", "2x", "2.5倍")]
    ['3/2', '3/2', '2', '5/2']
    >>> read_multiple("業界平均の3倍")
    Multiple(factor=Fraction(3, 1), of='reference')
    >>> read_multiple("3× the industry") == read_multiple("300% of the industry average") == read_multiple("業界比300%")
    True
    >>> read_multiple("150%"), read_multiple("3.2億"), read_multiple("0倍")
    (None, None, None)
    """
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").strip()
    for base, patterns in _PATTERNS:
        for pattern in patterns:
            match = pattern.fullmatch(plain)
            if match:
                factor = Fraction(match["figure"]) / (100 if match["unit"] == "%" else 1)
                return Multiple(factor, base) if 0 < factor <= LARGEST else None
    return None


def read_multiple_of_now(text: str) -> Fraction | None:
    """How many times of what is now a text asks for, where 2x and 2倍 alone mean that; None when it speaks of none.

    >>> [str(read_multiple_of_now(text)) for text in ("2x", "今の１．５倍", "150% of now", "昨年の2倍", "45%")]
    ['2', '3/2', '3/2', 'None', 'None']
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in _OF_NOW:
        match = pattern.fullmatch(plain)
        if match:
            factor = Fraction(match["figure"]) / (100 if match["unit"] == "%" else 1)
            return factor if 0 < factor <= LARGEST else None
    return None


def multiple_of(base: Decimal, factor: Fraction, *, decimals: int = 6) -> Decimal:
    """The base times the factor, rounded to as many places as an amount may have.

    >>> multiple_of(Decimal(300_000_000), Fraction(3, 2))
    Decimal('450000000')
    """
    value = Fraction(base) * factor
    amount = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    rounded = amount.quantize(Decimal((0, (1,), -decimals)), context=_WIDE)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded.normalize(_WIDE)
