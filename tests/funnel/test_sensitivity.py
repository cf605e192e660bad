"""Which lever? The ranking, what a point is worth, and the mix of least effort within limits."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI, PlanChange, Scenario
from tests.funnel.plans import make_kgi, share
from tests.funnel.trees import LEVERS, plant, plant_example, plant_orders

pytestmark = pytest.mark.django_db

RANGES = {
    "visits": {"low": Decimal(8_000), "likely": Decimal(10_000), "high": Decimal(16_000)},
    "win_rate": {"low": Decimal("0.19"), "high": Decimal("0.22")},
}


def page(cast, kgi, query=""):
    return cast.url(f"kgis/{kgi.pk}/levers/{query}")


def typed(kgi, **changes) -> dict[str, str]:
    """The form as the page shows it: every lever without limits, with its version."""
    sent = {"target": "challenge"}
    for kpi in kgi.kpis.levers():
        sent |= {f"effort_{kpi.pk}": "1", f"version_{kpi.pk}": str(kpi.version)}
    named = {kpi.key: kpi.pk for kpi in kgi.kpis.all()}
    for name, value in changes.items():
        field, _, key = name.partition("__")
        sent[f"{field}_{named[key]}" if key else field] = value
    return sent


def rows_of(answer) -> dict[str, object]:
    return {row.kpi.key: row for row in answer.context["mix_rows"]}


@pytest.fixture
def kgi(cast) -> KGI:
    return plant_example(cast, **RANGES)


def test_levers_are_ranked_and_a_point_of_a_rate_has_its_price(cast, sign_in, kgi):
    swings = sign_in(cast.member, language="en").get(page(cast, kgi)).context["swings"]
    assert swings.finding == ["5 levers move it most, all alike:", "10% better on any of them adds ¥30M."]
    worth = {point.name: (point.step, point.worth) for point in swings.points}
    assert worth["Win rate"] == ("+1 point", "+¥15M")
    assert worth["サイト訪問"] == ("+1%", "+¥3M")
    assert worth["解約率"] == ("+1 point", "−¥3.53M")
    assert [row.name for row in swings.rows][-1] == "クロスセル率"


def test_over_their_own_ranges_only_levers_with_a_range_swing_and_the_rest_is_told(cast, sign_in, kgi):
    client = sign_in(cast.member, language="en")
    KGI.objects.update(must_hit_value=Decimal(270_000_000))
    answer = client.get(page(cast, kgi, "?change=range"))
    assert answer.context["swings"].finding == ["If サイト訪問 alone lands badly,", "must-hit is missed by ¥30M."]
    assert [row.name for row in answer.context["swings"].tornado.rows] == ["サイト訪問", "Win rate"]
    assert "no range yet" in answer.text
    wide = answer.text.split('class="plot tor-wide"')[1].split("</svg>")[0]
    assert wide.count('class="below"') == 1  # only visits fall below must-hit, and only that part is coloured
    assert 'class="must-line"' in wide
    kgi.kpis.update(low=None, likely=None, high=None)
    assert "No lever has a range yet." in client.get(page(cast, kgi, "?change=range")).text


def test_the_mix_with_equal_efforts_on_a_product_is_the_even_ratio(cast, sign_in):
    kgi = plant_orders(cast)
    answer = sign_in(cast.member, language="en").post(page(cast, kgi), typed(kgi))
    assert {row.ratio for row in rows_of(answer).values()} == {"1.32×"}
    assert "6 件 with the least effort" in answer.context["mixed"].finding


def test_limits_locks_and_efforts_hold_while_they_are_typed(cast, sign_in):
    kgi = plant_orders(cast)
    sent = typed(kgi, maximum__win_rate="22", locked__lead_rate="on", effort__visits="4", answer="1")
    answer = sign_in(cast.member, language="en").post(page(cast, kgi), sent, headers={"hx-request": "true"})
    rows = rows_of(answer)
    assert answer.templates[0].name == "funnel/_mix_answers.html"
    assert (rows["win_rate"].becomes, rows["win_rate"].state) == ("22%", "at its upper limit")
    assert (rows["lead_rate"].becomes, rows["lead_rate"].state) == ("", "locked")
    assert float(rows["deal_rate"].ratio.strip("×")) > float(rows["visits"].ratio.strip("×")) > 1
    assert not KPI.objects.exclude(maximum=None).exists()


def test_a_mix_lowers_nothing_where_the_levers_are_there_already(cast, sign_in):
    kgi = plant_orders(cast)
    KGI.objects.update(current_value="0.5", challenge_value="1.5")
    client = sign_in(cast.member, language="en")
    answer = client.post(page(cast, kgi), typed(kgi))
    assert answer.context["mixed"].finding == "1.5 件 is reached as it is."
    assert {row.ratio for row in rows_of(answer).values()} == {""}
    bound = client.post(page(cast, kgi), typed(kgi, maximum__win_rate="10"))
    assert rows_of(bound)["win_rate"].becomes == "10%"


def test_what_is_out_of_reach_says_the_best(cast, sign_in):
    kgi = plant_orders(cast)
    locked = {f"locked__{key}": "on" for key in ("visits", "lead_rate", "deal_rate")}
    answer = sign_in(cast.member, language="en").post(page(cast, kgi), typed(kgi, maximum__win_rate="30", **locked))
    assert answer.status_code == 200
    assert answer.context["mixed"].finding == "Within these limits 6 件 is out of reach: the best is 3 件."


def test_limits_efforts_and_locks_are_saved_at_once_and_twice_is_harmless(cast, sign_in):
    kgi, client = plant_orders(cast), sign_in(cast.manager)
    sent = typed(
        kgi, minimum__visits="9,000", maximum__win_rate="30%", effort__visits="2.5", locked__deal_rate="on", save="1"
    )
    for _time in range(2):
        assert client.post(page(cast, kgi), sent).status_code == 302
    kpis = {kpi.key: kpi for kpi in KPI.objects.all()}
    assert (kpis["visits"].minimum, kpis["visits"].effort, kpis["visits"].version) == (9_000, Decimal("2.5"), 2)
    assert kpis["win_rate"].maximum == Decimal("0.3")
    assert kpis["deal_rate"].is_locked
    assert kpis["lead_rate"].version == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"minimum__visits": "20000", "maximum__visits": "15000"},
            "The lower limit of “サイト訪問” lies above the upper one.",
        ),
        ({"effort__visits": "0"}, "greater than or equal to 0.01"),
        ({"maximum__visits": "たくさん"}, "This is not a number."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_stays(cast, sign_in, changes, sentence):
    kgi = plant_orders(cast)
    client = sign_in(cast.manager, language="en")
    sent = typed(kgi, save="1", **changes)
    answer = client.post(page(cast, kgi), sent)
    assert answer.status_code == 422
    assert any(sentence in error for error in rows_of(answer)["visits"].errors)
    assert all(f'value="{value}"' in answer.text for value in changes.values())
    part = client.post(page(cast, kgi), sent | {"answer": "1"}, headers={"hx-request": "true"})
    assert part.status_code == 422
    assert f'id="wrong-{kgi.kpis.get(key="visits").pk}"' in part.text
    assert not KPI.objects.exclude(version=1).exists()


def test_limits_are_not_saved_over_a_colleagues(cast, sign_in):
    kgi = plant_orders(cast)
    sent = typed(kgi, maximum__visits="15000", save="1")
    kgi.kpis.filter(key="visits").update(maximum=12_000, version=2)
    client = sign_in(cast.manager, language="en")
    answer = client.post(page(cast, kgi), sent)
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    assert client.post(page(cast, kgi), answer.context["form"].data).status_code == 302


def test_a_mix_is_shown_kept_and_taken_over(cast, sign_in):
    kgi, client = plant_orders(cast), sign_in(cast.manager, language="en")
    offered = client.post(page(cast, kgi), typed(kgi, propose="1", locked__win_rate="on")).context["proposal"]
    assert "Win rate" not in {change.name for change in offered["changes"] if not change.as_now}
    sent = {name: str(offered["form"][name].value()) for name in ("name", "proposal", "submission_key")}
    assert client.post(page(cast, kgi), sent | {"keep": "1"}).status_code == 302
    assert Scenario.objects.get().values.count() == 3
    assert client.post(page(cast, kgi), sent | {"take_over": "1"}).status_code == 422
    assert client.post(page(cast, kgi), sent | {"take_over": "1", "reason": "楽な順に"}).status_code == 302
    assert PlanChange.objects.filter(reason="楽な順に").count() == 4


def test_readers_may_calculate_and_save_nothing(cast, sign_in):
    kgi = plant_orders(cast)
    share(kgi, cast.partner)
    for role in (cast.member, cast.partner):
        client = sign_in(role, language="en")
        assert "Use this mix" not in client.get(page(cast, kgi)).text
        assert client.post(page(cast, kgi), typed(kgi, answer="1")).status_code == 200
        for act in ("save", "keep", "take_over"):
            assert client.post(page(cast, kgi), typed(kgi, **{act: "1"})).status_code == 403
    assert sign_in(cast.stranger).post(page(cast, kgi), typed(kgi)).status_code == 404


def test_empty_trees_and_targets_teach(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    assert "No tree yet" in client.get(page(cast, make_kgi(cast, name="空"))).text
    kgi = plant_orders(cast)
    KGI.objects.update(must_hit_value=None, challenge_value=None)
    assert "The KGI has no target here yet." in client.get(page(cast, kgi)).text
    assert client.post(page(cast, make_kgi(cast)), {"answer": "1"}).status_code == 422


def test_the_ranking_is_handed_out_as_a_file(cast, sign_in, kgi):
    answer = sign_in(cast.member, language="en").get(page(cast, kgi, "?download=csv"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "+1 point" in answer.content.decode()


def test_the_page_asks_the_database_as_often_for_many_levers(cast, sign_in):
    few, client = plant_orders(cast), sign_in(cast.member)
    names = {f"step_{number}": LEVERS["win_rate"] for number in range(36)}
    formula = "visits + " + " + ".join(names)
    many = plant(make_kgi(cast), {"total": ("計", "円", formula)}, {"visits": LEVERS["visits"], **names})

    def queries(kgi):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page(cast, kgi)).status_code == 200
        return len(seen)

    queries(few)
    assert queries(few) == queries(many) < 15
