"""Which accounts fit what we sell: conditions on what is known of a lead, all of which must hold.

A is asked before B; what is neither is C. Words are compared in one width and case.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

WORDS = ("industry", "region", "source", "role", "company")
NUMBERS = ("employees", "revenue")
FIELDS = ("industry", "region", "employees", "revenue", "source", "role", "company")

EQUALS, ONE_OF, CONTAINS, AT_LEAST, AT_MOST, EMPTY = "equals", "one_of", "contains", "at_least", "at_most", "empty"
OF_WORDS = (EQUALS, ONE_OF, CONTAINS, EMPTY)
OF_NUMBERS = (EQUALS, AT_LEAST, AT_MOST, EMPTY)
FITS = ("A", "B")
NO_FIT = "C"

MOST_CONDITIONS = 20
MOST_VALUES = 100
LONGEST_VALUE = 100
LARGEST = Decimal("1e15")


class ConditionRefused(ValueError):
    """A condition that cannot be asked: `place` is its number from 0, `code` one of `field`, `is`, `value_missing`,
    `value_too_long`, `not_a_number`, `too_many`.
    """

    def __init__(self, place: int, code: str) -> None:
        super().__init__(f"{code} in condition {place}")
        self.place = place
        self.code = code


@dataclass(frozen=True)
class Condition:
    """One thing that must hold: `words` of a field of words, `number` of one of numbers, neither where it is empty."""

    field: str
    asks: str
    words: tuple[str, ...] = ()
    number: Decimal | None = None

    def holds(self, lead: Mapping[str, Any]) -> bool:
        """Whether it holds for a lead's values; what is not known is neither large nor small, and has no words."""
        value = lead.get(self.field)
        if self.asks == EMPTY:
            return value is None or value == ""
        if self.field in NUMBERS:
            if value is None:
                return False
            number = Decimal(value)
            if self.asks == AT_LEAST:
                return number >= _known(self.number)
            return number <= _known(self.number) if self.asks == AT_MOST else number == _known(self.number)
        text = fold(value or "")
        if self.asks == CONTAINS:
            return any(fold(word) in text for word in self.words)
        return text in {fold(word) for word in self.words}

    def written(self) -> dict[str, Any]:
        """As it is kept."""
        if self.asks == EMPTY:
            value: Any = None
        elif self.field in NUMBERS:
            value = f"{_known(self.number):f}"
        else:
            value = self.words[0] if self.asks == EQUALS else list(self.words)
        return {"field": self.field, "is": self.asks, "value": value}


def _known(number: Decimal | None) -> Decimal:
    return Decimal(0) if number is None else number


def fold(text: str) -> str:
    """Words as they are compared: as the database's `lower(normalize(btrim(…), NFKC))` writes them.

    >>> fold("ＩＴ・Web制作 "), fold("ｼｽﾃﾑ開発")
    ('it・web制作', 'システム開発')
    """
    return "".join(map(_small, unicodedata.normalize("NFKC", text.strip(" "))))


def _small(letter: str) -> str:
    # One letter for one: the database knows no ß that becomes two, and no ς for the end of a word.
    small = letter.lower()
    return small if len(small) == 1 else letter


def read_conditions(kept: Sequence[Any]) -> list[Condition]:
    """Conditions as they are kept or sent, each {"field", "is", "value"}. Raises ConditionRefused.

    >>> one, two = read_conditions([
    ...     {"field": "industry", "is": "contains", "value": ["製造", "工業"]},
    ...     {"field": "employees", "is": "at_least", "value": "100"}])
    >>> one.holds({"industry": "精密機器製造業"}), two.holds({"employees": 99}), two.holds({"employees": None})
    (True, False, False)
    """
    if len(kept) > MOST_CONDITIONS:
        raise ConditionRefused(MOST_CONDITIONS, "too_many")
    return [read_condition(one, place) for place, one in enumerate(kept)]


def read_condition(kept: Any, place: int = 0) -> Condition:
    if not isinstance(kept, Mapping) or kept.get("field") not in FIELDS:
        raise ConditionRefused(place, "field")
    field, asks, value = str(kept["field"]), kept.get("is"), kept.get("value")
    if asks not in (OF_NUMBERS if field in NUMBERS else OF_WORDS):
        raise ConditionRefused(place, "is")
    if asks == EMPTY:
        return Condition(field, EMPTY)
    if field in NUMBERS:
        return Condition(field, asks, number=read_number(value, place))
    given = value if isinstance(value, list | tuple) else [value]
    words = tuple(dict.fromkeys(word.strip() for word in given if isinstance(word, str) and word.strip()))
    if not words or (asks == EQUALS and len(words) > 1):
        raise ConditionRefused(place, "value_missing")
    if len(words) > MOST_VALUES or any(len(word) > LONGEST_VALUE or "\x00" in word for word in words):
        raise ConditionRefused(place, "value_too_long")
    return Condition(field, asks, words)


def read_number(value: Any, place: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal) or value == "":
        raise ConditionRefused(place, "value_missing" if value in (None, "") else "not_a_number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ConditionRefused(place, "not_a_number") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise ConditionRefused(place, "not_a_number")
    return number.quantize(Decimal("0.000001")).normalize()


Rules = Mapping[str, Sequence[Condition]]


def fit_of(lead: Mapping[str, Any], rules: Rules) -> str:
    """The fit of a lead: the first, A then B, of which there are conditions and all hold; else C.

    >>> rules = {"A": read_conditions([{"field": "region", "is": "one_of", "value": ["東京都", "神奈川県"]}])}
    >>> fit_of({"region": "東京都"}, rules), fit_of({"region": "大阪府"}, rules), fit_of({}, {})
    ('A', 'C', 'C')
    """
    for fit in FITS:
        conditions = rules.get(fit, ())
        if conditions and all(condition.holds(lead) for condition in conditions):
            return fit
    return NO_FIT


def case_sql(rules: Rules, table: str) -> tuple[str, list[Any]]:
    """The same as an expression over a table of leads, and its parameters: what `fit_of` answers, for all rows.

    `table` is the code's own word, never a person's.
    """
    parts: list[str] = []
    values: list[Any] = []
    for fit in FITS:
        conditions = rules.get(fit, ())
        if not conditions:
            continue
        tests = []
        for condition in conditions:
            test, parameters = _test(condition, table)
            tests.append(test)
            values += parameters
        parts.append(f"WHEN {' AND '.join(tests)} THEN '{fit}'")
    return (f"CASE {' '.join(parts)} ELSE '{NO_FIT}' END", values) if parts else (f"'{NO_FIT}'", values)


def _test(condition: Condition, table: str) -> tuple[str, list[Any]]:
    column = f"{table}.{condition.field}"
    if condition.field in NUMBERS:
        if condition.asks == EMPTY:
            return f"{column} IS NULL", []
        sign = {AT_LEAST: ">=", AT_MOST: "<=", EQUALS: "="}[condition.asks]
        return f"COALESCE({column} {sign} %s, false)", [condition.number]
    if condition.asks == EMPTY:
        return f"{column} = ''", []
    text = f"lower(normalize(btrim({column}), NFKC))"
    words = [fold(word) for word in condition.words]
    if condition.asks == CONTAINS:
        return f"EXISTS (SELECT FROM unnest(%s::text[]) word WHERE strpos({text}, word) > 0)", [words]
    return f"{text} = ANY(%s::text[])", [words]
