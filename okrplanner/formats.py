"""How numbers, days, zones and people are written, in the reader's language. Always loaded in templates."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from funnel.formulas import numbers
from objectives.formulas.pace import zone as zone_of

register = template.Library()

NOTHING = "–"
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STROKES = "一二三川"
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def language() -> str:
    """The reader's language: "ja" or "en"."""
    return "ja" if (get_language() or "ja").startswith("ja") else "en"


def absent(value: Any) -> bool:
    return value is None or value == ""


@register.filter
def amount(value: Any, unit: str = "") -> str:
    """An amount as people say it: 3.2億円, 4,500万円; ¥450M in English."""
    return NOTHING if absent(value) else numbers.format_amount(value, unit=unit or "", language=language())


@register.filter
def amount_full(value: Any, unit: str = "") -> str:
    """An amount in all its digits, for tables and for hovering."""
    return (
        NOTHING if absent(value) else numbers.format_amount(value, unit=unit or "", language=language(), precise=True)
    )


@register.filter
def change(value: Any, unit: str = "") -> SafeString:
    """By how much an amount rises or falls, on one line: ＋1.2億円, −3,000万円; ¥0 as ±¥0."""
    if absent(value):
        return SafeString(NOTHING)
    sign = "" if value < 0 else ("＋" if language().startswith("ja") else "+") if value else "±"
    return format_html('<span class="num">{}{}</span>', sign, amount(value, unit))


@register.filter
def lever_change(value: Any, kpi: Any) -> SafeString:
    """By how much a lever rises or falls: a rate in points (＋2.4ポイント), anything else in its unit (＋30件)."""
    if absent(value) or not kpi.is_rate:
        return change(value, kpi.unit)
    points = float(value) * 100
    said = ngettext("%(number)s point", "%(number)s points", 1 if abs(points) == 1 else 2)
    sign = "" if points < 0 else ("＋" if language() == "ja" else "+") if points else "±"
    return format_html('<span class="num">{}</span>', said % {"number": sign + numbers.format_amount(points)})


@register.filter
def lever_value(value: Any, kpi: Any) -> str:
    """What a lever is: a rate in per cent, anything else in its unit."""
    return amount(float(value) * 100, "%") if kpi.is_rate and not absent(value) else amount(value, kpi.unit)


@register.filter
def figure(value: Any, unit: str = "") -> SafeString:
    """An amount whose unit is set smaller than its number."""
    return with_small_unit(amount(value, unit))


@register.filter
def figure_full(value: Any, unit: str = "") -> SafeString:
    """An amount in all its digits whose unit is set smaller than its number."""
    return with_small_unit(amount_full(value, unit))


def with_small_unit(text: str) -> SafeString:
    number, rest = re.match(r"([^\d]*[\d.,]+)?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not number:
        return format_html("{}", text)
    # A word after a number keeps its space (84 orders), a sign has none (45%, 3.2億円).
    space = " " if rest.startswith(" ") else ""
    return format_html('{}{}<span class="unit">{}</span>', number, space, rest.strip()) if rest else SafeString(number)


@register.filter
def score(value: Any) -> str:
    """A score or a raw progress: 0.65, −0.08, 1.34."""
    return NOTHING if absent(value) else numbers.format_score(value)


@register.filter
def percent(value: Any) -> str:
    """A share between 0 and 1 as per cent."""
    return NOTHING if absent(value) else numbers.format_percent(value)


@register.filter
def ratio(value: Any) -> str:
    """How many times: 2.2倍 / 2.2×."""
    return NOTHING if absent(value) else numbers.format_ratio(value, language=language())


@register.filter
def limit(value: Any) -> str:
    """A limit of the band without needless zeros: 0.6, 0.65."""
    return NOTHING if absent(value) else f"{float(value):g}"


@register.simple_tag
def delta(value: Any) -> SafeString:
    """A change of score with its sign, drawn by the style sheet: +0.08, −0.12."""
    if absent(value):
        return format_html('<span class="delta">{}</span>', NOTHING)
    text = numbers.format_score(abs(value))
    sign = "up" if value > 0 else "down" if value < 0 else "same"
    return format_html('<span class="delta" data-sign="{}">{}</span>', sign if text.strip("0.") else "same", text)


def as_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value if isinstance(value, dt.date) else None


@register.filter
def day(value: Any) -> str:
    """2026年4月6日(月) / Mon 6 Apr 2026."""
    date = as_date(value)
    if date is None:
        return NOTHING
    if language() == "ja":
        return f"{date.year}年{date.month}月{date.day}日({WEEKDAYS['ja'][date.weekday()]})"
    return f"{WEEKDAYS['en'][date.weekday()]} {date.day} {MONTHS[date.month - 1]} {date.year}"


@register.filter
def day_week(value: Any) -> str:
    """6月8日(月) / Mon 8 Jun."""
    date = as_date(value)
    if date is None:
        return NOTHING
    if language() == "ja":
        return f"{date.month}月{date.day}日({WEEKDAYS['ja'][date.weekday()]})"
    return f"{WEEKDAYS['en'][date.weekday()]} {date.day} {MONTHS[date.month - 1]}"


@register.filter
def day_short(value: Any) -> str:
    """6月8日 / 8 Jun."""
    date = as_date(value)
    if date is None:
        return NOTHING
    return f"{date.month}月{date.day}日" if language() == "ja" else f"{date.day} {MONTHS[date.month - 1]}"


def is_latin(name: str) -> bool:
    return "LATIN" in unicodedata.name(name[:1], "") or not name[:1].isalpha()


@register.filter(name="seal")
def seal_letters(name: Any) -> str:
    """What stands in a person's stamp: the family name's first character, or initials of a Latin name.

    Where that one would pass for a sign of the page (三 for a menu), the first two.
    """
    words = re.split(r"[\s\u3000・]+", unicodedata.normalize("NFC", str(name or "")).strip())
    if not words[0]:
        return "・"
    if not is_latin(words[0]):
        return words[0][: 2 if words[0][0] in STROKES else 1]
    initials = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return initials.upper()


@register.filter
def tongue(text: Any) -> SafeString:
    """The attribute ` lang="ja"` for Japanese words on a page of another language."""
    is_japanese = language() != "ja" and JAPANESE.search(str(text or ""))
    return SafeString(' lang="ja"' if is_japanese else "")


@register.simple_tag(name="seal")
def seal_mark(name: Any, size: str = "", me: bool = False) -> SafeString:
    """A person as a stamp; the name itself must stand beside it or in a label."""
    letters = seal_letters(name)
    return format_html(
        '<span class="seal" lang="{}"{}{}{} aria-hidden="true">{}</span>',
        "en" if is_latin(letters) else "ja",
        format_html(' data-size="{}"', size) if size else "",
        " data-me" if me else "",
        SafeString(' data-letters="2"') if len(letters) == 2 and not is_latin(letters) else "",
        letters,
    )


@register.simple_tag
def person(name: Any, size: str = "small", me: bool = False) -> SafeString:
    """A person: stamp and name."""
    return format_html('<span class="person">{}{}</span>', seal_mark(name, size, me), name)


@register.filter
def zone_word(zone: str, intent: str = "aspirational") -> str:
    """The word for a zone. Where there is no band (committed, keep) the mark to pass is 1.0."""
    if zone == "none":
        return _("No report")
    if intent == "committed":
        return _("Below the mark") if zone == "below" else _("On the mark")
    return {"below": _("Below"), "in": _("In band"), "above": _("Above")}.get(zone, "")


def mark(zone: str, glyph: str, text: str) -> SafeString:
    return format_html(
        '<span class="zone" data-zone="{}"><svg aria-hidden="true"><use href="#z-{}"/></svg>{}</span>',
        zone,
        glyph,
        text,
    )


@register.simple_tag
def zone_mark(zone: str, value: Any = None, intent: str = "aspirational", word: bool = True) -> SafeString:
    """Glyph, number and word of a zone already known. With `word=False` the word is for screen readers only."""
    number = "" if absent(value) or zone == "none" else numbers.format_score(value)
    name = zone_word(zone, intent)
    if word or not number:
        return mark(zone, zone, f"{number} {name}".strip())
    return mark(zone, zone, format_html('{}<span class="visually-hidden"> {}</span>', number, name))


@register.simple_tag
def zone(value: Any, intent: str, organization: Any, word: bool = True) -> SafeString:
    """Glyph, number and word for a landing or a closed score, against the organization's band."""
    if absent(value):
        return zone_mark("none")
    found = zone_of(value, intent, organization.band_lower, organization.band_upper)
    return zone_mark(found, value, intent, word)


@register.filter
def health_word(state: str) -> str:
    """How a key result or an objective is doing, in a word."""
    words = {
        "not_started": _("Not started"),
        "measure_first": _("Measure first"),
        "on_track": _("On track"),
        "at_risk": _("At risk"),
        "off_track": _("Off track"),
        "overdue": _("Overdue"),
        "closed": _("Closed"),
    }
    return words.get(str(state), "")


@register.simple_tag
def health(state: str) -> SafeString:
    """How it is doing: shape and word, or a badge for what is not a matter of progress."""
    word = health_word(state)
    match str(state):
        case "on_track":
            return mark("in", "in", word)
        case "at_risk":
            return mark("below", "risk", word)
        case "off_track":
            return mark("below", "help", word)
        case "overdue":
            icon = '<svg class="icon" aria-hidden="true"><use href="#i-clock"/></svg>'
            return format_html('<span class="badge" data-tone="late">' + icon + "{}</span>", word)
    return format_html('<span class="badge">{}</span>', word) if word else format_html("")


@register.filter
def under(path: str, address: str) -> bool:
    """Is this page at the address or below it? Marks the place in the navigation."""
    return bool(address) and str(path).startswith(str(address))
