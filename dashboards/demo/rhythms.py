"""When the example company reports, meets and rests, and how some of its people are reminded."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django.utils.crypto import salted_hmac

from dashboards.demo.company import Company, key
from people.formulas.holidays import public_holidays
from people.models import Cadence, CalendarFeed, DayOff, Holidays, ReminderPreference, Review, Weekday
from people.models.doors import hash_of
from people.services.calendar_feeds import SHOWN

MONDAY_MEETING = {"meeting_weekday": Weekday.MONDAY, "meeting_minutes": 30}
CADENCES: dict[str, dict[str, Any]] = {
    "company": {"review": Review.MONTHLY},
    "sales": {**MONDAY_MEETING, "meeting_time": time(9, 30)},
    "marketing": {**MONDAY_MEETING, "meeting_time": time(11), "review": Review.BIWEEKLY},
    "roastery": {"check_in_weeks": 2, "meeting_weekday": Weekday.THURSDAY, "meeting_time": time(16)},
}
BREAKS = (("夏季休業", (8, 12), 5), ("年末年始休業", (12, 29), 6))
"""What for, from which day of the year, and for how many days."""
WISHES: dict[str, dict[str, Any]] = {
    "miura": {"digest_weekday": Weekday.MONDAY, "digest_hour": 7},
    "nomura": {"weekday": Weekday.THURSDAY, "hour": 17},
    "kudo": {"hour": 8, "digest": True},
}
ON_THE_PHONE = "スマートフォンのカレンダー"


def holidays_on(today: date) -> str:
    """Japan's, unless the story is told on one of them: a shop that is open works on it."""
    return "" if today in public_holidays(Holidays.JAPAN, today.year) else Holidays.JAPAN


def keep_time(company: Company) -> None:
    """The rhythms of the teams, the breaks ahead, and what three people wish for."""
    today = company.days.today
    with company.by("ishiguro", company.founded + timedelta(days=2)):
        Cadence.objects.bulk_create(Cadence(team=company.teams[team], **wishes) for team, wishes in CADENCES.items())
        for name, (month, day), days in BREAKS:
            year = today.year if date(today.year, month, day) > today else today.year + 1
            first = date(year, month, day)
            DayOff.objects.create(
                organization=company.organization, name=name, first=first, last=first + timedelta(days=days - 1)
            )
    for person, wishes in WISHES.items():
        with company.by(person, company.at(today - timedelta(days=40), "12:40")):
            ReminderPreference.objects.create(membership=company.people[person], **wishes)
    made_at = company.at(today - timedelta(days=26), "12:50")
    secret = salted_hmac("demo.calendar", key("calendar", "morishita").hex, algorithm="sha256").hexdigest()
    with company.by("morishita", made_at):
        CalendarFeed.objects.create(
            membership=company.people["morishita"],
            name=ON_THE_PHONE,
            beginning=secret[:SHOWN],
            token_hash=hash_of(secret),
            created_at=made_at,
            last_used_at=company.at(today - timedelta(days=1), "07:20"),
            submission_key=key("calendar", "morishita"),
        )
