"""A person's calendar by a secret link: what stands in it, read back as a calendar program reads it."""

from datetime import date, time, timedelta

import pytest
from icalendar import Calendar

from objectives.models import ObjectiveShare
from people.models import Cadence, CalendarFeed, DayOff
from people.services.calendar_feeds import make_feed
from people.services.keys import end_key
from tests.objectives.test_record_check_in import check_in


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://okr.example"


def read(client, secret) -> dict[str, dict]:
    answer = client.get(f"/calendar/{secret}.ics")
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"].startswith("private")
    calendar = Calendar.from_ical(answer.content)
    assert calendar.errors == []
    events = list(calendar.walk("VEVENT"))
    assert len({str(event["uid"]) for event in events}) == len(events)
    return {str(event["summary"]): event for event in events}


def test_check_in_days_meetings_reviews_cycles_and_days_off_stand_in_it(cast, client):
    objective = cast.objective(key_results=2)
    first, _second = objective.key_results.all()
    check_in(cast, first, 10)
    Cadence.objects.create(team=cast.sales, meeting_weekday=0, meeting_time=time(9, 30), meeting_minutes=45)
    DayOff.objects.create(
        organization=cast.organization, name="夏季休業", first=date(2026, 8, 10), last=date(2026, 8, 14)
    )
    _feed, secret = make_feed(cast.member, name="電話")
    answer = client.get(f"/calendar/{secret}.ics").content.decode()
    assert "BEGIN:VTIMEZONE" in answer
    assert "TZID:Asia/Tokyo" in answer
    events = read(client, secret)
    meeting = events["法人営業のミーティング"]
    assert meeting["dtstart"].dt.isoformat() == "2025-12-29T09:30:00+09:00"
    assert meeting["duration"].dt == timedelta(minutes=45)
    left_out = {day.dt.date() for day in meeting["exdate"].dts}
    assert {date(2026, 5, 4), date(2026, 7, 20), date(2026, 8, 10)} <= left_out
    assert date(2026, 5, 11) not in left_out
    # This week one is reported and one is owed; from the next on both are.
    days = {
        event["dtstart"].dt: event
        for event in Calendar.from_ical(answer).walk("VEVENT")
        if "check-in" in str(event["uid"])
    }
    assert min(days) == date(2026, 5, 22)
    assert f"?key_result={_second.pk}" in days[date(2026, 5, 22)]["url"]
    assert "結果 1" not in days[date(2026, 5, 22)]["description"]
    assert "結果 1" in days[date(2026, 5, 29)]["description"]
    assert events["夏季休業"]["dtend"].dt == date(2026, 8, 15)
    assert events["FY2026 Q1の最終日"]["dtstart"].dt == date(2026, 7, 5)
    assert any("振り返り" in name for name in events)


def test_days_off_of_the_farthest_year_break_nobodys_calendar(cast, client):
    DayOff.objects.create(
        organization=cast.organization, name="書き間違い", first=date(9999, 12, 30), last=date(9999, 12, 31)
    )
    _feed, secret = make_feed(cast.member, name="電話")
    assert "書き間違い" not in read(client, secret)


def test_an_unchanged_calendar_is_not_sent_twice_and_an_ended_link_answers_nothing(cast, client, move_clock):
    cast.objective()
    feed, secret = make_feed(cast.member, name="電話")
    address = f"/calendar/{secret}.ics"
    first = client.get(address)
    move_clock("2026-05-20T15:00:00+09:00")
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(address).status_code == 200
    assert CalendarFeed.objects.get().last_used_at is not None
    end_key(feed)
    assert client.get(address).status_code == 404
    assert client.get(f"/calendar/{'x' * 43}.ics").status_code == 404


def test_it_speaks_the_language_it_was_made_for(cast, client):
    cast.objective()
    _feed, secret = make_feed(cast.member, name="phone", language="en")
    assert "FY2026 Q1 begins" in read(client, secret)


def test_a_partners_calendar_holds_what_is_shared_and_nothing_else(cast, client):
    shared, other = cast.objective(title="共有した目標"), cast.objective(title="社内の目標")
    for objective in (shared, other):
        objective.key_results.update(owner=cast.partner)
    other.key_results.update(title="社外秘の成果")
    Cadence.objects.create(team=cast.sales, meeting_weekday=0)
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner, may_write=True)
    _feed, secret = make_feed(cast.partner, name="電話")
    written = client.get(f"/calendar/{secret}.ics").content.decode().replace("\r\n ", "")
    assert "結果 1" in written
    assert "社外秘" not in written
    assert cast.sales.name not in written
    assert "FY2025" not in written


def test_a_link_is_made_on_ones_own_page_shown_once_and_ended(cast, sign_in):
    client, address = sign_in(cast.member), cast.url("settings/me/")
    page = client.get(address)
    typed = {"form": "calendar", "name": "電話", "submission_key": page.context["feed"]["submission_key"].value()}
    for _twice in range(2):
        assert client.post(address, typed).status_code == 302
    assert "https://okr.example/calendar/" in client.get(address).content.decode()
    assert "https://okr.example/calendar/" not in client.get(address).content.decode()
    feed = CalendarFeed.objects.get()
    assert client.post(address, typed | {"name": ""}).status_code == 422
    assert client.post(cast.url(f"settings/me/calendar/{feed.pk}/end/")).status_code == 302
    assert not CalendarFeed.objects.good().exists()
    assert client.post(cast.url(f"settings/me/calendar/{feed.pk}/restore/")).status_code == 302
    assert CalendarFeed.objects.good().exists()
    assert sign_in(cast.admin).post(cast.url(f"settings/me/calendar/{feed.pk}/end/")).status_code == 404
