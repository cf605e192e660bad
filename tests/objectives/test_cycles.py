"""Planning, opening and closing cycles."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from objectives import services
from objectives.models import Cycle, ObjectiveScore, ObjectiveShare
from objectives.services.cycles import state_of
from objectives.services.start import set_calendar
from people.models import Organization

NEW = {"name": "FY2026 Q2", "start": "2026-07-06", "end": "2026-10-04"}


def test_everybody_reads_the_cycles_and_only_administrators_are_offered_acts(cast, sign_in):
    text = sign_in(cast.member).get(cast.url("cycles/")).content.decode()
    assert "FY2025 Q4" in text
    assert "state/" not in text
    assert "cycles/new/" not in text
    assert "state/" in sign_in(cast.admin).get(cast.url("cycles/")).content.decode()


def test_the_next_quarter_is_suggested(cast, sign_in):
    client = sign_in(cast.admin, language="en")
    assert "Next comes FY2026 Q2." in client.get(cast.url("cycles/")).content.decode()
    form = client.get(cast.url("cycles/new/")).context["form"]
    expected = {"name": "FY2026 Q2", "start": date(2026, 7, 6), "end": date(2026, 10, 4), "is_first": False}
    assert form.initial == expected
    assert 'value="2026-07-06"' in str(form["start"])
    assert client.get(cast.url("cycles/new/?suggest=year")).context["form"].initial["name"] == "FY2026"


def test_the_fiscal_year_of_the_organization_decides_the_name(cast, sign_in):
    cast.organization.fiscal_year_start = 1
    cast.organization.save()
    assert (
        sign_in(cast.admin).get(cast.url("cycles/new/?suggest=quarter")).context["form"].initial["name"] == "FY2026 Q3"
    )


def test_a_cycle_is_made_in_preparation_once(cast, sign_in):
    client = sign_in(cast.admin)
    for _again in range(2):
        assert client.post(cast.url("cycles/new/"), NEW).status_code == 302
    cycle = Cycle.objects.get(name="FY2026 Q2")
    assert (cycle.state, cycle.organization) == ("draft", cast.organization)


def test_the_newest_cycle_stands_first(cast, sign_in):
    for name, start in (("FY2027 Q1", date(2027, 4, 5)), ("FY2025 Q1", date(2025, 4, 7))):
        end = start + timedelta(days=90)
        Cycle.objects.create(organization=cast.organization, name=name, start=start, end=end)
    listed = [row.start for row in sign_in(cast.member).get(cast.url("cycles/")).context["rows"]]
    assert listed == sorted(listed, reverse=True)
    assert len(listed) == 4


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "FY2026 Q1"}, "__all__"),
        ({"start": "いつか"}, "start"),
        ({"end": "2026-07-05"}, "end"),
        ({"end": "2036-07-05"}, "end"),
        ({"start": "0001-01-01"}, "start"),
        ({"end": "9999-12-31"}, "end"),
    ],
)
def test_bad_input_is_said_beside_its_field(cast, sign_in, fields, where):
    response = sign_in(cast.admin).post(cast.url("cycles/new/"), NEW | fields)
    assert response.status_code == 422
    assert where in response.context["form"].errors


def test_a_cycle_is_edited_and_its_goals_follow(cast, sign_in):
    objective = cast.objective()
    before = ObjectiveScore.objects.get(objective=objective).pace
    data = {"name": "FY2026 Q1", "start": "2026-04-06", "end": "2026-09-30", "seen": state_of(cast.cycle)}
    assert sign_in(cast.admin).post(cast.url(f"cycles/{cast.cycle.pk}/edit/"), data).status_code == 302
    assert Cycle.objects.get(pk=cast.cycle.pk).end == date(2026, 9, 30)
    assert ObjectiveScore.objects.get(objective=objective).pace < before


def test_a_cycle_another_administrator_moved_meanwhile_is_not_written_over(cast, sign_in):
    client, edit = sign_in(cast.admin, language="en"), cast.url(f"cycles/{cast.cycle.pk}/edit/")
    seen = client.get(edit).context["form"]["seen"].value()
    data = {"name": "FY2026 Q1", "start": "2026-04-06", "seen": seen}
    assert client.post(edit, data | {"end": "2026-09-30"}).status_code == 302
    for out_of_date in (data, data | {"seen": ""}):
        response = client.post(edit, out_of_date | {"name": "第1四半期", "end": "2026-07-05"})
        assert response.status_code == 422
        assert "Someone changed this in the meantime." in response.content.decode()
    assert Cycle.objects.get(pk=cast.cycle.pk).end == date(2026, 9, 30)
    again = data | {"name": "第1四半期", "end": "2026-07-05", "seen": response.context["form"]["seen"].value()}
    assert client.post(edit, again).status_code == 302
    assert Cycle.objects.get(pk=cast.cycle.pk).name == "第1四半期"


def test_check_ins_keep_a_cycle_from_shrinking(cast, sign_in):
    services.record_check_in(cast.objective().key_results.first(), author=cast.member, value=Decimal(1))
    data = {"name": "FY2026 Q1", "start": "2026-04-06", "end": "2026-05-01", "seen": state_of(cast.cycle)}
    response = sign_in(cast.admin).post(cast.url(f"cycles/{cast.cycle.pk}/edit/"), data)
    assert response.status_code == 422
    assert "end" in response.context["form"].errors


def test_a_closed_cycle_is_opened_before_it_is_edited(cast, sign_in):
    client = sign_in(cast.admin)
    data = {"name": "去年", "start": "2026-01-05", "end": "2026-04-05", "seen": state_of(cast.closed_cycle)}
    edit = cast.url(f"cycles/{cast.closed_cycle.pk}/edit/")
    assert client.post(edit, data).status_code == 422
    state = cast.url(f"cycles/{cast.closed_cycle.pk}/state/")
    assert client.post(state, {"to": "active"}).url == cast.url(f"cycles/{cast.closed_cycle.pk}/reopen/")
    client.post(state, {"to": "active", "reason": "一件の報告が遅れた"})
    assert client.post(edit, data).status_code == 302


def test_a_cycle_is_closed_and_the_closing_can_be_undone(cast, sign_in):
    client, url = sign_in(cast.admin), cast.url(f"cycles/{cast.cycle.pk}/state/")
    response = client.post(url, {"to": "closed"}, follow=True)
    assert Cycle.objects.get(pk=cast.cycle.pk).state == "closed"
    (message,) = response.context["messages"]
    client.post(message.extra_tags)
    assert Cycle.objects.get(pk=cast.cycle.pk).state == "active"


def test_the_same_state_twice_is_harmless_and_an_odd_one_changes_nothing(cast, sign_in):
    client, url = sign_in(cast.admin), cast.url(f"cycles/{cast.cycle.pk}/state/")
    for to in ("active", "active", "perfect", ""):
        assert client.post(url, {"to": to}).status_code == 302
    assert Cycle.objects.get(pk=cast.cycle.pk).state == "active"
    assert client.get(url).status_code == 405


@pytest.mark.parametrize(("who", "status"), [("manager", 403), ("executive", 403), ("stranger", 404)])
def test_only_administrators_change_cycles(cast, sign_in, who, status):
    client = sign_in(getattr(cast, who))
    assert client.get(cast.url("cycles/new/")).status_code == status
    assert client.post(cast.url("cycles/new/"), NEW).status_code == status
    for act in ("edit", "state"):
        url = cast.url(f"cycles/{cast.cycle.pk}/{act}/")
        assert client.post(url, NEW | {"to": "closed"}).status_code == status
    assert Cycle.objects.filter(organization=cast.organization).count() == 2


def test_a_cycle_of_another_organization_is_not_found(cast, sign_in):
    theirs = cast.stranger.organization.cycles.get()
    client = sign_in(cast.admin)
    assert client.get(cast.url(f"cycles/{theirs.pk}/edit/")).status_code == 404
    assert client.post(cast.url(f"cycles/{theirs.pk}/state/"), {"to": "closed"}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_cycles(cast, sign_in, django_assert_max_num_queries):
    for number in range(20):
        Cycle.objects.create(
            organization=cast.organization, name=f"期間 {number}", start=date(2020, 1, 1), end=date(2020, 3, 31)
        )
    client = sign_in(cast.admin)
    with django_assert_max_num_queries(14):
        client.get(cast.url("cycles/"))


def test_a_partner_is_told_only_how_many_objectives_are_shared(cast, sign_in):
    shared = cast.objective(title="共有")
    cast.objective(title="社内だけ")
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    rows = sign_in(cast.partner).get(cast.url("cycles/")).context["rows"]
    assert [row.objective_count for row in rows if row.pk == cast.cycle.pk] == [1]


def test_the_first_steps_leave_the_cycles_that_somebody_made(cast):
    """Going back to the calendar renames or removes what an earlier answer made, and nothing else."""
    Organization.objects.filter(pk=cast.organization.pk).update(setup_step="calendar")
    next_quarter = Cycle.objects.create(
        organization=cast.organization, name="夏の計画", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )
    answer = {"by": cast.admin, "check_in_weekday": 4, "time_zone": "Asia/Tokyo", "currency": "JPY"}
    set_calendar(fiscal_year_start=2, with_year=True, **answer)
    made = Cycle.objects.exclude(pk__in=[cast.cycle.pk, cast.closed_cycle.pk, next_quarter.pk])
    assert set(made.filter(organization=cast.organization).values_list("start", "end")) == {
        (date(2026, 5, 1), date(2026, 7, 31)),
        (date(2026, 2, 1), date(2027, 1, 31)),
    }
    set_calendar(fiscal_year_start=4, with_year=False, **answer)
    names = Cycle.objects.filter(organization=cast.organization).values_list("name", flat=True)
    assert set(names) == {"FY2025 Q4", "FY2026 Q1", "夏の計画"}
    for row in (cast.cycle, cast.closed_cycle, next_quarter):
        before = (row.name, row.start, row.end, row.state)
        row.refresh_from_db()
        assert (row.name, row.start, row.end, row.state) == before
