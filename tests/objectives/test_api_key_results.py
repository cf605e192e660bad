"""Key results for other programs: their numbers as people type them, the same rules as the page."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client

from funnel.models import KGI, KPI
from objectives import services
from objectives.models import KeyResult, ObjectiveShare, Step, TargetChange
from tests import asking
from tests.asking import patch, post

SHAPE = {
    "id",
    "version",
    "objective",
    "title",
    "kind",
    "unit",
    "start_value",
    "must_hit_value",
    "target_value",
    "current_value",
    "limit",
    "quota",
    "period",
    "population",
    "steps",
    "measure_first",
    "weight",
    "owner",
    "measured_how",
    "measure_type",
    "kpi",
    "progress",
    "score",
    "pace",
    "health",
    "confidence",
}


def address(cast, *parts):
    return asking.address(cast, "key-results", *parts)


def reach(objective, **more):
    return {
        "objective": objective.pk,
        "title": "定期便の契約",
        "kind": "reach",
        "unit": "件",
        "start_value": 0,
        "target_value": 50,
        "reason": "期中に加えた",
    } | more


@pytest.fixture
def goal(cast):
    return cast.objective()


@pytest.fixture
def key_result(goal):
    return goal.key_results.first()


def rate_of(cast, **fields):
    kgi = KGI.objects.create(organization=cast.organization, name="年商")
    return KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", unit="%", is_rate=True, **fields)


# Reading


def test_a_key_result_is_told_as_the_contract_says(cast, sign_in, key_result):
    services.record_check_in(key_result, author=cast.member, value=Decimal("12.5"), confidence=7)
    told = sign_in(cast.colleague).get(address(cast, key_result.pk)).json()
    assert told.keys() >= SHAPE
    assert {name: told[name] for name in SHAPE - {"version", "pace", "health"}} == {
        "id": key_result.pk,
        "objective": key_result.objective_id,
        "title": "結果 1",
        "kind": "reach",
        "unit": "件",
        "start_value": 0,
        "must_hit_value": None,
        "target_value": 100,
        "current_value": 12.5,
        "limit": None,
        "quota": None,
        "period": None,
        "population": None,
        "steps": [],
        "measure_first": False,
        "weight": None,
        "owner": cast.member.pk,
        "measured_how": "",
        "measure_type": "result",
        "kpi": None,
        "progress": 0.125,
        "score": 0.125,
        "confidence": 7,
    }
    assert told["pace"] == pytest.approx(45 / 91)
    assert told["health"] == "off_track"
    assert told["landing"] == pytest.approx(0.125 / (45 / 91))


def test_lists_are_narrowed_and_ordered_as_documented(cast, sign_in, goal):
    first, second = goal.key_results.order_by("pk")
    shop = cast.objective(title="通販", team=cast.online, owner=cast.colleague, state="draft", key_results=0)
    kpi = rate_of(cast)
    third = cast.key_result(
        shop, title="ＣＶ率", owner=cast.colleague, kpi=kpi, unit="%", measure_type="process", kind="average"
    )
    dropped = cast.key_result(shop, title="やめたもの")
    services.drop_key_result(dropped, reason="x", by=cast.admin)
    services.record_check_in(first, author=cast.member, value=Decimal(90))
    client = sign_in(cast.member)

    def ids(**asked):
        answer = client.get(address(cast), asked)
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    assert ids() == {first.pk, second.pk, third.pk}
    assert ids(dropped="true") == {dropped.pk}
    assert ids(objective=shop.pk) == {third.pk}
    assert ids(team=cast.online.pk) == {third.pk}
    assert ids(owner=cast.member.pk) == {first.pk, second.pk}
    assert ids(kpi=kpi.pk) == ids(kgi=kpi.kgi_id) == {third.pk}
    assert ids(state="draft") == {third.pk}
    assert ids(kind="average") == ids(measure_type="process") == {third.pk}
    assert ids(health="on_track") == {first.pk}
    assert ids(q="cv率") == {third.pk}
    assert ids(cycle=cast.closed_cycle.pk) == set()
    scores = [row["score"] for row in client.get(address(cast), {"ordering": "-score"}).json()["results"]]
    assert scores == [0.9, 0.0, None]


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_rows(cast, sign_in, number, django_assert_max_num_queries):
    for index in range(number):
        cast.objective(title=f"目標 {index}", state="draft", key_results=1)
    client = sign_in(cast.member)
    with django_assert_max_num_queries(10):
        assert client.get(address(cast), {"page_size": 100}).json()["count"] == number


def test_a_partner_is_told_of_the_shared_branch_and_of_nothing_else(cast, sign_in, goal):
    cast.objective(title="隣の目標")
    kpi = rate_of(cast)
    cast.key_result(goal, title="共有の結果", kpi=kpi, unit="%")
    partner = sign_in(cast.partner)
    assert partner.get(address(cast)).json()["results"] == []
    ObjectiveShare.objects.create(objective=goal, membership=cast.partner)
    rows = partner.get(address(cast)).json()["results"]
    assert {row["objective"] for row in rows} == {goal.pk}
    assert {(row["owner"], row["kpi"]) for row in rows} == {(None, None)}
    pk = rows[0]["id"]
    assert patch(partner, address(cast, pk), {"title": "x"}).status_code == 403
    assert post(partner, address(cast), reach(goal)).status_code == 403
    services.drop_key_result(KeyResult.objects.get(pk=pk), reason="x", by=cast.admin)
    assert partner.get(address(cast, pk)).status_code == 404
    assert post(partner, address(cast, pk, "restore")).status_code == 404


# Writing


def test_nobody_401_stranger_404_reader_403(cast, sign_in, key_result):
    url = address(cast, key_result.pk)
    for method, place in (("get", address(cast)), ("get", url), ("patch", url), ("post", address(cast))):
        assert getattr(Client(), method)(place).status_code == 401
        assert getattr(sign_in(cast.stranger), method)(place).status_code == 404
    reader = sign_in(cast.colleague)
    for answer in (
        patch(reader, url, {"title": "x"}),
        post(reader, address(cast), reach(key_result.objective)),
        post(reader, address(cast, key_result.pk, "drop"), {"reason": "x"}),
        post(reader, address(cast, key_result.pk, "restore")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_amounts_are_taken_as_people_type_them(cast, sign_in):
    draft = cast.objective(state="draft", key_results=0)
    client = sign_in(cast.manager)
    body = reach(draft, unit="円", start_value="△５", must_hit_value="1,200万", target_value="3.2億", weight="40%")
    answer = post(client, address(cast), body)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told.keys() >= SHAPE
    assert (told["start_value"], told["must_hit_value"], told["target_value"]) == (-5, 12_000_000, 320_000_000)
    assert (told["weight"], told["owner"]) == (0.4, cast.manager.pk)
    percent = post(client, address(cast), reach(draft, title="率", unit="%", start_value="15%", target_value=25)).json()
    assert (percent["start_value"], percent["target_value"]) == (15, 25)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "cumulative", "target_value": 30}, {"start_value": None, "target_value": 30}),
        (
            {"kind": "quota", "quota": 3, "period": "week", "target_value": 9},
            {"quota": 3, "period": "week", "target_value": None},
        ),
        ({"kind": "average", "start_value": 30, "target_value": 20}, {"start_value": 30}),
        (
            {"kind": "keep", "limit": "min", "target_value": "95%", "unit": "%", "period": "week", "start_value": 1},
            {"limit": "min", "target_value": 95, "start_value": None},
        ),
        ({"kind": "coverage", "population": 50, "unit": "社"}, {"population": 50, "target_value": None}),
        (
            {"kind": "reach", "measure_first": True, "target_value": 9},
            {"measure_first": True, "health": "measure_first"},
        ),
    ],
)
def test_every_kind_states_what_it_needs_and_nothing_else(cast, sign_in, body, told):
    draft = cast.objective(state="draft", key_results=0)
    answer = post(sign_in(cast.manager), address(cast), {"objective": draft.pk, "title": "結果", "unit": "件"} | body)
    assert answer.status_code == 201, answer.content
    assert {name: answer.json()[name] for name in ("kind", *told)} == {"kind": body["kind"]} | told


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"objective": 999_999}, "objective"),
        ({"objective": None}, "objective"),
        ({"title": ""}, "title"),
        ({"title": "a" * 201}, "title"),
        ({"kind": "wish"}, "kind"),
        ({"unit": "a" * 21}, "unit"),
        ({"target_value": None}, "target_value"),
        ({"target_value": True}, "target_value"),
        ({"target_value": "1_000"}, "target_value"),
        ({"target_value": "45%"}, "target_value"),
        ({"target_value": 1e30}, "target_value"),
        ({"target_value": 0}, "target_value"),
        ({"start_value": None}, "start_value"),
        ({"kind": "keep", "limit": "around"}, "limit"),
        ({"kind": "keep", "limit": None}, "limit"),
        ({"kind": "quota", "quota": 3, "period": None}, "period"),
        ({"kind": "quota", "quota": 0, "period": "week"}, "quota"),
        ({"kind": "coverage"}, "population"),
        ({"kind": "milestone"}, "steps"),
        ({"kind": "milestone", "steps": [{"title": ""}]}, "steps"),
        ({"kind": "milestone", "steps": [{"title": "a", "weight": 0}]}, "steps"),
        ({"kind": "milestone", "steps": [{"title": "a", "id": 1}]}, "steps"),
        ({"kind": "milestone", "steps": [{"title": "a"}] * 41}, "steps"),
        ({"weight": 1.1}, "weight"),
        ({"weight": -0.1}, "weight"),
        ({"owner": 999_999}, "owner"),
        ({"kpi": 999_999}, "kpi"),
        ({"measure_type": "luck"}, "measure_type"),
        ({"measured_how": "a\x00"}, "measured_how"),
        ({"submission_key": 5.5}, "submission_key"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(cast, sign_in, body, field):
    draft = cast.objective(state="draft", key_results=0)
    answer = post(sign_in(cast.manager, language="en"), address(cast), reach(draft) | body)
    assert answer.status_code == 400, answer.content
    assert answer.json().keys() == {"code", "detail", "fields"}
    assert list(answer.json()["fields"]) == [field]
    assert not KeyResult.objects.exists()


def test_strangers_and_partners_own_nothing_and_foreign_kpis_are_not_known(cast, sign_in, goal):
    theirs = KPI.objects.create(
        kgi=KGI.objects.create(organization=cast.stranger.organization, name="x"), key="a", name="b"
    )
    for field, pk in (("owner", cast.stranger.pk), ("owner", cast.partner.pk), ("kpi", theirs.pk)):
        answer = post(sign_in(cast.admin), address(cast), reach(goal) | {field: pk})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_rate_is_measured_in_per_cent(cast, sign_in, goal):
    kpi = rate_of(cast)
    client = sign_in(cast.manager)
    refused = post(client, address(cast), reach(goal, kpi=kpi.pk))
    assert (refused.status_code, refused.json()["code"], list(refused.json()["fields"])) == (
        400,
        "rate_in_percent",
        ["kpi"],
    )
    made = post(client, address(cast), reach(goal, kpi=kpi.pk, unit="%", start_value=15, target_value=25)).json()
    assert made["kpi"] == kpi.pk
    assert patch(client, address(cast, made["id"]), {"unit": "件"}).json()["code"] == "rate_in_percent"


def test_the_kpi_of_a_dropped_kgi_stays_until_it_is_untied(cast, sign_in, goal):
    kpi = rate_of(cast)
    key_result = cast.key_result(goal, title="率", kpi=kpi, unit="%")
    KGI.objects.update(dropped_at="2026-05-01T00:00:00Z")
    client = sign_in(cast.manager)
    kept = patch(client, address(cast, key_result.pk), {"title": "受注率", "kpi": kpi.pk})
    assert (kept.status_code, kept.json()["kpi"]) == (200, kpi.pk)
    assert patch(client, address(cast, key_result.pk), {"kpi": None}).json()["kpi"] is None
    assert patch(client, address(cast, key_result.pk), {"kpi": kpi.pk}).status_code == 400


def test_members_propose_for_their_team_until_it_is_agreed(cast, sign_in):
    draft = cast.objective(state="draft", key_results=0)
    assert post(sign_in(cast.member), address(cast), reach(draft)).status_code == 201
    assert post(sign_in(cast.colleague), address(cast), reach(draft, title="別")).status_code == 403
    active = cast.objective(title="進行中")
    assert post(sign_in(cast.member), address(cast), reach(active)).status_code == 403


def test_a_repeated_submission_is_answered_and_the_same_words_are_not_written_twice(cast, sign_in, goal):
    client = sign_in(cast.manager)
    body = reach(goal, submission_key=str(uuid.uuid4()))
    first, again = post(client, address(cast), body), post(client, address(cast), body)
    assert first.json()["id"] == again.json()["id"]
    twin = post(client, address(cast), reach(goal))
    assert (twin.status_code, twin.json()["code"]) == (400, "written_already")
    elsewhere = post(client, address(cast), body | {"objective": cast.objective(title="別").pk})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "submission_key_used")


def test_a_moved_target_of_an_active_objective_needs_its_reason_and_stays_visible(cast, sign_in, key_result):
    client = sign_in(cast.member)
    refused = patch(client, address(cast, key_result.pk), {"target_value": 80})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["reason"])
    moved = patch(client, address(cast, key_result.pk), {"target_value": "８０", "reason": "市場が縮んだ"})
    assert (moved.status_code, moved.json()["target_value"]) == (200, 80)
    change = TargetChange.objects.get()
    assert (change.reason, change.old_target, change.changed_by) == ("市場が縮んだ", 100, cast.member)
    quiet = patch(client, address(cast, key_result.pk), {"title": "言葉だけ", "measured_how": "CRM"})
    assert (quiet.status_code, quiet.json()["measured_how"]) == (200, "CRM")


def test_a_stale_change_is_answered_with_the_current_row(cast, sign_in, key_result):
    client = sign_in(cast.manager)
    tag = client.get(address(cast, key_result.pk))["ETag"]
    assert patch(client, address(cast, key_result.pk), {"title": "一"}, **{"if-match": tag}).status_code == 200
    stale = patch(client, address(cast, key_result.pk), {"title": "二"}, **{"if-match": tag})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["title"]) == (409, "stale", "一")


def test_the_steps_of_a_milestone_are_written_kept_and_replaced(cast, sign_in):
    draft = cast.objective(state="draft", key_results=0)
    client = sign_in(cast.manager)
    body = {"objective": draft.pk, "title": "棚卸し", "kind": "milestone"}
    made = post(client, address(cast), body | {"steps": [{"title": "一"}, {"title": "二", "weight": "2"}]}).json()
    one, two = made["steps"]
    assert [(step["title"], step["weight"], step["done_on"]) for step in made["steps"]] == [
        ("一", 1, None),
        ("二", 2, None),
    ]
    kept = patch(client, address(cast, made["id"]), {"title": "棚卸しを終える"}).json()
    assert kept["steps"] == made["steps"]
    Step.objects.filter(pk=two["id"]).update(done_on="2026-05-01")
    changed = patch(
        client, address(cast, made["id"]), {"steps": [{"id": one["id"], "title": "壱"}, {"title": "三", "weight": 3}]}
    ).json()
    assert {(step["title"], step["weight"]) for step in changed["steps"]} == {("壱", 1), ("三", 3), ("二", 2)}
    gone = patch(client, address(cast, made["id"]), {"steps": [{"id": 999_999, "title": "x"}]})
    assert (gone.status_code, gone.json()["code"]) == (400, "unknown_step")


def test_the_kind_is_fixed_by_the_first_check_in_and_the_objective_from_the_start(cast, sign_in, key_result):
    client = sign_in(cast.manager)
    other = cast.objective(title="別")
    moved = patch(client, address(cast, key_result.pk), {"objective": other.pk})
    assert (moved.status_code, list(moved.json()["fields"])) == (400, ["objective"])
    services.record_check_in(key_result, author=cast.member, value=Decimal(1))
    refused = patch(client, address(cast, key_result.pk), {"kind": "cumulative", "reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, "kind_fixed")


def test_weights_are_shares_of_one(cast, sign_in, goal):
    first, second = goal.key_results.order_by("pk")
    client = sign_in(cast.manager)
    told = patch(client, address(cast, first.pk), {"weight": 0.75, "reason": "こちらが先"}).json()
    assert (told["weight"], told["share"]) == (0.75, 0.75)
    assert client.get(address(cast, second.pk)).json()["share"] == 0.25
    refused = patch(client, address(cast, second.pk), {"weight": 0.5, "reason": "同じく"})
    assert (refused.status_code, refused.json()["code"]) == (400, "weights_above_one")


def test_dropping_needs_a_reason_keeps_two_and_can_be_undone(cast, sign_in, goal):
    client = sign_in(cast.manager)
    first = goal.key_results.first()
    few = post(client, address(cast, first.pk, "drop"), {"reason": "x"})
    assert (few.status_code, few.json()["code"]) == (409, "key_result_count")
    cast.key_result(goal, title="三つ目")
    assert post(client, address(cast, first.pk, "drop")).json()["fields"].keys() == {"reason"}
    stale = post(client, address(cast, first.pk, "drop"), {"reason": "x"}, **{"if-match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for _time in range(2):
        dropped = post(client, address(cast, first.pk, "drop"), {"reason": "測れない"})
        assert (dropped.status_code, dropped.json()["dropped_reason"]) == (200, "測れない")
    assert first.pk not in [row["id"] for row in client.get(address(cast)).json()["results"]]
    for _time in range(2):
        assert post(client, address(cast, first.pk, "restore")).json()["dropped_at"] is None


def test_a_partner_reports_where_the_share_says_so_and_hears_no_names(cast, sign_in, key_result):
    services.record_check_in(key_result, author=cast.member, value=Decimal(1))
    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner)
    partner = sign_in(cast.partner)
    url = address(cast, key_result.pk, "check-ins")
    own = post(partner, url, {"value": 2})
    assert (own.status_code, own.json()["author"]) == (201, "Mori Agency")
    assert [row["author"] for row in partner.get(url).json()["results"]] == ["Mori Agency", None]
    assert [row["author"] for row in sign_in(cast.member).get(url).json()["results"]] == ["Mori Agency", "山本 翔"]


def test_check_ins_are_listed_narrowed_and_read_one_by_one(cast, sign_in, key_result):
    first, _created = services.record_check_in(key_result, author=cast.member, value=Decimal(1), date=None)
    second, _created = services.record_check_in(
        key_result, author=cast.manager, value=Decimal(2), obstacle="人手", corrects=first
    )
    client = sign_in(cast.colleague)
    url = address(cast, key_result.pk, "check-ins")
    listed = client.get(url).json()["results"]
    assert [(row["id"], row["corrected_by"]) for row in listed] == [(second.pk, None), (first.pk, second.pk)]
    for asked in ({"obstacle": "true"}, {"author": cast.manager.pk}):
        assert [row["id"] for row in client.get(url, asked).json()["results"]] == [second.pk]
    assert client.get(url, {"since": "2026-05-21"}).json()["count"] == 0
    assert client.get(f"{url}{second.pk}/").json()["obstacle"] == "人手"
    other = address(cast, key_result.objective.key_results.last().pk, "check-ins", second.pk)
    assert client.get(other).status_code == 404
