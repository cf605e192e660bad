"""Days as people say them in a meeting: 金曜まで, 来週月曜, 月末, by Friday, in two weeks, Sep 12.

Said without a year, a day is the next one; one that lies up to three months back is what somebody tells of, and no day
to do anything by. A weekday alone is the next one after the meeting's day, never one that has passed; the weekday of
“next week” and “next Friday” lie in the week after this one. A week ends for work on its Friday.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

TOLD_OF = timedelta(days=92)
"""So far back a day without a year is something that was."""
NEAR = timedelta(days=120)
"""So far ahead 1/3 is a day; further, and with nothing that makes it one, it is a third."""
FRIDAY = 4

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS_EN = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
NUMBERS_JA = dict(zip("一二三四五六七八九十", range(1, 11), strict=True))

WEEKDAY_EN = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)"
)
MONTH_EN = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
COUNT_JA = r"(?P<count>\d{1,3}|[一二三四五六七八九十])"
COUNT_EN = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
IN_BRACKETS = r"(?:\s?[(（][月火水木金土日][)）])?"
UNTIL_JA = (
    r"(?P<until>\s?(?:いっぱい)?\s?(?:まで(?:に(?:は)?)?(?!の|は[^、]*休)|締切|締め切り|〆切|期限|必着)"
    r"|\s?中に|以内に?)?"
)
UNTIL_EN = (
    r"(?P<until>(?:by|until|till|before|due(?:\s(?:on|by|in))?|no(?:t)? later than|latest|within)\s(?:the\s)?)?"
    r"(?:(?:on|at|from)\s(?:the\s)?)?"
)


@dataclass(frozen=True)
class SpokenDay:
    """A day found in a line: which, whether something is to be done by then, and where it stands in the line."""

    day: date
    is_deadline: bool
    start: int
    end: int


def next_without_year(month: int, day: int, said_on: date) -> date | None:
    """The day of this month and number that is meant.

    >>> next_without_year(1, 15, date(2026, 12, 21))
    datetime.date(2027, 1, 15)
    >>> next_without_year(12, 21, date(2026, 12, 21))
    datetime.date(2026, 12, 21)
    >>> next_without_year(12, 1, date(2026, 12, 21)) is None    # told of, not asked for
    True
    >>> next_without_year(2, 30, date(2026, 1, 5)) is None
    True
    """
    for year in (said_on.year - 1, said_on.year, said_on.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if said_on - TOLD_OF <= found < said_on:
            return None
        if found >= said_on:
            return found
    return None


def next_number(day: int, said_on: date) -> date | None:
    """The next day of this number: the 12th said on the 15th is next month's.

    >>> next_number(12, date(2026, 12, 15))
    datetime.date(2027, 1, 12)
    >>> next_number(31, date(2026, 6, 15))
    datetime.date(2026, 7, 31)
    """
    first = said_on.replace(day=1)
    for _month in range(3):
        last = end_of_month(first)
        if 1 <= day <= last.day and first.replace(day=day) >= said_on:
            return first.replace(day=day)
        first = last + timedelta(days=1)
    return None


def end_of_month(day: date, months_on: int = 0) -> date:
    """The last day of the month so many months on.

    >>> end_of_month(date(2026, 11, 20), 3)
    datetime.date(2027, 2, 28)
    """
    count = day.year * 12 + day.month - 1 + months_on
    year, month = count // 12, count % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month.

    >>> months_later(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    last = end_of_month(day, months)
    return last.replace(day=min(day.day, last.day))


def weekday_meant(weekday: int, said_on: date, weeks_on: int | None = None) -> date:
    """The weekday that is meant; `weeks_on` counts from this week, None where no week was named.

    >>> wednesday = date(2026, 5, 20)
    >>> weekday_meant(FRIDAY, wednesday), weekday_meant(2, wednesday), weekday_meant(0, wednesday, 1)
    (datetime.date(2026, 5, 22), datetime.date(2026, 5, 27), datetime.date(2026, 5, 25))
    >>> weekday_meant(0, wednesday, 0)    # “Monday this week” has passed
    datetime.date(2026, 5, 25)
    """
    if weeks_on is None:
        return said_on + timedelta(days=(weekday - said_on.weekday() - 1) % 7 + 1)
    found = said_on + timedelta(days=weekday - said_on.weekday(), weeks=weeks_on)
    return found if found >= said_on else found + timedelta(weeks=1)


def end_of_week(said_on: date, weeks_on: int = 0) -> date:
    """The Friday of a week; on a Saturday or Sunday this week's end is that day itself.

    >>> end_of_week(date(2026, 5, 20)), end_of_week(date(2026, 5, 23)), end_of_week(date(2026, 5, 23), 1)
    (datetime.date(2026, 5, 22), datetime.date(2026, 5, 23), datetime.date(2026, 5, 29))
    """
    friday = said_on + timedelta(days=FRIDAY - said_on.weekday(), weeks=weeks_on)
    return max(friday, said_on)


# What is said, and which day it is

Answer = date | None
Way = Callable[[re.Match[str], date], Answer]


def number_of(text: str) -> int:
    text = text.lower()
    return int(text) if text.isdigit() else NUMBERS_JA.get(text) or NUMBERS_EN[text]


def with_year(match: re.Match[str], said_on: date) -> Answer:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def month_and_day(match: re.Match[str], said_on: date) -> Answer:
    return next_without_year(int(match["month"]), int(match["day"]), said_on)


def slash(match: re.Match[str], said_on: date) -> Answer:
    day = month_and_day(match, said_on)
    return day if day is None or match["until"] or day - said_on <= NEAR else None


def named_month(match: re.Match[str], said_on: date) -> Answer:
    month = MONTHS_EN.index(match["month"][:3].lower()) + 1
    if match["year"]:
        try:
            return date(int(match["year"]), month, int(match["day"]))
        except ValueError:
            return None
    return next_without_year(month, int(match["day"]), said_on)


def weekday_ja(match: re.Match[str], said_on: date) -> Answer:
    week = {"今週": 0, "来週": 1, "翌週": 1, "再来週": 2}.get(match["week"] or "")
    return weekday_meant(WEEKDAYS_JA.index(match["weekday"]), said_on, week)


def weekday_en(match: re.Match[str], said_on: date) -> Answer:
    weekday = WEEKDAYS_EN.index(match["weekday"][:3].lower())
    said = (match["week"] or "").lower().strip()
    after = (match["after"] or "").lower()
    week = {"this": 0, "next": 1}.get(said, 1 if after else None)
    return weekday_meant(weekday, said_on, week)


def some_time_later(match: re.Match[str], said_on: date) -> Answer:
    count, unit = number_of(match["count"]), match["unit"].lower()
    if unit.startswith(("月", "か月", "ヶ月", "カ月", "ヵ月", "ケ月", "month")):
        return months_later(said_on, count)
    return said_on + timedelta(weeks=count) if unit.startswith(("週", "week")) else said_on + timedelta(days=count)


def end_of_named_month(match: re.Match[str], said_on: date) -> Answer:
    name = match["month"].lower()
    month = int(name) if name.isdigit() else MONTHS_EN.index(name[:3]) + 1
    return end_of_month(said_on, (month - said_on.month) % 12)


def days_on(days: int) -> Way:
    return lambda _match, said_on: said_on + timedelta(days=days)


def friday_of(weeks_on: int) -> Way:
    return lambda _match, said_on: end_of_week(said_on, weeks_on)


def last_of_month(months_on: int) -> Way:
    return lambda _match, said_on: end_of_month(said_on, months_on)


def last_of_year(_match: re.Match[str], said_on: date) -> Answer:
    return date(said_on.year, 12, 31)


WAYS_JA: tuple[tuple[str, Way], ...] = (
    (r"(?P<year>20\d\d)\s?[/年.-]\s?(?P<month>\d{1,2})\s?[/月.-]\s?(?P<day>\d{1,2})日?", with_year),
    (r"(?<![\d/.])(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日", month_and_day),
    (r"(?<![\d/.])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%])", slash),
    (r"(?P<week>今週|来週|翌週|再来週)?の?(?P<weekday>[月火水木金土日])曜日?", weekday_ja),
    (r"明後日|あさって", days_on(2)),
    (r"明日|あした|あす(?=[、 にま中])", days_on(1)),
    (r"今日|本日", days_on(0)),
    (r"再来週(?:中|末|の?うち)?", friday_of(2)),
    (r"来週(?:中|末|の?うち)?|翌週中", friday_of(1)),
    (r"今週(?:中|末|の?うち)|週内|週末", friday_of(0)),
    (r"(?<![\d年])(?:今月|当月)(?:中|末|の?うち)|(?<!来)(?<!先)月末|月内", last_of_month(0)),
    (r"(?<![\d/.])(?P<month>1[0-2]|[1-9])月(?:中|末|の?うち)", end_of_named_month),
    (r"来月(?:中|末|の?うち)", last_of_month(1)),
    (r"年内|年末", last_of_year),
    (rf"{COUNT_JA}\s?(?P<unit>日|週間?|(?:[かヶカヵケ]月))(?=後|以内)後?", some_time_later),
)
WAYS_EN: tuple[tuple[str, Way], ...] = (
    (r"(?P<year>20\d\d)-(?P<month>\d{2})-(?P<day>\d{2})", with_year),
    (rf"{MONTH_EN}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year>20\d\d))?(?!\d)", named_month),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{MONTH_EN}(?:,?\s(?P<year>20\d\d))?", named_month),
    (r"(?<![\d/.])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%])", slash),
    (rf"(?P<week>this|next)?\s?{WEEKDAY_EN}\b(?P<after>\s(?:of\s)?next\sweek)?", weekday_en),
    (r"(?:the\s)?day after tomorrow", days_on(2)),
    (r"tomorrow", days_on(1)),
    (r"(?:the\s)?end of (?:the\s)?day|eod|today|tonight", days_on(0)),
    (r"(?:the\s)?end of next week|next week", friday_of(1)),
    (r"(?:the\s)?end of (?:the|this) week|this week|eow", friday_of(0)),
    (r"(?:the\s)?end of next month|next month", last_of_month(1)),
    (r"(?:the\s)?end of (?:the|this) month|month[- ]end|this month|eom", last_of_month(0)),
    (rf"(?:the\s)?end of {MONTH_EN}", end_of_named_month),
    (r"(?:the\s)?end of (?:the|this) year|year[- ]end", last_of_year),
    (rf"(?:(?:in|within)\s)?{COUNT_EN}\s(?P<unit>days?|weeks?|months?)(?:'?\stime|\sfrom now)?", some_time_later),
)
NUMBER_JA = re.compile(rf"(?<![\d月/.])(?P<day>[12]\d|3[01]|[1-9])日{IN_BRACKETS}{UNTIL_JA}")
NUMBER_EN = re.compile(
    r"\b(?P<until>by|until|before|due)\s(?:on\s)?the\s(?P<day>\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE
)
PATTERNS_JA = [(re.compile(pattern + IN_BRACKETS + UNTIL_JA), way) for pattern, way in WAYS_JA]
PATTERNS_EN = [(re.compile(r"\b" + UNTIL_EN + pattern + r"(?![\w-])", re.IGNORECASE), way) for pattern, way in WAYS_EN]
LATER_EN = re.compile(r"(?:in|within)\s|\s(?:time|from now)$", re.IGNORECASE)


def days_in(line: str, said_on: date) -> list[SpokenDay]:
    """The days a line names, in the order in which they stand; each place is read once, the longest way.

    >>> wednesday = date(2026, 5, 20)
    >>> [(each.day.isoformat(), each.is_deadline) for each in days_in("金曜までに見積もりを送る", wednesday)]
    [('2026-05-22', True)]
    >>> [each.day.isoformat() for each in days_in("6/12(金)の展示会、資料は来週月曜まで", wednesday)]
    ['2026-06-12', '2026-05-25']
    >>> [each.day.isoformat() for each in days_in("Send it by Friday, the rest in two weeks", wednesday)]
    ['2026-05-22', '2026-06-03']
    >>> days_in("6月の売上は1/3が定期便", wednesday)
    []
    """
    found = sorted(candidates(line, said_on), key=lambda each: (each.start, each.start - each.end))
    kept: list[SpokenDay] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def candidates(line: str, said_on: date) -> Iterator[SpokenDay]:
    for pattern, way in PATTERNS_JA:
        for match in pattern.finditer(line):
            if (day := way(match, said_on)) is not None:
                yield SpokenDay(day, bool(match["until"]), match.start(), match.end())
    for pattern, way in PATTERNS_EN:
        for match in pattern.finditer(line):
            if way is some_time_later and not match["until"] and not LATER_EN.search(match[0]):
                continue
            if (day := way(match, said_on)) is not None:
                is_deadline = bool(match["until"]) or match[0].lower().startswith("within")
                yield SpokenDay(day, is_deadline, match.start(), match.end())
    for match in NUMBER_JA.finditer(line):
        if match["until"] and (day := next_number(int(match["day"]), said_on)) is not None:
            yield SpokenDay(day, True, match.start(), match.end())
    for match in NUMBER_EN.finditer(line):
        if (day := next_number(int(match["day"]), said_on)) is not None:
            yield SpokenDay(day, True, match.start(), match.end())
