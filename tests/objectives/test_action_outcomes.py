"""What came of an action: asked when it is finished, offered from what its lever did, told on its page."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

from funnel.models import KGI, KPI, KPIReading
from objectives.formulas.lever_levels import levels_around
from objectives.models import Action, Activity, Experiment
from objectives.queries.action_outcomes import meanwhile_of
from objectives.services.action_outcomes import record_outcome
from objectives.services.actions import add_action, drop_action, finish_action
from people.refusals import Refusal
from tests.cast import TODAY

pytestmark = pytest.mark.django_db

NOTHING = {"actual_change": None, "result": "", "cost": None, "deals": None, "orders": None, "revenue": None}


@pytest.fixture
def win_rate(cast) -> KPI:
    """A rate below a KGI in yen: revenue = deals × win rate × 1,200,000."""
    kgi = KGI.objects.create(
        organization=cast.organization, name="売上", unit="円", must_hit_value=48_000_000, owner=cast.executive
    )
    KPI.objects.create(kgi=kgi, key="revenue", name="売上", is_goal=True, formula="deals * win * 1200000")
    KPI.objects.create(kgi=kgi, key="deals", name="商談", unit="件", period="month", current=100, position=1)
    return KPI.objects.create(kgi=kgi, key="win", name="受注率", is_rate=True, current=Decimal("0.2"), position=2)


def read(kpi: KPI, *values: tuple[date, str]) -> None:
    KPIReading.objects.bulk_create(
        KPIReading(kpi=kpi, date=day, value=Decimal(value), source=f"test:{kpi.pk}:{day}") for day, value in values
    )


@pytest.fixture
def action(cast, win_rate) -> Action:
    """Begun on 13 April, finished on 1 May."""
    made = add_action(
        team=cast.sales, title="提案書の型を直す", owner=cast.member, due_on=None, by=cast.member, kpi=win_rate
    )
    made = finish_action(made, by=cast.member)
    Action.objects.filter(pk=made.pk).update(
        began_on=date(2026, 4, 13), closed_on=date(2026, 5, 1), expected_change=Decimal("0.01")
    )
    made.refresh_from_db()
    return made


def test_the_outcome_is_written_once_and_told_with_what_it_is_worth(cast, sign_in, action):
    client = sign_in(cast.member, language="en")
    address = cast.url(f"actions/{action.pk}/outcome/")
    form = client.get(address).context["form"]
    sent = {
        "result": "三社中二社が\n契約した",
        "actual_change": "０．６",
        "cost": "12万",
        "deals": "3",
        "orders": "2",
        "revenue": "240万",
        "version": form["version"].value(),
    }
    for _twice in range(2):
        assert client.post(address, sent).status_code == 302
    action.refresh_from_db()
    said = (action.actual_change, action.cost, action.deals, action.orders, action.revenue, action.result)
    assert said == (Decimal("0.006"), 120_000, 3, 2, 2_400_000, "三社中二社が 契約した")
    assert client.post(address, sent | {"orders": "5"}).status_code == 422
    assert form.fields["actual_change"].widget.attrs["inputmode"] == "text"  # digits alone have no minus
    spoken = sent | {"actual_change": "0.6ポイント", "version": action.version}
    assert client.post(address, spoken).status_code == 302
    action.refresh_from_db()
    assert action.actual_change == Decimal("0.006")
    assert '<span class="suffix">points</span>' in client.get(address).text
    assert '<span class="suffix">yen</span>' in client.get(address).text
    page = client.get(address, headers={"hx-request": "true"}).text
    assert "60% of what was expected" in page
    assert "¥720k" in page  # 100 deals × 0.006 × ¥1.2M
    assert "¥2.28M" in page


def test_what_cannot_be_read_is_refused_beside_its_field_and_kept(cast, sign_in, action):
    client = sign_in(cast.member)
    address = cast.url(f"actions/{action.pk}/outcome/")
    sent = {
        "actual_change": "たくさん",
        "cost": "-5",
        "deals": "1.5",
        "orders": "9" * 12,
        "revenue": "1E+99",
        "version": "3",
    }
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"actual_change", "cost", "deals", "orders", "revenue"}
    assert "たくさん" in answer.text
    assert sign_in(cast.colleague).get(address).context["form"] is None
    assert sign_in(cast.colleague).post(address, sent).status_code == 403
    assert sign_in(cast.stranger).get(address).status_code == 404


def test_a_dropped_action_takes_no_outcome_and_one_without_a_lever_no_change(cast, sign_in, win_rate):
    bare = add_action(team=cast.sales, title="掃除", owner=cast.member, due_on=None, by=cast.member)
    with pytest.raises(Refusal) as refused:
        record_outcome(bare, by=cast.member, **NOTHING | {"actual_change": Decimal(1)})
    assert refused.value.code == "no_lever"
    dropped = drop_action(bare, by=cast.member, reason="やめた")
    with pytest.raises(Refusal) as refused:
        record_outcome(dropped, by=cast.member, **NOTHING | {"result": "何か"})
    assert refused.value.code == "dropped"
    page = sign_in(cast.member).get(cast.url(f"actions/{bare.pk}/outcome/"))
    assert (page.status_code, page.context["form"]) == (200, None)


def test_a_partner_says_what_came_of_it_but_hears_and_writes_no_money(cast, sign_in, action):
    key_result = cast.objective().key_results.first()
    from objectives.models import ObjectiveShare

    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner, may_write=True)
    Action.objects.filter(pk=action.pk).update(key_result=key_result, cost=987_654, revenue=5)
    action.refresh_from_db()
    client = sign_in(cast.partner)
    address = cast.url(f"actions/{action.pk}/outcome/")
    page = client.get(address)
    assert set(page.context["form"].fields) == {"result", "version"}
    for secret in ("987,6", "987654", "98.7", "98.8", "受注率"):
        assert secret not in page.text, secret
    Action.objects.filter(pk=action.pk).update(deals=3)
    assert "Nothing is said yet." in sign_in(cast.partner, language="en").get(address).text
    assert client.post(address, {"result": "三社と話した", "version": action.version}).status_code == 302
    action.refresh_from_db()
    assert (action.result, action.cost) == ("三社と話した", 987_654)
    kept = {name: getattr(action, name) for name in NOTHING}
    with pytest.raises(Refusal) as refused:
        record_outcome(action, by=cast.partner, **kept | {"cost": Decimal(1)})
    assert refused.value.code == "not_for_partners"


def test_what_the_lever_did_meanwhile_is_offered_and_never_written_by_itself(cast, sign_in, action, win_rate):
    weeks = [date(2026, 3, 30) + timedelta(weeks=n) for n in range(7)]
    read(win_rate, *zip(weeks, ["0.19", "0.21", "0.3", "0.3", "0.3", "0.25", "0.27"], strict=True))
    other = add_action(
        team=cast.sales, title="見積を早く出す", owner=cast.member, due_on=None, by=cast.member, kpi=win_rate
    )
    finish_action(other, by=cast.member)
    client = sign_in(cast.member, language="en")
    address = cast.url(f"actions/{action.pk}/outcome/")
    page = client.get(address)
    found = page.context["meanwhile"]
    assert (found.levels.length, found.levels.before.readings, found.levels.since.readings) == (2, 2, 2)
    assert found.proposal == Decimal("0.06")
    assert found.others == [other]
    assert "stood at 20% before and has stood at 26% since" in page.text
    assert "few readings" in page.text
    taken = client.post(address, {"act": "take", "result": "よくなった", "version": action.version})
    assert taken.status_code == 200
    assert 'value="6"' in taken.text
    assert "よくなった" in taken.text
    action.refresh_from_db()
    assert (action.actual_change, action.result) == (None, "")


def test_a_lever_that_was_not_read_or_only_now_says_so(cast, sign_in, action, win_rate):
    client = sign_in(cast.member, language="en")
    assert "read neither before nor since" in client.get(cast.url(f"actions/{action.pk}/outcome/")).text
    Action.objects.filter(pk=action.pk).update(closed_on=TODAY)
    assert "Too little time has passed" in client.get(cast.url(f"actions/{action.pk}/outcome/")).text


def test_volumes_are_brought_to_the_levers_own_period(win_rate):
    deals = KPI.objects.get(kgi=win_rate.kgi, key="deals")
    weeks = [date(2026, 3, 30) + timedelta(weeks=n) for n in range(8)]
    read(deals, *zip(weeks, ["7", "7", "7", "7", "7", "14", "14", "14"], strict=True))
    action = Action(
        organization=win_rate.kgi.organization,
        kpi=deals,
        began_on=date(2026, 4, 13),
        closed_on=date(2026, 5, 1),
        state="done",
    )
    found = meanwhile_of(action, deals, today=TODAY)
    assert found.levels is not None
    assert round(found.levels.before.level, 1) == Decimal("30.4")  # 7 a week are 30.4 a month
    assert found.proposal == Decimal("30.4")


def test_months_are_compared_where_nothing_was_read_by_the_week():
    from funnel.formulas.actuals import MONTH, Reading

    months = [Reading(date(2026, n, 28), Decimal(10 * n), MONTH) for n in range(1, 6)]
    found = levels_around(
        months, began=date(2026, 3, 10), ended=date(2026, 3, 20), today=date(2026, 6, 3), period="month"
    )
    assert found is not None
    assert (found.span, found.length, found.before.level, found.since.level) == ("month", 2, 15, 45)


def test_the_page_of_an_action_tells_its_experiments_and_lines_in_few_queries(
    cast, sign_in, action, django_assert_max_num_queries
):
    days = {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 18)}
    common = {"organization": cast.organization, "team": cast.sales, "owner": cast.member, "created_by": cast.member}
    Experiment.objects.bulk_create(
        Experiment(
            title=f"試し {n}", hypothesis="型があれば早い", action=action, submission_key=uuid.uuid4(), **common, **days
        )
        for n in range(4)
    )
    Activity.objects.bulk_create(
        Activity(organization=cast.organization, membership=cast.member, date=TODAY, text=f"行 {n}", action=action)
        for n in range(12)
    )
    client = sign_in(cast.colleague, language="en")
    address = cast.url(f"actions/{action.pk}/outcome/")
    with django_assert_max_num_queries(16):
        page = client.get(address, headers={"hx-request": "true"}).text
    assert "試し 3" in page
    assert "12 lines of the daily log belong to it" in page
    assert f"experiments/new/?action={action.pk}" not in page  # it is done


def test_a_levers_page_shows_its_action_plan(cast, sign_in, action, win_rate):
    address = cast.url(f"kpis/{win_rate.pk}/actions/")
    client = sign_in(cast.member, language="en")
    assert client.get(address).status_code == 302
    page = client.get(address, headers={"hx-request": "true"}).text
    assert "提案書の型を直す" in page
    assert "¥1.2M" in page
    assert "Add an action for this" in page
    assert f"kpis/{win_rate.pk}/actions/" in client.get(cast.url(f"kgis/{win_rate.kgi_id}/tree/{win_rate.pk}/")).text
