"""Many readings written at once."""

from datetime import date
from decimal import Decimal

import pytest

from funnel import services
from funnel.models import KPI, KPIReading
from funnel.queries.actuals import read_book
from funnel.services import Saved, Written
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 30)


@pytest.fixture
def visits(cast):
    return KPI.objects.create(kgi=make_kgi(cast), key="visits", name="訪問", period="month")


def save(kpi, *readings, by=None):
    return services.save_readings(kpi.kgi, [Written(kpi, **one) for one in readings], recorded_by=by)


def test_new_changed_emptied_and_unchanged_are_told_apart_and_a_second_sending_changes_nothing(cast, visits):
    month = {"date": APRIL, "span": "month"}
    assert save(visits, month | {"value": Decimal(10)}, by=cast.manager) == Saved(new=1)
    assert save(visits, month | {"value": Decimal(10)}) == Saved(unchanged=1)
    assert save(visits, month | {"value": Decimal(12), "date": date(2026, 4, 2)}) == Saved(changed=1)
    assert KPIReading.objects.get().value == 12
    assert save(visits, month | {"value": None}) == Saved(emptied=1)
    assert save(visits, month | {"value": None}) == Saved(unchanged=1)
    assert not KPIReading.objects.exists()


def test_a_running_month_is_dated_today_and_stays_one_reading(visits, move_clock):
    save(visits, {"date": TODAY, "span": "month", "value": Decimal(5)})
    move_clock("2026-06-02T10:00:00+09:00")
    assert save(visits, {"date": date(2026, 5, 31), "span": "month", "value": Decimal(9)}) == Saved(changed=1)
    assert KPIReading.objects.get().date == date(2026, 5, 31)


def test_one_wrong_reading_leaves_all_unsaved_and_each_is_named(visits):
    with pytest.raises(Refusal) as refused:
        save(
            visits,
            {"date": APRIL, "span": "month", "value": Decimal(1)},
            {"date": date(2026, 6, 1), "span": "month", "value": Decimal(1)},
            {"date": date(2026, 3, 31), "value": Decimal(1)},
            {"date": TODAY, "value": Decimal("1e16")},
        )
    assert {place.partition(":")[2] for place in refused.value.fields} == {
        "month:2026-06-30",
        ":2026-03-31",
        ":2026-05-20",
    }
    assert not KPIReading.objects.exists()


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(visits):
    seen_empty = {"date": APRIL, "span": "month", "before": None}
    save(visits, seen_empty | {"value": Decimal(10)})
    assert save(visits, seen_empty | {"value": Decimal(10)}) == Saved(unchanged=1)
    with pytest.raises(Refusal):
        save(visits, seen_empty | {"value": Decimal(11)})
    assert save(visits, seen_empty | {"value": Decimal(11), "before": Decimal(10)}) == Saved(changed=1)


def test_all_levers_are_read_in_one_query(visits, django_assert_num_queries):
    kgi = visits.kgi
    kpis = [visits, *(KPI.objects.create(kgi=kgi, key=f"k{number}", name="率") for number in range(5))]
    for kpi in kpis:
        save(kpi, {"date": APRIL, "span": "month", "value": Decimal(4)})
    with django_assert_num_queries(1):
        book = read_book(kgi, kpis, today=TODAY)
    assert book.actual("visits") == 4
    assert book.column()["k3"] == 4
    assert read_book(kgi, [visits], today=date(2026, 4, 30)).actual("visits") is None
