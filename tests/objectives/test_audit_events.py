"""The history of the whole organization, for its administrators."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import NotDoing
from objectives.queries.changes import Cursor, Wanted, listed, page_of, wanted_from
from people.history import told
from people.models import AuditEvent, Door, Team

HERE = "settings/history/"


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def rename(cast, name: str, door: str = Door.PAGE, by=None, at: datetime | None = None) -> None:
    with told(door, user=(by or cast.admin).user_id, address="/o/hokuto/teams/", at=at):
        Team.objects.filter(pk=cast.sales.pk).update(name=name)


def found(cast, **wanted) -> list[tuple[str, str]]:
    return [(event.act, event.table) for event in listed(cast.admin, Wanted(**wanted))]


def test_administrators_read_everything_newest_first(cast, sign_in):
    rename(cast, "法人営業部")
    objective = cast.objective()
    services.record_check_in(objective.key_results.first(), author=cast.member, value=Decimal(3))
    page = text_of(sign_in(cast.admin).get(cast.url(HERE)))
    assert page.index("チェックインを追加") < page.index("目標を追加") < page.index("チームを変更")
    assert f'href="{cast.url(f"objectives/{objective.pk}/")}"' in page
    assert "南風商事" not in page


@pytest.mark.parametrize("role", ["executive", "manager", "member", "partner"])
def test_others_are_refused(cast, sign_in, role):
    assert sign_in(getattr(cast, role)).get(cast.url(HERE)).status_code == 403
    assert not listed(getattr(cast, role), Wanted()).exists()


def test_a_stranger_finds_nothing_here(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url(HERE)).status_code == 404
    rename(cast, "法人営業部")
    assert "法人営業部" not in text_of(sign_in(cast.stranger).get(f"/o/minami/{HERE}"))


def test_it_is_searched_by_kind_person_door_act_day_and_words(cast):
    rename(cast, "法人営業部", by=cast.manager)
    rename(cast, "第一営業部", door=Door.COMMAND)
    rename(cast, "昔の営業部", at=datetime(2026, 4, 10, 14, 59, tzinfo=UTC))
    with told(Door.PAGE, user=cast.admin.user_id):
        NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引きで取る契約").delete()
    assert set(found(cast, kind="teams", act="update")) == {("update", "people_team")}
    assert len(found(cast, kind="teams", act="update")) == 3
    assert found(cast, who="伊藤", kind="teams") == [("update", "people_team")]
    assert found(cast, who="manager@hokuto", act="update") == [("update", "people_team")]
    assert found(cast, who="誰でもない") == []
    assert found(cast, door="command") == [("update", "people_team")]
    assert found(cast, act="delete") == [("delete", "objectives_notdoing")]
    april = wanted_from({"from": "2026-04-10", "until": "2026-04-10"})
    assert [event.after for event in listed(cast.admin, april)] == [{"name": "昔の営業部"}]
    assert not listed(cast.admin, wanted_from({"from": "2026-04-11", "until": "2026-04-30"})).exists()
    assert ("update", "people_team") in found(cast, words="昔の営業部")
    assert found(cast, words="値引きで") == [("delete", "objectives_notdoing")]
    assert {("insert", "people_team"), ("update", "people_team")} <= set(found(cast, words=str(cast.sales.pk)))


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "x", "door": "x", "act": "x", "from": "2026-99-99", "until": "soon", "q": "\0", "who": "\0"},
        {"older": "9" * 18 + "-1"},
        {"older": "-"},
        {"from": "0001-01-01", "until": "9999-12-31"},
        {"q": "9" * 18},
    ],
)
def test_what_is_asked_wrongly_is_left_out(cast, sign_in, asked):
    assert sign_in(cast.admin).get(cast.url(HERE), asked).status_code == 200


def test_a_filter_answers_a_part_of_the_page(cast, sign_in):
    part = sign_in(cast.admin).get(cast.url(HERE), {"kind": "teams"}, headers={"HX-Request": "true"})
    assert b'id="events"' in part.content
    assert b"<html" not in part.content


def test_pages_follow_each_other_without_gap_or_repetition_also_within_one_moment(cast):
    with told(Door.PAGE, user=cast.admin.user_id):
        Team.objects.bulk_create(
            Team(organization=cast.organization, parent=cast.company, name=f"第{number}課") for number in range(25)
        )
    events = listed(cast.admin, Wanted())
    seen: list[int] = []
    cursor = None
    while True:
        page = page_of(events, cursor, 7)
        seen += [event.pk for event in page.events]
        if page.older is None:
            break
        cursor = Cursor.read(str(page.older))
        assert cursor == page.older
    assert seen == [event.pk for event in events]
    assert len(seen) > 25


def test_more_events_ask_no_more_of_the_database(cast, sign_in):
    client = sign_in(cast.admin)

    def happen(times: int) -> None:
        for number in range(times):
            objective = cast.objective(title=f"目標 {number}")
            services.record_check_in(objective.key_results.first(), author=cast.member, value=Decimal(number))
            rename(cast, f"第{number}営業部", by=(cast.admin, cast.manager)[number % 2])

    happen(1)
    client.get(cast.url(HERE))
    with CaptureQueriesContext(connection) as few:
        client.get(cast.url(HERE))
    happen(3)
    with CaptureQueriesContext(connection) as many:
        client.get(cast.url(HERE))
    assert len(many) <= len(few)


def test_the_file_holds_every_event_and_no_formula(cast, sign_in):
    rename(cast, "=HYPERLINK(1)", by=cast.manager)
    with told(Door.COMMAND):
        Team.objects.bulk_create(
            Team(organization=cast.organization, parent=cast.company, name=f"第{number}課") for number in range(600)
        )
    answer = sign_in(cast.admin).get(cast.url(HERE), {"download": "csv"})
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header[:4] == ["番号", "日時", "人", "経路"]
    assert len(rows) == AuditEvent.objects.filter(organization=cast.organization).count() > 600
    (renamed,) = [row for row in rows if row[2] == "伊藤 遥"]
    assert renamed[1] == "2026-05-20 10:00:00"
    assert renamed[3:7] == ["画面から", "/o/hokuto/teams/", "変更", "チーム"]
    assert renamed[8] == "'=HYPERLINK(1)"
    assert renamed[9:] == ["名前: 法人営業", "名前: =HYPERLINK(1)"]


def test_the_file_holds_what_was_searched_for(cast, sign_in):
    rename(cast, "法人営業部")
    answer = sign_in(cast.admin, language="en").get(cast.url(HERE), {"download": "csv", "act": "update"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row[5] for row in rows[1:]] == ["Changed"]
