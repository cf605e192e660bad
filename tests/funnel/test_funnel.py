"""The funnel page: answered while one types, saved when one says so."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.forms.funnels import NUMBERS, FunnelForm
from funnel.formulas.back_calculation import FunnelInput, back_calculate
from funnel.models import KGI, KPI, Funnel
from funnel.services import COLUMNS, LINKS, save_kgi
from funnel.services.trees import add_kpi
from funnel.trees import tree_of
from tests.funnel.plans import make_kgi, plan_funnel, share, typed

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/funnel/")


def shown(answer, key, column="challenge"):
    """A number as the answered page shows it."""
    row = next(row for row in answer.context["rows"] if row.key == key)
    return next(cell.value for cell in row.cells if cell.column == column)


def ask(client, cast, kgi, *, headers=HTMX, **changes):
    return client.post(url(cast, kgi), typed(**changes), headers=headers)


# Answering


@pytest.mark.parametrize("role", ["admin", "executive", "manager", "member"])
def test_the_worked_example_stands_there_before_anything_is_typed(cast, sign_in, role):
    kgi = make_kgi(cast)
    answer = sign_in(getattr(cast, role), language="en").get(url(cast, kgi))
    assert answer.status_code == 200
    assert [shown(answer, key) for key in ("orders", "deals", "cvs", "visits")] == [84, 417, 4167, 416667]
    assert "416,667" in answer.text
    assert "Price and rates are examples." in answer.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_answer_comes_while_one_types_and_leaves_the_fields_alone(cast, sign_in, language):
    kgi = make_kgi(cast)
    answer = ask(
        sign_in(cast.manager, language=language), cast, kgi, win_rate_challenge="25%", unit_price_challenge="１２０万円"
    )
    assert answer.status_code == 200
    assert 'id="answer-deals-challenge" hx-swap-oob="innerHTML"' in answer.text
    assert "334" in answer.text
    assert "<input" not in answer.text
    assert "<html" not in answer.text
    assert not Funnel.objects.exists()


def test_the_full_figure_stands_behind_a_rounded_one(cast, sign_in):
    answer = ask(sign_in(cast.manager), cast, make_kgi(cast))
    assert 'title="416,666.666667回"' in answer.text or 'title="416,666.666667visits"' in answer.text
    assert shown(answer, "deals") == 417


@pytest.mark.parametrize("unknown", NUMBERS)
def test_any_one_of_the_six_numbers_can_be_found(cast, sign_in, unknown):
    kgi = make_kgi(cast)
    all_six = {
        "revenue_challenge": "1.2億", "unit_price_challenge": "120万", "win_rate_challenge": "20",
        "deal_rate_challenge": "10", "cv_rate_challenge": "1", "visits_challenge": "500,000",
    }  # fmt: skip
    found = {
        "revenue": 120_000_000,
        "unit_price": 1_200_000,
        "win_rate": 20,
        "deal_rate": 10,
        "cv_rate": 1,
        "visits": 500_000,
    }
    answer = ask(
        sign_in(cast.manager), cast, kgi, **all_six | {f"{unknown}_challenge": None}, unknown=unknown, was=unknown
    )
    assert answer.status_code == 200
    assert shown(answer, unknown) == found[unknown]


def test_choosing_another_number_to_find_puts_the_one_found_among_the_typed(cast, sign_in):
    kgi = make_kgi(cast)
    answer = ask(
        sign_in(cast.manager), cast, kgi, unknown="revenue", was="visits", headers=HTMX | {"HX-Target": "ledger"}
    )
    assert answer.status_code == 200
    assert answer.context["form"].data["visits_challenge"] in {"41.667万", "416,667", "416.67k"}
    assert 'name="visits_challenge"' in answer.text
    assert 'name="revenue_challenge"' not in answer.text
    assert shown(answer, "revenue") >= 100_000_000


def hidden_and_shown(form):
    """All that a browser would send back from an answered page."""
    sent = {name: form.data.get(name, "") for name in form.fields}
    return sent | form.remembered | {"unknown": form.unknown_number, "was": form.unknown_number}


def chains_of(form):
    return {column: [getattr(chain, link) for link in LINKS] for column, chain in form.found.items()}


OWN_NUMBERS = {
    "revenue_current": "1000万", "revenue_must_hit": "80,000,000", "revenue_challenge": "1億",
    "unit_price_current": "120万", "win_rate_current": "20", "deal_rate_current": "10", "cv_rate_current": "1",
    "unit_price_challenge": "", "win_rate_challenge": "30", "deal_rate_challenge": "", "cv_rate_challenge": "",
}  # fmt: skip


@pytest.mark.parametrize("other", [name for name in NUMBERS if name != "visits"])
def test_choosing_another_number_to_find_and_going_back_changes_nothing(cast, sign_in, other):
    kgi = make_kgi(
        cast,
        current_value=Decimal(10_000_000),
        must_hit_value=Decimal(80_000_000),
        challenge_value=Decimal(100_000_000),
    )
    client = sign_in(cast.manager)
    first = FunnelForm(typed(**OWN_NUMBERS), kgi=kgi)
    assert first.is_valid()
    sent, chains = hidden_and_shown(first), chains_of(first)
    for unknown in (other, "visits", other, "win_rate", "visits"):
        answer = client.post(url(cast, kgi), sent | {"unknown": unknown}, headers=HTMX | {"HX-Target": "ledger"})
        assert answer.status_code == 200
        form = answer.context["form"]
        assert chains_of(form) == chains
        assert not answer.context["kgi_changes"]
        sent = hidden_and_shown(form)
    assert {name: sent[name] for name in OWN_NUMBERS} == OWN_NUMBERS
    assert client.post(url(cast, kgi), sent | {"save": "1"}).status_code == 302
    kgi.refresh_from_db()
    assert (kgi.current_value, kgi.must_hit_value, kgi.challenge_value) == (10_000_000, 80_000_000, 100_000_000)
    assert kgi.kpis.get(key="visits").challenge == Decimal("277777.777777777778")


def test_a_number_typed_over_the_one_found_counts_as_it_was_typed(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    answer = ask(client, cast, kgi, unknown="revenue", was="visits", headers=HTMX | {"HX-Target": "ledger"})
    sent = hidden_and_shown(answer.context["form"])
    assert shown(answer, "revenue") == 100_000_000
    answer = client.post(url(cast, kgi), sent | {"visits_challenge": "500,000"}, headers=HTMX)
    assert shown(answer, "revenue") == 120_000_000


@pytest.mark.parametrize("exact", ["1/0", "x", "9" * 5_000 + "/1", "-1/3", "²/3", "1250000/7"])
def test_a_hidden_fraction_that_is_not_what_stands_there_counts_for_nothing(cast, sign_in, exact):
    kgi = make_kgi(cast)
    answer = ask(
        sign_in(cast.manager), cast, kgi,
        unknown="revenue", was="revenue", visits_challenge="250,000", exact_visits_challenge=exact,
    )  # fmt: skip
    assert shown(answer, "revenue") == 60_000_000


def test_a_funnel_saved_while_looking_for_the_revenue_opens_with_short_numbers_and_the_same_chain(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    answer = ask(client, cast, kgi, unknown="revenue", was="visits", headers=HTMX | {"HX-Target": "ledger"})
    sent = hidden_and_shown(answer.context["form"])
    assert client.post(url(cast, kgi), sent | {"save": "1"}).status_code == 302
    again = client.get(url(cast, kgi))
    assert again.context["form"]["visits_challenge"].value() in {"41.667万", "416,667", "416.67k"}
    assert shown(again, "revenue") == 100_000_000
    back = client.post(url(cast, kgi), hidden_and_shown(again.context["form"]) | {"unknown": "visits"}, headers=HTMX)
    assert back.context["form"].data["revenue_challenge"] == "1億"
    assert not back.context["kgi_changes"]


def test_saving_says_what_it_changes_in_the_kgi(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    assert "changes the KGI" not in client.get(url(cast, kgi)).text
    answer = ask(client, cast, kgi, revenue_challenge="1.2億")
    assert "Saving also changes the KGI: Challenge ¥100,000,000 → ¥120,000,000." in answer.text
    page = client.post(url(cast, kgi), typed(revenue_challenge="1.2億", save="1"), follow=True)
    assert "The funnel is saved, and with it the KGI: Challenge ¥100,000,000 → ¥120,000,000." in page.text


def test_an_empty_target_field_means_the_same_as_now(cast, sign_in):
    kgi = make_kgi(cast)
    now = {"unit_price_current": "120万", "win_rate_current": "20", "revenue_current": "3000万"}
    answer = ask(sign_in(cast.manager), cast, kgi, **now, unit_price_challenge="", win_rate_challenge="")
    assert answer.status_code == 200
    assert shown(answer, "deals") == 417


@pytest.mark.parametrize("language", ["ja", "en"])
def test_rates_nobody_knows_take_their_defaults_and_the_page_says_so(cast, sign_in, language):
    kgi = make_kgi(cast)
    answer = ask(sign_in(cast.manager, language=language), cast, kgi, deal_rate_challenge="", cv_rate_challenge="")
    assert shown(answer, "cvs") == shown(answer, "deals") == 417
    assert shown(answer, "visits") == 41_667
    assert {rate["key"] for rate in answer.context["defaulted"]} == {"deal_rate", "cv_rate"}
    if language == "en":
        assert "so it is taken as 1%." in answer.text
        assert "counts as a deal (100%)." in answer.text


def test_needing_more_deals_than_the_market_has_names_both_numbers(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    kgi = make_kgi(cast)
    text = ask(client, cast, kgi, target_companies="300", target_contacts="４００人").text
    assert "It takes 417 deals, but the market has 300 companies." in text
    assert "It takes 417 deals, but the market has 400 contacts." in text
    text = ask(client, cast, kgi, target_companies="640").text
    assert "The market has 640 companies. 417 deals mean meeting 65.2% of them." in text


def test_a_rate_that_would_have_to_be_above_100_percent_is_a_warning(cast, sign_in):
    kgi = make_kgi(cast)
    answer = ask(
        sign_in(cast.manager, language="en"), cast, kgi,
        unknown="win_rate", was="win_rate", win_rate_challenge=None, visits_challenge="10,000",
    )  # fmt: skip
    assert answer.status_code == 200
    assert "Win rate would have to be 833.33%" in answer.text


def test_lead_times_say_by_when_each_volume_must_have_happened(cast, sign_in):
    kgi = make_kgi(cast)
    days = {"visit_to_cv_days": "3", "cv_to_deal_days": "14", "deal_to_order_days": "30"}
    answer = ask(sign_in(cast.manager), cast, kgi, **days)
    dues = {due.key: due.end.isoformat() for due in answer.context["timeline"].dues}
    assert dues == {"visits": "2027-02-12", "cvs": "2027-02-15", "deals": "2027-03-01", "orders": "2027-03-31"}
    assert "2月12日" in answer.text


def test_a_kgi_without_a_period_asks_for_one_instead_of_days(cast, sign_in):
    kgi = make_kgi(cast, period_start=None, period_end=None)
    answer = sign_in(cast.manager, language="en").get(url(cast, kgi))
    assert "Write the period" in answer.text


# Bad input


@pytest.mark.parametrize(
    ("changes", "slot", "sentence"),
    [
        ({"unit_price_challenge": "たくさん"}, "wrong-unit_price", "This is not a number."),
        ({"unit_price_challenge": "0"}, "wrong-unit_price", "Type a number above 0."),
        ({"unit_price_challenge": "-5"}, "wrong-unit_price", "Type a number above 0."),
        ({"win_rate_challenge": "120"}, "wrong-win_rate", "A rate lies above 0%"),
        ({"win_rate_challenge": "0"}, "wrong-win_rate", "A rate lies above 0%"),
        ({"win_rate_challenge": ""}, "wrong-win_rate", "Type a number here"),
        ({"revenue_challenge": ""}, "wrong-revenue", "Type the target, or leave the whole column empty."),
        ({"revenue_challenge": "Infinity"}, "wrong-revenue", "Type a finite number."),
        ({"target_companies": "1.5"}, "wrong-market", "Type a whole number, 0 or more."),
        ({"target_contacts": "99999999999"}, "wrong-market", "2,147,483,647 at most."),
        ({"visit_to_cv_days": "731"}, "wrong-days", "730 at most."),
        (
            {"revenue_challenge": "1000兆", "cv_rate_challenge": "0.000001"},
            "wrong-form",
            "The numbers found are beyond any market.",
        ),
    ],
)
def test_bad_input_is_a_sentence_beside_the_field_and_the_last_answers_stay(cast, sign_in, changes, slot, sentence):
    kgi = make_kgi(cast)
    client = sign_in(cast.manager, language="en")
    answer = ask(client, cast, kgi, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{slot}"')[1].split("</div>")[0]
    assert "answer-visits" not in answer.text
    whole = ask(client, cast, kgi, headers={}, save="1", **changes)
    assert whole.status_code == 422
    assert sentence in whole.text
    assert next(iter(changes.values())) in whole.text
    assert not Funnel.objects.exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [f"{name}_{column}" for name in NUMBERS for column in COLUMNS]
            + ["unknown", "was", "version", "target_companies"]
        ),
        st.one_of(
            st.text(max_size=12), st.sampled_from(["1e400", "９" * 30, "0.0000001", "△5", "100%", "visits", "revenue"])
        ),
        max_size=8,
    )
)
def test_no_input_breaks_the_page(cast, sign_in, sent):
    kgi = KGI.objects.first() or make_kgi(cast, current_value=Decimal(-5))
    client = sign_in(cast.manager)
    answer = client.post(url(cast, kgi), typed() | sent, headers=HTMX)
    assert answer.status_code in {200, 422}


# Saving


def test_a_saved_funnel_is_levers_with_values_and_formulas_over_them(cast, sign_in):
    kgi = make_kgi(cast, challenge_value=Decimal(90_000_000))
    answer = ask(
        sign_in(cast.manager), cast, kgi, headers={}, save="1", target_companies="3,000", deal_to_order_days="30"
    )
    assert answer.status_code == 302
    funnel = Funnel.objects.get(kgi=kgi)
    assert (funnel.unknown, funnel.target_companies, funnel.deal_to_order_days) == ("visits", 3000, 30)
    kpis = {kpi.key: kpi for kpi in kgi.kpis.all()}
    assert list(kpis) == list(LINKS)
    assert {key: kpi.formula for key, kpi in kpis.items() if kpi.formula} == {
        "revenue": "orders * unit_price",
        "orders": "deals * win_rate",
        "deals": "cvs * deal_rate",
        "cvs": "visits * cv_rate",
    }
    assert (kpis["unit_price"].challenge, kpis["win_rate"].challenge) == (1_200_000, Decimal("0.2"))
    assert kpis["visits"].challenge == Decimal("416666.666666666667")
    assert kpis["win_rate"].is_rate
    assert kpis["visits"].current is None
    kgi.refresh_from_db()
    assert kgi.challenge_value == 100_000_000


def test_what_is_stored_still_reaches_the_target(cast):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    levers = {kpi.key: kpi.challenge for kpi in kgi.kpis.levers()}
    assert back_calculate(FunnelInput(revenue=None, **levers)).revenue >= 100_000_000


def test_a_saved_funnel_opens_as_it_was(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(
        kgi,
        win_rate_challenge="22.5",
        unknown="cv_rate",
        was="cv_rate",
        cv_rate_challenge=None,
        visits_challenge="30万",
    )
    answer = sign_in(cast.member).get(url(cast, kgi))
    form = answer.context["form"]
    assert form["win_rate_challenge"].value() == "22.5"
    assert form.unknown_number == "cv_rate"
    assert shown(answer, "cv_rate") == Decimal("1.24")


def test_saving_the_same_again_changes_nothing(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    for _time in range(2):
        assert ask(client, cast, kgi, headers={}, save="1").status_code == 302
    assert Funnel.objects.get().version == 1
    assert set(KPI.objects.values_list("version", flat=True)) == {1}


def test_a_colleagues_newer_funnel_is_not_overwritten_unseen(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    assert ask(client, cast, kgi, headers={}, save="1").status_code == 302
    answer = ask(client, cast, kgi, headers={}, save="1", win_rate_challenge="30")
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    assert kgi.kpis.get(key="win_rate").challenge == Decimal("0.2")
    again = ask(
        client, cast, kgi, headers={}, save="1", win_rate_challenge="30", version=answer.context["form"].data["version"]
    )
    assert again.status_code == 302
    assert kgi.kpis.get(key="win_rate").challenge == Decimal("0.3")


def test_a_kgi_raised_meanwhile_is_not_lowered_by_an_older_funnel_page(cast, sign_in):
    kgi, client = make_kgi(cast, must_hit_value=Decimal(450_000_000)), sign_in(cast.manager, language="en")
    page = {name: field.value() for name, field in fields_of(client.get(url(cast, kgi)).context["form"])}
    kgi.must_hit_value = Decimal(900_000_000)
    save_kgi(kgi, expected_version=kgi.version)
    sent = page | {"win_rate_challenge": "25", "save": "1"}
    answer = client.post(url(cast, kgi), sent)
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    assert KGI.objects.get().must_hit_value == 900_000_000
    versions = {name: answer.context["form"].data[name] for name in ("version", "kgi_version")}
    assert client.post(url(cast, kgi), sent | versions | {"revenue_must_hit": "9億"}).status_code == 302
    assert KGI.objects.get().must_hit_value == 900_000_000


def test_a_kgi_changed_elsewhere_does_not_stop_a_funnel_that_leaves_it_alone(cast, sign_in):
    kgi = make_kgi(cast)
    kgi.why = "理由を書き足した"
    save_kgi(kgi, expected_version=kgi.version)
    assert ask(sign_in(cast.manager), cast, kgi, headers={}, save="1").status_code == 302
    assert KGI.objects.get().why == "理由を書き足した"


def fields_of(form):
    """What a browser would send of the page."""
    return [(name, form[name]) for name in form.fields if form[name].value() is not None]


@pytest.mark.parametrize("version", ["9" * 4_500, "²", "x", ""])
def test_a_version_that_is_no_number_is_a_stale_one(cast, sign_in, version):
    kgi = make_kgi(cast)
    answer = ask(sign_in(cast.manager), cast, kgi, headers={}, save="1", version=version)
    assert answer.status_code == 422
    assert not Funnel.objects.exists()


def test_a_tree_built_by_hand_keeps_its_names_and_formulas(cast):
    kgi = make_kgi(cast)
    KPI.objects.create(kgi=kgi, key="orders", name="新しいお客さま", formula="deals * win_rate + walk_ins")
    KPI.objects.create(kgi=kgi, key="win_rate", name="成約率", is_rate=True, source="CRM")
    plan_funnel(kgi)
    assert kgi.kpis.get(key="orders").formula == "deals * win_rate + walk_ins"
    rate = kgi.kpis.get(key="win_rate")
    assert (rate.name, rate.source, rate.challenge) == ("成約率", "CRM", Decimal("0.2"))


def test_a_goal_that_stands_alone_becomes_the_revenue_and_one_with_nodes_beside_keeps_its_tree(cast, sign_in):
    alone, begun = make_kgi(cast), make_kgi(cast, name="作りかけ")
    goal = add_kpi(KPI(kgi=alone, key="sales", name="売上高", owner=cast.manager))
    plan_funnel(alone)
    goal.refresh_from_db()
    assert (goal.key, goal.formula, goal.name, goal.owner) == ("revenue", "orders * unit_price", "売上高", cast.manager)
    assert tree_of(alone).tree.evaluate("challenge")["revenue"] == pytest.approx(100_000_000)

    for key in ("sales", "visits"):
        add_kpi(KPI(kgi=begun, key=key, name=key))
    answer = sign_in(cast.manager, language="en").post(url(cast, begun), typed(save="1"))
    assert answer.status_code == 422
    assert "belong to its KPI tree" in answer.text


def test_looking_for_the_revenue_leaves_the_kgi_as_it_is(cast):
    kgi = make_kgi(cast)
    plan_funnel(kgi, unknown="revenue", was="revenue", revenue_challenge=None, visits_challenge="250,000")
    kgi.refresh_from_db()
    assert kgi.challenge_value == 100_000_000
    assert kgi.kpis.get(key="visits").challenge == 250_000


def test_a_kgi_that_starts_from_nothing_has_no_chain_today_and_no_error(cast):
    form = FunnelForm(typed(revenue_current="0", unit_price_current="120万", win_rate_current="20"), kgi=make_kgi(cast))
    assert form.is_valid()
    assert form.answers["current"] is None
    assert form.answers["challenge"] is not None


# Who may what


def test_readers_play_without_saving(cast, sign_in):
    kgi = make_kgi(cast)
    client = sign_in(cast.member, language="en")
    page = client.get(url(cast, kgi))
    assert 'name="save"' not in page.text
    assert "Nothing is saved" in page.text
    assert ask(client, cast, kgi, win_rate_challenge="50").status_code == 200
    assert ask(client, cast, kgi, headers={}, save="1").status_code == 403
    assert not Funnel.objects.exists()


def test_a_partner_sees_only_a_shared_funnel(cast, sign_in):
    kgi, other = make_kgi(cast), make_kgi(cast)
    share(kgi, cast.partner)
    plan_funnel(kgi)
    client = sign_in(cast.partner)
    answer = client.get(url(cast, kgi))
    assert answer.status_code == 200
    assert "key-results/" not in answer.text
    assert ask(client, cast, kgi, headers={}, save="1").status_code == 403
    assert client.get(url(cast, other)).status_code == 404
    assert ask(client, cast, other).status_code == 404


def test_a_stranger_meets_404_also_when_saving(cast, sign_in):
    kgi = make_kgi(cast)
    assert ask(sign_in(cast.stranger), cast, kgi, headers={}, save="1").status_code == 404


def test_an_answer_costs_few_queries(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    ask(client, cast, kgi)
    with CaptureQueriesContext(connection) as seen:
        ask(client, cast, kgi)
    assert len(seen) <= 8


# What is said


def headline(answer):
    return "".join(answer.context["finding"])


TODAY_COLUMN = {
    "revenue_current": "2億", "unit_price_current": "120万", "win_rate_current": "20",
    "deal_rate_current": "10", "cv_rate_current": "1",
}  # fmt: skip


def test_the_headline_claims_no_growth_where_less_than_today_is_enough(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    answer = ask(client, cast, make_kgi(cast), **TODAY_COLUMN)
    assert headline(answer) == "To reach ¥100M,no stage needs more than today."
    answer = ask(client, cast, make_kgi(cast), **TODAY_COLUMN | {"revenue_current": "1000万"})
    assert "must grow 10×." in headline(answer)


def test_a_revenue_that_was_found_is_said_to_hold_only_if_the_challenge_comes_true(cast, sign_in):
    answer = ask(
        sign_in(cast.manager, language="en"), cast, make_kgi(cast),
        unknown="revenue", was="revenue", revenue_challenge=None, visits_challenge="500,000",
    )  # fmt: skip
    assert headline(answer) == "If the challenge numbers come true,revenue is ¥120M."


@pytest.mark.parametrize(
    ("typed_rate", "asked"), [("0.2", True), ("0.2%", False), ("０．２％", False), ("20", False), ("1", False)]
)
def test_a_rate_that_looks_like_a_share_is_asked_about(cast, sign_in, typed_rate, asked):
    answer = ask(sign_in(cast.manager, language="en"), cast, make_kgi(cast), win_rate_challenge=typed_rate)
    assert answer.status_code == 200
    assert ("Win rate is read as 0.2%. Is 20% meant?" in answer.text) is asked


def test_only_the_column_with_the_mistake_is_marked(cast, sign_in):
    answer = ask(sign_in(cast.manager), cast, make_kgi(cast), unit_price_challenge="abc")
    slot = answer.text.split('id="wrong-unit_price"')[1].split("</div>")[0]
    assert 'data-column="challenge"' in slot
    assert "data-column" in slot
    assert 'data-column="current"' not in slot
    assert 'data-column="must_hit"' not in slot


def test_a_price_that_was_found_is_said_as_short_as_revenue(cast, sign_in):
    answer = ask(
        sign_in(cast.manager), cast, make_kgi(cast),
        unknown="unit_price", was="unit_price", unit_price_challenge=None, visits_challenge="500,000",
    )  # fmt: skip
    slot = answer.text.split('id="answer-unit_price-challenge"')[1].split("</div>")[0]
    assert "万" in slot
