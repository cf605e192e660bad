"""Does it add up? The page that lays the levers' targets beside the KGI's."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI, Funnel, PlanChange, Scenario
from tests.funnel.plans import make_kgi, plan_funnel, share
from tests.funnel.trees import FORMULAS, LEVERS, plant, plant_example, plant_orders

pytestmark = pytest.mark.django_db

EVEN = 3 ** (1 / 4)


def page(cast, kgi, query=""):
    return cast.url(f"kgis/{kgi.pk}/consistency/{query}")


def say(clauses: list[str]) -> str:
    return " ".join(clauses)


@pytest.fixture
def kgi(cast) -> KGI:
    return plant_example(cast)


def offered(client, cast, kgi, way="even") -> dict[str, str]:
    """What the browser sends back of a way that is tried."""
    form = client.get(page(cast, kgi, f"?column=challenge&try={way}")).context["proposal"]["form"]
    return {name: str(form[name].value()) for name in ("name", "proposal", "submission_key")}


def test_four_levers_make_65_6_times_where_three_are_needed(cast, sign_in, kgi):
    report = sign_in(cast.member, language="en").get(page(cast, kgi)).context["report"]
    assert say(report.finding) == "These 4 levers together make 65.6×. You need 3×."
    assert report.lead == "An even 1.316× on each of the 4 is enough."
    assert report.told.implied_ratio == pytest.approx(65.625)
    assert report.told.even_ratio == pytest.approx(EVEN)
    assert report.bar_title == "サイト訪問, 5×, is already enough by itself"


def test_a_japanese_reader_is_told_the_same(cast, sign_in, kgi):
    answer = sign_in(cast.member).get(page(cast, kgi))
    assert "<span>4個のレバーの目標を掛けると65.6倍。</span><span>必要なのは3倍です。</span>" in answer.text
    assert "4個をそれぞれ1.316倍にするだけで足ります。" in answer.text
    assert "解約率が15%から5%になれば、契約は平均6.7期から20期に延びます。" in answer.text


def test_every_branch_is_asked_the_same_question(cast, sign_in, kgi):
    rows = sign_in(cast.member, language="en").get(page(cast, kgi)).context["report"].branches
    assert [(row.count, row.made, row.is_enough) for row in rows] == [
        (4, "65.6×", True),
        (3, "4.08×", True),
        (2, "1.4×", False),
    ]


def test_the_drawing_has_a_place_for_each_lever_and_both_marks(cast, sign_in, kgi):
    text = sign_in(cast.member, language="en").get(page(cast, kgi)).text
    for drawing in ('class="plot log-wide"', 'class="plot log-narrow"'):
        (svg,) = (part.split("</svg>")[0] for part in text.split("<svg ") if part.startswith(drawing))
        assert "Needed 3×" in svg
        assert "Levers&#x27; targets 65.6×" in svg
        assert svg.count('class="neutral') == 4
    assert "38%" in text


@pytest.mark.parametrize(
    ("targets", "finding"),
    [
        ({"challenge_value": Decimal(200)}, "These 4 levers together make 65.6×. That is short of the 100× you need."),
        ({"challenge_value": Decimal(130)}, "The levers' targets fit the KGI's: 65.6×, and you need 65×."),
        ({"challenge_value": None}, "The KGI has no target here yet, so nothing can be compared with it."),
        ({"challenge_value": Decimal(0)}, "The levers' targets make 131.25 件. You need 0 件."),
    ],
)
def test_what_the_levers_make_of_other_targets(cast, sign_in, targets, finding):
    kgi = plant_orders(cast)
    KGI.objects.update(**targets)
    report = sign_in(cast.member, language="en").get(page(cast, kgi, "?column=challenge")).context["report"]
    assert say(report.finding) == finding


def test_levers_that_are_there_already_are_not_asked_to_fall(cast, sign_in):
    kgi = plant_orders(cast)
    KGI.objects.update(current_value=Decimal("0.5"), challenge_value=Decimal("1.5"))
    client = sign_in(cast.member, language="en")
    report = client.get(page(cast, kgi, "?column=challenge")).context["report"]
    assert report.lead == "The levers already come to this target as they are now. Check today's numbers."
    assert report.ways == []
    assert "Check today&#x27;s numbers." in client.get(cast.url(f"kgis/{kgi.pk}/tree/")).text


def test_levers_without_targets_and_levers_without_numbers_are_told_apart(cast, sign_in):
    kgi = plant_orders(cast)
    client = sign_in(cast.manager, language="en")
    kgi.kpis.update(must_hit=None, challenge=None)
    still = client.get(page(cast, kgi))
    assert say(still.context["report"].finding).startswith("No lever has a target yet.")
    assert [way.code for way in still.context["report"].ways] == ["least_effort", "alone"]
    kgi.kpis.filter(key="win_rate").update(current=None)
    answer = client.get(page(cast, kgi))
    assert answer.status_code == 200
    assert "“Win rate” has no value yet." in answer.text
    empty = client.get(page(cast, make_kgi(cast, name="空")))
    assert "No tree yet" in empty.text


def test_a_loss_today_is_compared_in_amounts(cast, sign_in):
    kgi = make_kgi(cast, name="利益", current_value=Decimal(-100), challenge_value=Decimal(300))
    plant(kgi, {"profit": ("利益", "円", "sales - costs")}, {"sales": ("売上", "円", "", "500", "600", "1000"),
                                                            "costs": ("費用", "円", "", "600", "", "")})  # fmt: skip
    answer = sign_in(cast.member, language="en").get(page(cast, kgi))
    assert say(answer.context["report"].finding) == "The levers' targets make ¥400. You need ¥300."
    assert answer.context["report"].bar is None


def test_a_way_is_shown_from_where_to_where_before_anything_changes(cast, sign_in, kgi):
    answer = sign_in(cast.manager, language="en").get(page(cast, kgi, "?try=even"))
    shown = {change.name: change.becomes for change in answer.context["proposal"]["changes"]}
    assert shown["サイト訪問"].startswith("13,161")
    assert shown["Win rate"] == "26.33%"
    assert not Scenario.objects.exists()
    assert not PlanChange.objects.exists()
    assert sign_in(cast.member).get(page(cast, kgi, "?try=even")).context.get("proposal") is None


def test_a_way_kept_twice_is_one_scenario(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    sent = offered(client, cast, kgi) | {"keep": "1"}
    for _time in range(2):
        answer = client.post(page(cast, kgi), sent)
        assert (answer.status_code, answer.url) == (302, cast.url(f"kgis/{kgi.pk}/scenarios/"))
    scenario = Scenario.objects.get()
    values = {value.kpi.key: float(value.value) for value in scenario.values.select_related("kpi")}
    assert values == {"visits": 13161, "lead_rate": 0.0264, "deal_rate": 0.0659, "win_rate": 0.2633}
    answer = client.post(page(cast, kgi), offered(client, cast, kgi) | {"keep": "1"})
    assert answer.status_code == 422
    assert "A scenario of this name stands already." in answer.text


def test_a_way_taken_over_becomes_the_targets_with_the_reason_and_what_stood_before(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    sent = offered(client, cast, kgi) | {"take_over": "1", "reason": "3倍に合わせる"}
    assert client.post(page(cast, kgi), sent | {"reason": " "}).status_code == 422
    for _time in range(2):
        assert client.post(page(cast, kgi, "?column=challenge"), sent).status_code == 302
    kpis = {kpi.key: kpi for kpi in KPI.objects.all()}
    assert (kpis["visits"].challenge, kpis["visits"].must_hit, kpis["visits"].version) == (13161, 12000, 2)
    assert kpis["contract_term"].challenge == 1  # it was counted on as it is now
    change = PlanChange.objects.get(kpi=kpis["visits"])
    assert (change.column, change.before, change.after) == ("challenge", 50_000, 13_161)
    assert (change.reason, change.changed_by) == ("3倍に合わせる", cast.manager)
    assert PlanChange.objects.count() == 9
    report = client.get(page(cast, kgi)).context["report"]
    assert report.told.verdict == "consistent"


def test_a_way_is_not_taken_over_where_a_lever_has_changed_since(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    sent = offered(client, cast, kgi) | {"take_over": "1", "reason": "うっかり"}
    kgi.kpis.filter(key="visits").update(current=9_000, version=2)
    answer = client.post(page(cast, kgi), sent)
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    assert client.post(page(cast, kgi), sent | {"proposal": sent["proposal"] + "x"}).status_code == 422
    assert not PlanChange.objects.exists()


def test_numbers_of_a_funnel_are_taken_over_through_it(cast, sign_in):
    kgi = make_kgi(cast, current_value=Decimal(50_000_000), challenge_value=Decimal(100_000_000))
    now = {"unit_price": "120万", "win_rate": "20", "deal_rate": "10", "cv_rate": "1"}
    plan_funnel(kgi, revenue_current="5000万", **{f"{name}_current": value for name, value in now.items()})
    client = sign_in(cast.manager, language="en")
    sent = offered(client, cast, kgi, "alone") | {"take_over": "1", "reason": "訪問で"}
    version = Funnel.objects.get().version
    assert client.post(page(cast, kgi), sent).status_code == 302
    assert Funnel.objects.get().version == version + 1
    kgi.refresh_from_db()
    assert kgi.challenge_value == 100_000_000
    assert kgi.kpis.get(key="visits").challenge == pytest.approx(Decimal(416_667), abs=1)


def test_readers_see_the_ways_without_the_buttons_and_may_not_act(cast, sign_in, kgi):
    sent = offered(sign_in(cast.manager), cast, kgi) | {"take_over": "1", "reason": "勝手に"}
    share(kgi, cast.partner)
    for role in (cast.member, cast.partner):
        client = sign_in(role, language="en")
        text = client.get(page(cast, kgi)).text
        assert "An even 1.316× on each of the 4" in text
        assert "try=even" not in text
        assert client.post(page(cast, kgi), sent).status_code == 403
    assert sign_in(cast.stranger).post(page(cast, kgi), sent).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_levers(cast, sign_in):
    few, client = plant_orders(cast), sign_in(cast.member)
    names = {f"step_{number}": LEVERS["win_rate"] for number in range(36)}
    formula = " * ".join(["visits", *names])
    many = plant(
        make_kgi(cast), {"revenue": (*FORMULAS["revenue"][:2], formula)}, {"visits": LEVERS["visits"], **names}
    )

    def queries(kgi):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page(cast, kgi)).status_code == 200
        return len(seen)

    queries(few)
    assert queries(few) == queries(many) < 15
