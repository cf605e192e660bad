"""KGIs, their funnels, KPIs and readings for other programs."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client

from funnel import services
from funnel.models import KGI, KPI, KPIReading, PlanChange
from tests import asking
from tests.asking import patch, post, put
from tests.funnel.plans import make_kgi, plan_funnel, share

YEAR = {"name": "年間売上", "period_start": "2026-04-01", "period_end": "2027-03-31", "challenge_value": "1億"}
TYPED = {
    "unknown": "visits",
    "numbers": {
        "revenue": {"challenge": "1億"},
        "unit_price": {"challenge": 1_200_000},
        "win_rate": {"challenge": "20%"},
        "deal_rate": {"challenge": 0.1},
        "cv_rate": {"challenge": "１％"},
    },
}


def kgis(cast, *parts):
    return asking.address(cast, "kgis", *parts)


def kpis(cast, *parts):
    return asking.address(cast, "kpis", *parts)


def lever(cast, **fields) -> KPI:
    """A lever of a tree written by hand, without a funnel."""
    return KPI.objects.create(
        **{"kgi": make_kgi(cast), "key": "nps", "name": "NPS", "unit": "点", "current": Decimal(32)} | fields
    )


# KGIs


def test_a_kgi_is_told_with_its_targets(cast, sign_in):
    kgi = make_kgi(cast, why="全国へ", last_year_value=Decimal("80000000.5"))
    told = sign_in(cast.member).get(kgis(cast, kgi.pk)).json()
    expected = {
        "id": kgi.pk,
        "version": 1,
        "name": "年間売上",
        "unit": "円",
        "owner": cast.executive.pk,
        "period_start": "2026-04-01",
        "period_end": "2027-03-31",
        "current_value": None,
        "last_year_value": 80_000_000.5,
        "must_hit_value": None,
        "challenge_value": 100_000_000,
        "why": "全国へ",
        "is_draft": False,
        "dropped_at": None,
    }
    assert told.items() >= expected.items()


def test_kgis_are_narrowed_as_documented(cast, sign_in):
    one = make_kgi(cast)
    wish = make_kgi(cast, name="地域の所得", period_start=None, period_end=None, owner=cast.admin)
    gone = services.drop_kgi(make_kgi(cast, name="やめた"), reason="x")
    client = sign_in(cast.manager)

    def ids(**asked):
        answer = client.get(kgis(cast), asked)
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    assert ids() == {one.pk, wish.pk}
    assert ids(dropped="true") == {gone.pk}
    assert ids(draft="true") == ids(owner=cast.admin.pk) == ids(q="所得") == {wish.pk}
    assert ids(draft="false") == {one.pk}
    assert ids(on="2030-01-01") == {wish.pk}
    member = sign_in(cast.member)
    assert member.get(kgis(cast), {"dropped": "true"}).json()["count"] == 0
    assert member.get(kgis(cast, gone.pk)).status_code == 404


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow(cast, sign_in, number, django_assert_max_num_queries):
    for index in range(number):
        kpi = lever(cast, key=f"k{index}")
        for day in range(1, 4):
            services.record_by_hand(kpi, date=cast.organization.today, value=Decimal(day), recorded_by=cast.admin)
    client = sign_in(cast.member)
    for url in (kgis(cast), kpis(cast)):
        with django_assert_max_num_queries(10):
            assert client.get(url, {"page_size": 100}).json()["count"] == number


def test_nobody_401_stranger_404_reader_403(cast, sign_in):
    kpi = lever(cast)
    places = [kgis(cast), kgis(cast, kpi.kgi_id), kgis(cast, kpi.kgi_id, "funnel"), kpis(cast), kpis(cast, kpi.pk)]
    for url in (*places, kpis(cast, kpi.pk, "readings")):
        assert Client().get(url).status_code == 401
        assert sign_in(cast.stranger).get(url).status_code == 404
        assert sign_in(cast.member).get(url).status_code == 200
    share(kpi.kgi, cast.partner)
    for who in (cast.member, cast.partner):
        client = sign_in(who)
        for answer in (
            post(client, kgis(cast), YEAR),
            patch(client, kgis(cast, kpi.kgi_id), {"name": "x"}),
            post(client, kgis(cast, kpi.kgi_id, "drop"), {"reason": "x"}),
            post(client, kgis(cast, kpi.kgi_id, "restore")),
            put(client, kgis(cast, kpi.kgi_id, "funnel"), TYPED),
            patch(client, kpis(cast, kpi.pk), {"source": "x"}),
            post(client, kpis(cast, kpi.pk, "readings"), {"value": 1}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_partner_is_told_of_shared_kgis_alone(cast, sign_in):
    shown, hidden = lever(cast), lever(cast, name="秘密の数字")
    services.record_by_hand(shown, date=cast.organization.today, value=Decimal(40), recorded_by=cast.manager)
    partner = sign_in(cast.partner)
    assert partner.get(kgis(cast)).json()["count"] == partner.get(kpis(cast)).json()["count"] == 0
    share(shown.kgi, cast.partner)
    assert [(row["id"], row["owner"]) for row in partner.get(kgis(cast)).json()["results"]] == [(shown.kgi_id, None)]
    assert [row["id"] for row in partner.get(kpis(cast)).json()["results"]] == [shown.pk]
    reading = partner.get(kpis(cast, shown.pk, "readings")).json()["results"][0]
    assert (reading["value"], reading["recorded_by"]) == (40, None)
    for url in (
        kgis(cast, hidden.kgi_id),
        kgis(cast, hidden.kgi_id, "funnel"),
        kpis(cast, hidden.pk),
        kpis(cast, hidden.pk, "readings"),
    ):
        assert partner.get(url).status_code == 404


def test_a_kgi_is_written_with_amounts_and_multiples_of_last_year(cast, sign_in):
    client = sign_in(cast.manager)
    body = YEAR | {"last_year_value": "３億", "must_hit_value": "昨年の150%", "challenge_value": "3x"}
    body["submission_key"] = str(uuid.uuid4())
    made = post(client, kgis(cast), body)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["must_hit_value"], told["challenge_value"]) == (450_000_000, 900_000_000)
    assert (told["owner"], told["unit"]) == (cast.manager.pk, "円")
    assert post(client, kgis(cast), body).json()["id"] == told["id"]
    url = kgis(cast, told["id"])
    changed = patch(client, url, {"must_hit_value": "2倍"}, **{"if-match": '"1"'}).json()
    assert (changed["must_hit_value"], changed["version"]) == (600_000_000, 2)
    stale = patch(client, url, {"name": "x"}, **{"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"unit": ""}, "unit"),
        ({"owner": 999_999}, "owner"),
        ({"period_start": "x"}, "period_start"),
        ({"period_start": "1899-12-31"}, "period_start"),
        ({"period_end": "2026-03-31"}, "period_end"),
        ({"challenge_value": "1_000"}, "challenge_value"),
        ({"challenge_value": "45%"}, "challenge_value"),
        ({"challenge_value": "2x"}, "challenge_value"),
        ({"last_year_value": "9億億"}, "last_year_value"),
        ({"last_year_value": 10**15, "challenge_value": "2x"}, "challenge_value"),
        ({"why": "a" * 2001}, "why"),
        ({"submission_key": []}, "submission_key"),
    ],
)
def test_a_kgi_that_cannot_be_is_refused_with_its_field(cast, sign_in, body, field):
    answer = post(sign_in(cast.admin, language="en"), kgis(cast), YEAR | body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field]), answer.content
    assert not KGI.objects.exists()


def test_a_submission_of_another_organization_is_not_answered(cast, sign_in):
    key = uuid.uuid4()
    KGI.objects.create(organization=cast.stranger.organization, name="よその年商", submission_key=key)
    answer = post(sign_in(cast.admin), kgis(cast), YEAR | {"submission_key": str(key)})
    assert (answer.status_code, answer.json()["code"]) == (409, "submission_key_used")
    assert "よその" not in answer.content.decode()


def test_a_kgi_is_dropped_with_its_reason_and_brought_back(cast, sign_in):
    kgi = make_kgi(cast)
    client = sign_in(cast.manager)
    assert post(client, kgis(cast, kgi.pk, "drop")).json()["fields"].keys() == {"reason"}
    stale = post(client, kgis(cast, kgi.pk, "drop"), {"reason": "x"}, **{"if-match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for _time in range(2):
        dropped = post(client, kgis(cast, kgi.pk, "drop"), {"reason": "統合した"}).json()
        assert dropped["dropped_reason"] == "統合した"
    assert client.get(kgis(cast)).json()["count"] == 0
    assert patch(client, kgis(cast, kgi.pk), {"name": "x"}).status_code == 403
    for _time in range(2):
        assert post(client, kgis(cast, kgi.pk, "restore")).json()["dropped_at"] is None


# Funnels


def test_a_kgi_without_a_funnel_answers_an_empty_one(cast, sign_in):
    kgi = make_kgi(cast)
    told = sign_in(cast.member).get(kgis(cast, kgi.pk, "funnel"))
    assert (told["ETag"], told.json()["version"]) == ('"0"', 0)
    assert told.json()["numbers"]["revenue"] == {"current": None, "must_hit": None, "challenge": 100_000_000}
    assert told.json()["numbers"]["win_rate"]["challenge"] is None
    assert told.json()["chain"] == {"current": None, "must_hit": None, "challenge": None}


def test_a_funnel_is_written_as_on_its_page(cast, sign_in):
    kgi, twin = make_kgi(cast), make_kgi(cast)
    plan_funnel(twin, visit_to_cv_days="7", target_companies="3,000")
    client = sign_in(cast.manager)
    more = {"visit_to_cv_days": 7, "target_companies": 3000, "version": 0, "kgi_version": 1}
    answer = put(client, kgis(cast, kgi.pk, "funnel"), TYPED | more)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert {name: told["chain"]["challenge"][name] for name in ("orders", "deals", "cvs", "visits")} == {
        "orders": 84,
        "deals": 417,
        "cvs": 4167,
        "visits": 416_667,
    }
    assert told["numbers"]["win_rate"]["challenge"] == 0.2
    by_page = client.get(kgis(cast, twin.pk, "funnel")).json()
    same = {"kgi": kgi.pk, "kgi_version": told["kgi_version"]}
    assert told == by_page | same
    again = put(client, kgis(cast, kgi.pk, "funnel"), TYPED | more)
    assert again.json()["version"] == told["version"]
    stale = put(client, kgis(cast, kgi.pk, "funnel"), TYPED | {"target_companies": 9}, **{"if-match": '"0"'})
    assert (stale.status_code, stale.json()["current"]["target_companies"]) == (409, 3000)
    patch(client, kgis(cast, kgi.pk), {"why": "KGIの版はファネルの版ではない"})
    changed = put(client, kgis(cast, kgi.pk, "funnel"), TYPED | {"target_companies": 9}, **{"if-match": answer["ETag"]})
    assert (changed.json()["target_companies"], changed.json()["visit_to_cv_days"]) == (9, 0)


def test_the_revenue_written_in_a_funnel_is_what_the_kgi_aims_at(cast, sign_in):
    kgi = make_kgi(cast)
    client = sign_in(cast.executive)
    more = {"revenue": {"current": "8,000万", "challenge": "2億"}}
    put(client, kgis(cast, kgi.pk, "funnel"), TYPED | {"numbers": TYPED["numbers"] | more})
    told = client.get(kgis(cast, kgi.pk)).json()
    assert (told["current_value"], told["challenge_value"], told["version"]) == (80_000_000, 200_000_000, 2)
    left_out = {name: value for name, value in TYPED["numbers"].items() if name != "revenue"}
    put(client, kgis(cast, kgi.pk, "funnel"), {"numbers": left_out})
    assert client.get(kgis(cast, kgi.pk)).json()["challenge_value"] == 200_000_000


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"numbers": {"win_rate": {"challenge": 1.5}}}, ("numbers", "win_rate", "challenge")),
        ({"numbers": {"win_rate": {"challenge": "x"}}}, ("numbers", "win_rate", "challenge")),
        ({"numbers": {"unit_price": {"challenge": None}}}, ("numbers", "unit_price", "challenge")),
        ({"numbers": []}, ("numbers",)),
        ({"unknown": "luck"}, ("unknown",)),
        ({"visit_to_cv_days": 731}, ("visit_to_cv_days",)),
        ({"target_companies": -1}, ("target_companies",)),
    ],
)
def test_a_funnel_that_cannot_be_is_refused_at_the_place(cast, sign_in, body, where):
    kgi = make_kgi(cast)
    numbers = body.get("numbers")
    whole = TYPED | body | ({"numbers": TYPED["numbers"] | numbers} if isinstance(numbers, dict) else {})
    answer = put(sign_in(cast.admin), kgis(cast, kgi.pk, "funnel"), whole)
    assert answer.status_code == 400, answer.content
    said = answer.json()["fields"]
    for name in where:
        said = said[name]
    assert said
    assert not KPI.objects.exists()


# KPIs and readings


def test_a_kpi_is_told_with_its_last_reading(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    rate = kgi.kpis.get(key="win_rate")
    services.record_by_hand(rate, date=cast.organization.today, value=Decimal("0.18"), recorded_by=cast.manager)
    told = sign_in(cast.member).get(kpis(cast, rate.pk)).json()
    expected = {
        "id": rate.pk,
        "kgi": kgi.pk,
        "key": "win_rate",
        "is_rate": True,
        "is_lever": True,
        "challenge": 0.2,
        "last_value": 0.18,
        "last_read_on": "2026-05-20",
        "owner": None,
    }
    assert told.items() >= expected.items()


def test_kpis_are_narrowed_as_documented(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    other = lever(cast, owner=cast.manager)
    client = sign_in(cast.member)

    def keys(**asked):
        return {row["key"] for row in client.get(kpis(cast), asked).json()["results"]}

    assert keys(kgi=kgi.pk, lever="false") == {"revenue", "orders", "deals", "cvs"}
    assert keys(kgi=other.kgi_id) == keys(owner=cast.manager.pk) == keys(q="nps") == keys(key="nps") == {"nps"}


def test_what_a_kpi_says_is_changed_and_its_numbers_where_no_funnel_holds_them(cast, sign_in):
    kpi = lever(cast)
    client = sign_in(cast.manager)
    body = {"challenge": "５０", "owner": cast.member.pk, "source": "年次調査", "definition": "推奨度"}
    changed = patch(client, kpis(cast, kpi.pk), body, **{"if-match": '"1"'}).json()
    assert (changed["challenge"], changed["owner"], changed["source"], changed["version"]) == (
        50,
        cast.member.pk,
        "年次調査",
        2,
    )
    assert patch(client, kpis(cast, kpi.pk), body).json()["version"] == 2
    stale = patch(client, kpis(cast, kpi.pk), {"source": "x"}, **{"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["source"]) == (409, "年次調査")
    plan_funnel(kpi.kgi)
    for key, code in (("win_rate", "in_funnel"), ("orders", "calculated")):
        refused = patch(client, kpis(cast, kpi.kgi.kpis.get(key=key).pk), {"challenge": 0.3})
        assert (refused.status_code, refused.json()["code"], list(refused.json()["fields"])) == (
            400,
            code,
            ["challenge"],
        )
    rate = kpi.kgi.kpis.get(key="win_rate")
    assert patch(client, kpis(cast, rate.pk), {"challenge": "20%", "source": "CRM"}).json()["source"] == "CRM"


def test_a_levers_range_limits_and_references_are_written_and_what_cannot_be_is_refused(cast, sign_in):
    kpi, client = lever(cast), sign_in(cast.manager)
    written = {"low": 10, "likely": "２０", "high": 30, "minimum": 0, "maximum": 90, "effort": 2.5, "is_locked": True}
    written |= {
        "period": "month",
        "last_year": 18,
        "reference": 25,
        "reference_source": "業界団体",
        "note": "店長が聞く",
    }
    told = patch(client, kpis(cast, kpi.pk), written).json()
    assert told.items() >= (written | {"likely": 20}).items()
    for body in ({"low": 40}, {"maximum": -1}, {"effort": 0}, {"period": "day"}):
        assert patch(client, kpis(cast, kpi.pk), body).status_code == 400
    assert client.get(kpis(cast, kpi.pk)).json()["low"] == 10
    kgi = patch(client, kgis(cast, kpi.kgi_id), {"reference_value": "1億円", "reference_source": "白書"}).json()
    assert (kgi["reference_value"], kgi["reference_source"], kgi["monthly_weights"]) == (100_000_000, "白書", None)


def test_why_a_number_changes_is_kept_with_what_it_was(cast, sign_in):
    kpi, client = lever(cast), sign_in(cast.manager)
    patch(client, kpis(cast, kpi.pk), {"challenge": 40})
    patch(client, kpis(cast, kpi.pk), {"challenge": 50, "reason": "展示会が増えた"})
    patch(client, kgis(cast, kpi.kgi_id), {"challenge_value": 120_000_000, "reason": "新しい店"})
    other = make_kgi(cast, name="別", challenge_value=Decimal(80_000_000))
    put(client, kgis(cast, other.pk, "funnel"), TYPED | {"reason": "見直し"})
    told = dict(PlanChange.objects.values_list("reason", "before"))
    assert (told["展示会が増えた"], told["新しい店"], told["見直し"]) == (40, 100_000_000, 80_000_000)


def test_readings_are_written_by_hand_once_a_day_and_listed_newest_first(cast, sign_in):
    kpi = lever(cast)
    client = sign_in(cast.manager)
    url = kpis(cast, kpi.pk, "readings")
    first = post(client, url, {"value": "４０", "date": "2026-05-01"})
    assert (first.status_code, first.json()["value"], first.json()["recorded_by"]) == (201, 40, cast.manager.pk)
    post(client, url, {"value": 41})
    again = post(client, url, {"value": 42})
    listed = client.get(url).json()["results"]
    assert [(row["date"], row["value"]) for row in listed] == [("2026-05-20", 42), ("2026-05-01", 40)]
    assert client.get(f"{url}{again.json()['id']}/").json()["value"] == 42
    assert [row["value"] for row in client.get(url, {"until": "2026-05-10"}).json()["results"]] == [40]
    assert {row.source for row in KPIReading.objects.all()} == {"hand:2026-05-01", "hand:2026-05-20"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "value"),
        ({"value": True}, "value"),
        ({"value": "45%"}, "value"),
        ({"value": 1, "date": "2026-05-21"}, "date"),
        ({"value": 1, "date": "2026-03-31"}, "date"),
        ({"value": 1, "date": "x"}, "date"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(cast, sign_in, body, field):
    answer = post(sign_in(cast.admin), kpis(cast, lever(cast).pk, "readings"), body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_rate_is_read_from_per_cent_and_from_0_to_1(cast, sign_in):
    rate = lever(cast, key="win_rate", unit="%", is_rate=True, current=None)
    client = sign_in(cast.admin)
    url = kpis(cast, rate.pk, "readings")
    assert post(client, url, {"value": "45%"}).json()["value"] == 0.45
    assert post(client, url, {"value": 0.45}).json()["value"] == 0.45
    assert patch(client, kpis(cast, rate.pk), {"challenge": "５０％"}).json()["challenge"] == 0.5
