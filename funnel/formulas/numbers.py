"""Amounts as people type them and as people say them.

One reader for forms, the API and imports, and one writer for pages. Both know Japanese and Latin habits:
full-width digits, 万 and 億, △ for a loss, ¥ before and 円 after.
Source: the product's domain notes 2.3 and its design notes.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction

MINUS = "\N{MINUS SIGN}"
NO_VALUE = "\N{EN DASH}"

_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)
_LONGEST_TEXT = 100

# NFKC is not used on the figure itself: it would also turn ①, ² and ㍘ into digits nobody meant.
_LATIN: dict[int, int | str] = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_LATIN.update(
    {
        ord("\N{IDEOGRAPHIC SPACE}"): " ",
        ord("\N{NO-BREAK SPACE}"): " ",
        ord("\N{NARROW NO-BREAK SPACE}"): " ",
        ord("￥"): "¥",
        ord("、"): ",",
        ord("。"): ".",
        **{ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2212\ufe63△▲"},
    }
)

_FIGURE = re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+")
_MULTIPLIER = re.compile(r"[千百]?[兆億万]|[千百]|[kKMBT](?![A-Za-z0-9])")
_POWERS = {"百": 2, "千": 3, "万": 4, "億": 8, "兆": 12, "k": 3, "K": 3, "M": 6, "B": 9, "T": 12}
_SCALED_UNIT = re.compile(r"(百万|千|万|億|兆)(.*)", re.DOTALL)
_YEN_WORDS = ("円", "¥", "yen", "jpy")
_SYMBOLS = ("¥", "$", "€", "£")

_JAPANESE_STEPS = ((12, "兆"), (8, "億"), (4, "万"))
_ENGLISH_STEPS = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))

_SENTENCES = {
    "empty": "Enter a number.",
    "not_a_number": "Enter a number, for example 1,200 or 3.2億 or 1.2M.",
    "misplaced_comma": "Put a comma before every three digits, for example 1,200,000, or leave commas out.",
    "not_finite": "Enter a finite number.",
    "too_large": "This number is too large: at most {limit} either way.",
    "too_many_decimals": "Give at most {decimals} decimal places.",
    "percent_not_allowed": "This number is not a percentage: leave out the percent sign.",
    "unit_mismatch": "Give the number in its own unit, or the digits alone.",
}


class NumberRefused(ValueError):
    """A text or value that is no usable number.

    `code` is one of empty, not_a_number, misplaced_comma, not_finite, too_large, too_many_decimals,
    percent_not_allowed, unit_mismatch; `values` holds what the sentence names.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(_SENTENCES[code].format(**values))
        self.code = code
        self.values = values


@dataclass(frozen=True)
class _Unit:
    word: str
    base: str
    per: str
    power: int

    @property
    def is_percent(self) -> bool:
        return self.base == "%"

    @property
    def symbol(self) -> str:
        if self.base.casefold() in _YEN_WORDS:
            return "¥"
        return self.base if self.base in _SYMBOLS else ""


def _read_unit(unit: str) -> _Unit:
    word = unicodedata.normalize("NFKC", unit).strip()
    head, slash, per = word.partition("/")
    scaled = _SCALED_UNIT.fullmatch(head)
    power = sum(_POWERS[sign] for sign in scaled[1]) if scaled else 0
    return _Unit(word=word, base=scaled[2] if scaled else head, per=slash + per, power=power)


def _same_word(left: str, right: str) -> bool:
    # m is metres where M is a million: a single letter keeps its case.
    return left == right or (len(left) > 1 and left.casefold() == right.casefold())


def _read_figure(text: str) -> tuple[Fraction, bool, str]:
    """The figure a text begins with, whether it carried 万, M or the like, and what stands behind it."""
    position, total, before = 0, Fraction(0), None
    multiplied, earlier_had_decimals = False, False
    while figure := _FIGURE.match(text, position):
        position = figure.end()
        while text[position : position + 1] == " ":
            position += 1
        multiplier = _MULTIPLIER.match(text, position)
        power = sum(_POWERS[sign] for sign in multiplier[0]) if multiplier else 0
        value = Fraction(figure[0].replace(",", "")) * 10**power
        if earlier_had_decimals or (before is not None and (power >= before or value >= 10**before)):
            raise NumberRefused("not_a_number")
        total += value
        if multiplier is None:
            break
        multiplied, before, earlier_had_decimals = True, power, "." in figure[0]
        position = multiplier.end()
        while text[position : position + 1] == " ":
            position += 1
        if multiplier[0].isascii():
            break
    if position == 0:
        raise NumberRefused("not_a_number")
    return total, multiplied, text[position:].strip()


def _looks_like_misplaced_comma(text: str) -> bool:
    if "," not in text:
        return False
    try:
        _read_figure(text.replace(",", ""))
    except NumberRefused:
        return False
    return re.match(r"[0-9,.]*,[0-9,.]*", text) is not None


def _read_text(text: str, unit: _Unit, rate: bool) -> Fraction:
    if len(text) > _LONGEST_TEXT:
        raise NumberRefused("not_a_number")
    rest = text.translate(_LATIN).strip()
    if not rest:
        raise NumberRefused("empty")
    if rest.lstrip("+-").strip().casefold() in ("nan", "inf", "infinity", "∞"):
        raise NumberRefused("not_finite")
    symbol, negative = "", False
    head = re.match(r"([¥$€£]?) *([-+ー]?) *([¥$€£]?) *", rest)
    if head:
        if head[1] and head[3]:
            raise NumberRefused("not_a_number")
        symbol, negative = head[1] or head[3], head[2] in ("-", "ー")
        rest = rest[head.end() :]

    alone = _FIGURE.match(rest)
    behind = unicodedata.normalize("NFKC", rest[alone.end() :]).strip() if alone else ""
    if alone and behind and unit.power == 0 and _same_word(behind, unit.word):
        value, multiplied = Fraction(alone[0].replace(",", "")), False
    else:
        try:
            value, multiplied, behind = _read_figure(rest)
        except NumberRefused:
            if _looks_like_misplaced_comma(rest):
                raise NumberRefused("misplaced_comma") from None
            raise
        behind = unicodedata.normalize("NFKC", behind)
        if behind[:1] == "," or (behind[:1].isdigit() and "," in rest):
            raise NumberRefused("misplaced_comma")
        if behind[:1] == "." or behind[:1].isdigit() or behind[:1] in ("_", "-", "+"):
            raise NumberRefused("not_a_number")
        if re.match(r"[eE][-+]?[0-9]", behind):
            raise NumberRefused("not_a_number")

    if symbol and symbol != unit.symbol and not (symbol == "¥" and not unit.word):
        raise NumberRefused("unit_mismatch")
    percent = behind == "%"
    if percent and not (rate or unit.is_percent):
        raise NumberRefused("percent_not_allowed")
    known = (unit.word, unit.base, unit.base + unit.per)
    names_yen = behind == "円" and (unit.symbol == "¥" or not unit.word)
    if behind and not percent and not names_yen and not any(_same_word(behind, word) for word in known):
        raise NumberRefused("unit_mismatch")
    if percent and rate:
        value /= 100
    if unit.power and (multiplied or symbol or behind):
        value /= 10**unit.power
    return -value if negative else value


def _exact_decimal(value: Fraction, decimals: int) -> Decimal:
    scaled = value * 10**decimals
    if scaled.denominator != 1:
        raise NumberRefused("too_many_decimals", decimals=decimals)
    digits, exponent = scaled.numerator, -decimals
    while exponent < 0 and digits % 10 == 0:
        digits, exponent = digits // 10, exponent + 1
    return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))


def parse_amount(
    text: str | int | float | Decimal,
    *,
    unit: str = "",
    rate: bool = False,
    limit: Decimal = Decimal("1e15"),
    decimals: int = 6,
) -> Decimal:
    """The number a person meant, in `unit`, exactly.

    `rate` reads 45% as 0.45; in the unit % it is 45; with any other unit a percent sign is refused. 万, 億, k, M and a
    yen sign always speak of the plain unit, so 3.2億 in a field of 万円 is 32,000. Texts with more than `decimals`
    places are refused; a float is rounded to them, since its last binary digits are nobody's intention.
    Raises NumberRefused. Source: the product's domain notes 2.3.

    >>> parse_amount("１，２００"), parse_amount("3.2億", unit="円"), parse_amount("1億2,000万円", unit="円")
    (Decimal('1200'), Decimal('320000000'), Decimal('120000000'))
    >>> parse_amount("45%", unit="%"), parse_amount("４５％", rate=True), parse_amount("△5"), parse_amount("1.2M")
    (Decimal('45'), Decimal('0.45'), Decimal('-5'), Decimal('1200000'))
    >>> parse_amount("4,500万円", unit="万円"), parse_amount("¥1,200,000", unit="万円"), parse_amount("50件", unit="件")
    (Decimal('4500'), Decimal('120'), Decimal('50'))
    >>> parse_amount("45%", unit="件")
    Traceback (most recent call last):
    ...
    funnel.formulas.numbers.NumberRefused: This number is not a percentage: leave out the percent sign.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float | Decimal):
        raise NumberRefused("not_a_number")
    if isinstance(text, float | Decimal) and not Decimal(text).is_finite():
        raise NumberRefused("not_finite")
    if isinstance(text, str):
        value = _read_text(text, _read_unit(unit), rate)
    elif isinstance(text, Decimal) and text.adjusted() > limit.adjusted():
        raise NumberRefused("too_large", limit=f"{limit:,f}")
    elif isinstance(text, Decimal) and text.adjusted() < -decimals:
        # The size is looked at before the digits: 1E+1000000 written out would fill the memory.
        value = Fraction(0) if text == 0 else Fraction(1, 10 ** (decimals + 1))
    else:
        value = Fraction(repr(text)) if isinstance(text, float) else Fraction(text)
    if abs(value) > Fraction(limit):
        raise NumberRefused("too_large", limit=f"{limit:,f}")
    if isinstance(text, float):
        rounded = Fraction(round(value * 10**decimals), 10**decimals)
        if value and not rounded:
            raise NumberRefused("too_many_decimals", decimals=decimals)
        value = rounded
    return _exact_decimal(value, decimals)


def _decimal(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise NumberRefused("not_finite")
    return number


def _at(number: Decimal, exponent: int) -> Decimal:
    return number.quantize(Decimal((0, (1,), exponent)), context=_WIDE)


def _figures(number: Decimal, figures: int) -> Decimal:
    return _at(number, number.adjusted() - figures + 1) if number else number


def _grouped(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _small(number: Decimal, figures: int) -> Decimal:
    return _at(number, -2) if number >= 1 else _figures(number, figures)


def _signed(negative: bool, text: str) -> str:
    return MINUS + text if negative and any(sign in "123456789" for sign in text) else text


def format_amount(
    value: Number | None, *, unit: str = "", language: str = "ja", precise: bool = False, figures: int = 3
) -> str:
    """An amount as people say it: 4,500万円 or ¥45M, never more than `figures` significant figures once shortened.

    Money is shortened from 10,000, counts from a million, so that a count is shown whole as long as it can be read.
    `precise` gives every digit. In English a unit follows after a space, yen stand before as ¥. None is a dash.

    >>> format_amount(320_000_000, unit="円"), format_amount(45_000_000, unit="円"), format_amount(-6e6, unit="円")
    ('3.2億円', '4,500万円', '−600万円')
    >>> format_amount(1200, unit="人"), format_amount(45, unit="%"), format_amount(416667, unit="件")
    ('1,200人', '45%', '416,667件')
    >>> [format_amount(v, unit="円", language="en") for v in (450_000_000, 36_000_000, 120_000, 9_800)]
    ['¥450M', '¥36M', '¥120k', '¥9,800']
    >>> format_amount(487_300_000, unit="円", precise=True), format_amount(487_300_000, unit="円", figures=2)
    ('¥487,300,000', '4.9億円')
    >>> format_amount(4500, unit="万円"), format_amount(4500, unit="万円", language="en")
    ('4,500万円', '¥45M')
    """
    if value is None:
        return NO_VALUE
    number, kind = _decimal(value), _read_unit(unit)
    negative, number = number < 0, abs(number)
    if kind.is_percent:
        percents = _at(number, -6) if precise else _small(number, figures)
        return _signed(negative, f"{_grouped(percents)}%{kind.per}")

    number = number.scaleb(kind.power, _WIDE)
    steps = _JAPANESE_STEPS if language.startswith("ja") else _ENGLISH_STEPS
    shortened_from = 10_000 if kind.symbol or kind.power else 1_000_000
    if precise:
        body = _grouped(_at(number, -6))
    elif number < shortened_from:
        body = _grouped(_small(number, figures))
    else:
        number = _figures(number, figures)
        power, word = next(step for step in steps if number >= 10 ** step[0])
        body = _grouped(number.scaleb(-power, _WIDE)) + word

    if kind.symbol == "¥" and language.startswith("ja") and not precise:
        return _signed(negative, f"{body}円{kind.per}")
    if kind.symbol:
        return _signed(negative, f"{kind.symbol}{body}{kind.per}")
    space = " " if kind.word and not language.startswith("ja") else ""
    return _signed(negative, f"{body}{space}{kind.base}{kind.per}")


def format_score(value: Number | None) -> str:
    """A score or progress with two decimals. None is a dash.

    >>> format_score(0.65), format_score(-0.07), format_score(-0.001), format_score(None)
    ('0.65', '−0.07', '0.00', '–')
    """
    if value is None:
        return NO_VALUE
    number = _decimal(value)
    return _signed(number < 0, f"{_at(abs(number), -2):,f}")


def format_percent(share: Number | None, *, figures: int = 3) -> str:
    """A share of 1 as a percentage, with at most `figures` significant figures but never less than whole percents.

    >>> format_percent(0.45), format_percent(0.0125), format_percent(0.8352, figures=2), format_percent(-0.2)
    ('45%', '1.25%', '84%', '−20%')
    """
    if share is None:
        return NO_VALUE
    number = _decimal(share).scaleb(2, _WIDE)
    size = abs(number)
    return _signed(number < 0, f"{_grouped(_at(size, min(0, size.adjusted() - figures + 1)) if size else size)}%")


def format_ratio(ratio: Number | None, *, language: str = "ja", figures: int = 3) -> str:
    """A factor: 2.2倍 in Japanese, 2.2× in English, never less than whole factors.

    >>> format_ratio(2.2), format_ratio(2.2, language="en"), format_ratio(65.625), format_ratio(3)
    ('2.2倍', '2.2×', '65.6倍', '3倍')
    """
    if ratio is None:
        return NO_VALUE
    number = _decimal(ratio)
    size = abs(number)
    body = _grouped(_at(size, min(0, size.adjusted() - figures + 1)) if size else size)
    return _signed(number < 0, body + ("倍" if language.startswith("ja") else "×"))
