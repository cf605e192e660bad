"""Levers in a partner's hands, and what they bring to the KGI month by month."""

import subprocess
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from dashboards import exports
from funnel.models import KGI, KPI, ContributionReport, KPIReading, KPIShare, PartnerLever, PartnerRoom
from objectives.models import Action, ActionState, Notice, NoticeKind
from objectives.queries.contribution_content import all_months, content_of
from objectives.queries.contributions import open_work
from objectives.services.contributions import issue_report
from objectives.services.entrusting import change_lever, entrust_lever, remove_lever
from objectives.services.members import change_member, end_membership
from objectives.services.sharing import share_kgi, share_kpi
from people.models import Export, Membership, Role
from people.refusals import Refusal
from tests.funnel.plans import make_kgi

JUNE = "2026-06-10T10:00:00+09:00"
MAY = date(2026, 5, 1)
KEY = "6f1c1f6e-5f5d-4a6c-9d2b-0d7e4b1c2a33"


@pytest.fixture
def kgi(cast):
    kgi = make_kgi(cast, name="法人の売上")
    nodes = (
        ("revenue", "売上", "orders * price", None, "円", "", False, True),
        ("orders", "受注の数", "visits * rate", None, "件", "", False, False),
        ("visits", "来訪", "", 1200, "回", "year", False, False),
        ("rate", "成約率", "", "0.1", "%", "", True, False),
        ("price", "単価", "", 1000, "円", "", False, False),
    )
    for position, (key, name, formula, current, unit, period, is_rate, is_goal) in enumerate(nodes):
        KPI.objects.create(
            kgi=kgi,
            key=key,
            name=name,
            formula=formula,
            current=None if current is None else Decimal(current),
            unit=unit,
            period=period,
            is_rate=is_rate,
            is_goal=is_goal,
            position=position,
        )
    return kgi


@pytest.fixture
def levers(kgi):
    return {kpi.key: kpi for kpi in kgi.kpis.all()}


def read(kpi, day, value, **more):
    KPIReading.objects.create(kpi=kpi, date=day, value=Decimal(str(value)), source=f"hand:{day}", **more)


def give(cast, kpi, portion="1", start=None, began=date(2026, 4, 1), partner=None, by=None, ended=None):
    return entrust_lever(
        kpi,
        partner or cast.partner,
        by=by or cast.manager,
        portion=Decimal(portion),
        start_value=Decimal(str(kpi.current if start is None else start)),
        began_on=began,
        ended_on=ended,
    )


def end(row, *, by, on):
    return change_lever(
        row,
        by=by,
        portion=row.portion,
        start_value=row.start_value,
        began_on=row.began_on,
        ended_on=on,
        expected_version=row.version,
    )


def refused(act, *args, **named) -> str:
    with pytest.raises(Refusal) as found:
        act(*args, **named)
    return found.value.code


def at(cast, path=""):
    return cast.url(f"partners/{cast.partner.pk}/{path}")


@pytest.fixture
def worked(cast, kgi, levers, move_clock):
    """In May 150 came, against 100 a month at the start; the rate was read 12%, and the price was not read."""
    give(cast, levers["visits"])
    give(cast, levers["rate"], portion="0.5")
    read(levers["visits"], date(2026, 5, 10), 150)
    read(levers["rate"], date(2026, 5, 31), "0.12", span="month")
    move_clock(JUNE)
    return kgi


def may(cast, kgi):
    months = all_months(open_work(cast.manager, cast.partner, kgi))
    return content_of(months, MAY, PartnerRoom.objects.filter(membership=cast.partner).first())


# Entrusting


def test_a_manager_puts_a_lever_into_a_partners_hands_and_takes_it_back(cast, levers, sign_in):
    client, rate = sign_in(cast.manager), levers["rate"]
    page = client.get(at(cast, f"levers/add/?kpi={rate.pk}"))
    assert 'value="10"' in page.content.decode()
    sent = {"portion": "70", "start_value": "10", "began_on": "2026-04-01", "ended_on": ""}
    for _twice in range(2):
        assert client.post(at(cast, f"levers/add/?kpi={rate.pk}"), sent).status_code == 302
    row = PartnerLever.objects.get()
    assert (row.portion, row.start_value, row.began_on) == (Decimal("0.7"), Decimal("0.1"), date(2026, 4, 1))
    assert "成約率" in client.get(at(cast)).content.decode()
    address = at(cast, f"levers/{row.pk}/")
    ended = sent | {"ended_on": "2026-05-10", "version": "1"}
    for _twice in range(2):
        assert client.post(address, ended).status_code == 302
    row.refresh_from_db()
    assert (row.ended_on, row.version) == (date(2026, 5, 10), 2)
    stale = client.post(address, sent | {"portion": "20", "version": "1"})
    assert stale.status_code == 422
    assert 'value="20"' in stale.content.decode()


def test_with_a_lever_goes_its_share_unless_the_whole_kgi_is_shared(cast, levers):
    give(cast, levers["rate"])
    assert KPIShare.objects.filter(kpi=levers["rate"], membership=cast.partner).count() == 1
    share_kgi(levers["price"].kgi, cast.partner, by=cast.manager, shared=True)
    give(cast, levers["price"])
    assert not KPIShare.objects.filter(kpi=levers["price"]).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"portion": "0"}, "portion"),
        ({"portion": "120"}, "portion"),
        ({"portion": ""}, "portion"),
        ({"start_value": "abc"}, "start_value"),
        ({"start_value": "9" * 40}, "start_value"),
        ({"began_on": "x"}, "began_on"),
        ({"began_on": "2099-01-01"}, "began_on"),
        ({"ended_on": "2026-01-01"}, "ended_on"),
    ],
)
def test_what_makes_no_agreement_is_said_beside_its_field(cast, levers, sign_in, change, field):
    sent = {"portion": "70", "start_value": "10", "began_on": "2026-04-01", "ended_on": ""} | change
    answer = sign_in(cast.manager).post(at(cast, f"levers/add/?kpi={levers['rate'].pk}"), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not PartnerLever.objects.exists()


@pytest.mark.parametrize("portion", ["0", "150", "-5"])
def test_of_a_portion_one_sentence_says_how_much_it_may_be(cast, levers, sign_in, portion):
    sent = {"portion": portion, "start_value": "10", "began_on": "2026-04-01", "ended_on": ""}
    answer = sign_in(cast.manager).post(at(cast, f"levers/add/?kpi={levers['rate'].pk}"), sent)
    assert answer.context["form"].errors["portion"] == ["割合は0%より大きく、100%以下にしてください。"]


def test_the_start_is_the_latest_actual_and_one_far_from_it_is_asked_about_once_more(cast, levers, sign_in):
    client, rate = sign_in(cast.manager), levers["rate"]
    read(rate, date(2026, 4, 30), "0.14", span="month")
    address = at(cast, f"levers/add/?kpi={rate.pk}")
    page = client.get(address).content.decode()
    assert 'value="14"' in page
    assert "2026年4月の実績 14%" in page
    assert "計画の現状値 10%" in page
    assert 'name="confirmed"' not in page
    sent = {"portion": "100", "start_value": "10", "began_on": "2026-05-20", "ended_on": ""}
    asked = client.post(address, sent)
    assert asked.status_code == 422
    assert "実績とかなり違います" in asked.context["form"].errors["start_value"][0]
    assert 'value="10"' in asked.content.decode()
    assert 'name="confirmed"' in asked.content.decode()
    assert not PartnerLever.objects.exists()
    assert client.post(address, sent | {"confirmed": "on"}).status_code == 302
    row = PartnerLever.objects.get()
    same = sent | {"portion": "50", "version": "1"}
    assert client.post(at(cast, f"levers/{row.pk}/"), same).status_code == 302


def test_of_a_volume_the_start_is_the_months_pace_in_its_own_period(cast, levers, sign_in):
    read(levers["visits"], date(2026, 4, 10), 150)
    page = sign_in(cast.manager).get(at(cast, f"levers/add/?kpi={levers['visits'].pk}")).content.decode()
    assert 'value="1,800"' in page


def test_a_lever_given_away_by_mistake_is_undone_until_a_report_counts_it(cast, levers, sign_in):
    row = give(cast, levers["rate"])
    client, address = sign_in(cast.manager), at(cast, f"levers/{row.pk}/")
    assert "任せなかったことにする" in client.get(address).content.decode()
    assert sign_in(cast.member).post(address, {"undo": "1"}).status_code == 403
    for _twice in range(2):
        assert client.post(address, {"undo": "1"}).status_code == 302
    assert not PartnerLever.objects.exists()
    assert not KPIShare.objects.exists()
    remove_lever(row, by=cast.manager)


def test_a_lever_that_a_report_counts_can_only_be_ended(cast, worked, levers, sign_in):
    issue_report(cast.partner, worked, MAY, by=cast.manager)
    row = PartnerLever.objects.get(kpi=levers["rate"])
    assert refused(remove_lever, row, by=cast.manager) == "reported"
    address = at(cast, f"levers/{row.pk}/")
    assert 'name="undo"' not in sign_in(cast.manager).get(address).content.decode()
    assert sign_in(cast.manager).post(address, {"undo": "1"}).status_code == 302
    assert PartnerLever.objects.filter(pk=row.pk).exists()


def test_what_is_in_their_hands_stays_open_to_them(cast, kgi, levers, sign_in):
    rate = levers["rate"]
    share_kgi(kgi, cast.partner, by=cast.manager, shared=True)
    give(cast, rate)
    sent = {"noun": "kgi", "id": kgi.pk, "shared": "0"}
    said = sign_in(cast.manager).post(at(cast, "share/"), sent, follow=True).content.decode()
    assert "担当レバー（成約率）は引き続き見えます" in said
    assert [share.kpi for share in KPIShare.objects.filter(membership=cast.partner)] == [rate]
    assert refused(share_kpi, rate, cast.partner, by=cast.manager, shared=False) == "lever_held"
    end(PartnerLever.objects.get(), by=cast.manager, on=cast.organization.today)
    share_kpi(rate, cast.partner, by=cast.manager, shared=False)
    assert not KPIShare.objects.exists()


def test_only_levers_and_only_partners(cast, levers):
    orders = levers["orders"]
    assert refused(give, cast, orders, start=1) == "not_a_lever"
    assert refused(give, cast, levers["rate"], partner=cast.member) == "not_a_partner"
    with pytest.raises(PermissionDenied):
        give(cast, levers["rate"], by=cast.member)


def test_no_more_than_all_of_a_lever_is_given_away_in_any_month(cast, levers):
    second = Membership.objects.create(organization=cast.organization, user=cast.stranger.user, role=Role.PARTNER)
    rate = levers["rate"]
    row = give(cast, rate, "0.6", ended=date(2026, 6, 20))
    with pytest.raises(Refusal) as found:
        give(cast, rate, "0.5", partner=second, began=date(2026, 6, 21))
    assert found.value.code == "portions_above_one"
    assert cast.partner.user.name in found.value.detail
    give(cast, rate, "0.4", partner=second, began=date(2026, 5, 1), ended=date(2026, 6, 30))
    give(cast, rate, "1", partner=second, began=date(2026, 7, 1))
    longer = {"portion": Decimal("0.6"), "start_value": row.start_value, "began_on": row.began_on, "ended_on": None}
    assert refused(change_lever, row, by=cast.manager, expected_version=1, **longer) == "portions_above_one"
    assert refused(give, cast, rate, "0.1", began=date(2026, 6, 25), ended=date(2026, 6, 26)) == "already_theirs"


def test_a_lever_is_taken_back_once(cast, levers):
    row = give(cast, levers["rate"])
    for _twice in range(2):
        end(row, by=cast.manager, on=date(2026, 5, 3))
    row.refresh_from_db()
    assert (row.ended_on, row.version) == (date(2026, 5, 3), 2)


def test_another_team_leaves_a_partners_levers_and_leaving_ends_those_that_were_to_end_later(cast, levers):
    row = give(cast, levers["rate"], ended=date(2026, 9, 30))
    give(cast, levers["visits"], began=date(2026, 8, 1), ended=date(2026, 8, 31))
    change_member(cast.partner, by=cast.admin, teams=[cast.online])
    assert PartnerLever.objects.held(cast.organization.today).count() == 2
    end_membership(cast.partner, by=cast.admin)
    assert list(PartnerLever.objects.values_list("pk", "ended_on")) == [(row.pk, cast.organization.today)]


def test_members_read_and_partners_and_strangers_meet_nothing(cast, levers, sign_in):
    row = give(cast, levers["rate"])
    paths = [at(cast, "levers/add/"), at(cast, f"levers/{row.pk}/")]
    assert [sign_in(cast.member).get(path).status_code for path in paths] == [403, 403]
    assert [sign_in(cast.partner).get(path).status_code for path in paths] == [404, 404]
    assert [sign_in(cast.stranger).get(path).status_code for path in paths] == [404, 404]
    client = sign_in(cast.admin)
    for wrong in ("levers/999/", "levers/add/?kpi=²", "levers/add/?kpi=999999", "contribution/?kgi=999"):
        assert client.get(at(cast, wrong)).status_code == 404


def test_margin_and_fee_stand_on_the_sheet(cast, sign_in):
    client = sign_in(cast.manager)
    sent = {"customer": "総務", "margin": "33.333", "monthly_fee": "30万円", "version": "0"}
    assert client.post(at(cast, "sheet/"), sent).status_code == 302
    room = PartnerRoom.objects.get()
    assert (room.margin, room.monthly_fee) == (Decimal("0.3333"), 300_000)
    assert "33.3%" in sign_in(cast.partner).get(cast.url("room/")).content.decode()
    for wrong in ({"margin": "101"}, {"margin": "-1"}, {"monthly_fee": "-5"}, {"monthly_fee": "9" * 14}):
        assert client.post(at(cast, "sheet/"), sent | wrong | {"version": "1"}).status_code == 422


# What they brought


def test_a_month_is_divided_among_the_levers_that_moved(cast, worked):
    told = may(cast, worked)
    # 100 → 150 visits a month, 10% → 12%, at ¥1,000: ¥10,000 → ¥18,000 a month.
    assert (told["start"], told["end"], told["gap"]) == pytest.approx((10_000, 18_000, 8_000))
    visits, rate = told["levers"]
    assert (visits["start"], visits["end"], visits["came_in"]) == (1200, 1800, 150)
    assert (visits["value"], rate["value"]) == pytest.approx((50 * 0.11 * 1000, 0.02 * 125 * 1000))
    assert told["own"] == pytest.approx(visits["value"] + rate["value"] / 2)
    assert told["own"] + told["others"] == pytest.approx(told["gap"])
    orders, revenue = told["chain"]
    assert (orders["start"], orders["end"]) == pytest.approx((10, 18))
    assert orders["own"] == pytest.approx(5.5 + 1.25)
    assert revenue["own"] == pytest.approx(told["own"])


def test_what_was_not_read_did_not_move_and_is_named(cast, worked, levers, sign_in):
    KPIReading.objects.filter(kpi=levers["rate"]).delete()
    told = may(cast, worked)
    assert [lever["end"] for lever in told["levers"]] == [1800, None]
    assert told["levers"][1]["own"] == 0
    assert "実績なし" in sign_in(cast.member).get(at(cast, "contribution/?month=2026-05")).content.decode()


def test_the_season_is_taken_out_of_a_month(cast, worked):
    KGI.objects.update(monthly_weights=[Decimal(1)] * 4 + [Decimal(2)] + [Decimal(1)] * 7)
    told = may(cast, KGI.objects.get())
    # May carries 2 of 13 parts of the year: 150 visits are fewer than its share of 1,200.
    assert told["levers"][0]["end"] == pytest.approx(150 / (2 * 12 / 13) * 12)
    assert told["start"] == pytest.approx(10_000 * 2 * 12 / 13)


def test_a_month_that_cannot_be_calculated_keeps_no_other_from_being_told(cast, worked, levers, sign_in):
    KPI.objects.filter(key="revenue").update(formula="orders * 1000000 / price")
    read(levers["price"], date(2026, 4, 30), 0, span="month")
    told = may(cast, worked)
    assert [(each["own"] == 0, each["read"]) for each in told["months"]] == [(True, 0), (False, 2)]
    page = sign_in(cast.manager).get(at(cast, "contribution/?month=2026-04")).content.decode()
    assert "いまこのKGIのツリーは計算できません" in page
    assert 'value="2026-05"' in page
    assert refused(issue_report, cast.partner, worked, date(2026, 4, 1), by=cast.manager) == "tree_refused"


def test_profit_is_the_margin_of_it_less_the_fee(cast, worked):
    PartnerRoom.objects.create(
        organization=cast.organization, membership=cast.partner, margin=Decimal("0.4"), monthly_fee=2000
    )
    told = may(cast, worked)
    profit = told["profit"]
    assert (profit["gross"], profit["net"]) == pytest.approx((told["own"] * 0.4, told["own"] * 0.4 - 2000))
    assert profit["per_fee"] == pytest.approx(told["own"] * 0.4 / 2000)
    KGI.objects.update(unit="件")
    assert may(cast, KGI.objects.get())["profit"] is None
    KGI.objects.update(unit="TWD")
    assert may(cast, KGI.objects.get())["profit"] is None
    cast.organization.currency = "TWD"
    cast.organization.save(update_fields=["currency"])
    assert may(cast, KGI.objects.get())["profit"]["unit"] == "TWD"


def test_the_fee_is_told_to_who_plans_and_to_the_partner_alone(cast, worked, sign_in):
    terms = {"customer": "総務", "margin": Decimal("0.4"), "monthly_fee": 2000}
    PartnerRoom.objects.create(organization=cast.organization, membership=cast.partner, **terms)
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    paths = [at(cast), at(cast, "room/"), at(cast, "contribution/?month=2026-05")]
    paths.append(cast.url(f"partners/reports/{report.pk}/"))
    for path in paths:
        assert "月額報酬" in sign_in(cast.manager).get(path).content.decode()
        assert "月額報酬" not in sign_in(cast.member).get(path).content.decode()
    member = sign_in(cast.member).get(paths[2]).content.decode()
    assert "担当レバーによる粗利" in member
    assert "報酬を引いて" not in member
    assert "月額報酬" in sign_in(cast.partner).get(paths[3]).content.decode()
    assert "内製化の状況" in sign_in(cast.member).get(paths[0]).content.decode()


def test_what_they_did_in_the_month_stands_beside_it(cast, worked):
    key_result = cast.objective(key_results=1).key_results.get()
    done = {"state": ActionState.DONE, "organization": cast.organization, "team": cast.sales, "created_by": cast.admin}
    done |= {"owner": cast.partner, "key_result": key_result}
    Action.objects.create(title="展示会", closed_on=date(2026, 5, 31), deals=3, orders=1, revenue=900, **done)
    Action.objects.create(title="後の月", closed_on=date(2026, 6, 1), **done)
    assert [(each["title"], each["orders"]) for each in may(cast, worked)["actions"]] == [("展示会", 1)]


def test_the_page_says_the_month_first_and_the_running_one_is_marked(cast, worked, sign_in):
    page = sign_in(cast.member).get(at(cast, "contribution/"))
    said = page.content.decode()
    assert "6,750円のプラス" in said.replace("<wbr>", "")
    assert "途中" in said
    assert page.context["told"].month == MAY
    running = sign_in(cast.manager).get(at(cast, "contribution/?month=2026-06"))
    assert 'name="remark"' not in running.content.decode()
    for nonsense in ("?month=2026-13", "?month=x", "?month=1999-01", "?month=²"):
        assert sign_in(cast.member).get(at(cast, f"contribution/{nonsense}")).context["told"].month == MAY


def test_nothing_to_say_leads_to_what_is_missing(cast, levers, sign_in):
    client = sign_in(cast.manager)
    assert "levers/add/" in client.get(at(cast, "contribution/")).content.decode()
    row = give(cast, levers["rate"], began=date(2026, 12, 1))
    assert client.get(at(cast, "contribution/")).context["opened"].missing == "not_begun"
    PartnerLever.objects.filter(pk=row.pk).update(began_on=date(2026, 4, 1))
    KPI.objects.filter(key="price").update(current=None)
    page = client.get(at(cast, "contribution/"))
    assert "単価" in page.context["opened"].missing
    KPI.objects.filter(key="orders").update(formula="visits / (rate - rate)")
    KPI.objects.filter(key="price").update(current=1)
    assert client.get(at(cast, "contribution/")).status_code == 200


def test_the_file_opens_without_running_anything(cast, worked, sign_in):
    KPI.objects.filter(key="visits").update(name="=1+1")
    said = sign_in(cast.member).get(at(cast, "contribution/?month=2026-05&download=csv")).content.decode("utf-8-sig")
    assert "'=1+1" in said
    assert said.splitlines()[0].startswith("種類,")
    assert "12,1250," in said


@pytest.mark.parametrize("many", [1, 5])
def test_as_many_questions_however_many_months_and_levers(
    cast, worked, levers, sign_in, django_assert_max_num_queries, many
):
    for number in range(many):
        kpi = KPI.objects.create(kgi=worked, key=f"k{number}", name=f"軸 {number}", current=1)
        give(cast, kpi, began=date(2025, 1, 1))
        for month in range(1, many + 1):
            read(kpi, date(2026, month, 3), month)
    client = sign_in(cast.manager)
    with django_assert_max_num_queries(19):
        assert client.get(at(cast, "contribution/")).status_code == 200
    with django_assert_max_num_queries(24):
        assert client.get(at(cast)).status_code == 200


# Handing over


def issue(client, cast, kgi, **more):
    page = client.get(at(cast, f"contribution/?kgi={kgi.pk}&month=2026-05"))
    sent = {"kgi": kgi.pk, "month": "2026-05", "seen": page.context["opened"].seen, "submission_key": KEY}
    return client.post(at(cast, "contribution/issue/"), sent | more)


def test_a_report_is_handed_over_once_and_the_partner_is_told(cast, worked, sign_in):
    client = sign_in(cast.manager)
    for _twice in range(2):
        assert issue(client, cast, worked, remark="").status_code == 302
    report = ContributionReport.objects.get()
    assert (report.edition, report.month, report.issued_by) == (1, MAY, cast.manager)
    notice = Notice.objects.get(kind=NoticeKind.BROUGHT)
    assert notice.membership == cast.partner
    assert notice.text == f"{worked.name} · 2026年5月"
    partner = sign_in(cast.partner)
    assert "貢献レポートが届きました" in partner.get(cast.url("notices/")).content.decode()
    assert partner.get(cast.url(notice.place)).status_code == 200
    assert notice.place in partner.get(cast.url("room/")).content.decode()


def test_the_same_again_makes_no_new_edition_and_another_needs_a_reason(cast, worked, levers, sign_in):
    client = sign_in(cast.manager)
    issue(client, cast, worked)
    again = issue(client, cast, worked, submission_key="")
    assert again.status_code == 422
    # Whoever reloads the answer or opens its address again is led to the month.
    led = client.get(at(cast, f"contribution/issue/?kgi={worked.pk}&month=2026-05"))
    assert led.url == at(cast, f"contribution/?kgi={worked.pk}&month=2026-05")
    assert client.get(at(cast, "contribution/issue/?kgi=²&month=x")).url == at(cast, "contribution/")
    assert "新しい版はつくりません" in again.content.decode()
    read(levers["price"], date(2026, 5, 31), 2000, span="month")
    silent = issue(client, cast, worked, submission_key="")
    assert silent.status_code == 422
    assert silent.context["form"].errors["remark"]
    assert issue(client, cast, worked, submission_key="", remark="単価の実績が遅れて入ったため").status_code == 302
    second, first = ContributionReport.objects.order_by("-edition")
    assert (second.edition, first.content["end"]) == (2, 18_000)
    assert Notice.objects.filter(kind=NoticeKind.BROUGHT, text__endswith="2026年5月 · 第2版").count() == 1
    partner = sign_in(cast.partner)
    assert "差し替えられました" in partner.get(cast.url(f"partners/reports/{first.pk}/")).content.decode()
    assert "単価の実績が遅れて入ったため" in partner.get(cast.url(f"partners/reports/{second.pk}/")).content.decode()


def test_what_changed_since_it_was_looked_at_is_not_handed_over_unseen(cast, worked, levers, sign_in):
    client = sign_in(cast.manager)
    seen = client.get(at(cast, "contribution/?month=2026-05")).context["opened"].seen
    read(levers["price"], date(2026, 5, 31), 2000, span="month")
    assert issue(client, cast, worked, seen=seen).status_code == 422
    assert not ContributionReport.objects.exists()


def test_only_months_that_are_over_and_in_which_something_was_theirs(cast, worked):
    assert refused(issue_report, cast.partner, worked, date(2026, 6, 1), by=cast.manager) == "not_over"
    assert refused(issue_report, cast.partner, worked, date(2026, 3, 1), by=cast.manager) == "nothing_held"
    with pytest.raises(PermissionDenied):
        issue_report(cast.partner, worked, MAY, by=cast.member)


def test_who_may_not_plan_hands_nothing_over(cast, worked, sign_in):
    sent = {"kgi": worked.pk, "month": "2026-05"}
    assert sign_in(cast.member).post(at(cast, "contribution/issue/"), sent).status_code == 403
    for stranger in (cast.partner, cast.stranger):
        assert sign_in(stranger).post(at(cast, "contribution/issue/"), sent).status_code == 404
    client = sign_in(cast.manager)
    for wrong in ({"kgi": "²"}, {"month": "2026-99"}, {"month": ""}, {"month": "9999-12"}):
        assert client.post(at(cast, "contribution/issue/"), sent | wrong).status_code == 400
    assert client.post(at(cast, "contribution/issue/"), sent | {"kgi": 999}).status_code == 404
    assert client.post(at(cast, "contribution/issue/"), sent | {"remark": "あ" * 1001}).status_code == 422


def test_a_report_stays_as_it_was_whatever_changes(cast, worked, levers, sign_in):
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    KPI.objects.filter(pk=levers["visits"].pk).update(name="新しい名前", current=9)
    KPIReading.objects.all().delete()
    PartnerLever.objects.all().delete()
    said = sign_in(cast.partner).get(cast.url(f"partners/reports/{report.pk}/")).content.decode()
    assert "来訪" in said
    assert "新しい名前" not in said
    KGI.objects.update(name="改めた名前")
    assert "改めた名前" not in sign_in(cast.partner).get(cast.url("room/")).content.decode()


def test_a_partner_sees_their_own_reports_and_of_the_levers_theirs(cast, worked, sign_in):
    second = Membership.objects.create(organization=cast.organization, user=cast.stranger.user, role=Role.PARTNER)
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    address = cast.url(f"partners/reports/{report.pk}/")
    said = sign_in(cast.partner).get(address).content.decode()
    assert "単価" not in said
    assert sign_in(cast.partner).get(at(cast, "contribution/")).status_code == 404
    assert sign_in(second).get(address).status_code == 404
    assert address not in sign_in(second).get(cast.url("room/")).content.decode()
    assert sign_in(cast.member).get(address).status_code == 200
    assert "来訪" in sign_in(cast.partner).get(address + "?download=csv").content.decode()


# On paper


def paper_of(export, tmp_path) -> str:
    path = tmp_path / "report.pdf"
    path.write_bytes(bytes(export.content))
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(("language", "title"), [("ja", "貢献レポート"), ("en", "Contribution report")])
def test_the_partner_has_it_made_as_a_pdf_and_fetches_it(cast, worked, sign_in, tmp_path, language, title):
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    client = sign_in(cast.partner)
    address = cast.url(f"partners/reports/{report.pk}/")
    asked = {"submission_key": KEY}
    for _twice in range(2):
        answer = client.post(address, asked, headers={"accept-language": language})
        assert answer.status_code == 302
    export = Export.objects.get()
    Export.objects.update(language=language)
    assert exports.make_waiting() == 1
    export.refresh_from_db()
    assert (export.state, export.failure) == ("done", "")
    said = paper_of(export, tmp_path)
    assert title in said
    assert cast.organization.name in said
    assert "来訪" in said
    assert "単価" not in said
    download = client.get(cast.url(f"exports/{export.pk}/download/"))
    assert (download.status_code, download["Content-Type"]) == (200, "application/pdf")
    assert sign_in(cast.manager).get(cast.url(f"exports/{export.pk}/")).status_code == 404
    assert client.get(cast.url("exports/")).status_code == 200


def test_who_no_longer_sees_a_report_gets_no_file_of_it(cast, worked, sign_in):
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    sign_in(cast.partner).post(cast.url(f"partners/reports/{report.pk}/"))
    other = Membership.objects.create(organization=cast.organization, user=cast.stranger.user, role=Role.PARTNER)
    ContributionReport.objects.filter(pk=report.pk).update(membership=other)
    exports.make_waiting()
    assert Export.objects.get().failure == "gone"


def test_a_partner_who_left_sees_nothing_more_and_their_reports_stay(cast, worked, sign_in):
    report, _is_new = issue_report(cast.partner, worked, MAY, by=cast.manager)
    address = cast.url(f"partners/reports/{report.pk}/")
    partners = cast.url("partners/")
    assert address not in sign_in(cast.member).get(partners).text
    Membership.objects.filter(pk=cast.partner.pk).update(left_on=date(2026, 6, 1))
    assert sign_in(cast.partner).get(address).status_code == 404
    assert sign_in(cast.member).get(address).status_code == 200
    assert address in sign_in(cast.member).get(partners).text
