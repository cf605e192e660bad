"""A node of a KPI tree: read, written as people type, moved, taken out and put back."""

from datetime import date
from decimal import Decimal

import pytest

from funnel.models import KPI, KPIReading, PlanChange
from funnel.services.trees import drop_kpi
from tests.funnel.plans import make_kgi, plan_funnel, share
from tests.funnel.test_kpi_tree_page import make_tree

pytestmark = pytest.mark.django_db


def url(cast, kpi, path=""):
    return cast.url(f"kgis/{kpi.kgi_id}/tree/{kpi.pk}/{path}")


def sent(client, cast, kpi, **changes):
    """What the page would send back unchanged, with what somebody typed."""
    form = client.get(url(cast, kpi)).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value not in (None, False)}
    return typed | {"save": "1"} | changes


@pytest.fixture
def kgi(cast):
    return make_tree(cast)


def get(kgi, key):
    return kgi.kpis.get(key=key)


def test_numbers_and_targets_are_typed_as_people_say_them(cast, sign_in, kgi):
    client, visits = sign_in(cast.manager), get(kgi, "visits")
    answer = client.post(
        url(cast, visits),
        sent(
            client, cast, visits, current="１．２万", last_year="8,000", reference="1万", must_hit="昨年の150%",
            challenge="業界平均の3倍", low="9000", likely="11000", high="15000", minimum="0", maximum="10万",
            effort="2", note="検索が6割", definition="直近30日", source="アクセス解析", reason="数え方を改めた",
        ),
    )  # fmt: skip
    assert answer.status_code == 302
    visits.refresh_from_db()
    assert (visits.current, visits.must_hit, visits.challenge) == (12_000, 12_000, 30_000)
    assert (visits.low, visits.high, visits.maximum, visits.effort) == (9000, 15_000, 100_000, 2)
    change = PlanChange.objects.get(kpi=visits, column="challenge")
    assert (change.before, change.after, change.reason) == (50_000, 30_000, "数え方を改めた")
    text = client.get(url(cast, visits)).text
    assert "数え方を改めた" in text
    assert cast.manager.user.name in text


def test_rates_are_typed_in_per_cent_and_stored_from_0_to_1(cast, sign_in, kgi):
    client, rate = sign_in(cast.manager), get(kgi, "win_rate")
    assert client.post(url(cast, rate), sent(client, cast, rate, last_year="18", must_hit="1.5x")).status_code == 302
    rate.refresh_from_db()
    assert (rate.current, rate.last_year, rate.must_hit) == (Decimal("0.2"), Decimal("0.18"), Decimal("0.27"))


@pytest.mark.parametrize(
    ("key", "typed", "field", "sentence"),
    [
        ("visits", {"current": "たくさん"}, "current", "This is not a number."),
        ("visits", {"must_hit": "2x"}, "must_hit", "Type last year&#x27;s value first"),
        ("visits", {"challenge": "3× the industry"}, "challenge", "Type the industry average first"),
        ("visits", {"low": "5", "high": "4"}, "high", "A range goes from low over likely to high."),
        ("visits", {"minimum": "5", "maximum": "4"}, "maximum", "The lower limit lies above the upper one."),
        ("visits", {"effort": "0"}, "effort", "An effort is greater than 0."),
        ("visits", {"key": "lead_rate"}, "key", "This key is already used in the tree."),
        ("visits", {"name": ""}, "name", "This field is required."),
        ("orders", {"formula": "visits * (lead_rate"}, "formula", "The parenthesis at character 10 is not closed."),
        ("orders", {"formula": "visits * win"}, "formula", "No node has the key “win” (character 10)."),
        ("orders", {"formula": "revenue"}, "formula", "lead back to where they began"),
        ("orders", {"version": "99"}, "__all__", "Someone changed this in the meantime."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(cast, sign_in, kgi, key, typed, field, sentence):
    client, kpi = sign_in(cast.manager, language="en"), get(kgi, key)
    answer = client.post(url(cast, kpi), sent(client, cast, kpi, **typed, source="残るもの"))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert sentence in answer.text
    assert "残るもの" in answer.text
    assert KPI.objects.get(pk=kpi.pk).version == kpi.version
    assert client.post(url(cast, kpi), sent(client, cast, kpi)).status_code == 302


def test_while_typing_the_formula_answers_what_it_comes_to_or_where_it_goes_wrong(cast, sign_in, kgi):
    client, orders = sign_in(cast.manager, language="en"), get(kgi, "orders")

    def answer(formula):
        typed = sent(client, cast, orders, formula=formula)
        del typed["save"]
        return client.post(url(cast, orders), typed, headers={"HX-Request": "true"}).text

    assert "= 131.25" in answer("visits × lead_rate × deal_rate × win_rate × 65.625")
    assert "“年間売上” then comes to ¥24M now" in answer("visits * lead_rate * deal_rate * win_rate")
    text = answer("visits * walk_ins")
    assert "No node has the key “walk_ins” (character 10)." in text
    assert "Make levers of walk_ins when saving" in text
    assert "<html" not in text
    assert get(kgi, "orders").formula == "visits * lead_rate * deal_rate * win_rate"


def test_a_formula_may_name_nodes_as_people_call_them(cast, sign_in, kgi):
    client, orders = sign_in(cast.manager), get(kgi, "orders")
    for key, name in (("visits", "サイト訪問"), ("lead_rate", "ＣＶ率"), ("deal_rate", "率"), ("win_rate", "率")):
        kgi.kpis.filter(key=key).update(name=name)
    typed = sent(client, cast, orders, formula="サイト訪問 × CV率 × deal_rate * 2")
    assert client.post(url(cast, orders), typed).status_code == 302
    assert get(kgi, "orders").formula == "visits × lead_rate × deal_rate * 2"
    answer = client.post(url(cast, orders), sent(client, cast, orders, formula="サイト訪問 × 率"))
    assert (answer.status_code, get(kgi, "orders").formula) == (422, "visits × lead_rate × deal_rate * 2")


def test_a_loop_is_told_in_the_names_of_its_nodes(cast, sign_in, kgi):
    client, orders = sign_in(cast.manager, language="en"), get(kgi, "orders")
    answer = client.post(url(cast, orders), sent(client, cast, orders, formula="revenue"))
    names = get(kgi, "revenue").name, orders.name
    assert f"{names[1]} → {names[0]} → {names[1]}" in answer.text


def test_unknown_keys_become_levers_when_that_is_ticked(cast, sign_in, kgi):
    client, orders = sign_in(cast.manager), get(kgi, "orders")
    typed = sent(client, cast, orders, formula="visits * lead_rate + walk_ins")
    refused = client.post(url(cast, orders), typed)
    assert (refused.status_code, refused.text.count('name="create_missing"')) == (422, 1)
    assert refused.text.count("「walk_ins」") == 1
    typed |= {"create_missing": "on"}
    assert client.post(url(cast, orders), typed).status_code == 302
    assert get(kgi, "walk_ins").is_lever


def test_what_the_funnel_holds_is_written_there(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    client, rate = sign_in(cast.manager), get(kgi, "win_rate")
    answer = client.get(url(cast, rate))
    assert f"kgis/{kgi.pk}/funnel/" in answer.text
    assert not {"current", "formula", "key"} & answer.context["form"].fields.keys()
    assert client.post(url(cast, rate), sent(client, cast, rate, current="99", source="台帳")).status_code == 302
    rate.refresh_from_db()
    assert (rate.source, rate.challenge) == ("台帳", Decimal("0.2"))


def test_readers_read_everything_and_write_nothing(cast, sign_in, kgi):
    visits = get(kgi, "visits")
    KPI.objects.filter(pk=visits.pk).update(note="検索が6割", definition="直近30日")
    KPIReading.objects.create(kpi=visits, date=date(2026, 5, 8), value=12345, source="a", recorded_by=cast.member)
    share(kgi, cast.partner)
    for who in (cast.member, cast.partner):
        client = sign_in(who)
        answer = client.get(url(cast, visits))
        for shown in ("検索が6割", "直近30日", "12,345"):
            assert shown in answer.text
        assert "<textarea" not in answer.text
        for path in ("", "move/", "drop/", "restore/"):
            assert client.post(url(cast, visits, path), {"save": "1"}).status_code == 403
        assert client.get(cast.url(f"kgis/{kgi.pk}/tree/add/")).status_code == 403
    assert sign_in(cast.stranger).get(url(cast, visits)).status_code == 404
    elsewhere = make_kgi(cast)
    assert sign_in(cast.manager).get(cast.url(f"kgis/{elsewhere.pk}/tree/{visits.pk}/")).status_code == 404


def test_a_node_is_added_under_another_with_a_key_made_from_its_name(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    path = cast.url(f"kgis/{kgi.pk}/tree/add/")
    orders = get(kgi, "orders")
    assert client.get(f"{path}?under={orders.pk}").context["form"]["under"].value() == orders.pk
    typed = {"name": "紹介 (口コミ)", "under": orders.pk, "sign": "+", "unit": "件", "current": "3", "challenge": "5"}
    for _time in range(2):
        assert client.post(path, typed).status_code == 302
    assert get(kgi, "紹介_口コミ").challenge == 5
    assert get(kgi, "orders").formula == "visits * lead_rate * deal_rate * win_rate + 紹介_口コミ"
    for wrong, field in (
        ({"name": ""}, "name"),
        ({"under": "999999"}, "under"),
        ({"key": "price"}, "key"),
        ({"key": "1x"}, "key"),
        ({"current": "多い"}, "current"),
    ):
        answer = client.post(path, typed | wrong)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors


def test_a_node_moves_to_another_place_and_one_up(cast, sign_in, kgi):
    client, price = sign_in(cast.manager, language="en"), get(kgi, "price")
    typed = {"version": price.version, "under": get(kgi, "orders").pk, "sign": "/"}
    assert client.post(url(cast, price, "move/"), typed).status_code == 302
    assert get(kgi, "orders").formula.endswith("* win_rate / price")
    answer = client.post(url(cast, price, "move/"), typed)
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    price.refresh_from_db()
    up = {"version": price.version, "under": "", "step": "up"}
    assert client.post(url(cast, price, "move/"), up).status_code == 302
    assert get(kgi, "price").position < get(kgi, "win_rate").position
    orders = get(kgi, "orders")
    answer = client.post(url(cast, orders, "move/"), {"version": orders.version, "under": price.pk})
    assert answer.status_code == 422
    assert "under" in answer.context["form"].errors


def test_a_node_taken_out_can_be_put_back_at_once(cast, sign_in, kgi):
    client, rate = sign_in(cast.manager, language="en"), get(kgi, "win_rate")
    assert client.get(url(cast, rate, "drop/")).status_code == 200
    answer = client.post(url(cast, rate, "drop/"), follow=True)
    assert url(cast, rate, "restore/") in answer.text
    assert client.get(url(cast, rate)).status_code == 404
    assert client.post(url(cast, rate, "drop/")).status_code == 302
    for _time in range(2):
        answer = client.post(url(cast, rate, "restore/"), follow=True)
        assert "is back in the tree." in answer.text
    assert get(kgi, "orders").formula.endswith("* win_rate")
    goal = get(kgi, "revenue")
    answer = client.post(url(cast, goal, "drop/"))
    assert answer.status_code == 422
    assert "This is the tree&#x27;s goal" in answer.text


def test_a_key_taken_meanwhile_keeps_a_node_out_and_says_so(cast, sign_in, kgi):
    rate = drop_kpi(get(kgi, "win_rate"))
    KPI.objects.create(kgi=kgi, key="win_rate", name="別の率")
    answer = sign_in(cast.manager, language="en").post(url(cast, rate, "restore/"), follow=True)
    assert "Another node has the key “win_rate” now." in answer.text
