"""Writing down what a KGI really is."""

from datetime import date
from decimal import Decimal

import pytest

from funnel.models import KPIReading
from tests.cast import TODAY
from tests.funnel.plans import make_kgi, plan_funnel, share

pytestmark = pytest.mark.django_db


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/actual/")


@pytest.mark.parametrize("role", ["admin", "executive", "manager"])
def test_planners_write_an_actual_with_or_without_a_funnel(cast, sign_in, role):
    client = sign_in(getattr(cast, role))
    for planned in (False, True):
        kgi = make_kgi(cast)
        if planned:
            plan_funnel(kgi)
        assert client.get(url(cast, kgi)).status_code == 200
        answer = client.post(url(cast, kgi), {"value": "3.2億", "date": "2026-05-18"}, follow=True)
        assert "3.2億円" in answer.text
        reading = KPIReading.objects.get(kpi__kgi=kgi)
        assert (reading.kpi.key, reading.value, reading.date) == ("revenue", 320_000_000, date(2026, 5, 18))
        plan_funnel(kgi)
        assert kgi.kpis.get(key="revenue").formula


def test_writing_again_for_the_same_day_replaces_the_first(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    for value in ("3.2億", "3.2億", "3.3億"):
        client.post(url(cast, kgi), {"value": value, "date": TODAY.isoformat()})
    assert KPIReading.objects.get().value == Decimal(330_000_000)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"value": ""}, "This field is required."),
        ({"value": "たくさん"}, "This is not a number."),
        ({"value": "9" * 17}, "This number is too large."),
        ({"date": "2026-05-21"}, "This day has not come yet."),
        ({"date": "2026-03-31"}, "This day lies before the KGI"),
        ({"date": "x"}, "Enter a valid date."),
    ],
)
def test_an_impossible_actual_is_refused_and_kept_in_the_field(cast, sign_in, sent, sentence):
    kgi = make_kgi(cast)
    answer = sign_in(cast.manager, language="en").post(url(cast, kgi), {"value": "1億", "date": "2026-05-20"} | sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not KPIReading.objects.exists()


def test_readers_partners_and_strangers_write_none(cast, sign_in):
    kgi = make_kgi(cast)
    share(kgi, cast.partner)
    for role, status in (("member", 403), ("partner", 403), ("stranger", 404)):
        client = sign_in(getattr(cast, role))
        assert client.get(url(cast, kgi)).status_code == status
        assert client.post(url(cast, kgi), {"value": "1", "date": "2026-05-20"}).status_code == status
    assert not KPIReading.objects.exists()
