"""The grid of readings: levers × weeks or months, typed and sent at once."""

import json
from datetime import date
from decimal import Decimal

import pytest

from funnel import services
from funnel.models import KPI, KPIReading
from tests.cast import TODAY
from tests.funnel.plans import make_kgi, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def kgi(cast):
    kgi = make_kgi(cast)
    KPI.objects.create(
        kgi=kgi, key="revenue", name="売上", unit="円", formula="visits * win_rate * price", is_goal=True
    )
    for position, (key, fields) in enumerate(
        {
            "visits": {"name": "訪問", "unit": "回", "period": "month", "current": 1000, "must_hit": 1500},
            "win_rate": {"name": "受注率", "is_rate": True, "current": "0.02", "must_hit": "0.03"},
            "price": {"name": "単価", "unit": "円", "current": 12_000, "must_hit": 12_000},
        }.items()
    ):
        KPI.objects.create(kgi=kgi, key=key, position=position, **fields)
    return kgi


def url(cast, kgi, by="month"):
    return cast.url(f"kgis/{kgi.pk}/plan-and-actual/readings/?by={by}")


def cell(kgi, key, last, span="month"):
    return f"{kgi.kpis.get(key=key).pk}:{span}:{last}"


def test_a_planner_types_numbers_as_people_do_and_they_are_saved_in_one_act(cast, sign_in, kgi):
    client = sign_in(cast.manager)
    typed = {
        cell(kgi, "revenue", "2026-04-30"): "3.2億",
        cell(kgi, "visits", "2026-04-30"): "１，２００",
        cell(kgi, "win_rate", "2026-05-31"): "2.1％",
        cell(kgi, "price", "2026-05-31"): "1.2万",
        cell(kgi, "price", "2026-04-30"): "",
    }
    for _twice in range(2):
        assert client.post(url(cast, kgi), typed | {"shown": "{}"}).status_code == 302
    read = {(row.kpi.key, row.date): row.value for row in KPIReading.objects.select_related("kpi")}
    assert read == {
        ("revenue", date(2026, 4, 30)): 320_000_000,
        ("visits", date(2026, 4, 30)): 1_200,
        ("win_rate", TODAY): Decimal("0.021"),
        ("price", TODAY): 12_000,
    }


def test_wrong_numbers_stay_in_their_cells_and_nothing_is_half_saved(cast, sign_in, kgi):
    typed = {cell(kgi, "visits", "2026-04-30"): "たくさん", cell(kgi, "price", "2026-04-30"): "1,300"}
    answer = sign_in(cast.manager, language="en").post(url(cast, kgi), typed | {"shown": "{}"})
    assert answer.status_code == 422
    assert "This is not a number." in answer.text
    assert 'value="たくさん"' in answer.text
    assert 'value="1,300"' in answer.text
    assert not KPIReading.objects.exists()


def test_what_was_kept_is_saved_once_the_wrong_number_is_right(cast, sign_in, kgi):
    good, wrong = cell(kgi, "price", "2026-04-30"), cell(kgi, "visits", "2026-04-30")
    client = sign_in(cast.manager)
    answer = client.post(url(cast, kgi), {good: "1,300", wrong: "x", "shown": "{}"})
    again = {each.name: each.text for row in answer.context["grid"].rows for each in row.cells}
    again |= {wrong: "7", "shown": answer.context["grid"].shown}
    assert client.post(url(cast, kgi), again).status_code == 302
    assert set(KPIReading.objects.values_list("value", flat=True)) == {1_300, 7}


def test_what_another_wrote_meanwhile_is_told_beside_the_cell(cast, sign_in, kgi):
    visits = kgi.kpis.get(key="visits")
    services.record_by_hand(visits, date=date(2026, 4, 1), span="month", value=Decimal(900), recorded_by=None)
    name = cell(kgi, "visits", "2026-04-30")
    client = sign_in(cast.manager, language="en")
    answer = client.post(url(cast, kgi), {name: "800", "shown": "{}"})
    assert answer.status_code == 422
    assert "Someone wrote 900 here in the meantime." in answer.text
    assert client.post(url(cast, kgi), {name: "800", "shown": json.dumps({name: "900"})}).status_code == 302
    assert client.post(url(cast, kgi), {name: "", "shown": json.dumps({name: "800"})}).status_code == 302
    assert not KPIReading.objects.exists()


def test_a_rate_typed_without_its_sign_is_asked_about(cast, sign_in, kgi):
    typed = {cell(kgi, "win_rate", "2026-04-30"): "0.02", "shown": "{}"}
    answer = sign_in(cast.manager, language="en").post(url(cast, kgi), typed, follow=True)
    assert "is read as 0.02%. Is 2% meant?" in answer.text


def test_cells_nobody_touched_stay_as_others_left_them(cast, sign_in, kgi):
    name = cell(kgi, "visits", "2026-05-24", "week")
    services.record_by_hand(
        kgi.kpis.get(key="visits"), date=TODAY, span="week", value=Decimal(70), recorded_by=cast.admin
    )
    answer = sign_in(cast.manager).post(url(cast, kgi, "week"), {name: "", "shown": "{}"})
    assert answer.status_code == 302
    assert KPIReading.objects.get().value == 70


def test_finer_readings_stand_grey_behind_an_empty_cell(cast, sign_in, kgi):
    for day, value in ((date(2026, 5, 4), 30), (date(2026, 5, 18), 50)):
        services.record_reading(kgi.kpis.get(key="visits"), date=day, value=value, recorded_by=None, source=f"x:{day}")
    assert 'placeholder="80"' in sign_in(cast.manager).get(url(cast, kgi)).text
    assert 'placeholder="50"' in sign_in(cast.manager).get(url(cast, kgi, "week")).text


def test_readers_look_and_do_not_write_and_strangers_find_nothing(cast, sign_in, kgi):
    share(kgi, cast.partner)
    services.record_by_hand(kgi.kpis.get(key="visits"), date=TODAY, span="month", value=Decimal(7), recorded_by=None)
    for role, read, written in (("member", 200, 403), ("partner", 200, 403), ("stranger", 404, 404)):
        client = sign_in(getattr(cast, role))
        answer = client.get(url(cast, kgi))
        assert answer.status_code == read
        assert "<input name=" not in answer.text.partition("<tbody>")[2]
        assert client.post(url(cast, kgi), {"shown": "{}"}).status_code == written


def test_the_queries_do_not_grow_with_levers_and_readings(cast, sign_in, kgi, django_assert_max_num_queries):
    client = sign_in(cast.manager)
    client.get(url(cast, kgi))
    with django_assert_max_num_queries(20) as few:
        client.get(url(cast, kgi))
    for number in range(12):
        kpi = KPI.objects.create(kgi=kgi, key=f"k{number}", name=f"レバー{number}", period="week")
        services.record_by_hand(kpi, date=TODAY, value=Decimal(number), recorded_by=cast.admin)
    with django_assert_max_num_queries(len(few)):
        client.get(url(cast, kgi))


@pytest.mark.parametrize(
    "query", ["?by=x", "?until=x", "?until=2026-13-01", "?page=x", "?until=0001-01-01", "?until=9999-12-31"]
)
def test_whatever_stands_in_the_address_is_answered(cast, sign_in, kgi, query):
    assert sign_in(cast.member).get(cast.url(f"kgis/{kgi.pk}/plan-and-actual/readings/{query}")).status_code == 200


@pytest.mark.parametrize("shown", ["x", "[]", '{"a": 1}', "null"])
def test_a_damaged_memory_of_what_was_shown_breaks_nothing(cast, sign_in, kgi, shown):
    name = cell(kgi, "visits", "2026-04-30")
    assert sign_in(cast.manager).post(url(cast, kgi), {name: "800", "shown": shown}).status_code == 302


def test_before_the_period_and_without_levers_the_page_says_so(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    bare = make_kgi(cast)
    assert "No lever to read yet" in client.get(url(cast, bare)).text
    type(kgi).objects.filter(pk=kgi.pk).update(period_start=date(2026, 6, 1))
    assert "The period has not begun" in client.get(url(cast, kgi)).text
