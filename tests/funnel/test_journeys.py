"""Customer journeys and their content: what may be written, by whom, and what comes back."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from funnel.models import KPI, Content, ContentState, Journey, JourneyPhase, TouchPoint
from funnel.services.contents import add_content, drop_content, restore_content, save_content
from funnel.services.journeys import (
    COPY,
    EMPTY,
    USUAL,
    Cell,
    add_journey,
    add_phase,
    move_phase,
    move_touch_point,
    remove_phase,
    remove_touch_point,
    restore_journey,
    restore_phase,
    restore_touch_point,
    retire_journey,
    save_journey,
    save_touch_point,
    write_cells,
)
from people.refusals import Refusal
from tests.funnel.plans import make_kgi, plan_funnel

pytestmark = pytest.mark.django_db


def begun(cast, *, start=EMPTY, phases=(), **fields):
    journey = add_journey(Journey(**{"name": "総務の担当者"} | fields), by=cast.manager, start=start)[0]
    return journey, [add_phase(journey, name=name) for name in phases]


def write(journey, phase, name, text, was=None, versions=None):
    return write_cells(journey, [Cell(phase.pk, name, text, was)], versions=versions)


def lines(phase, medium="online"):
    points = TouchPoint.objects.filter(phase=phase, medium=medium, removed_at=None).order_by("position")
    return [(point.number, point.name) for point in points]


def made_content(cast, point, *, by=None, **fields):
    return add_content(Content(**{"touch_point": point, "title": "導入事例"} | fields), by=by or cast.manager)[0]


def code_of(act):
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_journey_begins_with_the_usual_phases_once_however_often_the_form_is_sent(cast):
    key = uuid.uuid4()
    first, is_new = add_journey(Journey(name=" 総務の 担当者 ", submission_key=key), by=cast.manager, start=USUAL)
    again, is_new_again = add_journey(Journey(name="別の名前", submission_key=key), by=cast.manager, start=USUAL)
    assert (first, is_new, is_new_again) == (again, True, False)
    assert first.name == "総務の 担当者"
    assert first.phases.count() == 5
    assert code_of(lambda: add_journey(Journey(name=" "), by=cast.manager)) == "name_missing"
    assert code_of(lambda: add_journey(Journey(name="私の"), by=cast.member)) == "planner"
    assert (
        code_of(lambda: add_journey(Journey(name="x", submission_key=key), by=cast.stranger)) == "submission_key_used"
    )


def test_a_copy_has_phases_and_touch_points_but_neither_content_nor_another_kgis_levers(cast):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    lever = kgi.kpis.levers().first()
    source, (phase,) = begun(cast, phases=["認知"], kgi=kgi)
    write(source, phase, "online", "検索\nSNS")
    write(source, phase, "thinks", "誰に聞こうか")
    point = TouchPoint.objects.get(number=2)
    point.kpi = lever
    save_touch_point(point)
    made_content(cast, point)
    for name, its_kgi, its_lever in (("同じKGI", kgi, lever), ("別のKGI", None, None)):
        copy, _is_new = add_journey(Journey(name=name, kgi=its_kgi), by=cast.manager, start=COPY, source=source)
        copied = copy.phases.get()
        assert (copied.name, copied.thinks) == ("認知", "誰に聞こうか")
        assert lines(copied) == [(1, "検索"), (2, "SNS")]
        assert TouchPoint.objects.get(phase=copied, number=2).kpi == its_lever
    assert Content.objects.count() == 1
    assert code_of(lambda: add_journey(Journey(name="写し"), by=cast.manager, start=COPY)) == "source"


def test_a_cell_is_saved_by_itself_and_the_lines_of_a_list_are_touch_points(cast):
    journey, (first, second) = begun(cast, phases=["認知", "検討"])
    written = write(journey, first, "online", "検索\r\n・SNS投稿\n\n")
    assert (written.phases, [cell.text for cell in written.before]) == ({first.pk}, [""])
    assert lines(first) == [(1, "検索"), (2, "SNS投稿")]
    # Renamed, put in another order, and one new: the numbers stay what they were.
    write(journey, first, "online", "#2 SNS の投稿\n展示会\n#1 検索")
    assert lines(first) == [(2, "SNS の投稿"), (3, "展示会"), (1, "検索")]
    # A line with the number of another cell brings the touch point over.
    moved = write(journey, second, "offline", "＃３ 展示会")
    assert moved.phases == {first.pk, second.pk}
    assert (lines(first), lines(second, "offline")) == ([(2, "SNS の投稿"), (1, "検索")], [(3, "展示会")])
    # A line that is gone removes it; its number is not given again, and naming it brings it back.
    write(journey, first, "online", "#1 検索")
    write(journey, first, "offline", "新しい")
    assert lines(first, "offline") == [(4, "新しい")]
    write(journey, first, "online", "#1 検索\n#2")
    assert lines(first) == [(1, "検索"), (2, "SNS の投稿")]
    assert write(journey, first, "online", "#1 検索\n#2 SNS の投稿").before == []


def test_a_cell_that_changed_meanwhile_is_refused_and_others_are_written(cast):
    journey, (first, second) = begun(cast, phases=["認知", "検討"])
    seen = {first.pk: first.version, second.pk: second.version}
    write(journey, first, "thinks", "高そうだ")
    cells = [
        Cell(first.pk, "thinks", "手間だろうか", ""),
        Cell(first.pk, "wants", "料金", ""),
        Cell(second.pk, "name", " "),
        Cell(second.pk, "condition", "長" * 501, ""),
        Cell(second.pk, "thinks", "比べたい", ""),
        Cell(0, "thinks", "どこでもない", ""),
    ]
    written = write_cells(journey, cells, versions=seen)
    assert [(each.code, each.present) for each in written.refused] == [
        ("stale", "高そうだ"),
        ("name_missing", "検討"),
        ("too_long", ""),
        ("gone", ""),
    ]
    first.refresh_from_db()
    second.refresh_from_db()
    # Nobody else touched this cell, so that it is written though the phase has changed.
    assert (first.thinks, first.wants, second.thinks) == ("高そうだ", "料金", "比べたい")
    again = write(journey, first, "thinks", "手間だろうか", was="高そうだ", versions=seen)
    assert again.refused == []


def test_a_journey_that_was_put_away_is_not_written_to_and_comes_back(cast):
    journey, (phase,) = begun(cast, phases=["認知"])
    for _twice in range(2):
        retire_journey(journey)
    assert code_of(lambda: write(journey, phase, "thinks", "?")) == "retired"
    assert not Journey.objects.visible_to(cast.manager).exists()
    for _twice in range(2):
        restore_journey(journey)
    journey.refresh_from_db()
    journey.name = "人事の担当者"
    assert save_journey(journey, by=cast.manager, expected_version=journey.version).version == 4
    assert code_of(lambda: renamed(journey, cast, expected_version=1)) == "stale"


def renamed(journey, cast, **expected):
    journey.name = "また別の名前"
    return save_journey(journey, by=cast.manager, **expected)


def test_a_phase_goes_with_its_touch_points_or_hands_them_on_and_comes_back(cast, move_clock):
    journey, (first, second, third) = begun(cast, phases=["認知", "興味", "検討"])
    write(journey, first, "online", "検索\nSNS")
    write(journey, second, "online", "メール\n動画")
    remove_touch_point(TouchPoint.objects.get(number=4))
    move_clock("2026-05-20T10:01:00+09:00")
    for _twice in range(2):
        remove_phase(first, move_to=third)
        remove_phase(second)
    assert lines(third) == [(1, "検索"), (2, "SNS")]
    assert lines(second) == []
    for _twice in range(2):
        restore_phase(second)
    # What was removed before stays removed.
    assert lines(second) == [(3, "メール")]
    assert code_of(lambda: remove_phase(second, move_to=second)) == "move_to"
    move_phase(third, by_places=-9)
    standing = journey.phases.filter(removed_at=None).order_by("position")
    assert [phase.name for phase in standing] == ["検討", "興味"]
    assert code_of(lambda: add_phase(journey, name="長" * 61)) == "too_long"
    assert code_of(lambda: [add_phase(journey, name=f"{n}") for n in range(12)]) == "too_many_phases"


def test_a_touch_point_takes_a_lever_of_the_journeys_kgi_and_no_other(cast):
    kgi, other = make_kgi(cast), make_kgi(cast, name="別のKGI")
    plan_funnel(kgi)
    plan_funnel(other)
    journey, (first, second) = begun(cast, phases=["認知", "検討"], kgi=kgi)
    write(journey, first, "online", "検索\nSNS")
    point = TouchPoint.objects.select_related("phase").get(number=1)
    point.kpi = other.kpis.levers().first()
    assert code_of(lambda: save_touch_point(point)) == "lever"
    point.kpi = KPI.objects.get(kgi=kgi, is_goal=True)
    assert code_of(lambda: save_touch_point(point)) == "lever"
    point.kpi = kgi.kpis.levers().filter(is_goal=False).first()
    point.phase, point.medium = second, "offline"
    saved = save_touch_point(point, expected_version=point.version)
    assert (saved.kpi, lines(second, "offline")) == (point.kpi, [(1, "検索")])
    point.name = "別の名前"
    assert code_of(lambda: save_touch_point(point, expected_version=1)) == "stale"
    _elsewhere, (foreign,) = begun(cast, name="別", phases=["認知"])
    point.phase = foreign
    assert code_of(lambda: save_touch_point(point)) == "phase"


def test_a_touch_point_moves_within_its_cell_goes_and_comes_back(cast):
    journey, (phase,) = begun(cast, phases=["認知"])
    write(journey, phase, "online", "検索\nSNS\nメール")
    third = TouchPoint.objects.select_related("phase").get(number=3)
    move_touch_point(third, by_places=-1)
    assert [number for number, _name in lines(phase)] == [1, 3, 2]
    content = made_content(cast, third)
    for _twice in range(2):
        remove_touch_point(third)
    assert not Content.objects.visible_to(cast.manager).exists()
    assert code_of(lambda: move_touch_point(third, by_places=1)) == "gone"
    for _twice in range(2):
        restore_touch_point(third)
    assert list(Content.objects.visible_to(cast.manager)) == [content]
    remove_phase(phase)
    assert code_of(lambda: restore_touch_point(third)) == "gone"


def test_content_is_numbered_below_its_touch_point_and_its_day_of_publication_follows_its_state(cast):
    journey, (phase,) = begun(cast, phases=["認知"])
    write(journey, phase, "online", "検索\nSNS")
    first, second = TouchPoint.objects.order_by("number")
    key = uuid.uuid4()
    one = made_content(cast, first, submission_key=key)
    assert made_content(cast, first, submission_key=key) == one
    two = made_content(cast, first, state=ContentState.DONE)
    assert (one.number, two.number, one.published_on, two.published_on) == (1, 2, None, date(2026, 5, 20))
    drop_content(two)
    drop_content(two)
    assert made_content(cast, first).number == 3
    two = restore_content(restore_content(two))
    two.state = ContentState.MAKING
    assert save_content(two, by=cast.manager, expected_version=two.version).published_on is None
    two.touch_point = second
    assert save_content(two, by=cast.manager).number == 1
    two.title = "別の題名"
    assert code_of(lambda: save_content(two, by=cast.manager, expected_version=1)) == "stale"
    assert code_of(lambda: made_content(cast, first, title=" ")) == "title_missing"
    assert code_of(lambda: made_content(cast, first, publish_on=date(1, 1, 1))) == "day"
    assert code_of(lambda: made_content(cast, first, submission_key=key, by=cast.stranger)) == "submission_key_used"
    with pytest.raises(ValidationError):
        made_content(cast, first, address="javascript:alert(1)")


def test_a_member_writes_content_for_themselves_and_gives_it_to_nobody(cast):
    journey, (phase,) = begun(cast, phases=["認知"])
    write(journey, phase, "online", "検索")
    point = TouchPoint.objects.get()
    own = made_content(cast, point, by=cast.member)
    assert own.owner == cast.member
    own.owner = cast.colleague
    assert code_of(lambda: save_content(own, by=cast.member)) == "not_yours_to_give"
    assert code_of(lambda: made_content(cast, point, by=cast.member, owner=cast.manager)) == "not_yours_to_give"
    assert code_of(lambda: made_content(cast, point, by=cast.partner)) == "partner"
    assert code_of(lambda: made_content(cast, point, owner=cast.partner)) == "owner"
    remove_touch_point(TouchPoint.objects.select_related("phase").get())
    assert code_of(lambda: made_content(cast, point)) == "touch_point"
    assert JourneyPhase.objects.visible_to(cast.partner).count() == 0
