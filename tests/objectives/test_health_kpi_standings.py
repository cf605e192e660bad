"""Which health KPIs lie outside, and which numbers are missing."""

from datetime import date
from decimal import Decimal

from objectives.queries.health_kpis import health_board, leads_of, outside_corridor, owed_readings
from people.models import Role
from tests.cast import person
from tests.objectives.health import LAST_WEEK, health_kpi, read


def test_those_outside_are_named_the_longest_first_and_a_team_sees_its_own(cast, django_assert_num_queries):
    short = health_kpi(cast, name="出荷遅延", unit="件", upper=Decimal(2))
    long = health_kpi(cast, team=cast.online, name="カゴ落ち率")
    health_kpi(cast, name="まだ入力なし")
    read(short, cast.member, 1, 2, 3)
    read(long, cast.member, 2, "1.5", "1.2")
    read(health_kpi(cast, name="在庫日数", lower=Decimal(20), upper=Decimal(45)), cast.member, 60, 30)

    with django_assert_num_queries(2):
        found = outside_corridor(cast.member)
    assert [(row.kpi.name, row.run) for row in found] == [("カゴ落ち率", 3), ("出荷遅延", 1)]
    assert found[0].outside_since == date(2026, 4, 27)
    assert [row.kpi.name for row in outside_corridor(cast.member, cast.sales)] == ["出荷遅延"]
    assert len(outside_corridor(cast.executive, cast.company)) == 2
    assert outside_corridor(cast.partner) == []


def test_retired_kpis_and_those_of_others_companies_are_not_watched(cast):
    read(health_kpi(cast, retired_on=date(2026, 5, 1)), cast.member, 9)
    read(health_kpi(cast), cast.member, 9)
    assert len(health_board(cast.member)) == 1
    assert health_board(cast.stranger) == []


def test_a_number_is_owed_from_the_tuesday_after_its_week(cast, move_clock):
    kpi = health_kpi(cast)
    read(kpi, cast.member, *["0.5"] * 7, until=date(2026, 5, 4))
    move_clock("2026-05-18T23:00:00+09:00")
    assert owed_readings(cast.member) == []
    move_clock("2026-05-19T00:30:00+09:00")
    (owed,) = owed_readings(cast.member)
    assert owed.missing == [LAST_WEEK]
    assert owed_readings(cast.manager) == []


def test_a_team_is_led_by_its_managers_else_by_those_above_and_the_company_by_executives(cast):
    assert leads_of(cast.sales) == [cast.manager]
    assert leads_of(cast.online) == [cast.executive]
    assert leads_of(cast.company) == [cast.executive]
    chief = person(cast.organization, "渡辺 仁", "chief@hokuto.example", Role.MANAGER, cast.online)
    assert leads_of(cast.online) == [chief]
