"""Writing the numbers of health KPIs: many at once, what people are told, and the levers they feed."""

from datetime import date
from decimal import Decimal

import pytest

from funnel.models import KGI, KPI, KPIReading
from objectives.messages import WRITERS
from objectives.models import HealthKPIReading, Notice, Period
from objectives.services.health_kpis import save_health_kpi
from objectives.services.health_readings import GivenReading, record_health_reading, record_readings
from people.models import AuditEvent, Delivery, Topic
from people.refusals import Refusal
from tests.objectives.health import LAST_WEEK, WEEK_BEFORE, health_kpi, read

THIS_WEEK = date(2026, 5, 18)


def give(kpi, first, value, **more):
    return GivenReading(kpi, first, None if value is None else Decimal(value), **more)


def test_all_that_can_be_saved_is_and_the_rest_is_named(cast):
    kpi, gone = health_kpi(cast), health_kpi(cast, name="前の指標", retired_on=date(2026, 5, 1))
    recorded = record_readings(
        [
            give(kpi, date(2026, 5, 13), "0.8"),
            give(kpi, date(2026, 5, 25), 1),
            give(kpi, date(1899, 5, 1), 1),
            give(kpi, WEEK_BEFORE, 10**16),
            give(kpi, date(2026, 4, 27), None, cause="理由だけ"),
            give(gone, LAST_WEEK, 1),
        ],
        by=cast.member,
    )
    assert list(kpi.readings.values_list("period_start", "value")) == [(LAST_WEEK, Decimal("0.8"))]
    assert recorded.new == 1
    assert [refused.code for refused in recorded.refused.values()] == [
        "date_in_future",
        "too_early",
        "too_large",
        "value_missing",
        "retired",
    ]


def test_the_same_again_changes_nothing_and_what_was_before_stays_in_the_history(cast):
    kpi = health_kpi(cast)
    for _again in range(2):
        recorded = record_readings([give(kpi, LAST_WEEK, "0.8", cause="豆の入れ替え")], by=cast.member)
    assert (recorded.unchanged, kpi.readings.get().version) == (1, 1)
    record_readings([give(kpi, LAST_WEEK, "0.9")], by=cast.manager)
    reading = kpi.readings.get()
    assert (reading.value, reading.cause, reading.version) == (Decimal("0.9"), "豆の入れ替え", 2)
    record_readings([give(kpi, LAST_WEEK, None)], by=cast.member)
    assert not kpi.readings.exists()
    assert AuditEvent.objects.filter(table="objectives_healthkpireading", row=reading.pk).count() == 3


def test_what_somebody_else_wrote_meanwhile_is_shown_and_not_overwritten(cast):
    kpi = health_kpi(cast)
    read(kpi, cast.manager, "0.4")
    seen_empty = record_readings([give(kpi, LAST_WEEK, "0.8", before=None)], by=cast.member)
    seen_old = record_readings([give(kpi, LAST_WEEK, "0.8", version=7)], by=cast.member)
    for recorded in (seen_empty, seen_old):
        refused = recorded.refused[kpi.pk, LAST_WEEK]
        assert refused.code == "changed_meanwhile"
        assert "0.4%" in refused.detail
    assert kpi.readings.get().value == Decimal("0.4")
    with pytest.raises(Refusal, match="変更") as stale:
        record_health_reading(give(kpi, LAST_WEEK, "0.8", version=7), by=cast.member)
    assert stale.value.code == "stale"
    assert record_readings([give(kpi, LAST_WEEK, "0.8", before=Decimal("0.4"))], by=cast.member).changed == 1


def test_what_was_saved_last_can_be_undone(cast):
    kpi = health_kpi(cast)
    read(kpi, cast.manager, "0.4", "0.5")
    recorded = record_readings(
        [give(kpi, WEEK_BEFORE, None), give(kpi, LAST_WEEK, "0.9", cause="x"), give(kpi, THIS_WEEK, 1)], by=cast.member
    )
    assert (recorded.emptied, recorded.changed, recorded.new) == (1, 1, 1)
    record_readings(recorded.before, by=cast.member)
    assert list(kpi.readings.values_list("period_start", "value", "cause")) == [
        (LAST_WEEK, Decimal("0.5"), ""),
        (WEEK_BEFORE, Decimal("0.4"), ""),
    ]


def test_leaving_the_corridor_is_told_at_the_first_and_the_third_time_in_a_row(cast):
    kpi = health_kpi(cast)
    for number, first in enumerate([date(2026, 4, 27), WEEK_BEFORE, LAST_WEEK, THIS_WEEK], 1):
        for _again in range(2):
            record_readings([give(kpi, first, "1.3")], by=cast.member)
        told = {1: 1, 2: 1, 3: 2, 4: 2}[number]
        assert Notice.objects.filter(kind="kpi_below", membership=cast.manager).count() == told
        assert Delivery.objects.filter(topic=Topic.KPI, membership=cast.manager).count() == told
    assert not Notice.objects.filter(membership=cast.member).exists()
    notice = Notice.objects.filter(membership=cast.manager).first()
    assert notice.place == f"health-kpis/{kpi.pk}/"

    delivery = Delivery.objects.filter(topic=Topic.KPI).first()
    post = WRITERS[Topic.KPI](delivery)
    assert "焙煎の不良率" in post.subject
    assert post.link.endswith(f"/o/hokuto/health-kpis/{kpi.pk}/")
    record_readings([give(kpi, THIS_WEEK, "0.9")], by=cast.member)
    assert WRITERS[Topic.KPI](delivery) is None
    assert not Notice.objects.filter(kind="kpi_below", read_at=None).exists()


def test_a_block_of_weeks_pasted_at_once_tells_once(cast):
    kpi = health_kpi(cast, owner=cast.colleague)
    record_readings([give(kpi, first, 2) for first in (date(2026, 4, 27), WEEK_BEFORE, LAST_WEEK)], by=cast.manager)
    assert list(Notice.objects.filter(kind="kpi_below").values_list("membership", flat=True)) == [cast.colleague.pk]
    # An older number put right starts nothing anew.
    record_readings([give(kpi, WEEK_BEFORE, 3)], by=cast.manager)
    assert Notice.objects.filter(kind="kpi_below").count() == 1


def test_a_lever_follows_what_is_read_changed_and_taken_back(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    churn = KPI.objects.create(kgi=kgi, key="churn", name="解約率", is_rate=True)
    other = KPI.objects.create(kgi=kgi, key="other", name="ほか")
    kpi = health_kpi(cast, name="定期便の解約率", period=Period.MONTH, upper=Decimal(3), kpi=churn)
    record_readings([give(kpi, date(2026, 4, 9), "2.5"), give(kpi, date(2026, 5, 1), 2)], by=cast.member)
    fed = KPIReading.objects.order_by("date").values_list("kpi", "date", "span", "value", "source")
    assert list(fed) == [
        (churn.pk, date(2026, 4, 30), "month", Decimal("0.025"), f"health-kpi:{kpi.pk}:2026-04-01"),
        (churn.pk, date(2026, 5, 20), "month", Decimal("0.02"), f"health-kpi:{kpi.pk}:2026-05-01"),
    ]
    record_readings([give(kpi, date(2026, 4, 1), 3), give(kpi, date(2026, 5, 1), None)], by=cast.member)
    assert list(churn.readings.values_list("value", flat=True)) == [Decimal("0.03")]
    kpi.kpi = other
    save_health_kpi(kpi, by=cast.admin)
    assert list(KPIReading.objects.values_list("kpi", "value")) == [(other.pk, Decimal(3))]


def test_many_numbers_at_once_cost_few_queries_for_those_that_are_there_already(cast, django_assert_max_num_queries):
    kpis = [health_kpi(cast, name=f"指標{number}") for number in range(12)]
    given = [give(kpi, first, "0.5") for kpi in kpis for first in (WEEK_BEFORE, LAST_WEEK)]
    record_readings(given, by=cast.member)
    with django_assert_max_num_queries(4):
        assert record_readings(given, by=cast.member).unchanged == 24
    assert HealthKPIReading.objects.count() == 24
