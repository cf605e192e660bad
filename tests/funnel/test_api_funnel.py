"""What stands beside a funnel's numbers, for other programs."""

import pytest

from tests.funnel.plans import make_kgi, plan_funnel, share
from tests.funnel.test_api_plan import TYPED, kgis, put

pytestmark = pytest.mark.django_db

FACTS = {
    "last_year": {"revenue": 60_000_000, "win_rate": 0.15},
    "reference": {"win_rate": "10%"},
    "reference_source": {"win_rate": "業界団体の調査2025"},
    "monthly_weights": [1] * 11 + [2.5],
}


def channel(cast, **fields):
    return {
        "stage": "cvs",
        "name": "検索",
        "team": cast.sales.pk,
        "volumes": {"challenge": "2,400"},
        "rates": {"challenge": 0.35},
    } | fields


def test_last_year_the_industry_the_months_and_channels_are_written_and_told(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    numbers = TYPED["numbers"] | {"win_rate": {"challenge": "業界平均の3倍"}, "revenue": {"challenge": "昨年の150%"}}
    body = TYPED | FACTS | {"numbers": numbers, "channels": [channel(cast)]}
    for _time in range(2):
        answer = put(client, kgis(cast, kgi.pk, "funnel"), body)
        assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["version"] == 1
    assert (told["last_year"]["revenue"], told["reference"]["win_rate"]) == (60_000_000, 0.1)
    assert told["reference_source"]["win_rate"] == "業界団体の調査2025"
    assert told["monthly_weights"] == FACTS["monthly_weights"]
    assert (told["numbers"]["win_rate"]["challenge"], told["numbers"]["revenue"]["challenge"]) == (0.3, 90_000_000)
    assert [(one["name"], one["team"], one["volumes"]["challenge"]) for one in told["channels"]] == [
        ("検索", cast.sales.pk, 2400)
    ]
    kept = put(client, kgis(cast, kgi.pk, "funnel"), TYPED).json()
    assert {name: kept[name] for name in (*FACTS, "channels")} == {name: told[name] for name in (*FACTS, "channels")}
    gone = put(client, kgis(cast, kgi.pk, "funnel"), TYPED | {"monthly_weights": None, "channels": []}).json()
    assert (gone["monthly_weights"], gone["channels"]) == (None, [])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"last_year": {"win_rate": 1.5}}, ("last_year", "win_rate")),
        ({"reference_source": {"win_rate": "長" * 201}}, ("reference_source", "win_rate")),
        ({"monthly_weights": [1] * 11}, ("monthly_weights",)),
        ({"monthly_weights": [0] * 12}, ("monthly_weights",)),
        ({"numbers": TYPED["numbers"] | {"cv_rate": {"challenge": "3× the industry"}}}, ("numbers", "cv_rate")),
        ({"channels": [{"stage": "cvs", "name": "検索", "rates": {"current": 2}}]}, ("channels", "0", "rate_current")),
        ({"channels": [{"stage": "cvs", "name": "検索"}] * 2}, ("channels", "1", "name")),
        ({"channels": [{"stage": "cvs", "name": "検索", "team": 10**30}]}, ("channels", "0", "team")),
        ({"channels": [{"stage": "orders", "name": "検索"}]}, ("channels",)),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(cast, sign_in, body, where):
    answer = put(sign_in(cast.admin), kgis(cast, make_kgi(cast).pk, "funnel"), TYPED | body)
    assert answer.status_code == 400, answer.content
    said = answer.json()["fields"]
    for name in where:
        said = said[name]
    assert said


def test_a_partner_is_told_of_channels_but_not_of_their_teams(cast, sign_in):
    kgi = make_kgi(cast)
    share(kgi, cast.partner)
    plan_funnel(kgi)
    put(sign_in(cast.manager), kgis(cast, kgi.pk, "funnel"), TYPED | {"channels": [channel(cast)]})
    told = sign_in(cast.partner).get(kgis(cast, kgi.pk, "funnel")).json()["channels"]
    assert [(one["name"], one["team"]) for one in told] == [("検索", None)]
