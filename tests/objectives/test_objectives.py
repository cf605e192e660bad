"""The list of a cycle's objectives."""

import csv
import io
import re
import uuid
from decimal import Decimal

import pytest

from objectives import services
from objectives.models import Objective, ObjectiveShare
from objectives.queries.activities import idle_objectives
from objectives.queries.bars import with_heading, zone_counts
from objectives.queries.listing import MOST_COUNTED, MOST_TEAMS, around_of, page_of, summary_of
from objectives.queries.objectives import Wanted, listed
from objectives.services.comments import add_comment
from people.models import Team


@pytest.fixture
def plenty(cast, sign_in):
    """Four objectives of two teams and the company, read by the member in English."""
    cast.objective(title="ＡＢＣ商談をひらく")
    cast.objective(title="朝の一杯を全国へ", team=cast.online, owner=cast.colleague)
    cast.objective(title="会社のめざす先", team=cast.company, level="company", owner=cast.executive)
    cast.objective(title="わたしの目標", owner=cast.member, level="individual", state="draft")
    cast.client = sign_in(cast.member, language="en")
    return cast


def titles(cast, query="", client=None) -> list[str]:
    page = (client or cast.client).get(cast.url(f"objectives/{query}"))
    assert page.status_code == 200
    return re.findall(r'<a class="word" href="[^"]*/objectives/\d+/"(?: lang="ja")?>([^<]*)</a>', page.content.decode())


def test_the_list_goes_by_team(plenty):
    assert titles(plenty) == ["会社のめざす先", "ＡＢＣ商談をひらく", "わたしの目標", "朝の一杯を全国へ"]


@pytest.mark.parametrize("typed", ["abc", "ABC", "ＡＢＣ", "ａｂｃ　商談", "商談 ABC"])
def test_search_takes_full_and_half_width_and_any_case_alike(plenty, typed):
    assert titles(plenty, f"?q={typed}") == ["ＡＢＣ商談をひらく"]


def test_search_takes_signs_literally(plenty):
    assert titles(plenty, "?q=%25") == []
    assert titles(plenty, "?q=_") == []
    assert titles(plenty, "?q=%00") == titles(plenty)


def test_filters_by_team_level_and_health(plenty):
    assert titles(plenty, f"?team={plenty.online.pk}") == ["朝の一杯を全国へ"]
    assert titles(plenty, "?level=company") == ["会社のめざす先"]
    objective = Objective.objects.get(title="朝の一杯を全国へ")
    for key_result in objective.key_results.all():
        services.record_check_in(key_result, author=plenty.colleague, value=Decimal(40))
    assert titles(plenty, "?health=on_track") == ["朝の一杯を全国へ"]


def test_one_objective_is_not_counted_as_several(cast, sign_in):
    cast.objective()
    page = sign_in(cast.member, language="en").get(cast.url("objectives/")).content.decode()
    assert "The only objective is still silent." in page
    assert "1 objectives" not in page


def test_mine_are_those_i_own_and_those_whose_key_results_i_own(plenty):
    other = plenty.objective(title="人の目標で人の結果", owner=plenty.colleague, key_results=0, state="draft")
    plenty.key_result(other, owner=plenty.colleague)
    assert "人の目標で人の結果" not in titles(plenty, "?mine=1")
    assert "わたしの目標" in titles(plenty, "?mine=1")


def test_the_order_can_be_by_landing_or_title(plenty):
    for title, value in (("朝の一杯を全国へ", 60), ("ＡＢＣ商談をひらく", 10)):
        objective = Objective.objects.get(title=title)
        for key_result in objective.key_results.all():
            services.record_check_in(key_result, author=plenty.admin, value=Decimal(value))
    assert titles(plenty, "?sort=-score")[0] == "朝の一杯を全国へ"
    lowest = [title for title in titles(plenty, "?sort=score") if title in ("朝の一杯を全国へ", "ＡＢＣ商談をひらく")]
    assert lowest == ["ＡＢＣ商談をひらく", "朝の一杯を全国へ"]
    assert titles(plenty, "?sort=-title") == titles(plenty, "?sort=title")[::-1]


@pytest.mark.parametrize(
    "nonsense",
    [
        "team=x",
        "team=99999999999999999999",
        "level=9",
        "health=fine",
        "sort=drop",
        "page=x",
        "page=999999999999999999",
    ],
)
def test_nonsense_in_the_address_is_left_out(plenty, nonsense):
    assert len(titles(plenty, f"?{nonsense}")) == 4


def test_another_cycle_can_be_looked_at(plenty):
    assert titles(plenty, f"?cycle={plenty.closed_cycle.pk}") == []
    assert plenty.client.get(plenty.url("objectives/?cycle=999999")).status_code == 404


def test_a_search_by_htmx_answers_the_rows_alone(plenty):
    answer = plenty.client.get(plenty.url("objectives/?q=abc"), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<section id="rows"')
    assert "1 objective<" in text


def test_nothing_found_names_the_way_out(plenty):
    page = plenty.client.get(plenty.url("objectives/?q=zzz")).content.decode()
    assert "No objective answers this search" in page
    assert "Show all objectives" in page


def test_an_empty_cycle_teaches_what_an_objective_is(cast, sign_in):
    page = sign_in(cast.member, language="en").get(cast.url("objectives/")).content.decode()
    assert "No objectives yet" in page
    assert "without a number in it" in page


def test_the_list_stands_without_any_cycle(cast, sign_in):
    cast.cycle.delete()
    cast.closed_cycle.delete()
    assert sign_in(cast.member).get(cast.url("objectives/")).status_code == 200


def test_the_list_is_paged_by_fifty(cast, sign_in):
    cast.many(60)
    client = sign_in(cast.member)
    assert len(titles(cast, client=client)) == 50
    assert len(titles(cast, "?page=2&sort=title", client=client)) == 10


def test_the_whole_list_can_be_taken_away_as_csv(plenty):
    Objective.objects.filter(title="わたしの目標").update(title="=1+1")
    answer = plenty.client.get(plenty.url("objectives/?download=csv"))
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 5
    assert rows[0][0] == "Objective"
    assert "'=1+1" in [row[0] for row in rows]


def test_what_is_filtered_is_what_is_taken_away(plenty):
    answer = plenty.client.get(plenty.url("objectives/?q=abc&download=csv"))
    assert len(answer.content.decode().splitlines()) == 2


def test_a_partner_lists_only_the_shared_branch(plenty, sign_in):
    partner = sign_in(plenty.partner)
    assert titles(plenty, client=partner) == []
    shared = Objective.objects.get(title="朝の一杯を全国へ")
    ObjectiveShare.objects.create(objective=shared, membership=plenty.partner)
    assert titles(plenty, client=partner) == ["朝の一杯を全国へ"]


def test_a_stranger_does_not_find_the_list(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url("objectives/")).status_code == 404


def test_six_queries_answer_the_list_whatever_it_holds(cast, sign_in, django_assert_num_queries):
    client = sign_in(cast.member)
    cast.many(20, owner=cast.member)
    for asked in ("", "?q=目標", "?zone=none&mine=1&sort=title", f"?team={cast.sales.pk}"):
        with django_assert_num_queries(6):
            assert client.get(cast.url(f"objectives/{asked}")).status_code == 200
    cast.many(35, owner=cast.member)
    with django_assert_num_queries(6):
        assert len(titles(cast, client=client)) == 50
    with django_assert_num_queries(6):
        assert len(titles(cast, "?page=2", client=client)) == 5


def test_a_great_company_is_not_counted_while_its_list_is_drawn(cast, sign_in):
    client = sign_in(cast.member, language="en")
    cast.many(MOST_COUNTED + 1, owner=cast.member)
    page = client.get(cast.url("objectives/")).content.decode()
    assert "There are more than 500 objectives." in page
    assert f'hx-get="{cast.url("objectives/summary/")}"' in page
    assert "1–50 / 500+" in page
    assert "Of 501 objectives" in client.get(cast.url("objectives/summary/")).content.decode()
    last = client.get(cast.url("objectives/?page=99")).content.decode()
    assert "501–501 / 500+" in last


def test_where_teams_are_too_many_to_choose_from_the_upper_ones_and_those_nearby_are_offered(cast, sign_in):
    def team(name: str, parent: Team) -> Team:
        return Team.objects.create(organization=cast.organization, name=name, parent=parent)

    departments = [team(f"部 {number}", cast.company) for number in range(3)]
    below = [team(f"課 {number}", departments[number % 3]) for number in range(MOST_TEAMS)]
    client = sign_in(cast.member)

    def offered(asked: str = "") -> set[str]:
        page = client.get(cast.url(f"objectives/{asked}")).content.decode()
        return set(re.findall(r'<option value="(\d+)"', page))

    assert str(departments[0].pk) in offered()
    assert str(below[0].pk) not in offered()
    beside = offered(f"?team={departments[0].pk}")
    assert str(below[0].pk) in beside
    assert str(below[1].pk) not in beside
    narrowed = client.get(cast.url(f"objectives/?team={departments[0].pk}"), headers={"HX-Request": "true"})
    assert 'id="team" name="team" hx-swap-oob="true"' in narrowed.content.decode()


def test_the_counts_are_those_of_the_rule(plenty):
    for title, value in (("朝の一杯を全国へ", 60), ("ＡＢＣ商談をひらく", 10)):
        for key_result in Objective.objects.get(title=title).key_results.all():
            services.record_check_in(key_result, author=plenty.admin, value=Decimal(value))
    ObjectiveShare.objects.create(objective=Objective.objects.get(title="朝の一杯を全国へ"), membership=plenty.partner)
    for membership in (plenty.member, plenty.partner):
        rows = Objective.objects.visible_to(membership).in_cycle(plenty.cycle)
        counted = with_heading(rows, plenty.organization).aggregate(**zone_counts(plenty.organization))
        assert summary_of(membership, plenty.cycle) == counted


def test_a_row_is_idle_as_the_rule_says(plenty, move_clock):
    busy = Objective.objects.get(title="ＡＢＣ商談をひらく")
    services.record_check_in(busy.key_results.first(), author=plenty.admin, value=Decimal(10))
    commented = Objective.objects.get(title="朝の一杯を全国へ")
    Objective.objects.update(activated_on=plenty.cycle.start)
    for day, idle in (("05-20", 2), ("06-10", 3), ("06-20", 2)):
        move_clock(f"2026-{day}T10:00:00+09:00")
        if day == "06-20":
            add_comment(commented, by=plenty.member, text="見ています", submission_key=uuid.uuid4())
        rows = listed(plenty.member, plenty.cycle, Wanted())
        around = around_of(plenty.member, plenty.cycle, rows, team=None, is_filtered=False)
        said = {row.pk: row.idle_since for row in page_of(plenty.member, plenty.cycle, rows, 1, around).rows}
        by_rule = dict(idle_objectives(plenty.member).values_list("pk", "last_activity_on"))
        assert {pk: day for pk, day in said.items() if day} == by_rule
        assert len(by_rule) == idle


def test_dropped_objectives_are_listed_only_where_they_are_asked_for(plenty):
    dropped = Objective.objects.get(title="ＡＢＣ商談をひらく")
    services.drop_objective(dropped, reason="重なるため", by=plenty.admin)
    assert "ＡＢＣ商談をひらく" not in titles(plenty)
    assert titles(plenty, "?health=dropped") == ["ＡＢＣ商談をひらく"]
