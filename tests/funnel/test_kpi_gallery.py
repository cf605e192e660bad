"""Trees to start from."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from funnel.gallery import GALLERY, SEEDLINGS
from funnel.models import KPIReading
from funnel.services import record_actual
from funnel.services.gallery import nodes_of, plant_tree
from funnel.trees import tree_of
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.plans import make_kgi, plan_funnel

pytestmark = pytest.mark.django_db


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/tree/gallery/")


@pytest.mark.parametrize(
    ("key", "goal"),
    [
        ("b2b-funnel", 10_000 * 0.02 * 0.05 * 0.2 * 12 * 1_200_000),
        ("e-commerce", 40_000 * 0.015 * 12 * 6_000 * 1.25),
        ("subscription", 20 * 12 * 15_000 / 0.03),
        ("shop", 3_000 * 0.6 * 12 * 1.8 * 900),
        ("unit-economics", (15_000 * 0.7 / 0.03) / ((1_500_000 + 1_000_000) / 20)),
        ("inquiries", 100_800_000),
    ],
)
def test_every_tree_comes_to_what_its_trade_says(cast, key, goal):
    kgi = make_kgi(cast)
    planned = tree_of(kgi, nodes_of(kgi, SEEDLINGS[key], with_numbers=True))
    assert planned.tree.evaluate("current")[planned.goal.key] == pytest.approx(goal)
    assert planned.beside == ()


def test_all_of_it_is_said_in_japanese():
    latin = {"CVR", "CV"}
    for seedling in GALLERY:
        for lazy in (seedling.name, seedling.when, *(seed.name for seed in seedling.seeds)):
            with override("en"):
                english = str(lazy)
            with override("ja"):
                assert str(lazy) != english or str(lazy) in latin


def test_a_tree_is_planted_once_with_or_without_its_numbers(cast, sign_in):
    client = sign_in(cast.manager)
    for typed, current in (({}, None), ({"with_numbers": "on"}, Decimal(10_000))):
        kgi = make_kgi(cast)
        for _time in range(2):
            assert client.post(url(cast, kgi), {"tree": "b2b-funnel"} | typed).status_code == 302
        assert kgi.kpis.count() == 9
        assert kgi.kpis.get(key="visits").current == current
        goal = kgi.kpis.get(is_goal=True)
        assert (goal.name, goal.unit) == (kgi.name, "円")


def test_a_goal_that_stands_alone_keeps_its_readings(cast):
    kgi = make_kgi(cast)
    reading = record_actual(kgi, date=TODAY, value=Decimal(5), recorded_by=cast.manager)
    goal = plant_tree(kgi, SEEDLINGS["unit-economics"])
    assert KPIReading.objects.get(kpi=goal) == reading
    assert (goal.key, goal.is_goal) == ("ltv_to_cac", True)
    assert tree_of(kgi).beside == ()


def test_another_tree_is_not_planted_over_one_that_stands(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    plan_funnel(kgi)
    text = client.get(url(cast, kgi)).text
    assert "its stages and rates already are the tree" in text
    answer = client.post(url(cast, kgi), {"tree": "shop"})
    assert answer.status_code == 422
    assert "A tree stands here already." in answer.text
    with pytest.raises(Refusal):
        plant_tree(kgi, SEEDLINGS["shop"])


def test_a_choice_is_needed_and_readers_may_not_make_it(cast, sign_in):
    kgi = make_kgi(cast)
    answer = sign_in(cast.manager, language="en").post(url(cast, kgi), {"tree": "oak"})
    assert answer.status_code == 422
    assert sign_in(cast.member).get(url(cast, kgi)).status_code == 403
    assert sign_in(cast.member).post(url(cast, kgi), {"tree": "shop"}).status_code == 403
    assert sign_in(cast.stranger).get(url(cast, kgi)).status_code == 404
