"""Content: on the calendar, moved, published, dropped; as a file, in one's own calendar, and for other programs."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from funnel.models import Content, ContentState, Journey, TouchPoint
from funnel.services.contents import add_content
from funnel.services.journeys import EMPTY, Cell, add_journey, add_phase, write_cells
from objectives.queries.calendar import entries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(cast) -> TouchPoint:
    journey = add_journey(Journey(name="総務の担当者"), by=cast.manager, start=EMPTY)[0]
    phase = add_phase(journey, name="認知")
    write_cells(journey, [Cell(phase.pk, "online", "検索")])
    return TouchPoint.objects.get()


def made(cast, point, **fields) -> Content:
    return add_content(Content(**{"touch_point": point, "title": "導入事例"} | fields), by=cast.manager)[0]


def test_the_calendar_shows_a_month_its_holidays_and_what_has_no_day(cast, sign_in, point):
    early = made(cast, point, publish_on=date(2026, 5, 19), owner=cast.member)
    done = made(cast, point, publish_on=date(2026, 5, 1), state=ContentState.DONE, owner=cast.colleague)
    loose = made(cast, point, title="いつか出す", format="video")
    client = sign_in(cast.member)
    shown = client.get(cast.url("contents/")).context
    weeks = shown["weeks"]
    assert (weeks[0][0].day, len(weeks[0])) == (date(2026, 4, 27), 7)
    days = {day.day: day for week in weeks for day in week}
    assert days[date(2026, 5, 5)].off == "こどもの日"
    assert days[date(2026, 5, 19)].contents == [early]
    assert days[date(2026, 5, 1)].contents == [done]
    assert (shown["undated"], shown["count"], shown["late"]) == ([loose], 2, 1)
    for asked, found in [
        ("format=video", [loose]),
        (f"owner={cast.member.pk}", [early]),
        ("state=late", [early]),
        ("state=done", [done]),
        (f"journey={point.phase.journey_id}", [early, done, loose]),
        ("journey=²&format=x&state=y&owner=-1&month=2026-13", [early, done, loose]),
    ]:
        context = client.get(cast.url(f"contents/?{asked}")).context
        rows = [row for week in context["weeks"] for day in week for row in day.contents] + context["undated"]
        assert {row.pk for row in rows} == {row.pk for row in found}, asked
    for month in ("2026-06", "2000-01", "2199-12", "9999-99", "x", "1-1"):
        assert client.get(cast.url(f"contents/?month={month}")).status_code == 200
    part = client.get(cast.url("contents/"), headers={"hx-request": "true", "hx-target": "rows"})
    assert "<html" not in part.text
    assert client.get(cast.url("contents/?month=2026-06"), headers={"accept-language": "en"}).status_code == 200


def test_content_is_written_down_on_the_calendar_once(cast, sign_in, point):
    client = sign_in(cast.member)
    key = uuid.uuid4()
    sent = {"title": "料金の記事", "format": "article", "touch_point": point.pk, "owner": cast.member.pk}
    for _twice in range(2):
        assert client.post(cast.url("contents/"), sent | {"submission_key": key}).status_code == 302
    assert Content.objects.count() == 1
    for wrong in ({"title": ""}, {"touch_point": ""}, {"address": "javascript:alert(1)"}, {"publish_on": "2026-02-30"}):
        answer = client.post(cast.url("contents/"), sent | wrong)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(wrong))


def test_its_owner_and_planners_change_it_and_nobody_else(cast, sign_in, point):
    row = made(cast, point, owner=cast.member, publish_on=date(2026, 5, 19))
    address = cast.url(f"contents/{row.pk}/")
    client = sign_in(cast.member)
    assert client.get(address).context["form"] is not None
    assert sign_in(cast.colleague).get(address).context["form"] is None
    moved = {"publish_on": "2026-06-01", "version": 1}
    assert sign_in(cast.colleague).post(f"{address}schedule/", moved).status_code == 403
    assert client.post(f"{address}schedule/", moved).status_code == 302
    row.refresh_from_db()
    assert (row.publish_on, row.title, row.owner) == (date(2026, 6, 1), "導入事例", cast.member)
    stale = client.post(f"{address}schedule/", moved | {"publish_on": "2026-06-02"})
    assert (stale.status_code, stale.context["form"]["publish_on"].value()) == (422, "2026-06-02")
    assert client.post(f"{address}schedule/", {"publish_on": "x", "version": 2}).status_code == 422
    assert client.post(f"{address}schedule/", {"state": "done", "version": 2}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.published_on) == ("done", date(2026, 5, 20))
    for act in ("drop", "drop", "restore", "restore"):
        assert client.post(f"{address}{act}/").status_code == 302
    sent = {"title": "改めた", "format": "video", "touch_point": point.pk, "state": "making", "version": 5}
    assert sign_in(cast.manager).post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.published_on, row.owner) == ("改めた", None, None)


def test_the_file_of_content_runs_no_formula(cast, sign_in, point):
    made(cast, point, title="=1+1")
    text = sign_in(cast.member).get(cast.url("contents/?download=csv")).content.decode("utf-8-sig")
    assert "1-1,'=1+1" in text
    assert "総務の担当者" in text


def test_ones_own_content_stands_in_ones_calendar_until_it_is_published(cast, point):
    made(cast, point, owner=cast.member, publish_on=date(2026, 5, 29))
    made(cast, point, owner=cast.member, publish_on=date(2026, 5, 28), state=ContentState.DONE)
    made(cast, point, owner=cast.colleague, publish_on=date(2026, 5, 29))
    entries = [entry for entry in entries_of(cast.member) if entry.kind == "content"]
    assert [(entry.first, entry.name) for entry in entries] == [(date(2026, 5, 29), "導入事例")]


def test_programs_read_journeys_and_write_content(cast, sign_in, point):
    client = sign_in(cast.manager, language="en")
    base = f"/api/v1/o/{cast.organization.slug}"
    sent = {"touch_point": point.pk, "title": "事例", "publish_on": "2026-06-01"}
    made_row = client.post(f"{base}/contents/", sent, content_type="application/json").json()
    assert (made_row["number"], made_row["owner"], made_row["state"]) == (1, cast.manager.pk, "idea")
    one = f"{base}/contents/{made_row['id']}/"
    done = client.patch(one, {"state": "done"}, content_type="application/json").json()
    assert (done["published_on"], done["version"]) == ("2026-05-20", 2)
    behind = client.patch(one, {"title": "x"}, content_type="application/json", headers={"if-match": '"1"'})
    assert behind.status_code == 409
    (journey,) = client.get(f"{base}/journeys/").json()["results"]
    assert journey["phases"][0]["touch_points"][0]["contents"] == [made_row["id"]]
    assert client.get(f"{base}/journeys/{journey['id']}/").json()["name"] == "総務の担当者"
    for asked, count in [("has_day=true", 1), ("has_day=false", 0), ("state=idea", 0), ("publish_until=2026-05-31", 0)]:
        assert client.get(f"{base}/contents/?{asked}").json()["count"] == count, asked
    member = sign_in(cast.member, language="en")
    assert member.patch(one, {"title": "x"}, content_type="application/json").status_code == 403
    assert sign_in(cast.partner).get(f"{base}/journeys/").json()["count"] == 0
