"""The alignment map: what is drawn, what is found, what is missing, and who may see it."""

import re

import pytest

from dashboards.presenters.company_map import CompanyMap
from dashboards.presenters.map_parts import Look
from dashboards.queries.forest import forest_of, sought_in
from dashboards.queries.gaps import gaps_of
from dashboards.views.company_map import finding_of
from objectives import rollup, services
from objectives.access import teams_seen_by
from objectives.models import (
    Cycle,
    CycleState,
    KeyResult,
    Level,
    Objective,
    ObjectiveScore,
    ObjectiveShare,
    ObjectiveState,
)
from people.models import Team
from tests.cast import TODAY

MOST_QUERIES = 12


@pytest.fixture
def chain(cast):
    """Company → department → team → person; one that hangs nowhere, one that only helps by support."""
    rows = {
        "top": cast.objective(title="札幌の味を全国へ", level=Level.COMPANY, team=cast.company, owner=cast.executive),
        "mid": cast.objective(title="部の目標"),
        "low": cast.objective(title="課の目標", team=cast.online, owner=cast.colleague),
        "deep": cast.objective(title="人の目標", team=cast.online, owner=cast.colleague, level=Level.INDIVIDUAL),
        "alone": cast.objective(title="宙に浮く"),
    }
    services.align(rows["mid"], to=rows["top"])
    services.align(rows["low"], to=rows["mid"].key_results.first())
    services.align(rows["deep"], to=rows["low"])
    return rows


def drawn(membership, cycle, look=None, **asked):
    forest = forest_of(membership, cycle, sought_in(asked))
    teams = list(teams_seen_by(membership).order_by("position", "pk"))
    gaps = gaps_of(forest, {team.pk: team.parent_id for team in teams})
    return CompanyMap(membership, cycle, forest, teams, look or Look(), gaps["hanging"])


def gaps_for(membership, cycle):
    forest = forest_of(membership, cycle)
    found = gaps_of(forest, dict(Team.objects.values_list("pk", "parent_id")))
    return {gap: sorted(pks) for gap, pks in found.items() if pks}


def titles(map_):
    return [(row.cell.depth, row.title) for row in map_.rows]


def ask(client, cast, query="", **given):
    return client.get(cast.url(f"company/map/{query}"), **given)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# What is drawn


def test_three_levels_are_drawn_and_a_click_opens_what_is_deeper(cast, chain):
    map_ = drawn(cast.member, cast.cycle)
    assert titles(map_) == [
        (1, "札幌の味を全国へ"),
        (2, "部の目標"),
        (3, "課の目標"),
        (1, "どこにもつながらない目標 1件"),
    ]
    low = map_.rows[2]
    assert low.below == 1
    opened = drawn(cast.member, cast.cycle, Look(root=chain["low"].pk))
    assert titles(opened) == [(1, "人の目標")]
    assert low.opens == map_.address(root=chain["low"].pk)
    assert [name for name, _address in opened.steps] == ["会社全体", "札幌の味を全国へ", "部の目標"]


def test_by_organization_goals_stand_in_their_teams_and_teams_below_theirs(cast, chain):
    map_ = drawn(cast.member, cast.cycle, Look(by="organization"))
    assert titles(map_) == [
        (1, "札幌の味を全国へ"),
        (1, "法人営業"),
        (2, "部の目標"),
        (2, "宙に浮く"),
        (1, "オンライン店"),
        (2, "課の目標"),
        (2, "人の目標"),
    ]
    assert map_.rows[1].below == 2
    below = drawn(cast.member, cast.cycle, Look(by="organization", under=cast.online.pk))
    assert titles(below) == [(1, "課の目標"), (1, "人の目標")]


def test_sizes_add_up_to_every_key_result_counted_once(cast, chain):
    services.align(chain["deep"], to=chain["mid"])
    for look in (Look(), Look(by="organization")):
        map_ = drawn(cast.member, cast.cycle, look)
        whole = sum(row.cell.size for row in map_.rows if row.cell.depth == 1)
        assert whole == KeyResult.objects.count() == 10


def test_a_weight_says_how_much_of_the_goal_above_a_cell_takes(cast, chain):
    services.align(chain["alone"], to=chain["top"], weight=3)
    map_ = drawn(cast.member, cast.cycle, Look(size="weight"))
    size = {row.title: row.cell.size for row in map_.rows}
    # Its own results count 1 together, a child without a weight as much as one of the two.
    assert size["部の目標"] / size["札幌の味を全国へ"] == pytest.approx(0.5 / 4.5)
    assert size["宙に浮く"] / size["札幌の味を全国へ"] == pytest.approx(3 / 4.5)


def test_a_yearly_goal_stands_over_the_quarters_that_help_it(cast, chain):
    year = Cycle.objects.create(
        organization=cast.organization, name="年", start="2026-04-06", end="2027-04-04", state=CycleState.ACTIVE
    )
    yearly = cast.objective(cycle=year, title="年の目標", level=Level.COMPANY, team=cast.company)
    services.align(chain["top"], to=yearly)
    assert titles(drawn(cast.member, cast.cycle))[:3] == [(1, "年の目標"), (2, "札幌の味を全国へ"), (3, "部の目標")]
    by_team = [title for _depth, title in titles(drawn(cast.member, cast.cycle, Look(by="organization")))]
    assert "年の目標" not in by_team


def test_a_goal_that_helps_two_stands_under_both(cast, chain):
    other = cast.objective(title="もう一つ", level=Level.COMPANY, team=cast.company, owner=cast.executive)
    services.align(chain["mid"], to=other)
    paths = [row.cell.path for row in drawn(cast.member, cast.cycle).rows if row.title == "部の目標"]
    assert sorted(paths) == sorted([f"{chain['top'].pk}/{chain['mid'].pk}", f"{other.pk}/{chain['mid'].pk}"])


def test_small_ones_side_by_side_are_folded_into_one_that_leads_to_their_list(cast, sign_in, chain):
    given = {"team": cast.online, "owner": cast.colleague, "state": ObjectiveState.ACTIVE}
    many = cast.many(120, "とても長い名前の目標がここにあるので幅が足りない", **given)
    for child in many:
        child.parents.create(parent_objective=chain["top"])
    KeyResult.objects.bulk_create(cast.drafted(chain["mid"], title=f"結果 {number}") for number in range(60))
    rollup.rescore_organization(cast.organization, TODAY)
    map_ = drawn(cast.member, cast.cycle)
    (fold,) = [row for row in map_.rows if row.title == "ほか120件"]
    assert fold.cell.parent == str(chain["top"].pk)
    assert len(map_.rows) < 10
    client = sign_in(cast.member)
    first = client.get(fold.leads)
    assert first.context["page"].paginator.count == 121
    second = client.get(f"{fold.leads}&page=3")
    assert len(second.context["rows"]) == 21
    assert len(client.get(f"{fold.leads}&q=長い名前 119").context["rows"]) == 1


# What is looked for


def test_words_are_found_in_title_owner_and_team_with_their_way_from_the_top(cast, chain):
    map_ = drawn(cast.member, cast.cycle, q="人の目標")
    assert [(row.title, row.is_found) for row in map_.rows] == [
        ("札幌の味を全国へ", False),
        ("部の目標", False),
        ("課の目標", False),
        ("人の目標", True),
    ]
    for words in (cast.colleague.user.name, "オンライン店 人の"):
        assert chain["deep"].pk in drawn(cast.member, cast.cycle, q=words).forest.found, words
    assert titles(drawn(cast.member, cast.cycle, q="見つからない")) == []
    alone = drawn(cast.member, cast.cycle, q="宙に浮く")
    assert titles(alone) == [(1, "どこにもつながらない目標 1件")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"level": "individual"}, {"deep"}),
        ({"kind": "committed"}, set()),
        ({"health": "not_started"}, {"top", "mid", "low", "deep", "alone"}),
        ({"health": "on_track"}, set()),
        ({"level": "unknown", "health": "x"}, {"top", "mid", "low", "deep", "alone"}),
    ],
)
def test_filters_narrow_and_what_is_unknown_is_left_out(cast, chain, asked, found):
    forest = forest_of(cast.member, cast.cycle, sought_in(asked))
    assert forest.found == {chain[name].pk for name in found}


def test_a_team_stands_for_those_below_it(cast, chain):
    for team, found in ((cast.online, {"low", "deep"}), (cast.company, {"top", "mid", "low", "deep", "alone"})):
        forest = forest_of(cast.member, cast.cycle, sought_in({"team": str(team.pk)}, {team.pk}))
        assert forest.found == {chain[name].pk for name in found}


def test_a_committed_goal_is_marked_and_its_title_speaks_of_the_band(cast, chain):
    ObjectiveScore.objects.update_or_create(
        objective=chain["low"], defaults={"score": 0.5, "pace": 0.6, "landing": 0.8, "health": "at_risk"}
    )
    Objective.objects.filter(pk=chain["low"].pk).update(kind="committed")
    map_ = drawn(cast.member, cast.cycle)
    texts = dict(zip(map_.figure()["data"][0]["ids"], map_.figure()["data"][0]["text"], strict=True))
    low = next(row for row in map_.rows if row.title == "課の目標")
    assert texts[low.cell.path].startswith("▼ 0.80 必達")
    assert finding_of(map_) == "目標5件のうち、1件が帯の下に着く見込みです。"


# What is missing


def test_gaps_are_named_for_what_they_are(cast, chain):
    assert gaps_for(cast.member, cast.cycle) == {"hanging": [chain["alone"].pk]}
    year = Cycle.objects.create(
        organization=cast.organization, name="年", start="2026-04-06", end="2027-04-04", state=CycleState.ACTIVE
    )
    yearly = cast.objective(cycle=year, title="年の目標", level=Level.COMPANY, team=cast.company)
    empty = cast.objective(title="担い手なし", level=Level.COMPANY, team=cast.company, owner=cast.executive)
    headless = cast.objective(title="始まり")
    services.align(cast.objective(title="その下"), to=headless)
    ending = cast.objective(title="引き継がれない", team=cast.online, owner=cast.colleague)
    services.align(ending, to=chain["top"])
    assert gaps_for(cast.member, cast.cycle) == {
        "hanging": [chain["alone"].pk],
        "unbroken": [yearly.pk],
        "unhelped": [empty.pk],
        "headless": [headless.pk],
        "ending": [ending.pk],
    }
    services.align(chain["top"], to=yearly)
    services.align(empty, to=chain["alone"], link="supports")
    left = gaps_for(cast.member, cast.cycle)
    assert "unbroken" not in left
    assert left["headless"] == sorted([headless.pk, chain["alone"].pk])


def test_what_helped_a_dropped_goal_hangs_nowhere_or_begins_below(cast, chain):
    services.drop_objective(chain["top"], reason="やめた", by=cast.admin)
    found = gaps_for(cast.member, cast.cycle)
    assert found == {"hanging": [chain["alone"].pk], "headless": [chain["mid"].pk]}


def test_each_gap_has_a_list_and_an_unknown_one_is_404(cast, sign_in, chain):
    client = sign_in(cast.member, language="en")
    page = ask(client, cast)
    assert "Of 4 objectives below the company's, 3 lead up to a company goal. 1 hangs nowhere." in text_of(
        page
    ).replace("&#x27;", "'")
    (line,) = page.context["gaps"]
    listed = client.get(line.address)
    assert [row.pk for _goal, row in listed.context["rows"]] == [chain["alone"].pk]
    assert client.get(line.address.replace("gap=hanging", "gap=x")).status_code == 404


# The page


def test_the_page_its_part_and_its_numbers(cast, sign_in, chain):
    client = sign_in(cast.member, language="en")
    whole = ask(client, cast)
    assert "<!doctype html>" in whole.content.decode()
    part = ask(client, cast, f"?root={chain['mid'].pk}&colour=health", headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<section")
    assert f"root={chain['mid'].pk}" in part.headers["HX-Push-Url"]
    assert "colour=health" in part.headers["HX-Push-Url"]
    found = ask(client, cast, "?format=json&shape=treemap").json()
    assert found["figure"]["data"][0]["type"] == "treemap"
    assert [row["id"] for row in found["objectives"][:2]] == [chain["top"].pk, chain["mid"].pk]
    assert ask(client, cast, "?shape=x&by=y&colour=z&size=0&team=x&page=y").status_code == 200


def test_only_reading_strangers_meet_404_and_so_does_what_is_not_seen(cast, sign_in, client, chain):
    hidden = cast.objective(title="下書き", state=ObjectiveState.DRAFT)
    theirs = Team.objects.get(organization=cast.stranger.organization)
    for path in ("company/map/", "company/map/list/"):
        assert sign_in(cast.stranger).get(cast.url(path)).status_code == 404
        assert client.get(cast.url(path)).status_code == 302
        reader = sign_in(cast.member)
        assert reader.post(cast.url(path)).status_code == 405
        for root in ("0", "x", "-1", "１", "9" * 30, str(hidden.pk)):
            assert reader.get(cast.url(f"{path}?root={root}")).status_code == 404, root
        assert reader.get(cast.url(f"{path}?by=organization&under={theirs.pk}")).status_code == 404


def test_a_partner_sees_the_shared_branch_no_owner_and_no_gap(cast, sign_in, chain):
    ObjectiveShare.objects.create(objective=chain["mid"], membership=cast.partner)
    client = sign_in(cast.partner, language="en")
    page = ask(client, cast)
    map_ = page.context["map"]
    assert [row.title for row in map_.rows] == ["部の目標", "課の目標", "人の目標"]
    assert page.context["gaps"] == []
    told = page.content.decode()
    for secret in ("札幌の味を全国へ", "宙に浮く", cast.colleague.user.name, cast.manager.user.name):
        assert secret not in told
    assert drawn(cast.partner, cast.cycle, q=cast.colleague.user.name).forest.found == set()
    assert ask(client, cast, f"?root={chain['top'].pk}").status_code == 404
    unseen = Team.objects.create(organization=cast.organization, name="人事", parent=cast.company)
    assert not ask(client, cast, f"?team={unseen.pk}").context["sought"]  # a team they do not see is as good as none
    assert ask(client, cast, f"?team={unseen.pk}").context["map"].forest.found == map_.forest.found
    assert next(row.title for row in drawn(cast.partner, cast.cycle, Look(by="organization")).rows) in (
        "法人営業",
        "部の目標",
    )


def test_an_empty_company_is_told_what_the_map_is_for(cast, sign_in):
    page = ask(sign_in(cast.member, language="en"), cast)
    assert page.context["is_empty"]
    assert "what hangs nowhere is named" in text_of(page)
    cast.objective(state=ObjectiveState.DRAFT)
    assert ask(sign_in(cast.partner), cast).context["is_empty"]


def test_the_number_of_queries_does_not_grow(cast, sign_in, chain, django_assert_max_num_queries):
    client = sign_in(cast.member)
    counted = []
    for _round in range(2):
        for query in ("", "?by=organization", "?q=目標"):
            with django_assert_max_num_queries(MOST_QUERIES) as queries:
                ask(client, cast, query)
            counted.append(len(queries))
        for number in range(6):
            services.align(cast.objective(title=f"目標 {number}"), to=chain["top"])
    assert counted[:3] == counted[3:]
