"""A cycle's report: what it tells, to whom, as a page, on paper and as a workbook."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from dashboards.queries.branches import branch
from dashboards.queries.report import read_report
from dashboards.reports.pdf import report_html, write_pdf
from dashboards.reports.workbook import KR_NOW, KR_PROGRESS, KR_SCORE, O_SCORE, O_STANDS, write_workbook
from objectives import services
from objectives.models import (
    Cause,
    Cycle,
    Grade,
    KeyResult,
    Lesson,
    Objective,
    ObjectiveSnapshot,
    ObjectiveState,
    Obstacle,
    Outcome,
    Question,
    Retrospective,
    RetrospectiveNote,
    Stage,
)
from tests.cast import NOW

AFTER = "2026-07-08T09:00:00+09:00"
REASON, TAKEN = "最後の週の契約がまだ数えられていない", "早く始めた者が勝つ"
LONG = 'とても長い名前の目標 🎉 שלום עולם =HYPERLINK("http://x") <b>&amp;</b> ' + "あ" * 90


@pytest.fixture
def quarter(cast, move_clock):
    """A quarter that is over, with one aspirational objective of sales, a committed one of the shop, and their end."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.bold = cast.objective(title=LONG)
    cast.sure = cast.objective(title="請求を期日どおりに", team=cast.online, owner=cast.colleague, kind="committed")
    move_clock("2026-07-05T09:00:00+09:00")
    for objective, value in ((cast.bold, 64), (cast.sure, 100)):
        for key_result in objective.key_results.all():
            row = KeyResult.objects.get(pk=key_result.pk)
            services.record_check_in(row, author=cast.admin, value=Decimal(value), date=date(2026, 7, 5))
    ObjectiveSnapshot.objects.create(
        objective=cast.bold, date=date(2026, 5, 20), score=0.2, pace=0.5, landing=0.4, health="at_risk"
    )
    Grade.objects.create(
        objective=cast.bold,
        computed=0.64,
        override=0.7,
        reason=REASON,
        outcome=Outcome.CARRIED,
        graded_by=cast.manager,
    )
    Objective.objects.filter(pk=cast.bold.pk).update(state=ObjectiveState.CLOSED)
    looked = Retrospective.objects.create(
        organization=cast.organization,
        cycle=cast.cycle,
        team=cast.sales,
        facilitator=cast.manager,
        stage=Stage.ENDED,
        summary=TAKEN,
    )
    RetrospectiveNote.objects.create(
        retrospective=looked, author=cast.member, question=Question.MISSED, cause=Cause.START, text="着手が五月だった"
    )
    Lesson.objects.create(
        organization=cast.organization, team=cast.sales, cycle=cast.cycle, author=cast.member, text="初月に動く"
    )
    Obstacle.objects.create(
        organization=cast.organization,
        key_result=cast.bold.key_results.first(),
        text="承認に六日かかる",
        raised_by=cast.member,
        owner=cast.member,
        raised_on=date(2026, 5, 1),
    )
    move_clock(AFTER)
    return cast


def report_of(cast, team=None, member=None, **given):
    member = member or cast.admin
    cycle = Cycle.objects.get(pk=cast.cycle.pk)
    return read_report(member, cycle, cast.organization.today, branch(member, team), **given)


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_tells_how_the_cycle_ended_why_and_what_goes_on_and_names_nobody(quarter, sign_in):
    shown = sign_in(quarter.member).get(quarter.url(f"company/report/?cycle={quarter.cycle.pk}"))
    text = text_of(shown.content.decode())
    assert "挑戦の目標1件のうち、帯の中が1件、上が0件、下が0件でした。" in text
    assert "必達の目標は1件中1件を達成しました。" in text
    for said in (
        "0.70",
        "計算値 0.64",
        REASON,
        TAKEN,
        "着手が五月だった",
    ):
        assert said in text
    for said in ("初月に動く", "承認に六日かかる", "66日間", "次の期間へ"):
        assert said in text
    main = shown.content.decode().split("<main")[1]
    assert quarter.manager.user.name not in main
    assert quarter.colleague.user.name not in main


def test_a_report_tells_no_lesson_of_a_single_persons_goal(quarter):
    own = quarter.objective(title="自分の目標", level="individual", owner=quarter.member)
    for about in ({"objective": own}, {"key_result": own.key_results.first()}, {"objective": quarter.bold}):
        Lesson.objects.create(
            organization=quarter.organization,
            team=quarter.sales,
            cycle=quarter.cycle,
            author=quarter.member,
            text="ひとつずつ試す",
            **about,
        )
    (team,) = [team for team in report_of(quarter).teams if team.pk == quarter.sales.pk]
    assert [lesson.objective for lesson in team.lessons] == [None, quarter.bold]


def test_what_lies_on_the_upper_limit_of_the_band_is_drawn_inside_it(quarter, sign_in):
    shown = sign_in(quarter.member, language="en").get(quarter.url("company/report/")).content.decode()
    assert "<title>0.65–0.70: 1 objective</title>" in shown


def test_an_objective_counts_by_its_grade_and_not_by_one_that_is_only_proposed(quarter, sign_in):
    Grade.objects.update(override=0.8)
    with translation.override("ja"):
        sheet = load_workbook(BytesIO(write_workbook(report_of(quarter))), data_only=True)["目標"]
    ended, zone, stands = ([row[place].value for row in sheet.iter_rows(min_row=5)] for place in (7, 8, 10))
    assert (ended, zone, stands) == ([0.8, 1], ["▲ 帯の上", "● 帯の中"], [0.8, 1])
    assert report_of(quarter).counts == {"below": 0, "in": 1, "above": 1, "none": 0}
    Objective.objects.update(state=ObjectiveState.ACTIVE)
    assert report_of(quarter).counts == {"below": 0, "in": 2, "above": 0, "none": 0}
    assert REASON not in sign_in(quarter.member).get(quarter.url("company/report/")).content.decode()


def test_an_objective_without_a_score_stands_at_nothing_and_not_at_0(quarter):
    quarter.objective(title="まだ何もない", key_results=0)
    with translation.override("ja"):
        sheet = load_workbook(BytesIO(write_workbook(report_of(quarter))))["目標"]
    (row,) = [row for row in sheet.iter_rows(min_row=5) if row[2].value == "まだ何もない"]
    assert row[O_STANDS].value == f'=IF(J{row[0].row}<>"",J{row[0].row},IF(G{row[0].row}="","",G{row[0].row}))'


def test_a_teams_report_holds_its_branch_alone_and_partners_find_none(quarter, sign_in):
    client = sign_in(quarter.member, language="en")
    address = quarter.url(f"company/report/?cycle={quarter.cycle.pk}&team={quarter.online.pk}")
    text = text_of(client.get(address).content.decode())
    assert "請求を期日どおりに" in text
    assert TAKEN not in text
    assert client.get(quarter.url("company/report/?team=999999")).status_code == 404
    assert sign_in(quarter.partner).get(quarter.url("company/report/")).status_code == 404


def test_a_running_cycle_is_told_as_of_today_and_an_empty_one_says_what_will_stand_there(cast, sign_in, move_clock):
    client = sign_in(cast.member)
    assert "期間をまとめて読む" in client.get(cast.url("company/report/")).content.decode()
    cast.objective()
    move_clock(NOW)
    assert "5月20日時点" in client.get(cast.url("company/report/")).content.decode()


def test_the_number_of_queries_does_not_grow_with_objectives(quarter):
    with CaptureQueriesContext(connection) as few:
        report_of(quarter)
    for number in range(3):
        objective = quarter.objective(title=f"目標{number}", key_results=3)
        Grade.objects.create(objective=objective, computed=0.1)
    with CaptureQueriesContext(connection) as many:
        report = report_of(quarter)
    assert len(report.goals) == 5
    assert len(many) == len(few)


def test_the_pdf_can_be_read_back_and_says_the_same_whatever_people_write(quarter):
    with translation.override("ja"):
        html = report_html(report_of(quarter))
    pdf = PdfReader(BytesIO(write_pdf(html)))
    text = "".join(re.sub(r"\s+", "", page.extract_text()) for page in pdf.pages)
    for said in ("期間レポート", "とても長い名前の目標", "0.70", REASON, TAKEN):
        assert said in text
    assert pdf.metadata.title.startswith("期間レポート")
    assert pdf.trailer["/Root"]["/Lang"] == "ja"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert quarter.sales.name in [entry.title for entry in pdf.outline if not isinstance(entry, list)]


def test_the_paper_speaks_english_too_and_brings_its_colours(quarter):
    with translation.override("en"):
        html = report_html(report_of(quarter))
    assert '<html lang="en">' in html
    assert "Of 1 committed ones, 1 reached the mark." in text_of(html)
    assert 'class="value"' not in html
    assert "<b>&amp;" not in html.replace("&lt;b&gt;", "")


def test_a_pdf_fetches_nothing_whatever_its_document_names(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">geheim</text></svg>')
    named = f'<img src="file://{secret}"><link rel="stylesheet" href="file://{secret}"><img src="http://127.0.0.1:9/x">'
    pdf = write_pdf(f"<html lang='ja'><head><title>x</title></head><body>{named}<object data='file://{secret}'>")
    assert "geheim" not in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_the_workbook_calculates_and_shows_our_numbers_to_whoever_does_not(quarter):
    with translation.override("ja"):
        content = write_workbook(report_of(quarter))
    live, kept = (load_workbook(BytesIO(content), data_only=given) for given in (False, True))
    assert live.sheetnames == ["まとめ", "目標", "主要な結果", "チェックイン", "学び", "振り返り"]
    results, shown = live["主要な結果"], kept["主要な結果"]
    assert results.cell(5, KR_PROGRESS + 1).value == '=IF(OR(J5="",I5=G5),"",(J5-G5)/(I5-G5))'
    assert results.cell(5, KR_SCORE + 1).value.startswith("=IF(K5=")
    assert [shown.cell(5, place + 1).value for place in (KR_NOW, KR_PROGRESS, KR_SCORE)] == [64, 0.64, 0.64]
    goals, now = live["目標"], kept["目標"]
    bold = next(row for row in (5, 6) if now.cell(row, 3).value == LONG)
    assert "SUMPRODUCT" in goals.cell(bold, O_SCORE + 1).value
    assert now.cell(bold, O_SCORE + 1).value == pytest.approx(0.64)
    assert now.cell(bold, O_STANDS + 1).value == pytest.approx(0.7)
    # What people write is never a formula, whatever it begins with.
    assert goals.cell(bold, 3).data_type == "s"
    summary = live["まとめ"]
    formulas = [cell.value for row in summary.iter_rows() for cell in row if cell.data_type == "f"]
    assert len([formula for formula in formulas if "COUNTIFS" in formula]) > 10
    assert len(summary._charts) == 2
    counted = {row[0].value: row[2].value for row in kept["まとめ"].iter_rows(min_row=15, max_row=18)}
    assert counted == {"▼ 帯の下": 0, "● 帯の中": 2, "▲ 帯の上": 0, "○ 未報告": 0}


def test_the_summary_of_a_workbook_that_cannot_list_all_objectives_does_not_count_an_empty_sheet(quarter):
    content = write_workbook(report_of(quarter, most=1))
    summary = load_workbook(BytesIO(content))["まとめ"]
    shown = {row[0].value: row[2].value for row in summary.iter_rows(min_row=15, max_row=18)}
    assert shown == {"▼ 帯の下": 0, "● 帯の中": 2, "▲ 帯の上": 0, "○ 未報告": 0}
    assert [row[1].value for row in summary.iter_rows(min_row=7, max_row=10)] == [2, 0.7, 1, 1]
