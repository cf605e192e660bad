"""Objectives for other programs: as in the contract, and by the rules of the pages."""

import uuid

import pytest
from django.test import Client

from funnel.models import KGI
from objectives import services
from objectives.models import Alignment, Cycle, KeyResult, Objective, ObjectiveShare
from people.models import AuditEvent, Team
from tests import asking
from tests.asking import patch, post

SHAPE = {
    "id",
    "version",
    "cycle",
    "title",
    "why",
    "kind",
    "state",
    "level",
    "team",
    "owner",
    "parents",
    "kgi",
    "score",
    "health",
    "key_results",
}


def address(cast, *parts):
    return asking.address(cast, "objectives", *parts)


def draft(cast, **more):
    return {"cycle": cast.cycle.pk, "team": cast.sales.pk, "title": "はたらく人の朝を、珈琲で支える"} | more


# Reading


def test_an_objective_is_told_as_the_contract_says(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年商")
    parent = cast.objective(title="親")
    goal = cast.objective(kgi=kgi, why="午後の一杯のため")
    services.align(goal, to=parent, weight=0.5)
    services.align(goal, to=parent.key_results.first(), link="supports")
    told = sign_in(cast.member).get(address(cast, goal.pk)).json()
    assert told.keys() >= SHAPE
    assert {name: told[name] for name in SHAPE - {"version", "key_results"}} == {
        "id": goal.pk,
        "cycle": cast.cycle.pk,
        "title": goal.title,
        "why": "午後の一杯のため",
        "kind": "aspirational",
        "state": "active",
        "level": "team",
        "team": cast.sales.pk,
        "owner": cast.manager.pk,
        "parents": [
            {"objective": parent.pk, "link": "contributes", "weight": 0.5},
            {"key_result": parent.key_results.first().pk, "link": "supports", "weight": None},
        ],
        "kgi": kgi.pk,
        "score": 0.0,
        "health": "not_started",
    }
    assert [row["title"] for row in told["key_results"]] == ["結果 1", "結果 2"]
    assert told["key_results"][0]["objective"] == goal.pk


def test_lists_hold_every_cycle_unless_one_is_asked_for(cast, sign_in):
    old = Cycle.objects.create(organization=cast.organization, name="去年", start="2025-01-01", end="2025-03-31")
    now, then = cast.objective(title="いま"), cast.objective(title="むかし", cycle=old)
    client = sign_in(cast.member)
    listed = client.get(address(cast)).json()
    assert listed.keys() == {"count", "next", "previous", "results"}
    assert [row["id"] for row in listed["results"]] == [now.pk, then.pk]
    asked = client.get(address(cast), {"cycle": old.pk}).json()
    assert [row["id"] for row in asked["results"]] == [then.pk]


def test_lists_are_narrowed_and_ordered_as_documented(cast, sign_in):
    one = cast.objective(title="Ａ社を開拓する", kind="committed")
    two = cast.objective(title="通販を育てる", team=cast.online, owner=cast.colleague, state="draft")
    mine = cast.objective(title="私の学び", level="individual", owner=cast.member)
    company = cast.objective(title="全国へ", team=cast.company, level="company", owner=cast.executive)
    services.align(one, to=company.key_results.first())
    services.drop_objective(mine, reason="やめた", by=cast.admin)
    client = sign_in(cast.member)

    def ids(**asked):
        answer = client.get(address(cast), asked)
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    assert ids() == {one.pk, two.pk, company.pk}
    assert ids(dropped="true") == {mine.pk}
    assert ids(team=cast.online.pk) == {two.pk}
    assert ids(team=cast.company.pk) == {one.pk, two.pk, company.pk}
    assert ids(owner=cast.colleague.pk) == {two.pk}
    assert ids(state="draft") == {two.pk}
    assert ids(state=["draft", "active"]) == {one.pk, two.pk, company.pk}
    assert ids(level="company") == {company.pk}
    assert ids(kind="committed") == {one.pk}
    assert ids(health="on_track") == set()
    assert ids(q="a社 開拓") == {one.pk}
    assert ids(parent=company.pk) == {one.pk}
    titles = [row["title"] for row in client.get(address(cast), {"ordering": "-title"}).json()["results"]]
    assert titles == sorted(titles, reverse=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("cycle", "x"), ("cycle", "999999"), ("team", "-"), ("state", "gone"), ("ordering", "password"), ("dropped", "?")],
)
def test_a_filter_that_means_nothing_is_refused(cast, sign_in, name, value):
    answer = sign_in(cast.member).get(address(cast), {name: value})
    if name == "dropped":  # a word that is neither yes nor no asks for nothing
        assert answer.status_code == 200
        return
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 30, "abc", "-1", "１２"])
def test_an_id_that_is_none_is_not_found(cast, sign_in, pk):
    answer = sign_in(cast.member).get(address(cast, pk))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_objectives(cast, sign_in, number, django_assert_max_num_queries):
    parent = cast.objective(title="親")
    for index in range(number):
        services.align(cast.objective(title=f"目標 {index}"), to=parent)
    client = sign_in(cast.member)
    with django_assert_max_num_queries(12):
        assert client.get(address(cast), {"page_size": 100}).json()["count"] == number + 1


def test_a_partner_is_told_of_the_shared_branch_and_of_nothing_else(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="秘密の年商")
    above, beside = cast.objective(title="上の目標"), cast.objective(title="隣の目標")
    shared = cast.objective(title="共有の目標", kgi=kgi)
    below = cast.objective(title="下の目標")
    services.align(shared, to=above)
    services.align(below, to=shared)
    services.align(below, to=beside.key_results.first(), link="supports")
    partner = sign_in(cast.partner)
    assert partner.get(address(cast)).json()["results"] == []
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    answer = partner.get(address(cast))
    rows = {row["id"]: row for row in answer.json()["results"]}
    assert rows.keys() == {shared.pk, below.pk}
    assert rows[shared.pk]["parents"] == []
    assert rows[below.pk]["parents"] == [{"objective": shared.pk, "link": "contributes", "weight": None}]
    assert {rows[shared.pk][name] for name in ("owner", "kgi")} == {None}
    assert rows[shared.pk]["team"] == cast.sales.pk
    assert {row["owner"] for row in rows[shared.pk]["key_results"]} == {None}
    for secret in ("秘密", "上の", "隣の", "伊藤", "山本"):
        assert secret not in answer.content.decode()
    assert partner.get(address(cast, above.pk)).status_code == 404
    assert partner.get(address(cast, shared.pk)).status_code == 200
    assert patch(partner, address(cast, shared.pk), {"title": "x"}).status_code == 403
    assert post(partner, address(cast), draft(cast)).status_code == 403


# Writing


def test_nobody_401_stranger_404_reader_403(cast, sign_in):
    goal = cast.objective()
    for method, url in (("get", address(cast)), ("get", address(cast, goal.pk)), ("patch", address(cast, goal.pk))):
        assert getattr(Client(), method)(url).status_code == 401
        assert getattr(sign_in(cast.stranger), method)(url).status_code == 404
    reader = sign_in(cast.colleague)
    assert reader.get(address(cast, goal.pk)).status_code == 200
    for answer in (
        patch(reader, address(cast, goal.pk), {"title": "x"}),
        post(reader, address(cast, goal.pk, "drop"), {"reason": "x"}),
        post(reader, address(cast, goal.pk, "restore")),
        post(reader, address(cast, goal.pk, "parents"), {"objective": goal.pk}),
        reader.delete(address(cast, goal.pk, "parents") + f"?objective={goal.pk}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_an_objective_is_written_as_a_draft_of_the_asker(cast, sign_in):
    kgi = KGI.objects.create(organization=cast.organization, name="年商")
    parent = cast.objective(title="親")
    body = draft(
        cast,
        title="  はたらく人の　 朝を支える ",
        why="朝の一杯",
        kind="committed",
        kgi=kgi.pk,
        parents=[{"objective": parent.pk, "link": "contributes", "weight": "０．５"}],
        submission_key=str(uuid.uuid4()),
    )
    client = sign_in(cast.manager)
    answer = post(client, address(cast), body)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer["Location"] == address(cast, told["id"])
    assert answer["ETag"] == '"1"'
    assert told.keys() >= SHAPE
    assert (told["state"], told["level"], told["owner"]) == ("draft", "team", cast.manager.pk)
    assert (told["title"], told["kind"], told["kgi"]) == ("はたらく人の 朝を支える", "committed", kgi.pk)
    assert told["parents"] == [{"objective": parent.pk, "link": "contributes", "weight": 0.5}]
    again = post(client, address(cast), body)
    assert again.json()["id"] == told["id"]
    assert Objective.objects.count() == 2


def test_a_repeated_write_with_an_idempotency_key_is_answered_not_repeated(cast, sign_in):
    client = sign_in(cast.manager)
    headers = {"idempotency-key": "one"}
    first = post(client, address(cast), draft(cast), **headers)
    again = post(client, address(cast), draft(cast), **headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = post(client, address(cast), draft(cast, title="別"), **headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Objective.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " 　"}, "title"),
        ({"title": "あ" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": None}, "title"),
        ({"title": []}, "title"),
        ({"why": "あ" * 2001}, "why"),
        ({"kind": "maybe"}, "kind"),
        ({"level": "galaxy"}, "level"),
        ({"level": "company"}, "level"),
        ({"state": "dropped"}, "state"),
        ({"cycle": 999_999}, "cycle"),
        ({"cycle": "x"}, "cycle"),
        ({"cycle": 10**30}, "cycle"),
        ({"cycle": True}, "cycle"),
        ({"team": 999_999}, "team"),
        ({"owner": 999_999}, "owner"),
        ({"kgi": 999_999}, "kgi"),
        ({"parents": {}}, "parents"),
        ({"parents": [{}]}, "parents"),
        ({"parents": [{"objective": 999_999}]}, "parents"),
        ({"parents": [{"objective": None, "key_result": None}]}, "parents"),
        ({"parents": [{}] * 51}, "parents"),
        ({"submission_key": "x"}, "submission_key"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(cast, sign_in, body, field):
    answer = post(sign_in(cast.manager, language="en"), address(cast), draft(cast) | body)
    assert answer.status_code == 400, answer.content
    assert answer.json().keys() == {"code", "detail", "fields"}
    assert list(answer.json()["fields"]) == [field]
    assert not Objective.objects.exists()


def test_rows_of_another_organization_are_not_known(cast, sign_in):
    theirs = cast.stranger.organization
    foreign = {
        "cycle": theirs.cycles.get().pk,
        "team": theirs.teams.get().pk,
        "owner": cast.stranger.pk,
        "kgi": KGI.objects.create(organization=theirs, name="よその年商").pk,
    }
    for field, pk in foreign.items():
        answer = post(sign_in(cast.admin), address(cast), draft(cast) | {field: pk})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        unknown = post(sign_in(cast.admin), address(cast), draft(cast) | {field: 999_999_999})
        assert unknown.json()["detail"].replace("999999999", str(pk)) == answer.json()["detail"]


@pytest.mark.parametrize(
    ("who", "team", "level", "status"),
    [
        ("admin", "company", "company", 201),
        ("executive", "company", "company", 201),
        ("executive", "sales", "team", 400),
        ("manager", "sales", "team", 201),
        ("manager", "online", "team", 400),
        ("manager", "company", "company", 400),
        ("member", "sales", "team", 201),
        ("member", "online", "team", 400),
        ("colleague", "sales", "team", 400),
        ("partner", "sales", "team", 403),
    ],
)
def test_everybody_plans_for_whom_the_page_lets_them(cast, sign_in, who, team, level, status):
    body = draft(cast, team=getattr(cast, team).pk, level=level)
    answer = post(sign_in(getattr(cast, who)), address(cast), body)
    assert answer.status_code == status, answer.content
    if status == 400:
        assert list(answer.json()["fields"]) == ["team"]


def test_a_member_proposes_as_owner_alone(cast, sign_in):
    answer = post(sign_in(cast.member), address(cast), draft(cast, owner=cast.manager.pk))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["owner"])
    own = post(sign_in(cast.member), address(cast), draft(cast, state="proposed"))
    assert (own.status_code, own.json()["state"], own.json()["owner"]) == (201, "proposed", cast.member.pk)


def test_without_a_team_it_is_for_ones_own_and_for_the_company(cast, sign_in):
    body = {"cycle": cast.cycle.pk, "title": "朝の一杯"}
    assert post(sign_in(cast.manager), address(cast), body).json()["team"] == cast.sales.pk
    company = post(sign_in(cast.executive), address(cast), body | {"level": "company"}).json()
    assert (company["team"], company["level"]) == (cast.company.pk, "company")
    own = post(sign_in(cast.member), address(cast), body | {"level": "individual"}).json()
    assert (own["team"], own["level"]) == (cast.sales.pk, "individual")


def test_the_same_words_are_not_written_twice(cast, sign_in):
    client = sign_in(cast.manager)
    first = post(client, address(cast), draft(cast)).json()
    again = post(client, address(cast), draft(cast))
    assert (again.status_code, again.json()["code"], list(again.json()["fields"])) == (
        400,
        "written_already",
        ["title"],
    )
    services.drop_objective(Objective.objects.get(pk=first["id"]), reason="x", by=cast.admin)
    assert post(client, address(cast), draft(cast)).status_code == 201


def test_a_change_names_only_what_changes(cast, sign_in):
    goal = cast.objective(why="なぜ")
    client = sign_in(cast.manager)
    answer = patch(client, address(cast, goal.pk), {"title": "新しい言葉", "score": 1, "version": goal.version})
    told = answer.json()
    assert (answer.status_code, told["title"], told["why"]) == (200, "新しい言葉", "なぜ")
    assert told["version"] == goal.version + 1
    assert answer["ETag"] == f'"{told["version"]}"'
    same = patch(client, address(cast, goal.pk), {"title": "新しい言葉"})
    assert same.json()["version"] == told["version"]


def test_a_stale_change_is_answered_with_the_current_row(cast, sign_in):
    goal = cast.objective()
    client = sign_in(cast.manager)
    tag = client.get(address(cast, goal.pk))["ETag"]
    assert patch(client, address(cast, goal.pk), {"why": "一"}, **{"if-match": tag}).status_code == 200
    for headers, body in (({"if-match": tag}, {}), ({}, {"version": goal.version})):
        stale = patch(client, address(cast, goal.pk), {"why": "二"} | body, **headers)
        assert (stale.status_code, stale.json()["code"]) == (409, "stale")
        assert stale.json()["current"]["why"] == "一"
        assert stale.json()["current"].keys() >= SHAPE
    stale = patch(client, address(cast, goal.pk), {"state": "closed"}, **{"if-match": tag})
    assert (stale.status_code, stale.json()["current"]["state"]) == (409, "active")
    assert patch(client, address(cast, goal.pk), {"why": "三"}, **{"if-match": "soon"}).status_code == 400


def test_an_objective_stays_in_its_cycle_and_moves_between_teams(cast, sign_in):
    goal = cast.objective()
    refused = patch(sign_in(cast.admin), address(cast, goal.pk), {"cycle": cast.closed_cycle.pk})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["cycle"])
    moved = patch(sign_in(cast.admin), address(cast, goal.pk), {"team": cast.company.pk}).json()
    assert (moved["team"], moved["level"]) == (cast.company.pk, "company")
    beyond = patch(sign_in(cast.manager), address(cast, cast.objective(title="別").pk), {"team": cast.online.pk})
    assert (beyond.status_code, list(beyond.json()["fields"])) == (400, ["team"])


def test_what_it_helps_is_replaced_added_and_taken_away(cast, sign_in):
    one, two, goal = cast.objective(title="一"), cast.objective(title="二"), cast.objective(title="三")
    client = sign_in(cast.manager)
    url = address(cast, goal.pk, "parents")
    added = post(client, url, {"objective": one.pk, "weight": 2})
    assert added.json()["parents"] == [{"objective": one.pk, "link": "contributes", "weight": 2.0}]
    key_result = two.key_results.first()
    replaced = patch(client, address(cast, goal.pk), {"parents": [{"key_result": key_result.pk, "link": "supports"}]})
    told = [{"key_result": key_result.pk, "link": "supports", "weight": None}]
    assert replaced.json()["parents"] == told
    assert client.get(url).json() == told
    for _time in range(2):
        assert client.delete(f"{url}?key_result={key_result.pk}").status_code == 204
    assert client.get(url).json() == []
    assert client.delete(url).status_code == 400
    assert client.delete(f"{url}?objective=999999999").status_code == 404
    assert client.delete(f"{url}?objective=x").status_code == 404


def test_a_loop_is_refused_and_nothing_of_the_request_is_done(cast, sign_in):
    top, low = cast.objective(title="上"), cast.objective(title="下")
    services.align(low, to=top)
    answer = patch(sign_in(cast.manager), address(cast, top.pk), {"title": "x", "parents": [{"objective": low.pk}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "loop")
    top.refresh_from_db()
    assert top.title == "上"


def test_a_weight_is_given_by_those_who_write_the_parent(cast, sign_in):
    parent = cast.objective(team=cast.online, owner=cast.colleague)
    goal = cast.objective(title="子", owner=cast.member)
    client = sign_in(cast.member)
    refused = post(client, address(cast, goal.pk, "parents"), {"objective": parent.pk, "weight": 3})
    assert (refused.status_code, refused.json()["code"]) == (409, "weight_not_yours")
    services.align(goal, to=parent, weight=0.25)
    kept = post(client, address(cast, goal.pk, "parents"), {"objective": parent.pk})
    assert kept.json()["parents"][0]["weight"] == 0.25


def test_the_state_moves_on_by_those_who_may(cast, sign_in):
    goal = cast.objective(state="draft", owner=cast.member, key_results=0)
    url = address(cast, goal.pk)
    assert patch(sign_in(cast.member), url, {"state": "proposed"}).json()["state"] == "proposed"
    assert patch(sign_in(cast.member), url, {"state": "agreed"}).status_code == 403
    manager = sign_in(cast.manager)
    few = patch(manager, url, {"state": "active"})
    assert (few.status_code, few.json()["code"]) == (409, "key_result_count")
    cast.key_result(goal, title="一")
    cast.key_result(goal, title="二")
    active = patch(manager, url, {"state": "active", "why": "始める"}).json()
    assert (active["state"], active["why"], active["activated_on"]) == ("active", "始める", "2026-05-20")
    assert patch(manager, url, {"state": "draft"}).json()["code"] == "no_such_step"
    assert patch(manager, url, {"state": "closed"}).json()["state"] == "closed"
    frozen = patch(manager, url, {"title": "x"})
    assert (frozen.status_code, frozen.json()["code"]) == (409, "objective_closed")
    assert patch(manager, url, {"state": "active"}).json()["state"] == "active"


def test_nothing_is_written_in_a_closed_cycle(cast, sign_in):
    answer = post(sign_in(cast.admin), address(cast), draft(cast, cycle=cast.closed_cycle.pk))
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle_closed")


def test_a_closed_team_gets_no_more_objectives(cast, sign_in):
    Team.objects.filter(pk=cast.online.pk).update(closed_on="2026-05-01")
    answer = post(sign_in(cast.admin), address(cast), draft(cast, team=cast.online.pk))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["team"])


def test_dropping_needs_a_reason_and_can_be_undone(cast, sign_in):
    goal = cast.objective()
    client = sign_in(cast.manager)
    for body in ({}, {"reason": " "}, {"reason": "あ" * 501}):
        refused = post(client, address(cast, goal.pk, "drop"), body)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["reason"])
    stale = post(client, address(cast, goal.pk, "drop"), {"reason": "x"}, **{"if-match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for _time in range(2):
        dropped = post(client, address(cast, goal.pk, "drop"), {"reason": "市場が変わった"}).json()
        assert dropped["dropped_reason"] == "市場が変わった"
        assert dropped["dropped_at"]
    assert client.get(address(cast)).json()["count"] == 0
    assert client.get(address(cast, goal.pk)).json()["id"] == goal.pk
    assert patch(client, address(cast, goal.pk), {"title": "x"}).status_code == 403
    for _time in range(2):
        assert post(client, address(cast, goal.pk, "restore")).json()["dropped_at"] is None
    assert client.get(address(cast)).json()["count"] == 1


def test_what_is_written_is_scored_and_kept_in_history(cast, sign_in):
    told = post(sign_in(cast.manager), address(cast), draft(cast)).json()
    assert Objective.objects.get(pk=told["id"]).scored.health == "not_started"
    event = AuditEvent.objects.filter(table="objectives_objective", row=told["id"]).first()
    assert (event.door, event.user_id) == ("api", cast.manager.user_id)
    assert not Alignment.objects.exists()
    assert not KeyResult.objects.exists()


def test_of_a_new_one_nothing_is_said_of_its_end(cast, sign_in):
    answer = post(sign_in(cast.manager), address(cast), draft(cast, grade=0.7, reason="よかった"))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_such_step")
    assert not Objective.objects.exists()
