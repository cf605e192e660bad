"""Targets said as a multiple of last year: 昨年の150%, 150% of last year, 2x, 2倍.

Source: the product's domain notes 2.2 and 3.14.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

LARGEST = 1000

_FIGURE = r"(?P<figure>\d{1,4}(?:\.\d{1,4})?)"
_LAST_YEAR = r"(?:昨年度?|前年度?|去年|昨対|前年同期)(?:実績|売上)?(?:の|比|対比)?"
_PATTERNS = (
    re.compile(rf"{_LAST_YEAR}\s*{_FIGURE}\s*(?P<unit>%|倍)"),
    re.compile(rf"{_FIGURE}\s*(?P<unit>%|x|×|times)\s*(?:of\s+)?last\s+year(?:'s)?(?:\s+value)?", re.IGNORECASE),
    re.compile(rf"last\s+year\s*[x×*]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
    re.compile(rf"{_FIGURE}\s*(?P<unit>倍|x|×|times)", re.IGNORECASE),
    re.compile(rf"[x×]\s*{_FIGURE}(?P<unit>)", re.IGNORECASE),
)
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def read_multiple(text: str) -> Fraction | None:
    """The factor a text asks for, 1.5 for 昨年の150%; None when it speaks of no multiple.

    A bare 150% is not one: it may be an amount in per cent. A factor of 0 or above 1,000 is none either.

    >>> [str(read_multiple(text)) for text in ("昨年の150%", "１５０％ of last year", "2x", "2.5倍", "前年比120%")]
    ['3/2', '3/2', '2', '5/2', '6/5']
    >>> read_multiple("150%"), read_multiple("3.2億"), read_multiple("0倍")
    (None, None, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in _PATTERNS:
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
