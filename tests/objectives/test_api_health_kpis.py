"""Health KPIs and their readings for other programs."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.models import HealthKPI
from tests.asking import address, patch, post
from tests.objectives.health import health_kpi, read


def test_a_kpi_is_told_with_how_it_stands(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, "0.9", "1.1", "1.25")
    told = sign_in(cast.colleague).get(address(cast, "health-kpis", kpi.pk)).json()
    assert told["upper"] == 1
    assert (
        told["state"].items()
        >= {
            "period_start": "2026-05-11",
            "value": 1.25,
            "side": "above",
            "attainment": 0.8,
            "periods_outside": 2,
            "outside_since": "2026-05-04",
            "trend": "worse",
        }.items()
    )
    assert sign_in(cast.partner).get(address(cast, "health-kpis")).json()["results"] == []


def test_the_number_of_queries_does_not_grow_with_the_kpis(cast, sign_in):
    client, counted = sign_in(cast.member), []
    for names in (range(2), range(2, 20)):
        for number in names:
            read(health_kpi(cast, name=f"指標{number}"), cast.member, 1, 2)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(cast, "health-kpis"))
        counted.append(len(queries))
    assert counted[1] <= counted[0]


def test_a_kpi_is_added_once_changed_and_retired_ones_are_told_apart(cast, sign_in):
    client = sign_in(cast.manager)
    given = {"name": "出荷の遅れ", "unit": "件", "upper": "２件", "team": cast.sales.pk, "owner": cast.member.pk}
    key = {"submission_key": "7d1c4f0e-0d5c-4b6e-9a55-0f2f3a1c9b13"}
    answers = [post(client, address(cast, "health-kpis"), given | key) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    kpi = HealthKPI.objects.get()
    assert kpi.upper == 2
    assert post(client, address(cast, "health-kpis"), given | {"team": cast.online.pk}).status_code == 403
    assert post(client, address(cast, "health-kpis"), given | {"name": "x", "upper": None}).status_code == 400
    assert post(client, address(cast, "health-kpis"), given).status_code == 400
    one = address(cast, "health-kpis", kpi.pk)
    assert patch(client, one, {"upper": 3}, if_match='"1"').json()["upper"] == 3
    stale = patch(client, one, {"upper": 4}, if_match='"1"')
    assert (stale.status_code, stale.json()["current"]["upper"]) == (409, 3)
    health_kpi(cast, retired_on="2026-05-01")
    listed = client.get(address(cast, "health-kpis"), {"retired": "true"}).json()["results"]
    assert [row["name"] for row in listed] == ["焙煎の不良率"]


def test_a_reading_is_written_once_a_period_changed_and_taken_back(cast, sign_in):
    kpi = health_kpi(cast)
    client, place = sign_in(cast.member), address(cast, "health-kpis", kpi.pk, "readings")
    first = post(client, place, {"period_start": "2026-05-13", "value": "１．３%", "cause": "豆"})
    assert (first.status_code, first.json()["period_start"]) == (201, "2026-05-11")
    again = post(client, place, {"period_start": "2026-05-11", "value": 1.3})
    assert (again.status_code, again.json()["id"], again.json()["version"]) == (200, first.json()["id"], 1)
    one = address(cast, "health-kpis", kpi.pk, "readings", first.json()["id"])
    changed = patch(client, one, {"countermeasure": "試し焼き"}, if_match='"1"').json()
    assert (changed["value"], changed["cause"], changed["countermeasure"]) == (1.3, "豆", "試し焼き")
    stale = patch(client, one, {"value": 1}, if_match='"1"')
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    assert post(client, place, {"period_start": "2026-05-25", "value": 1}).status_code == 400
    assert post(client, place, {"period_start": "2026-05-11", "value": True}).status_code == 400
    assert len(client.get(place, {"since": "2026-05-18"}).json()["results"]) == 0
    assert kpi.readings.get().value == Decimal("1.3")
    assert client.delete(one).status_code == 204
    assert not kpi.readings.exists()
