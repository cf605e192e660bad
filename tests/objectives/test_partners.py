"""What is opened to an outside partner, by whom; and the room in which they see that and nothing else."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from funnel.models import KPI, KGIShare, KPIReading, KPIShare, PartnerLever, PartnerRoom
from objectives.models import Action, KeyResultScore, ObjectiveShare
from objectives.services.members import end_ways_in
from objectives.services.sharing import share_kgi, share_kpi, share_objective
from people.models import Membership, Role
from people.refusals import Refusal
from tests.cast import TODAY
from tests.funnel.plans import make_kgi

SHEET = {"customer": "従業員50〜300人の会社", "price": "月4万円", "agreement": "受注と粗利で評価する"}


@pytest.fixture
def kgi(cast):
    return make_kgi(cast, name="法人の売上")


@pytest.fixture
def visits(kgi):
    KPI.objects.create(kgi=kgi, key="price", name="隠した単価", current=Decimal(48_000))
    return KPI.objects.create(kgi=kgi, key="cv_rate", name="資料請求率", is_rate=True, current=Decimal("0.021"))


def at(cast, path=""):
    return cast.url(f"partners/{cast.partner.pk}/{path}")


def send(client, cast, **sent):
    return client.post(at(cast, "share/"), {"shared": "1", **sent})


def test_a_manager_shares_a_whole_kgi_and_closes_it_again(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    for _twice in range(2):
        assert send(client, cast, noun="kgi", id=kgi.pk).status_code == 302
        assert KGIShare.objects.filter(kgi=kgi, membership=cast.partner).count() == 1
    assert sign_in(cast.partner).get(cast.url(f"kgis/{kgi.pk}/")).status_code == 200
    for _twice in range(2):
        assert send(client, cast, noun="kgi", id=kgi.pk, shared="0").status_code == 302
        assert not KGIShare.objects.filter(kgi=kgi).exists()
    assert sign_in(cast.partner).get(cast.url(f"kgis/{kgi.pk}/")).status_code == 404


def test_of_a_single_kpi_the_partner_sees_its_numbers_and_nothing_around_it(cast, kgi, visits, sign_in):
    send(sign_in(cast.manager), cast, noun="kpi", id=visits.pk)
    partner = sign_in(cast.partner)
    room = partner.get(cast.url("room/")).content.decode()
    assert "資料請求率" in room
    assert "2.1" in room
    assert "隠した単価" not in room
    assert "法人の売上" not in room
    closed = [f"kgis/{kgi.pk}/", f"kgis/{kgi.pk}/tree/", f"kgis/{kgi.pk}/tree/{visits.pk}/", f"kgis/{kgi.pk}/levers/"]
    assert {partner.get(cast.url(path)).status_code for path in closed} == {404}
    assert partner.get(f"/api/v1/o/hokuto/kpis/{visits.pk}/").status_code == 404
    assert partner.get("/api/v1/o/hokuto/kpis/").json()["count"] == 0
    assert "資料請求率" not in partner.get(cast.url("kgis/")).content.decode()
    assert f"tree/{visits.pk}" not in partner.get(cast.url("search/?q=資料請求率")).content.decode()


def test_of_a_kpi_that_is_calculated_the_partner_sees_what_its_tree_says(cast, kgi, sign_in):
    KPI.objects.create(kgi=kgi, key="revenue", name="売上", formula="orders * price", is_goal=True)
    orders = KPI.objects.create(kgi=kgi, key="orders", name="受注の数", unit="件", formula="deals * win_rate")
    for key, current, must_hit in (("deals", 40, 60), ("win_rate", Decimal("0.2"), Decimal("0.25")), ("price", 1, 1)):
        KPI.objects.create(kgi=kgi, key=key, name=key, current=current, must_hit=must_hit)
    share_kpi(orders, cast.partner, by=cast.admin, shared=True)
    (row,) = sign_in(cast.partner).get(cast.url("room/")).context["room"].kpis
    assert (row.now, row.must_hit, row.challenge) == (8, 15, 8)


def test_the_partners_week_asks_for_what_a_share_lets_them_check_in_on(cast, sign_in):
    read, written = cast.objective(key_results=1), cast.objective(key_results=2)
    share_objective(read, cast.partner, by=cast.admin, shared=True)
    share_objective(written, cast.partner, by=cast.admin, shared=True, may_write=True)
    KeyResultScore.objects.filter(key_result__objective__in=[read, written]).update(due_on=TODAY)
    week = sign_in(cast.partner).get(cast.url("this-week/")).context["week"]
    assert {row.objective_id for row in week.owed} == {written.pk}
    assert sign_in(cast.partner).get(cast.url("room/")).context["room"].due == len(week.owed) == 2


def test_an_objective_is_shared_to_read_or_to_check_in(cast, sign_in):
    objective = cast.objective(title="分かち合う目標", key_results=1)
    key_result = objective.key_results.get()
    client = sign_in(cast.manager)
    send(client, cast, noun="objective", id=objective.pk)
    assert not ObjectiveShare.objects.get(objective=objective).may_write
    partner = sign_in(cast.partner)
    room = partner.get(cast.url("room/")).content.decode()
    assert "分かち合う目標" in room
    assert f"key-results/{key_result.pk}/check-ins/" not in room
    send(client, cast, noun="objective", id=objective.pk, may_write="1")
    assert ObjectiveShare.objects.get(objective=objective).may_write
    assert f"key-results/{key_result.pk}/check-ins/" in partner.get(cast.url("room/")).content.decode()
    send(client, cast, noun="objective", id=objective.pk, shared="0")
    assert "分かち合う目標" not in partner.get(cast.url("room/")).content.decode()


def test_what_is_not_shared_is_nowhere_in_the_room(cast, kgi, visits, sign_in):
    shared, hidden = cast.objective(title="見せる目標"), cast.objective(title="見せない目標")
    share_objective(shared, cast.partner, by=cast.admin, shared=True)
    said = sign_in(cast.partner).get(cast.url("room/")).content.decode()
    assert "見せる目標" in said
    assert not [name for name in ("見せない目標", hidden.team.name * 2, "法人の売上", "資料請求率") if name in said]


def test_those_inside_see_the_room_with_the_partners_eyes(cast, kgi, visits, sign_in):
    share_kpi(visits, cast.partner, by=cast.admin, shared=True)
    cast.objective(title="見せない目標")
    said = sign_in(cast.member).get(at(cast, "room/")).content.decode()
    assert "資料請求率" in said
    assert "見せない目標" not in said
    assert "法人の売上" not in said


def test_members_read_what_is_shared_and_change_nothing(cast, kgi, sign_in):
    client = sign_in(cast.member)
    assert client.get(at(cast)).status_code == 200
    assert send(client, cast, noun="kgi", id=kgi.pk).status_code == 403
    assert client.get(at(cast, "sheet/")).status_code == 403


def test_a_manager_shares_only_goals_they_may_edit(cast):
    other = cast.objective(team=cast.online, owner=cast.colleague)
    with pytest.raises(PermissionDenied):
        share_objective(other, cast.partner, by=cast.manager, shared=True)
    assert not ObjectiveShare.objects.exists()


def test_nothing_is_shared_with_who_is_no_partner_or_has_left(cast, kgi, sign_in):
    with pytest.raises(Refusal) as refused:
        share_kgi(kgi, cast.member, by=cast.admin, shared=True)
    assert refused.value.code == "not_a_partner"
    assert sign_in(cast.admin).get(cast.url(f"partners/{cast.member.pk}/")).status_code == 404
    Membership.objects.filter(pk=cast.partner.pk).update(left_on=date(2026, 5, 1))
    with pytest.raises(Refusal):
        share_kgi(kgi, cast.partner, by=cast.admin, shared=True)
    assert not KGIShare.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"noun": "x"}, {"noun": "kgi", "id": "²"}, {"noun": "kpi", "id": "9" * 30}])
def test_nonsense_is_refused(cast, sign_in, sent):
    assert send(sign_in(cast.admin), cast, **sent).status_code in {400, 404}


def test_the_sheet_is_written_for_the_partner_and_read_by_them(cast, sign_in):
    client = sign_in(cast.manager)
    form = client.get(at(cast, "sheet/"))
    assert "KGIへの貢献" in form.content.decode()
    assert client.post(at(cast, "sheet/"), {**SHEET, "version": "0"}).status_code == 302
    room = PartnerRoom.objects.get(membership=cast.partner)
    assert (room.customer, room.price, room.version) == (SHEET["customer"], SHEET["price"], 1)
    assert client.post(at(cast, "sheet/"), {**SHEET, "version": "0"}).status_code == 302
    assert PartnerRoom.objects.get().version == 1
    assert SHEET["customer"] in sign_in(cast.partner).get(cast.url("room/")).content.decode()


def test_who_writes_over_a_newer_sheet_is_told_and_loses_nothing(cast, sign_in):
    client = sign_in(cast.manager)
    client.post(at(cast, "sheet/"), {**SHEET, "version": "0"})
    answer = client.post(at(cast, "sheet/"), {"customer": "別の相手", "version": "0"})
    assert answer.status_code == 422
    assert "別の相手" in answer.content.decode()
    assert PartnerRoom.objects.get().customer == SHEET["customer"]
    assert client.post(at(cast, "sheet/"), {"customer": "あ" * 501, "version": "1"}).status_code == 422


def test_a_partner_has_one_room_and_those_inside_have_none(cast, sign_in):
    assert sign_in(cast.partner).get(cast.url("room/")).status_code == 200
    assert sign_in(cast.admin).get(cast.url("room/")).status_code == 404
    assert sign_in(cast.partner).get(cast.url("partners/")).status_code == 404
    assert sign_in(cast.partner).get(at(cast)).status_code == 404
    assert sign_in(cast.stranger).get(at(cast)).status_code == 404


def test_who_leaves_keeps_nothing(cast, kgi, visits):
    share_kpi(visits, cast.partner, by=cast.admin, shared=True)
    end_ways_in(cast.partner)
    assert not KPIShare.objects.exists()


def test_the_list_counts_what_each_partner_sees(cast, kgi, visits, sign_in):
    second = Membership.objects.create(organization=cast.organization, user=cast.stranger.user, role=Role.PARTNER)
    share_kgi(kgi, second, by=cast.admin, shared=True)
    share_kpi(visits, cast.partner, by=cast.admin, shared=True)
    share_objective(cast.objective(), cast.partner, by=cast.admin, shared=True)
    rows = {row.pk: row for row in sign_in(cast.member).get(cast.url("partners/")).context["rows"]}
    told = [(row.kgi_count, row.kpi_count, row.objective_count) for row in (rows[cast.partner.pk], rows[second.pk])]
    assert told == [(0, 1, 1), (1, 0, 0)]


def test_the_room_names_the_levers_in_the_partners_hands_and_where_they_stand(cast, kgi, visits, sign_in):
    price = kgi.kpis.get(key="price")
    KPI.objects.filter(pk=price.pk).update(must_hit=52_345, unit="円")
    KPI.objects.filter(pk=visits.pk).update(must_hit=Decimal("0.034"))
    share_kpi(visits, cast.partner, by=cast.admin, shared=True)
    for kpi, start in ((visits, "0.018"), (price, 41_000)):
        PartnerLever.objects.create(
            kpi=kpi, membership=cast.partner, start_value=Decimal(start), began_on=date(2026, 4, 6)
        )
    other = Membership.objects.create(organization=cast.organization, user=cast.stranger.user, role=Role.PARTNER)
    theirs = KPI.objects.create(kgi=kgi, key="theirs", name="他社の担当レバー")
    PartnerLever.objects.create(kpi=theirs, membership=other, start_value=1, began_on=date(2026, 4, 6))
    KPIReading.objects.create(kpi=visits, date=date(2026, 5, 11), value=Decimal("0.022"), source="a")
    KPIReading.objects.create(kpi=visits, date=date(2026, 5, 18), value=Decimal("0.025"), source="b")
    for client in (sign_in(cast.partner), sign_in(cast.manager)):
        page = client.get(cast.url("room/") if client.get(cast.url("room/")).status_code == 200 else at(cast, "room/"))
        rows = {row.lever.kpi.key: row for row in page.context["room"].levers}
        assert set(rows) == {"cv_rate", "price"}
        assert (rows["cv_rate"].read, rows["cv_rate"].read_on) == (Decimal("0.025"), date(2026, 5, 18))
        assert (rows["cv_rate"].must_hit, rows["price"].must_hit) == (Decimal("0.034"), None)
        assert "実績なし" in page.text
        assert not [word for word in ("52,345", "他社の担当レバー", "法人の売上") if word in page.text]


def test_in_the_room_an_action_past_its_day_says_so(cast, sign_in):
    objective = cast.objective(key_results=1)
    share_objective(objective, cast.partner, by=cast.admin, shared=True)
    made = {"organization": cast.organization, "team": cast.sales, "created_by": cast.admin, "owner": cast.partner}
    made["key_result"] = objective.key_results.get()
    Action.objects.create(title="遅れた施策", due_on=TODAY - timedelta(days=3), **made)
    Action.objects.create(title="今日の施策", due_on=TODAY, **made)
    page = sign_in(cast.partner).get(cast.url("room/"))
    assert {row.title: row.days_late for row in page.context["room"].actions} == {"遅れた施策": 3, "今日の施策": 0}
    assert "3日前" in page.text


@pytest.mark.parametrize("many", [1, 6])
def test_as_many_questions_however_much_is_shared(cast, kgi, visits, sign_in, django_assert_max_num_queries, many):
    for number in range(many):
        share_objective(
            cast.objective(title=f"目標 {number}"), cast.partner, by=cast.admin, shared=True, may_write=True
        )
        kpi = KPI.objects.create(kgi=kgi, key=f"k{number}", name=f"指標 {number}")
        share_kpi(kpi, cast.partner, by=cast.admin, shared=True)
        PartnerLever.objects.create(kpi=kpi, membership=cast.partner, start_value=1, began_on=date(2026, 4, 6))
    partner, admin = sign_in(cast.partner), sign_in(cast.admin)
    with django_assert_max_num_queries(18):
        assert partner.get(cast.url("room/")).status_code == 200
    with django_assert_max_num_queries(20):
        assert admin.get(at(cast)).status_code == 200
