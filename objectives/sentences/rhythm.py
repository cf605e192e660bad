"""A team's rhythm in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from people.formulas.rhythm import Rhythm
from people.models import EveryWeeks, KPIRound, Review, Weekday

NAMES = ("check_in_weeks", "weekday", "kpi_round", "review", "meeting_weekday", "meeting_time", "meeting_minutes")


def rhythm_words(rhythm: Rhythm) -> str:
    """The whole rhythm, in sentences."""
    return decided_words({name: getattr(rhythm, name) for name in NAMES})


def decided_words(decided: Mapping[str, Any]) -> str:
    """What was decided, in sentences; what is None was not."""
    said = [check_in_words(decided), meeting_words(decided), kpi_words(decided), review_words(decided)]
    return pgettext("between sentences", " ").join(sentence for sentence in said if sentence)


def check_in_words(decided: Mapping[str, Any]) -> str:
    weeks, weekday = decided.get("check_in_weeks"), decided.get("weekday")
    day = "" if weekday is None else Weekday(weekday).label
    if weeks and day:
        if weeks == EveryWeeks.WEEKLY:
            return _("Check-ins every week, due on %(day)s.") % {"day": day}
        return _("Check-ins every two weeks, due on %(day)s.") % {"day": day}
    if weeks:
        return _("Check-ins every week.") if weeks == EveryWeeks.WEEKLY else _("Check-ins every two weeks.")
    return _("Check-ins are due on %(day)s.") % {"day": day} if day else ""


def meeting_words(decided: Mapping[str, Any]) -> str:
    weekday, begins, minutes = (decided.get(name) for name in ("meeting_weekday", "meeting_time", "meeting_minutes"))
    day = None if weekday is None else str(Weekday(weekday).label)
    length = (
        "" if not minutes else ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}
    )
    match day, begins, length:
        case None, None, "":
            return ""
        case str(), time(), "":
            return _("Meeting on %(day)s at %(time)s.") % {"day": day, "time": time_words(begins)}
        case str(), time(), _length:
            named = {"day": day, "time": time_words(begins), "length": length}
            return _("Meeting on %(day)s at %(time)s, %(length)s.") % named
        case str(), None, _length:
            return _("Meeting on %(day)s.") % {"day": day}
        case None, time(), _length:
            return _("The meeting begins at %(time)s.") % {"time": time_words(begins)}
    return _("The meeting lasts %(length)s.") % {"length": length}


def kpi_words(decided: Mapping[str, Any]) -> str:
    words: dict[str, str] = {KPIRound.WEEK: _("KPIs every week."), KPIRound.MONTH: _("KPIs every month.")}
    return words.get(decided.get("kpi_round") or "", "")


def review_words(decided: Mapping[str, Any]) -> str:
    words: dict[str, str] = {
        Review.BIWEEKLY: _("OKR review every two weeks."),
        Review.MONTHLY: _("OKR review every month."),
    }
    return words.get(decided.get("review") or "", "")


def time_words(at: time) -> str:
    return time_format(at, "G:i")
