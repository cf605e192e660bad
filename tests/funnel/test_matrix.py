"""The ABM matrix: what stands where and moved, what is still needed, and the page that says so."""

import csv
import io
import json
import re
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone

from funnel.models import CellTarget, LeadMove, MoveTarget, PlanChange
from funnel.presenters.matrix import MatrixShown
from funnel.presenters.matrix_sankey import sankey
from funnel.queries.matrices import FOUR_WEEKS, MONTH, WEEK, WHOLE, cells_on, read_board
from tests.cast import TODAY
from tests.funnel.boards import STARTS, busy, counted, funnel_kgi, make_board, moved, stages, walk


def lines(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def named(matrix, arrows):
    names = {stage.pk: stage.name for stage in matrix.stages.all()} | {None: ""}
    return {(names[origin], names[to]): count for (origin, to), count in arrows.items()}


# What stands and moved


def test_cells_count_the_leads_and_tell_where_everything_stood_before(cast):
    matrix = make_board(cast)
    walk(matrix, "潜在", "顕在化", count=3, fit="A", since=TODAY - timedelta(days=40), days=30)
    walk(matrix, "潜在", count=2, fit="B", since=TODAY - timedelta(days=5))
    at = stages(matrix)

    assert cells_on(matrix, TODAY)[at["顕在化"].pk, "A"] == 3
    board = read_board(matrix, today=TODAY)
    assert board.at(at["潜在"].pk) == 2
    assert board.change(at["潜在"].pk, "A") == -3
    assert board.change(at["潜在"].pk) == -1
    assert board.before[at["潜在"].pk, "A"] == cells_on(matrix, TODAY - FOUR_WEEKS)[at["潜在"].pk, "A"] == 3
    assert sum(cells_on(matrix, TODAY - timedelta(days=41)).values()) == 0


def test_a_lead_that_was_removed_and_a_move_that_was_withdrawn_count_nowhere(cast):
    matrix = make_board(cast)
    (gone, kept) = walk(matrix, "潜在", "顕在化", count=2, since=TODAY - timedelta(days=10))
    gone.removed_at = timezone.now()
    gone.save()
    board = read_board(matrix, today=TODAY)

    assert sum(board.cells.values()) == 1
    assert named(matrix, board.arrows()) == {("", "潜在"): 1, ("潜在", "顕在化"): 1}
    LeadMove.objects.filter(lead=kept, from_stage=None).update(withdrawn_at=timezone.now())
    assert named(matrix, read_board(matrix, today=TODAY).arrows()) == {("潜在", "顕在化"): 1}


def test_without_a_list_the_latest_count_and_the_moves_after_it_say_what_stands(cast):
    matrix = make_board(cast, has_leads=False)
    counted(matrix, "潜在", "A", 100, day=date(2026, 4, 10))
    moved(matrix, "潜在", "顕在化", 30, day=date(2026, 4, 8))  # is in the count already
    moved(matrix, "潜在", "顕在化", 20, day=date(2026, 5, 11))
    counted(matrix, "顕在化", "A", 25, day=date(2026, 5, 12))
    at = stages(matrix)
    board = read_board(matrix, today=TODAY)

    assert board.at(at["潜在"].pk, "A") == 80
    assert board.at(at["顕在化"].pk, "A") == 25
    assert cells_on(matrix, date(2026, 5, 11))[at["顕在化"].pk, "A"] == 50
    assert board.change(at["潜在"].pk, "A") == -20


def test_a_cell_that_more_left_than_stood_there_is_named(cast):
    matrix = make_board(cast, has_leads=False)
    counted(matrix, "潜在", "B", 2)
    moved(matrix, "潜在", "顕在化", 5, fit="B")
    shown = MatrixShown(read_board(matrix, today=TODAY), "must_hit", MONTH)

    assert shown.short == ["潜在 B"]
    assert shown.cell(stages(matrix)["潜在"].pk, "B").count == 0


def test_the_stock_of_the_first_day_is_no_move_and_weeks_begin_on_monday(cast):
    matrix = make_board(cast)
    walk(matrix, "潜在", count=50, since=STARTS)
    walk(matrix, "潜在", count=4, since=date(2026, 5, 11))  # a Monday
    walk(matrix, "潜在", count=2, since=date(2026, 5, 17))  # the Sunday after it
    walk(matrix, "潜在", count=1, since=TODAY)
    board = read_board(matrix, today=TODAY)

    assert sum(board.arrows(WHOLE).values()) == 7
    assert sum(board.arrows(WEEK).values()) == 6
    assert board.days(WEEK) == (date(2026, 5, 11), date(2026, 5, 17))
    weeks = {monday: sum(moves.values()) for monday, moves in board.weeks.items()}
    assert weeks[date(2026, 5, 11)] == 6
    assert weeks[date(2026, 5, 18)] == 1
    assert list(weeks) == sorted(weeks, reverse=True)
    assert min(weeks) == date(2026, 3, 30)


def test_after_the_last_day_the_weeks_still_hold_their_moves_and_later_orders_are_not_the_matrixs(cast):
    matrix = make_board(cast, ends_on=date(2026, 5, 13))  # a Wednesday
    walk(matrix, "潜在", "受注", count=4, since=date(2026, 5, 4))  # won on 11 May
    walk(matrix, "潜在", "受注", count=3, since=date(2026, 5, 11))  # won on 18 May
    board = read_board(matrix, today=TODAY)

    weeks = {monday: sum(moves.values()) for monday, moves in board.weeks.items()}
    assert all(monday.weekday() == 0 for monday in weeks)
    assert sum(weeks.values()) == sum(board.arrows(WHOLE).values()) == 14
    assert board.orders == 4
    LeadMove.objects.filter(date__gt=date(2026, 5, 13)).delete()
    board = read_board(matrix, today=date(2026, 6, 30))
    assert (max(board.weeks), sum(sum(moves.values()) for moves in board.weeks.values())) == (date(2026, 5, 11), 11)


# What is needed


def test_the_orders_wanted_come_from_the_months_of_the_kgi(cast):
    kgi = funnel_kgi(cast, period_end=date(2027, 3, 31))
    board = read_board(busy(cast, kgi), today=TODAY)

    goal = board.goals["challenge"]
    assert (goal.source, goal.whole, goal.share, goal.orders) == ("kgi", 100, Fraction(1, 2), 50)
    assert list(board.goals) == ["challenge"]


def test_without_a_kgi_the_targets_say_how_many_orders_are_wanted(cast):
    matrix = busy(cast)
    assert read_board(matrix, today=TODAY).goals == {}
    at = stages(matrix)
    CellTarget.objects.create(matrix=matrix, stage=at["受注"], fit="A", count=30)
    assert read_board(matrix, today=TODAY).goals["must_hit"].orders == 30
    MoveTarget.objects.create(
        matrix=matrix, from_stage=at["案件化"], from_fit="A", to_stage=at["受注"], to_fit="A", count=24
    )
    assert read_board(matrix, today=TODAY).goals["must_hit"].source == "moves"


def test_needed_moves_are_calculated_back_from_the_kgi(cast):
    matrix = busy(cast, funnel_kgi(cast))
    walk(matrix, "潜在", "顕在化", "案件化", count=20, since=date(2026, 4, 20))
    board = read_board(matrix, today=TODAY)
    need = board.needed("challenge")
    at = stages(matrix)

    assert board.orders == 10
    # Of 40 that left 潜在 for 顕在化, 20 more came on: the shares changed with them.
    shares = board.chain.leaving[at["顕在化"].pk].to
    assert shares[at["案件化"].pk].share == pytest.approx(40 / 60)
    assert need.from_stock == pytest.approx(10)
    assert need.orders == 90
    each = (60 / 100) * (40 / 60) * 0.5
    assert need.new == pytest.approx(80 / each)
    shown = MatrixShown(board, "challenge", MONTH)
    assert "400" in "".join(shown.finding)
    needed = {(each.origin, each.to): each.needed for each in shown.arrows}
    assert needed["潜在", "顕在化"] >= needed["顕在化", "案件化"] > needed["案件化", "受注"] > 0
    assert needed["潜在", "失注"] is needed["案件化", "失注"] is None  # it will happen, but nobody needs it


def test_a_fit_that_changes_within_a_stage_is_no_move_between_stages(cast):
    matrix = make_board(cast)
    (lead,) = walk(matrix, "潜在", since=TODAY - timedelta(days=9))
    stage = stages(matrix)["潜在"]
    LeadMove.objects.create(
        matrix=matrix, lead=lead, from_stage=stage, from_fit="A", to_stage=stage, to_fit="B", date=TODAY
    )
    board = read_board(matrix, today=TODAY)
    assert named(matrix, board.arrows()) == {("", "潜在"): 1}


# The page


def test_the_page_says_its_finding_and_every_number_leads_to_its_leads(cast, sign_in):
    matrix = busy(cast, funnel_kgi(cast))
    at = stages(matrix)
    CellTarget.objects.create(matrix=matrix, stage=at["受注"], fit="A", count=30)
    page = sign_in(cast.member, language="en").get(cast.url(f"matrix/{matrix.pk}/")).content.decode()

    assert "10 of 100 orders;" in page
    assert "720 more leads must come in by 30 Sep." in page
    assert f"?fit=A&amp;stage={at['失注'].pk}" in page or f"?fit=A&stage={at['失注'].pk}" in page
    assert "more than four weeks ago" in page


def test_arrows_and_flows_are_drawn_with_the_same_numbers_in_tables(cast, sign_in):
    matrix = busy(cast)
    walk(matrix, "潜在", "保留", "潜在", count=5, since=date(2026, 4, 20))
    page = sign_in(cast.member).get(cast.url(f"matrix/{matrix.pk}/?view=arrows&span=whole")).content.decode()

    assert page.count('<svg class="plot arrows') == 2
    assert 'class="back"' in page
    figure = json.loads(re.search(r'<script id="flows-figure" type="application/json">(.*?)</script>', page)[1])
    assert figure["data"][0]["type"] == "sankey"
    links = figure["data"][0]["link"]
    assert sum(links["value"]) == sum(read_board(matrix, today=TODAY).arrows().values())
    assert all(source != target for source, target in zip(links["source"], links["target"], strict=True))
    assert "style=" not in page.split("<main")[1].split("</main>")[0]


def test_flows_never_run_in_a_circle_and_hold_no_tag_of_anybody(cast):
    matrix = busy(cast)
    matrix.stages.filter(name="潜在").update(name="<b>潜在</b>")
    walk(matrix, "<b>潜在</b>", "保留", "<b>潜在</b>", count=5, since=date(2026, 4, 20))
    figure = sankey(MatrixShown(read_board(matrix, today=TODAY), "must_hit", WHOLE))
    trace = figure["data"][0]

    assert not any("<b>" in label for label in trace["node"]["label"])
    following = {}
    for source, target in zip(trace["link"]["source"], trace["link"]["target"], strict=True):
        following.setdefault(source, set()).add(target)

    def reaches(begin, end, seen=()):
        return any(
            each == end or (each not in seen and reaches(each, end, (*seen, each))) for each in following.get(begin, ())
        )

    assert not any(reaches(node, node) for node in following)


def test_an_empty_matrix_teaches(cast, sign_in):
    matrix = make_board(cast)
    page = sign_in(cast.manager, language="en").get(cast.url(f"matrix/{matrix.pk}/")).content.decode()
    assert "Nobody stands in this matrix yet." in page
    assert "Where does each company stand?" in page


def test_cells_and_moves_are_handed_out_as_files(cast, sign_in):
    matrix = busy(cast)
    matrix.stages.filter(name="潜在").update(name="=1+1")
    client = sign_in(cast.member, language="en")
    cells = lines(client.get(cast.url(f"matrix/{matrix.pk}/?download=csv")))
    moves = lines(client.get(cast.url(f"matrix/{matrix.pk}/?download=moves")))

    assert cells[0][:4] == ["Fit", "Stage", "Meaning", "Now"]
    assert any(line[:4] == ["A", "失注", "lost", "70"] for line in cells)
    assert any(line[1] == "'=1+1" for line in cells)
    assert sum(int(line[5]) for line in moves[1:]) == 220


def test_whatever_is_asked_of_the_page_is_answered(cast, sign_in):
    matrix = busy(cast)
    client = sign_in(cast.member)
    for asked in ("span=x", "view=%00", "against=challenge", "download=x", "span=whole&view=arrows&against="):
        assert client.get(cast.url(f"matrix/{matrix.pk}/?{asked}")).status_code == 200


def test_partners_and_strangers_find_no_matrix(cast, sign_in):
    matrix = busy(cast)
    for person in (cast.partner, cast.stranger):
        for page in ("", "targets/", "conversions/"):
            assert sign_in(person).get(cast.url(f"matrix/{matrix.pk}/{page}")).status_code == 404


def test_the_page_takes_as_many_statements_for_many_leads(cast, sign_in, django_assert_max_num_queries):
    matrix = busy(cast, funnel_kgi(cast))
    walk(matrix, "潜在", "顕在化", count=300, fit="C", since=date(2026, 4, 20))
    client = sign_in(cast.member)
    with django_assert_max_num_queries(16):
        assert client.get(cast.url(f"matrix/{matrix.pk}/?view=arrows")).status_code == 200


# Conversions and the funnel


def test_each_pair_of_stages_has_its_share_count_and_range(cast, sign_in):
    matrix = busy(cast)
    client = sign_in(cast.member, language="en")
    page = client.get(cast.url(f"matrix/{matrix.pk}/conversions/")).content.decode()
    assert "50%" in page
    rows = lines(client.get(cast.url(f"matrix/{matrix.pk}/conversions/?download=csv")))
    (row,) = [line for line in rows if line[:2] == ["案件化", "受注"]]
    assert row[2:5] == ["10", "20", "0.5"]
    assert 0.25 < float(row[5]) < 0.5 < float(row[6]) < 0.75
    assert any(line[0] == "保留" and line[1] == "" for line in rows)


@pytest.mark.parametrize(
    ("paths", "finding"),
    [
        (
            {("潜在", "顕在化", "案件化", "受注"): 2, ("潜在", "顕在化", "案件化", "失注"): 8},
            "Most is lost after “案件化”: 20% ever come to “受注”.",
        ),
        (
            # Who skips a stage gets further too.
            {("潜在", "案件化", "受注"): 1, ("潜在", "顕在化", "案件化", "受注"): 1, ("潜在", "失注"): 8},
            "Most is lost after “潜在”: 20% ever come to “顕在化” or further.",
        ),
    ],
    ids=["at the end", "on the way"],
)
def test_the_title_names_the_stage_after_which_most_is_lost(cast, sign_in, paths, finding):
    matrix = make_board(cast)
    for path, count in paths.items():
        walk(matrix, *path, count=count)
    page = sign_in(cast.member, language="en").get(cast.url(f"matrix/{matrix.pk}/conversions/")).content.decode()
    title = re.search(r"<h1.*?</h1>", page, re.DOTALL)[0]
    assert " ".join(re.findall(r"<span>(.*?)</span>", title)) == finding


def rates(client, cast, matrix, **sent):
    url = cast.url(f"matrix/{matrix.pk}/conversions/")
    return client.post(url, {"take_deal_rate": "on", "take_win_rate": "on", "reason": "商談の実績"} | sent)


def test_measured_rates_become_what_the_funnel_is_now(cast, sign_in):
    kgi = funnel_kgi(cast)
    matrix = busy(cast, kgi)
    client = sign_in(cast.manager)
    before = kgi.kpis.get(key="visits").current

    assert rates(client, cast, matrix).status_code == 302
    assert [float(kgi.kpis.get(key=key).current) for key in ("deal_rate", "win_rate")] == [0.5, 0.5]
    # What the funnel looks for is found anew: five times the deals of a visit, two and a half times the orders.
    assert float(kgi.kpis.get(key="visits").current) == pytest.approx(float(before) / 12.5)
    change = PlanChange.objects.filter(kpi__key="deal_rate", column="current").get()
    assert (float(change.before), change.reason, change.changed_by) == (0.1, "商談の実績", cast.manager)

    versions = list(kgi.kpis.order_by("id").values_list("version", flat=True))
    assert rates(client, cast, matrix).status_code == 302
    assert list(kgi.kpis.order_by("id").values_list("version", flat=True)) == versions
    assert PlanChange.objects.filter(kpi__key="deal_rate").count() == 1


def test_rates_are_not_written_without_a_reason_a_choice_or_what_was_seen(cast, sign_in):
    kgi = funnel_kgi(cast)
    matrix = busy(cast, kgi)
    client = sign_in(cast.manager, language="en")

    assert "others will want to know" in rates(client, cast, matrix, reason=" ").content.decode()
    assert rates(client, cast, matrix, take_deal_rate="", take_win_rate="").status_code == 422
    stale = rates(client, cast, matrix, seen_deal_rate="0.4")
    assert stale.status_code == 422
    assert "in the meantime" in stale.content.decode()
    assert float(kgi.kpis.get(key="deal_rate").current) == 0.1


def test_rates_are_written_by_planners_only_and_need_a_funnel(cast, sign_in):
    kgi = funnel_kgi(cast)
    matrix = busy(cast, kgi)
    assert rates(sign_in(cast.member), cast, matrix).status_code == 403
    assert rates(sign_in(cast.stranger), cast, matrix).status_code == 404
    without = busy(cast)
    page = rates(sign_in(cast.manager, language="en"), cast, without)
    assert page.status_code == 422
    assert "no KGI with a funnel" in page.content.decode()


def test_too_few_moves_are_offered_as_no_rate(cast, sign_in):
    matrix = make_board(cast, kgi=funnel_kgi(cast))
    walk(matrix, "顕在化", "案件化", count=3, since=date(2026, 4, 20))
    page = sign_in(cast.manager, language="en").get(cast.url(f"matrix/{matrix.pk}/conversions/")).content.decode()
    assert "Too few moves left “顕在化” to say it." in page
    assert 'name="take_deal_rate"' not in page
