"""From the funnel of a KGI to the key results of a cycle."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.models import Cycle, CycleState, KeyResult, Kind, Level, MeasureType, Objective, ObjectiveState
from objectives.services import change_state, record_check_in
from tests.funnel.plans import make_kgi, plan_funnel, share

pytestmark = pytest.mark.django_db

NOW = {
    "revenue_current": "3300万",
    "unit_price_current": "110万",
    "win_rate_current": "15",
    "deal_rate_current": "10",
    "cv_rate_current": "1",
}


def url(cast, kgi, query=""):
    return cast.url(f"kgis/{kgi.pk}/key-results/{query}")


def planned_kgi(cast, **fields):
    kgi = make_kgi(cast, **fields)
    plan_funnel(kgi, **NOW)
    return kgi


def proposed(answer):
    return {row.proposal.kpi.key: row for row in answer.context["rows"]}


def sent_form(answer, *picks, **changes):
    """What a browser sends: everything that stands on the page, with these lines ticked."""
    sent = {"cycle": str(answer.context["cycle"].pk), "goes_to": "new"}
    sent |= {name: answer.context["divide"][name].value() for name in ("cycle_months", "period_months")}
    for row in answer.context["rows"]:
        for name in (
            "title",
            "start_value",
            "must_hit_value",
            "target_value",
            "measured_how",
            "submission_key",
            "owner",
        ):
            value = row[name].value()
            sent[row.add_prefix(name)] = "" if value is None else str(value)
    for key in picks:
        sent[f"{key}-pick"] = "on"
    new = answer.context["new"]
    if new is not None:
        for field in new:
            value = field.value()
            if value not in (None, False):
                sent[field.html_name] = str(getattr(value, "pk", value))
    return {name: value for name, value in (sent | changes).items() if value is not None}


def make(client, cast, kgi, *picks, **changes):
    page = client.get(url(cast, kgi))
    assert page.status_code == 200
    return client.post(url(cast, kgi), sent_form(page, *picks, **changes))


# What is proposed


def test_a_rate_says_how_it_is_worked_out_and_a_volume_what_the_whole_period_asks(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    text = sign_in(cast.manager, language="en").get(url(cast, kgi)).text
    assert 'value="Orders ÷ Deals"' in text
    assert "84 orders in the KGI&#x27;s period" in text or "84 orders in the KGI's period" in text
    assert 'value="1,042"' in text


def test_the_worked_example_is_divided_to_the_quarter(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    answer = sign_in(cast.manager).get(url(cast, kgi))
    assert (answer.context["divide"]["cycle_months"].value(), answer.context["divide"]["period_months"].value()) == (
        "3",
        "12",
    )
    rows = proposed(answer)
    assert {key: rows[key].proposal.target for key in ("orders", "deals", "cvs", "visits")} == {
        "orders": 21,
        "deals": 105,
        "cvs": 1042,
        "visits": 104167,
    }
    assert {rows[key].proposal.kind for key in ("orders", "deals", "cvs", "visits", "revenue")} == {Kind.CUMULATIVE}
    assert {rows[key].proposal.kind for key in ("unit_price", "win_rate", "deal_rate", "cv_rate")} == {Kind.REACH}
    assert rows["revenue"].proposal.target == 25_000_000


def test_must_hit_and_challenge_come_from_solving_for_both(cast, sign_in):
    kgi = make_kgi(cast, must_hit_value=Decimal(60_000_000))
    plan_funnel(
        kgi, **NOW, revenue_must_hit="6000万", win_rate_must_hit="18", unit_price_must_hit="120万",
        deal_rate_must_hit="10", cv_rate_must_hit="1",
    )  # fmt: skip
    rows = proposed(sign_in(cast.manager).get(url(cast, kgi)))
    deals, rate, price = (rows[key].proposal for key in ("deals", "win_rate", "unit_price"))
    assert (deals.start, deals.must_hit, deals.target, deals.unit) == (0, 70, 105, deals.unit)
    assert (rate.start, rate.must_hit, rate.target, rate.unit) == (15, 18, 20, "%")
    assert (price.start, price.must_hit, price.target, price.unit) == (1_100_000, 1_200_000, 1_200_000, "円")


def test_a_lever_that_stays_where_it_is_cannot_be_ticked_and_says_why(cast, sign_in):
    answer = sign_in(cast.manager, language="en").get(url(cast, planned_kgi(cast)))
    assert proposed(answer)["cv_rate"].proposal.obstacle
    assert "It stays where it is, so there is nothing to reach." in answer.text
    assert 'name="cv_rate-pick"' not in answer.text


@pytest.mark.parametrize(
    ("query", "months", "deals"), [("?cycle_months=6", "6", 209), ("?cycle_months=1&period_months=24", "1", 18)]
)
def test_the_share_of_the_period_can_be_edited(cast, sign_in, query, months, deals):
    answer = sign_in(cast.manager).get(url(cast, planned_kgi(cast), query))
    assert answer.context["divide"]["cycle_months"].value() == months
    assert proposed(answer)["deals"].proposal.target == deals


def test_changing_the_cycle_answers_with_the_proposals_alone(cast, sign_in):
    other = Cycle.objects.create(
        organization=cast.organization, name="FY2026 H1", start=date(2026, 4, 1), end=date(2026, 9, 30)
    )
    answer = sign_in(cast.manager).get(
        url(cast, planned_kgi(cast), f"?cycle={other.pk}&cycle_months=&period_months="),
        headers={"HX-Request": "true", "HX-Target": "proposals"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.context["cycle"] == other
    assert proposed(answer)["deals"].proposal.target == 209


def test_a_cycle_outside_the_kgis_period_is_said(cast, sign_in):
    Cycle.objects.filter(pk=cast.cycle.pk).update(start=date(2027, 4, 1), end=date(2027, 6, 30))
    answer = sign_in(cast.manager, language="en").get(url(cast, planned_kgi(cast)))
    assert "lies outside the KGI" in answer.text
    assert proposed(answer)["deals"].proposal.target == 105


@pytest.mark.parametrize(
    "query", ["?cycle_months=0", "?cycle_months=-1", "?period_months=abc", "?cycle_months=13", "?cycle_months=1e99"]
)
def test_a_share_that_is_none_is_a_sentence_and_the_page_still_answers(cast, sign_in, query):
    answer = sign_in(cast.manager).get(url(cast, planned_kgi(cast), query))
    assert answer.status_code == 422
    assert answer.context["divide"].errors
    assert proposed(answer)["deals"].proposal.target == 105


def test_without_a_funnel_or_an_open_cycle_the_page_says_what_comes_first(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    assert "There is no funnel and no KPI tree yet." in client.get(url(cast, make_kgi(cast))).text
    Cycle.objects.update(state=CycleState.CLOSED)
    assert "No cycle is open." in client.get(url(cast, planned_kgi(cast))).text


def test_the_lever_one_came_from_is_ticked(cast, sign_in):
    rows = proposed(sign_in(cast.manager).get(url(cast, planned_kgi(cast), "?lever=win_rate")))
    assert [key for key, row in rows.items() if row.is_picked] == ["win_rate"]


def test_two_to_four_are_ticked_at_first(cast, sign_in):
    rows = proposed(sign_in(cast.manager).get(url(cast, planned_kgi(cast))))
    assert [key for key, row in rows.items() if row.is_picked] == ["unit_price", "win_rate", "deals"]


# What is made


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_new_objective_and_its_key_results_are_made_in_one_step(cast, sign_in, language):
    kgi = planned_kgi(cast)
    answer = make(
        sign_in(cast.manager, language=language), cast, kgi, "deals", "win_rate", **{"deals-owner": cast.member.pk}
    )
    objective = Objective.objects.get()
    assert answer.status_code == 302
    assert answer.url == cast.url(f"objectives/{objective.pk}/")
    assert (objective.cycle, objective.kgi, objective.team, objective.owner) == (
        cast.cycle,
        kgi,
        cast.sales,
        cast.manager,
    )
    assert (objective.state, objective.level) == (ObjectiveState.DRAFT, Level.TEAM)
    rate, deals = (objective.key_results.get(kpi__key=key) for key in ("win_rate", "deals"))
    assert (rate.kind, rate.unit, rate.start_value, rate.target_value) == (Kind.REACH, "%", 15, 20)
    assert (deals.kind, deals.start_value, deals.target_value, deals.owner) == (Kind.CUMULATIVE, 0, 105, cast.member)
    assert (rate.measure_type, deals.measure_type) == (MeasureType.RESULT, MeasureType.PROCESS)
    assert rate.scored.share == pytest.approx(0.5)


def test_every_number_can_be_edited_before_saving(cast, sign_in):
    changes = {
        "deals-title": "新しい業界との商談", "deals-must_hit_value": "８０", "deals-target_value": "1.2百",
        "deals-start_value": "5", "deals-measured_how": "CRM", "new-title": "午後の一杯を届ける",
    }  # fmt: skip
    assert make(sign_in(cast.manager), cast, planned_kgi(cast), "deals", **changes).status_code == 302
    made = KeyResult.objects.get()
    assert (made.title, made.start_value, made.must_hit_value, made.target_value) == ("新しい業界との商談", 5, 80, 120)
    assert made.measured_how == "CRM"
    assert made.objective.title == "午後の一杯を届ける"


def test_they_can_join_an_objective_that_exists(cast, sign_in):
    objective = cast.objective(key_results=2)
    changes = {"goes_to": "existing", "objective": str(objective.pk)}
    answer = make(sign_in(cast.manager), cast, planned_kgi(cast), "deals", "win_rate", **changes)
    assert answer.url == cast.url(f"objectives/{objective.pk}/")
    assert objective.key_results.count() == 4
    assert Objective.objects.count() == 1


def test_sending_twice_makes_them_once(cast, sign_in):
    kgi, client = planned_kgi(cast), sign_in(cast.manager)
    sent = sent_form(client.get(url(cast, kgi)), "deals", "win_rate")
    first, second = (client.post(url(cast, kgi), sent) for _time in range(2))
    assert first.url == second.url
    assert (Objective.objects.count(), KeyResult.objects.count()) == (1, 2)


def test_a_lever_that_has_a_key_result_is_marked_and_not_ticked_again(cast, sign_in):
    kgi, client = planned_kgi(cast), sign_in(cast.manager)
    make(client, cast, kgi, "deals", "win_rate", **{"new-title": "午後を支える"})
    answer = client.get(url(cast, kgi))
    assert proposed(answer)["deals"].taken.objective.title == "午後を支える"
    assert not proposed(answer)["deals"].is_picked
    assert "午後を支える" in answer.text


def test_a_check_in_on_what_was_made_becomes_a_reading_of_the_lever(cast, sign_in):
    kgi = planned_kgi(cast)
    make(sign_in(cast.manager), cast, kgi, "deals", "win_rate")
    change_state(Objective.objects.get(), to=ObjectiveState.ACTIVE, by=cast.manager)
    record_check_in(KeyResult.objects.get(kpi__key="win_rate"), author=cast.member, value=Decimal(18))
    assert kgi.kpis.get(key="win_rate").readings.get().value == Decimal("0.18")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deals-target_value": "たくさん"}, "This is not a number."),
        ({"deals-target_value": ""}, "Say what the challenge target is."),
        ({"deals-target_value": "0"}, "there would be nothing to reach"),
        ({"deals-target_value": "45%"}, "This number is not a percentage"),
        ({"deals-title": " "}, "Give the key result a title."),
        ({"deals-title": "長" * 201}, "at most 200 characters"),
        ({"deals-submission_key": "x"}, "Enter a valid UUID."),
        ({"new-title": ""}, "This field is required."),
        ({"new-title": "a\0"}, "Null characters are not allowed."),
        ({"new-team": "999999"}, "Select a valid choice."),
        ({"goes_to": "existing"}, "Choose an objective, or write a new one."),
        ({"goes_to": "existing", "objective": "999999"}, "Select a valid choice."),
        ({"cycle_months": "0"}, "Type a number of months above 0."),
        ({"cycle": "999999"}, "The cycle you chose is no longer open."),
        ({"new-submission_key": "x"}, "Enter a valid UUID."),
        ({"deals-pick": None}, "Tick at least one line"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_half_saved(cast, sign_in, changes, sentence):
    cast.objective()
    kgi = planned_kgi(cast)
    before = KeyResult.objects.count()
    typed = {"deals-measured_how": "CRMの商談"} | changes
    answer = make(sign_in(cast.manager, language="en"), cast, kgi, "deals", **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "CRMの商談" in answer.text
    assert (Objective.objects.count(), KeyResult.objects.count()) == (1, before)


def test_a_single_key_result_is_made_and_advice_given(cast, sign_in):
    client, kgi = sign_in(cast.manager, language="en"), planned_kgi(cast)
    sent = sent_form(client.get(url(cast, kgi)), "deals")
    text = client.post(url(cast, kgi), sent, follow=True).text
    assert "1 key result comes from the funnel." in text
    assert "1 key result says little." in text


def test_what_is_wrong_in_a_line_not_ticked_does_not_matter(cast, sign_in):
    assert (
        make(sign_in(cast.manager), cast, planned_kgi(cast), "deals", **{"visits-target_value": "?"}).status_code == 302
    )


def test_a_sixth_key_result_of_an_active_objective_is_refused_and_none_is_made(cast, sign_in):
    objective = cast.objective(key_results=4)
    changes = {"goes_to": "existing", "objective": str(objective.pk)}
    answer = make(sign_in(cast.manager, language="en"), cast, planned_kgi(cast), "deals", "win_rate", **changes)
    assert answer.status_code == 422
    assert "nobody knows what comes first" in answer.text
    assert objective.key_results.count() == 4


# Who may


def test_a_member_proposes_for_their_own_team_as_owner(cast, sign_in):
    answer = make(sign_in(cast.member), cast, planned_kgi(cast), "deals", "win_rate")
    objective = Objective.objects.get()
    assert answer.status_code == 302
    assert (objective.owner, objective.team, objective.state) == (cast.member, cast.sales, ObjectiveState.DRAFT)


def test_others_objectives_cannot_be_chosen(cast, sign_in):
    foreign = cast.objective(team=cast.online, owner=cast.colleague)
    changes = {"goes_to": "existing", "objective": str(foreign.pk)}
    answer = make(sign_in(cast.manager), cast, planned_kgi(cast), "deals", **changes)
    assert answer.status_code == 422
    assert foreign.key_results.count() == 2


def test_partners_may_read_the_kgi_but_not_make_key_results(cast, sign_in):
    kgi = planned_kgi(cast)
    client = sign_in(cast.partner)
    assert client.get(url(cast, kgi)).status_code == 404
    share(kgi, cast.partner)
    assert client.get(url(cast, kgi)).status_code == 403
    assert client.post(url(cast, kgi), {}).status_code == 403


def test_a_stranger_meets_404(cast, sign_in):
    kgi = planned_kgi(cast)
    assert sign_in(cast.stranger).get(url(cast, kgi)).status_code == 404
    assert sign_in(cast.stranger).post(url(cast, kgi), {}).status_code == 404


def test_the_page_costs_the_same_with_many_objectives(cast, sign_in):
    kgi, client = planned_kgi(cast), sign_in(cast.manager)
    cast.objective()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url(cast, kgi)).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(20):
        cast.objective(title=f"目標 {number}")
    assert queries() == few <= 30
