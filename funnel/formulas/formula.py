"""Formulas of a KPI tree: `visits * lead_rate * (1 - churn)`, read and never executed as a program.

What a formula may hold: `+ - * / ( )`, unary minus, numbers and keys; full-width signs and × ÷ − are read alike. A key
is a letter (Japanese too) or _, then letters, digits and _. Anything else is refused, with its place in the text.
Source: the product's API contract, tree calculators.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

LONGEST_FORMULA = 2000
DEEPEST_NESTING = 50
LONGEST_KEY = 60

KEY = re.compile(r"[^\W\d]\w*")
SIGNS = {"×": "*", "÷": "/", "−": "-"}
DIGITS = frozenset("0123456789")
FULL_WIDTH_DIGITS = frozenset("０１２３４５６７８９")

_SENTENCES = {
    "empty": "The formula is empty.",
    "too_long": f"A formula has {LONGEST_FORMULA} characters at most.",
    "too_deep": f"Parentheses are nested {DEEPEST_NESTING} deep at most.",
    "unknown_character": "This character has no place in a formula.",
    "value_missing": "A number or a key is missing here.",
    "operator_missing": "A sign (+ − × ÷) is missing before this.",
    "not_closed": "This parenthesis is not closed.",
    "not_opened": "This parenthesis was never opened.",
    "number_too_large": "This number is too large.",
    "key_too_long": f"A key has {LONGEST_KEY} characters at most.",
}


class FormulaRefused(ValueError):
    """A text that is no formula. `code` says why; `found` is what stands at the place from `start` to `end`."""

    def __init__(self, code: str, text: str, start: int, end: int) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code
        self.start = start
        self.end = end
        self.found = text[start:end]


@dataclass(frozen=True, slots=True)
class Token:
    """A sign, a number or a key; `text` as it is meant, not as it was typed."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Key:
    """Another node of the tree, and where in the text it is named."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negative:
    of: Part


@dataclass(frozen=True, slots=True)
class Operation:
    """`sign` is one of + - * /."""

    sign: str
    left: Part
    right: Part


Part = Number | Key | Negative | Operation


def same_key(text: str) -> str:
    """A key as it is compared: full-width letters and digits are the plain ones.

    >>> same_key("ＣＶ１")
    'CV1'
    """
    return unicodedata.normalize("NFKC", text)


def is_key(text: str) -> bool:
    """Whether a text can be a node's key.

    >>> [is_key(text) for text in ("visits", "来店数", "_a1", "1a", "a b", "a-b", "")]
    [True, True, True, False, False, False, False]
    """
    return len(text) <= LONGEST_KEY and KEY.fullmatch(same_key(text)) is not None


def read_formula(text: str) -> Part:
    """The formula's tree of operations. Raises FormulaRefused.

    >>> read_formula("a ＋ 2")
    Operation(sign='+', left=Key(key='a', start=0, end=1), right=Number(value=2.0))
    """
    if len(text) > LONGEST_FORMULA:
        raise FormulaRefused("too_long", text, LONGEST_FORMULA, len(text))
    return _Reader(text).read()


def keys_of(part: Part) -> Iterator[Key]:
    """The keys a formula names, from left to right, as often as it names them.

    >>> [key.key for key in keys_of(read_formula("a * (b + a)"))]
    ['a', 'b', 'a']
    """
    waiting = [part]
    while waiting:
        match waiting.pop():
            case Key() as key:
                yield key
            case Negative(of=inner):
                waiting.append(inner)
            case Operation(left=left, right=right):
                waiting += (right, left)


def tokens_of(text: str) -> Iterator[Token]:
    """The text cut into signs, numbers and keys. Raises FormulaRefused for a character that is none of them.

    >>> [(token.kind, token.text) for token in tokens_of("訪問×1.5")]
    [('key', '訪問'), ('sign', '*'), ('number', '1.5')]
    """
    plain = [_plain(character) for character in text]
    at = 0
    while at < len(text):
        start, character = at, plain[at]
        if character.isspace():
            at += 1
        elif character in "+-*/()":
            at += 1
            yield Token("sign", character, start, at)
        elif character in DIGITS or character == ".":
            at = _end_of_number(plain, at)
            yield Token("number", "".join(plain[start:at]), start, at)
        elif _begins_key(character):
            while at < len(text) and _continues_key(plain[at]):
                at += 1
            key = same_key(text[start:at])
            if len(key) > LONGEST_KEY:
                raise FormulaRefused("key_too_long", text, start, at)
            yield Token("key", key, start, at)
        else:
            raise FormulaRefused("unknown_character", text, start, start + 1)


def _plain(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    plain = unicodedata.normalize("NFKC", character)
    # What stands for several characters, or is a digit of another script, is nothing a formula knows.
    strange = len(plain) != 1 or (plain in DIGITS and character not in FULL_WIDTH_DIGITS and character != plain)
    return "\0" if strange else plain


def _begins_key(character: str) -> bool:
    return character == "_" or character.isalpha()


def _continues_key(character: str) -> bool:
    return _begins_key(character) or character in DIGITS or unicodedata.category(character) in {"Mn", "Mc"}


def _end_of_number(plain: list[str], at: int) -> int:
    dots = 0
    while at < len(plain) and (plain[at] in DIGITS or (plain[at] == "." and not dots)):
        dots += plain[at] == "."
        at += 1
    return at


class _Reader:
    """Reads by precedence: a sum of products of values; what is nested deeper than allowed never recurses deeper."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens_of(text))
        self.at = 0

    def refuse(self, code: str, token: Token | None) -> FormulaRefused:
        start, end = (token.start, token.end) if token else (len(self.text), len(self.text))
        return FormulaRefused(code, self.text, start, end)

    def next(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, signs: str) -> str | None:
        token = self.next()
        if token is None or token.kind != "sign" or token.text not in signs:
            return None
        self.at += 1
        return token.text

    def read(self) -> Part:
        if not self.tokens:
            raise self.refuse("empty", None)
        part = self.sum(0)
        rest = self.next()
        if rest is not None:
            raise self.refuse("not_opened" if rest.text == ")" else "operator_missing", rest)
        return part

    def sum(self, depth: int) -> Part:
        part = self.product(depth)
        while sign := self.take("+-"):
            part = Operation(sign, part, self.product(depth))
        return part

    def product(self, depth: int) -> Part:
        part = self.value(depth)
        while sign := self.take("*/"):
            part = Operation(sign, part, self.value(depth))
        return part

    def value(self, depth: int) -> Part:
        token = self.next()
        if token is None:
            raise self.refuse("value_missing", None)
        self.at += 1
        if token.kind == "number":
            return self.number(token)
        if token.kind == "key":
            return Key(token.text, token.start, token.end)
        if token.text in "-(" and depth >= DEEPEST_NESTING:
            raise self.refuse("too_deep", token)
        if token.text == "-":
            return Negative(self.value(depth + 1))
        if token.text == "(":
            return self.group(token, depth)
        raise self.refuse("value_missing", token)

    def group(self, opened: Token, depth: int) -> Part:
        part = self.sum(depth + 1)
        rest = self.next()
        if rest is None:
            raise self.refuse("not_closed", opened)
        if self.take(")") is None:
            raise self.refuse("operator_missing", rest)
        return part

    def number(self, token: Token) -> Part:
        if token.text == ".":
            raise self.refuse("unknown_character", token)
        value = float(token.text)
        if not isfinite(value):
            raise self.refuse("number_too_large", token)
        return Number(value)


# Changing a formula

# Which operations need parentheses where they follow a sign.
GROUPED_AFTER = {"+": (), "-": ("+", "-"), "*": ("+", "-", "/"), "/": ("+", "-", "*", "/")}


def written(part: Part) -> str:
    """The formula as text, with no more parentheses than it needs.

    >>> written(read_formula("(a*b) + (-(c))÷(d*2.50)"))
    'a * b + -c / (d * 2.5)'
    """
    pieces: list[str] = []
    waiting: list[Part | str] = [part]
    while waiting:
        here = waiting.pop()
        match here:
            case str():
                pieces.append(here)
            case Number(value=value):
                pieces.append(f"{value:.15g}" if "e" not in f"{value:.15g}" else f"{value:f}")
            case Key(key=key):
                pieces.append(key)
            case Negative(of=inner):
                waiting += (*_grouped(inner, isinstance(inner, Operation)), "-")
            case Operation(sign=sign, left=left, right=right):
                left_groups = sign in "*/" and _sign_of(left) in ("+", "-")
                right_groups = _sign_of(right) in GROUPED_AFTER[sign]
                waiting += (*_grouped(right, right_groups), f" {sign} ", *_grouped(left, left_groups))
    return "".join(pieces)


def _sign_of(part: Part) -> str | None:
    return part.sign if isinstance(part, Operation) else None


def _grouped(part: Part, groups: bool) -> tuple[Part | str, ...]:
    """In the order in which a stack takes them."""
    return (")", part, "(") if groups else (part,)


def renamed(text: str, old: str, new: str) -> str:
    """The formula with one key named otherwise; everything else stays as it was typed. Raises FormulaRefused.

    >>> renamed("訪問 × ( 1 - rate)", "訪問", "visits")
    'visits × ( 1 - rate)'
    """
    for token in reversed(list(tokens_of(text))):
        if token.kind == "key" and token.text == old:
            text = text[: token.start] + new + text[token.end :]
    return text


def with_operand(text: str, sign: str, key: str) -> str:
    """The formula with one more key at its end, joined by + - * or /. An empty one becomes the key alone.

    Raises FormulaRefused.

    >>> with_operand("a + b", "*", "c"), with_operand("a * b", "+", "c"), with_operand("", "*", "c")
    ('(a + b) * c', 'a * b + c', 'c')
    """
    if not text.strip():
        return key
    part = read_formula(text)
    wraps = sign in "*/" and isinstance(part, Operation) and part.sign in "+-"
    return f"({text}) {sign} {key}" if wraps else f"{text} {sign} {key}"


def without_operand(text: str, key: str) -> str | None:
    """The formula without a key it names once: empty where nothing is left, None where it cannot simply be left out.

    Raises FormulaRefused.

    >>> [without_operand(text, "b") for text in ("a * b", "b * a", "a + b * c", "a * (b + c)", "b", "b - a", "1 - b")]
    ['a', 'a', 'a + c', 'a * c', '', '-a', '1']
    >>> without_operand("a / (1 - b)", "c") is None, without_operand("b * b", "b") is None
    (True, True)
    """
    part = read_formula(text)
    if [found.key for found in keys_of(part)].count(key) != 1:
        return None
    left_over = _without(part, key)
    return "" if left_over is None else written(left_over)


def _without(part: Part, key: str) -> Part | None:
    """Walks down to the key along the parts that hold it, then up again."""
    path: list[tuple[Part, bool]] = []
    here = part
    while not isinstance(here, Key):
        if isinstance(here, Negative):
            path.append((here, True))
            here = here.of
        elif isinstance(here, Operation):
            goes_left = any(found.key == key for found in keys_of(here.left))
            path.append((here, goes_left))
            here = here.left if goes_left else here.right
    left_over: Part | None = None
    for above, was_left in reversed(path):
        if isinstance(above, Negative):
            left_over = None if left_over is None else Negative(left_over)
        elif isinstance(above, Operation) and was_left:
            left_over = _first_gone(above) if left_over is None else Operation(above.sign, left_over, above.right)
        elif isinstance(above, Operation):
            left_over = above.left if left_over is None else Operation(above.sign, above.left, left_over)
    return left_over


def _first_gone(above: Operation) -> Part:
    if above.sign == "-":
        return Negative(above.right)
    return Operation("/", Number(1.0), above.right) if above.sign == "/" else above.right
