"""Scenarios: side by side, written, adopted as the plan, taken away; by hand and by program."""

import json
import uuid
from decimal import Decimal

import pytest

from funnel.models import KPI, PlanChange, Scenario
from funnel.services import adopt_scenario, drop_scenario, restore_scenario, save_scenario
from funnel.services.scenarios import MOST_SCENARIOS
from funnel.services.trees import shape_kpi
from people.refusals import Refusal
from people.services import make_token
from tests.funnel.plans import make_kgi, plan_funnel, share

D = Decimal


@pytest.fixture
def kgi(cast):
    """¥100M = 1,000 orders × ¥100,000; must-hit ¥150M, challenge ¥200M."""
    kgi = make_kgi(cast, current_value=D(100_000_000), must_hit_value=D(150_000_000), challenge_value=D(200_000_000))
    rows = [
        {"key": "sales", "name": "売上", "unit": "円", "formula": "visits * order_rate * price", "is_goal": True},
        {"key": "visits", "name": "訪問数", "unit": "件", "current": D(10_000), "must_hit": D(15_000)},
        {"key": "order_rate", "name": "受注率", "is_rate": True, "current": D("0.1")},
        {"key": "price", "name": "単価", "unit": "円", "current": D(100_000), "last_year": D(80_000)},
        {"key": "beside", "name": "木の外", "unit": "件", "current": D(1)},
    ]
    for position, row in enumerate(rows):
        KPI.objects.create(kgi=kgi, position=position, **row)
    return kgi


def pk(kgi, key):
    return kgi.kpis.get(key=key).pk


def planned(cast, kgi, name="率で", **values):
    return save_scenario(kgi, name=name, values=values or {"order_rate": D("0.15")}, by=cast.manager)


def typed(kgi, **values):
    fields = {f"lever_{pk(kgi, key)}": text for key, text in values.items()}
    return {"name": "率で", "note": "", "submission_key": str(uuid.uuid4()), "save": "1"} | fields


# Writing


def test_a_scenario_is_kept_once_however_often_it_is_sent(cast, kgi):
    key = uuid.uuid4()
    first = save_scenario(kgi, name=" 率で ", values={pk(kgi, "visits"): D(12)}, by=cast.manager, submission_key=key)
    again = save_scenario(kgi, name="別名", values={}, by=cast.manager, submission_key=key)

    assert (again.pk, first.name, first.version) == (first.pk, "率で", 1)
    same = save_scenario(kgi, name="率で", values={"visits": D(12)}, by=cast.manager, scenario=first)
    assert same.version == 1
    changed = save_scenario(kgi, name="率で", values={"price": D(9)}, by=cast.manager, scenario=first)
    assert (changed.version, [value.kpi.key for value in changed.values.all()]) == (2, ["price"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "率で"}, "name_used"),
        ({"values": {"sales": D(1)}}, "not_a_lever"),
        ({"values": {"beside": D(1)}}, "not_a_lever"),
        ({"values": {"visits": D("1e16")}}, "too_large"),
    ],
)
def test_what_cannot_be_a_scenario_is_refused_beside_its_field(cast, kgi, change, code):
    planned(cast, kgi)
    with pytest.raises(Refusal) as refused:
        save_scenario(kgi, **{"name": "別の案", "values": {}, "by": cast.manager} | change)
    assert (refused.value.code, list(refused.value.fields)) == (code, [next(iter(change))])


def test_a_scenario_someone_else_changed_is_not_overwritten(cast, kgi):
    scenario = planned(cast, kgi)
    save_scenario(kgi, name="率で", values={"price": D(9)}, by=cast.admin, scenario=scenario, expected_version=1)
    with pytest.raises(Refusal) as refused:
        save_scenario(kgi, name="率で", values={"price": D(8)}, by=cast.manager, scenario=scenario, expected_version=1)
    assert refused.value.code == "stale"
    assert scenario.values.get().value == 9


# Adopting


def test_adopting_writes_the_column_and_keeps_what_stood_there_and_why(cast, kgi):
    scenario = planned(cast, kgi, visits=D(11_000), order_rate=D("0.15"))
    adopt_scenario(scenario, column="must_hit", by=cast.manager, reason="率のほうが早い")
    adopt_scenario(scenario, column="must_hit", by=cast.manager, reason="二度目", expected_version=1)

    assert dict(kgi.kpis.values_list("key", "must_hit")) == {
        "sales": None,
        "visits": D(11_000),
        "order_rate": D("0.15"),
        "price": None,
        "beside": None,
    }
    (kept,) = PlanChange.objects.all()
    assert (kept.kpi.key, kept.before, kept.after, kept.reason) == ("visits", 15_000, 11_000, "率のほうが早い")
    scenario.refresh_from_db()
    assert (scenario.adopted_as, scenario.version) == ("must_hit", 2)


def test_a_lever_the_scenario_does_not_name_becomes_what_it_was_calculated_with(cast, kgi):
    adopt_scenario(planned(cast, kgi), column="must_hit", by=cast.manager, reason="訪問は増やさない")
    assert kgi.kpis.get(key="visits").must_hit == 10_000


def test_only_the_last_adopted_is_the_plan_and_a_changed_one_no_more(cast, kgi):
    first, second = planned(cast, kgi), planned(cast, kgi, "単価で", price=D(150_000))
    adopt_scenario(first, column="challenge", by=cast.manager, reason="a")
    adopt_scenario(second, column="challenge", by=cast.manager, reason="b")
    assert [s.adopted_as for s in kgi.scenarios.all()] == ["", "challenge"]
    save_scenario(kgi, name="単価で", values={"price": D(160_000)}, by=cast.manager, scenario=second)
    assert Scenario.objects.get(pk=second.pk).adopted_as == ""


@pytest.mark.parametrize(("change", "code"), [({"column": "current"}, "column"), ({"reason": " "}, "reason_missing")])
def test_an_adoption_needs_a_target_and_a_reason(cast, kgi, change, code):
    with pytest.raises(Refusal) as refused:
        adopt_scenario(planned(cast, kgi), **{"column": "must_hit", "by": cast.manager, "reason": "x"} | change)
    assert refused.value.code == code
    assert kgi.kpis.get(key="order_rate").must_hit is None


def test_numbers_of_a_funnel_are_not_adopted_behind_its_back(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    scenario = planned(cast, kgi, win_rate=D("0.3"))
    with pytest.raises(Refusal) as refused:
        adopt_scenario(scenario, column="challenge", by=cast.manager, reason="x")
    assert refused.value.code == "in_funnel"
    page = sign_in(cast.manager).get(cast.url(f"kgis/{kgi.pk}/scenarios/{scenario.pk}/adopt/?column=challenge"))
    assert cast.url(f"kgis/{kgi.pk}/funnel/") in page.content.decode()
    assert b'name="reason"' not in page.content


def test_dropping_is_undone_unless_the_name_was_given_again(cast, kgi):
    scenario = planned(cast, kgi)
    assert drop_scenario(drop_scenario(scenario)).version == 2
    assert restore_scenario(restore_scenario(scenario)).dropped_at is None
    drop_scenario(scenario)
    planned(cast, kgi)
    with pytest.raises(Refusal) as refused:
        restore_scenario(scenario)
    assert refused.value.code == "name_used"


def test_what_comes_back_counts_among_the_most_a_kgi_has(cast, kgi):
    scenario = drop_scenario(planned(cast, kgi))
    Scenario.objects.bulk_create(Scenario(kgi=kgi, name=f"案{number}") for number in range(MOST_SCENARIOS))
    with pytest.raises(Refusal) as refused:
        restore_scenario(scenario)
    assert refused.value.code == "too_many"


# The pages


def test_the_page_says_how_many_scenarios_reach_must_hit(cast, kgi, sign_in):
    planned(cast, kgi)
    planned(cast, kgi, "単価で", price=D(110_000))
    page = sign_in(cast.member, language="en").get(cast.url(f"kgis/{kgi.pk}/scenarios/")).content.decode()
    assert "Of 2 scenarios, 1 reaches must-hit." in page
    assert "¥150M" in page
    assert "¥110M" in page
    assert "¥40M from must-hit" in page


def test_the_parts_of_a_scenario_add_up_to_its_gap(cast, kgi, sign_in):
    planned(cast, kgi, visits=D(12_000), order_rate=D("0.15"))
    shown = sign_in(cast.manager).get(cast.url(f"kgis/{kgi.pk}/scenarios/")).context["contributions"]
    named = shown[-1]
    assert named["gap"] == pytest.approx(80_000_000)
    assert sum(part["value"] for part in named["parts"]) == pytest.approx(named["gap"])
    assert {part["name"]: part["value"] for part in named["parts"]}["受注率"] == pytest.approx(55_000_000)


def test_the_page_asks_the_database_as_often_for_many_scenarios_as_for_one(
    cast, kgi, sign_in, django_assert_max_num_queries, django_assert_num_queries
):
    client = sign_in(cast.manager)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/")
    planned(cast, kgi)
    with django_assert_max_num_queries(14) as asked:
        client.get(address)
    for number in range(5):
        planned(cast, kgi, f"案{number}", price=D(100_000 + number))
    with django_assert_num_queries(len(asked)):
        client.get(address)


def test_the_table_is_handed_out_as_a_file(cast, kgi, sign_in):
    planned(cast, kgi, "=1+1")
    answer = sign_in(cast.member).get(cast.url(f"kgis/{kgi.pk}/scenarios/?download=csv"))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].endswith("'=1+1")
    assert [line for line in lines if line.startswith("受注率")] == ["受注率 (%),order_rate,10,10,10,15"]


def test_numbers_are_typed_as_people_type_them_and_answered_before_they_are_saved(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/new/")
    sent = typed(kgi, visits="1.2万", order_rate="15", price="昨年の150%")
    asked = {name: value for name, value in sent.items() if name not in {"save", "name"}}
    answer = client.post(address, asked, headers={"hx-request": "true"})
    assert (answer.status_code, answer.context["outcome"].goal) == (200, pytest.approx(216_000_000))
    assert not Scenario.objects.exists()

    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    scenario = Scenario.objects.get()
    values = dict(scenario.values.values_list("kpi__key", "value"))
    assert values == {"visits": 12_000, "order_rate": D("0.15"), "price": 120_000}


def test_a_wrong_number_is_said_beside_its_lever_and_what_was_typed_stays(cast, kgi, sign_in):
    sent = typed(kgi, order_rate="たくさん", visits="3x")
    answer = sign_in(cast.manager).post(cast.url(f"kgis/{kgi.pk}/scenarios/new/"), sent)
    assert answer.status_code == 422
    assert "たくさん" in answer.content.decode()
    assert list(answer.context["form"].errors) == [f"lever_{pk(kgi, 'order_rate')}"]


def test_a_new_scenario_starts_from_a_target_or_another_scenario(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    scenario = planned(cast, kgi)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/new/")
    assert client.get(address + "?start=must_hit").context["outcome"].goal == pytest.approx(150_000_000)
    from_other = client.get(address + f"?start={scenario.pk}")
    assert from_other.context["started_from"] == str(scenario.pk)
    assert client.get(address + "?start=²").context["outcome"].goal == pytest.approx(100_000_000)


def test_a_plan_is_adopted_after_it_was_shown_and_the_reason_given(cast, kgi, sign_in):
    client = sign_in(cast.executive)
    scenario = planned(cast, kgi)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/{scenario.pk}/adopt/")
    assert "受注率" in client.get(address).content.decode()
    sent = {"column": "must_hit", "version": "1", "reason": ""}
    assert client.post(address, sent).status_code == 422
    assert client.post(address, sent | {"reason": "x", "version": "0"}).status_code == 422
    assert client.post(address, sent | {"reason": "早い"}).status_code == 302
    assert kgi.kpis.get(key="order_rate").must_hit == D("0.15")


def test_a_dropped_scenario_is_put_back_by_undo(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    scenario = planned(cast, kgi)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/{scenario.pk}/")
    assert client.post(address + "drop/").status_code == 302
    assert client.get(address).status_code == 404
    assert client.post(address + "restore/").status_code == 302
    assert client.get(address).status_code == 200


def test_readers_see_scenarios_without_buttons_and_partners_what_is_shared(cast, kgi, sign_in):
    scenario = planned(cast, kgi)
    address = cast.url(f"kgis/{kgi.pk}/scenarios/")
    page = sign_in(cast.member).get(address).content.decode()
    assert "率で" in page
    assert "/adopt/" not in page
    assert "/new/" not in page
    assert sign_in(cast.member).post(f"{address}{scenario.pk}/drop/").status_code == 403
    assert sign_in(cast.partner).get(address).status_code == 404
    share(kgi, cast.partner)
    seen = sign_in(cast.partner).get(address).content.decode()
    assert "率で" in seen
    assert cast.manager.user.name not in seen


def test_without_a_tree_or_with_a_broken_one_the_page_says_what_to_do(cast, kgi, sign_in):
    client = sign_in(cast.manager, language="en")
    empty = make_kgi(cast, name="木のないKGI")
    assert "No tree yet" in client.get(cast.url(f"kgis/{empty.pk}/scenarios/")).content.decode()
    kgi.kpis.filter(key="visits").update(current=None)
    page = client.get(cast.url(f"kgis/{kgi.pk}/scenarios/"))
    assert "has no value yet" in page.content.decode()
    kgi.kpis.filter(is_goal=True).update(formula="visits / nothing")
    assert "No node has the key" in client.get(cast.url(f"kgis/{kgi.pk}/scenarios/")).content.decode()


# By program


@pytest.fixture
def ask(cast, client):
    secret = make_token(cast.manager, name="t")[1]

    def ask(method, path, body=None, **headers):
        head = {"authorization": f"Bearer {secret}"} | headers
        return client.generic(
            method,
            f"/api/v1/o/{cast.organization.slug}/{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers=head,
        )

    return ask


def test_programs_write_adopt_and_drop_scenarios(cast, kgi, ask):
    made = ask("POST", "scenarios/", {"kgi": kgi.pk, "name": "率で", "values": {"order_rate": "15%", "visits": 12_000}})
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["values"] == {"order_rate": 0.15, "visits": 12_000}
    assert (told["goal"], told["adopted_as"], told["version"]) == (180_000_000, None, 1)
    address = f"scenarios/{told['id']}/"

    changed = ask("PATCH", address, {"values": {"order_rate": 0.15}}, **{"if-match": '"1"'}).json()
    assert (changed["values"], changed["goal"], changed["name"]) == ({"order_rate": 0.15}, 150_000_000, "率で")
    assert ask("PATCH", address, {"name": "別"}, **{"if-match": '"1"'}).status_code == 409

    adopted = ask("POST", address + "adopt/", {"column": "challenge", "reason": "早い"}).json()
    assert adopted["adopted_as"] == "challenge"
    assert ask("POST", address + "adopt/", {"column": "challenge"}).status_code == 400
    assert ask("DELETE", address).status_code == 204
    assert ask("GET", address).status_code == 404


def test_a_scenario_is_renamed_also_when_one_of_its_levers_is_none_any_more(cast, kgi, ask):
    scenario = planned(cast, kgi, order_rate=D("0.15"), visits=D(12))
    adopt_scenario(scenario, column="challenge", by=cast.manager, reason="早い")
    shape_kpi(kgi.kpis.get(key="visits"), formula="shops * 10", create_missing=True)
    told = ask("PATCH", f"scenarios/{scenario.pk}/", {"name": "店で"}).json()
    assert (told["name"], told["adopted_as"]) == ("店で", "challenge")
    assert told["values"] == {"order_rate": 0.15, "visits": 12}


def test_programs_hear_what_is_wrong_by_its_field(cast, kgi, ask):
    wrong = ask("POST", "scenarios/", {"kgi": kgi.pk, "name": "x", "values": {"order_rate": "many", "nothing": 1}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["values"])
    assert ask("POST", "scenarios/", {"kgi": kgi.pk, "name": "x", "values": {"nothing": 1}}).json()["code"] == (
        "not_a_lever"
    )


def test_a_list_of_scenarios_is_filtered_by_kgi_and_asks_no_more_for_more(
    cast, kgi, ask, django_assert_max_num_queries, django_assert_num_queries
):
    other = make_kgi(cast, name="別のKGI")
    save_scenario(other, name="別", values={}, by=cast.manager)
    planned(cast, kgi)
    ask("GET", "scenarios/")  # a token's first use is written down
    with django_assert_max_num_queries(10) as asked:
        listed = ask("GET", f"scenarios/?kgi={kgi.pk}").json()
    assert [row["name"] for row in listed["results"]] == ["率で"]
    planned(cast, kgi, "単価で", price=D(1))
    with django_assert_num_queries(len(asked)):
        ask("GET", f"scenarios/?kgi={kgi.pk}")
