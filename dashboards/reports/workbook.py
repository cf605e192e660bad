"""A cycle report as an Excel workbook that calculates: whoever changes a value sees the scores and counts follow.

Progress is (current − start) ÷ (target − start), a score is progress within 0–1, an objective's score the weighted mean
of its key results and of what contributes to it (the product's domain notes 2.3). Where the product's own number does
not follow from the cells of its row (a quota's periods, a sum that others carry), it stands as a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from math import isclose
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from dashboards.figures import GLYPHS
from dashboards.queries.report import Report
from dashboards.queries.report.goals import Goal, Result
from dashboards.queries.report.stories import check_ins
from dashboards.reports.sheets import (
    FIRST_ROW,
    Column,
    Sheets,
    cell,
    column_range,
    number_format,
    sheet_name,
)
from dashboards.reports.summary import write_summary
from dashboards.reports.telling import period_words
from dashboards.sentences import zone_name
from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.models import Intent, Kind

CLOSE = 1e-9
# Columns of the sheets that formulas point to.
KR_START, KR_TARGET, KR_NOW, KR_PROGRESS, KR_WEIGHT, KR_SCORE = 6, 8, 9, 10, 11, 12
O_INTENT, O_HALF, O_HALF_ZONE, O_SCORE, O_VALUE, O_ZONE, O_GRADE, O_STANDS = 3, 4, 5, 6, 7, 8, 9, 10


@dataclass
class Places:
    """Where in the sheets what stands, for formulas on other sheets."""

    objectives: str
    key_results: str
    band: tuple[str, str]
    first: int = FIRST_ROW
    last: int = FIRST_ROW
    blocks: dict[int, tuple[int, int]] = field(default_factory=dict)


def zone_words(zone: str) -> str:
    """A zone as the cells and the counts name it, for committed objectives too."""
    return f"{GLYPHS[zone]} {zone_name(zone)}"


def write_workbook(report: Report) -> bytes:
    """The workbook in the language of the moment."""
    target = BytesIO()
    sheets = Sheets(target, get_language() or "ja")
    title = _("Cycle report: %(cycle)s, %(scope)s") % {"cycle": report.cycle.name, "scope": report.scope}
    sheets.book.set_properties({"title": title[:255], "company": report.membership.organization.name[:255]})
    names = {
        "summary": sheet_name(pgettext("sheet of a workbook", "Summary")),
        "objectives": sheet_name(pgettext("sheet of a workbook", "Objectives")),
        "key_results": sheet_name(pgettext("sheet of a workbook", "Key results")),
    }
    meta = meta_of(report)
    summary = sheets.sheet(names["summary"], title, meta, [])
    band = tuple(f"'{names['summary']}'!${column}$5" for column in ("B", "D"))
    places = Places(names["objectives"], names["key_results"], (band[0], band[1]))
    goals = report.goals
    # The order of sheets is the order in which they are added; formulas look ahead.
    objectives = objective_sheet(sheets, report, meta, places)
    write_key_results(sheets, goals, meta, places)
    write_objectives(sheets, objectives, report, places)
    write_summary(sheets, summary, report, places)
    write_check_ins(sheets, report, meta)
    write_lessons(sheets, report, meta)
    write_notes(sheets, report, meta)
    sheets.book.close()
    return target.getvalue()


def meta_of(report: Report) -> str:
    day = date_format(report.today, pgettext("format of a day with its year", "j M Y"))
    state = "" if report.is_over else f" – {_('As of today, %(day)s') % {'day': day}}"
    return f"{report.scope} – {period_words(report)}{state}"


# Key results


def key_result_columns() -> list[Column]:
    return [
        Column(_("No."), 6, "count"),
        Column(_("Team"), 14),
        Column(_("Objective"), 32),
        Column(_("Key result"), 30),
        Column(_("Kind"), 12),
        Column(_("Unit"), 9),
        Column(_("Baseline"), 12),
        Column(_("Must-hit target"), 12),
        Column(_("Challenge target"), 12),
        Column(_("Current value"), 12),
        Column(_("Progress"), 10, "percent"),
        Column(_("Weight"), 9, "percent"),
        Column(_("Score"), 9, "score"),
        Column(_("Check-ins"), 10, "count"),
        Column(_("Changes of the target"), 28),
    ]


def write_key_results(sheets: Sheets, goals: Sequence[Goal], meta: str, places: Places) -> None:
    """One row a key result, those of an objective together, and what contributes to the objective below them."""
    columns = key_result_columns()
    sheet = sheets.sheet(places.key_results, _("Key results"), meta, columns)
    row = FIRST_ROW
    for number, goal in enumerate(goals, start=1):
        first = row
        for result in goal.key_results:
            write_result(sheets, sheet, row, number, goal, result)
            row += 1
        for contribution in goal.contributions:
            for place, value in enumerate((number, goal.team_name, goal.objective.title, contribution.title)):
                sheets.put(sheet, row, place, value, "count" if place == 0 else "text")
            sheets.put(sheet, row, 4, _("Aligned objective"))
            sheets.put(sheet, row, KR_WEIGHT, contribution.weight, "percent")
            sheets.put(sheet, row, KR_SCORE, contribution.score, "score")
            row += 1
        if row > first:
            places.blocks[goal.objective.pk] = (first, row - 1)
    sheets.rows(sheet, columns, row - FIRST_ROW, frozen=4)


def write_result(sheets: Sheets, sheet: Any, row: int, number: int, goal: Goal, result: Result) -> None:
    key_result, scored = result.key_result, getattr(result.key_result, "scored", None)
    form = number_format(key_result.target_value, key_result.unit, sheets.language)
    current = scored.current_value if scored and key_result.kind != Kind.MILESTONE else None
    words = (goal.team_name, goal.objective.title, key_result.title, key_result.get_kind_display(), key_result.unit)
    sheets.put(sheet, row, 0, number, "count")
    for place, text in enumerate(words, start=1):
        sheets.put(sheet, row, place, text)
    for place, value in (
        (KR_START, key_result.start_value if key_result.start_value is not None else start_of(key_result.kind)),
        (7, key_result.must_hit_value),
        (KR_TARGET, key_result.aim),
        (KR_NOW, current),
    ):
        own = number_format(value, key_result.unit, sheets.language) if value is not None else form
        sheets.put(sheet, row, place, value, own)
    progress, score = (scored.progress, scored.score) if scored else (None, None)
    if follows(key_result, current, progress):
        start, aim, now = (cell(row, place) for place in (KR_START, KR_TARGET, KR_NOW))
        formula = f'=IF(OR({now}="",{aim}={start}),"",({now}-{start})/({aim}-{start}))'
        sheets.calculate(sheet, row, KR_PROGRESS, formula, progress, "percent")
    else:
        sheets.put(sheet, row, KR_PROGRESS, progress, "percent")
    sheets.put(sheet, row, KR_WEIGHT, scored.share if scored else None, "percent")
    if progress is not None and score is not None and isclose(min(max(progress, 0), 1), score, abs_tol=CLOSE):
        way = cell(row, KR_PROGRESS)
        sheets.calculate(sheet, row, KR_SCORE, f'=IF({way}="","",MAX(0,MIN(1,{way})))', score, "score")
    else:
        sheets.put(sheet, row, KR_SCORE, score, "score")
    sheets.put(sheet, row, 13, scored.check_in_count if scored else None, "count")
    sheets.put(sheet, row, 14, changes_words(result))


def start_of(kind: str) -> int | None:
    """Where a way begins that has no baseline of its own."""
    return 0 if kind in {Kind.CUMULATIVE, Kind.COVERAGE} else None


def follows(key_result: Any, current: Any, progress: float | None) -> bool:
    """Whether the product's progress is what the row's own numbers make."""
    if key_result.kind not in {Kind.REACH, Kind.CUMULATIVE, Kind.AVERAGE, Kind.COVERAGE}:
        return False
    start = key_result.start_value if key_result.start_value is not None else start_of(key_result.kind)
    aim = key_result.aim
    if None in (start, aim, current, progress) or aim == start:
        return False
    return isclose(float((current - start) / (aim - start)), progress or 0.0, rel_tol=1e-6, abs_tol=1e-6)


def changes_words(result: Result) -> str:
    form = pgettext("format of a day", "j M")
    return "\n".join(f"{date_format(change.changed_on, form)}: {change.reason}" for change in result.changes)


# Objectives


def objective_columns(report: Report) -> list[Column]:
    return [
        Column(_("No."), 6, "count"),
        Column(_("Team"), 14),
        Column(_("Objective"), 34),
        Column(_("Intent"), 10),
        Column(_("At half-time heading for"), 10, "score"),
        Column(_("Zone at half-time"), 11),
        Column(_("Score"), 9, "score"),
        Column(_("At the end") if report.is_over else _("Heading for"), 11, "score"),
        Column(_("Zone"), 11),
        Column(_("Grade by people"), 11, "typed"),
        Column(_("What stands"), 10, "score"),
        Column(_("Why another grade"), 28),
        Column(_("What becomes of it"), 18),
        Column(_("Why"), 22),
    ]


def objective_sheet(sheets: Sheets, report: Report, meta: str, places: Places) -> Any:
    return sheets.sheet(places.objectives, _("Objectives"), meta, objective_columns(report))


def write_objectives(sheets: Sheets, sheet: Any, report: Report, places: Places) -> None:
    """One row an objective: its score from its key results, its zone from the band of the summary."""
    halves = {one.pk: one for one in report.standings}
    row = FIRST_ROW
    for number, goal in enumerate(report.goals, start=1):
        objective, known = goal.objective, halves[goal.objective.pk]
        score = getattr(getattr(objective, "scored", None), "score", None)
        sheets.put(sheet, row, 0, number, "count")
        for place, text in enumerate((goal.team_name, objective.title, objective.get_kind_display()), start=1):
            sheets.put(sheet, row, place, text)
        sheets.put(sheet, row, O_HALF, known.half, "score")
        zone_cell(sheets, sheet, row, (O_HALF, O_HALF_ZONE), known.half_zone, places)
        block = places.blocks.get(objective.pk)
        if block is not None and is_meant(goal, score):
            weights, scores = (column_range(places.key_results, place, *block) for place in (KR_WEIGHT, KR_SCORE))
            formula = (
                f'=IF(SUMPRODUCT(--ISNUMBER({scores}),{weights})=0,"",'
                f"SUMPRODUCT({weights},{scores})/SUMPRODUCT(--ISNUMBER({scores}),{weights}))"
            )
            sheets.calculate(sheet, row, O_SCORE, formula, score, "score")
        else:
            sheets.put(sheet, row, O_SCORE, score, "score")
        value = known.value
        grade = goal.grade if goal.is_regraded else None
        sheets.put(sheet, row, O_GRADE, grade.override if grade else None, "typed")
        given, computed = cell(row, O_GRADE), cell(row, O_SCORE)
        stands = grade.override if grade else score
        # A cell that is empty is no 0.
        formula = f'=IF({given}<>"",{given},IF({computed}="","",{computed}))'
        sheets.calculate(sheet, row, O_STANDS, formula, stands, "score")
        if value is not None and stands is not None and report.is_over and isclose(value, stands, abs_tol=CLOSE):
            at = cell(row, O_STANDS)
            sheets.calculate(sheet, row, O_VALUE, f'=IF({at}="","",{at})', value, "score")
        else:
            sheets.put(sheet, row, O_VALUE, value, "score")
        zone_cell(sheets, sheet, row, (O_VALUE, O_ZONE), known.zone, places)
        sheets.put(sheet, row, 11, grade.reason if grade else "")
        sheets.put(sheet, row, 12, goal.outcome_words)
        sheets.put(sheet, row, 13, goal.outcome_reason)
        row += 1
    places.last = max(row - 1, FIRST_ROW)
    sheets.rows(sheet, objective_columns(report), row - FIRST_ROW, frozen=3)


def is_meant(goal: Goal, score: float | None) -> bool:
    """Whether the objective's score is the weighted mean of what its rows hold."""
    parts = [
        (scored.share, scored.score)
        for result in goal.key_results
        if (scored := getattr(result.key_result, "scored", None)) is not None and scored.score is not None
    ]
    parts += [(contribution.weight, contribution.score) for contribution in goal.contributions]
    total = sum(weight for weight, _score in parts)
    if score is None or not total:
        return score is None and not total
    return isclose(sum(weight * each for weight, each in parts) / total, score, rel_tol=1e-6, abs_tol=1e-6)


def zone_cell(sheets: Sheets, sheet: Any, row: int, at: tuple[int, int], zone: str, places: Places) -> None:
    """Where a value lies against the band, as `objectives.formulas.pace.zone` says it."""
    value, intent = cell(row, at[0]), cell(row, O_INTENT)
    lower, upper = places.band
    below, inside, above, none = (zone_words(each).replace('"', '""') for each in ("below", "in", "above", "none"))
    committed = str(Intent.COMMITTED.label).replace('"', '""')
    formula = (
        f'=IF({value}="","{none}",IF({intent}="{committed}",IF({value}<{COMMITTED_ON_TRACK}-0.000000001,"{below}","{inside}"),'
        f'IF({value}<{lower}-0.000000001,"{below}",IF({value}<={upper}+0.000000001,"{inside}","{above}"))))'
    )
    sheets.calculate(sheet, row, at[1], formula, zone_words(zone), "text")


# What people wrote


def write_check_ins(sheets: Sheets, report: Report, meta: str) -> None:
    columns = [
        Column(_("Date"), 12, "date"),
        Column(_("Team"), 14),
        Column(_("Objective"), 32),
        Column(_("Key result"), 32),
        Column(_("Value"), 12),
        Column(_("Confidence"), 10, "count"),
        Column(_("Going well"), 40),
        Column(_("In the way"), 40),
        Column(_("Next step"), 40),
    ]
    sheet = sheets.sheet(pgettext("sheet of a workbook", "Check-ins"), _("Check-ins"), meta, columns)
    owners = {result.key_result.pk: (goal, result.key_result) for goal in report.goals for result in goal.key_results}
    rows = check_ins(report.membership, list(owners))
    for row, said in enumerate(rows, start=FIRST_ROW):
        goal, key_result = owners[said.key_result_id]
        sheets.put(sheet, row, 0, said.date, "date")
        for place, text in enumerate((goal.team_name, goal.objective.title, key_result.title), start=1):
            sheets.put(sheet, row, place, text)
        sheets.put(sheet, row, 4, said.value, number_format(said.value, key_result.unit, sheets.language))
        sheets.put(sheet, row, 5, said.confidence, "count")
        for place, text in enumerate((said.going_well, said.obstacle, said.next_step), start=6):
            sheets.put(sheet, row, place, text)
    sheets.rows(sheet, columns, len(rows))


def write_lessons(sheets: Sheets, report: Report, meta: str) -> None:
    columns = [
        Column(_("Team"), 14),
        Column(_("Lesson or experiment"), 14),
        Column(_("What we learned"), 50),
        Column(_("What to do next time"), 50),
        Column(_("Cause"), 24),
        Column(_("About"), 30),
    ]
    sheet = sheets.sheet(pgettext("sheet of a workbook", "Lessons"), _("Lessons and experiments"), meta, columns)
    row = FIRST_ROW
    for team in report.teams:
        for lesson in team.lessons:
            told = (team.name, _("Lesson"), lesson.text, lesson.advice, lesson.get_cause_display(), lesson.about)
            row = line(sheets, sheet, row, told)
        for each in team.experiments:
            told = (team.name, _("Experiment"), each.title, each.result, each.get_decision_display(), each.sign)
            row = line(sheets, sheet, row, told)
    sheets.rows(sheet, columns, row - FIRST_ROW)


def write_notes(sheets: Sheets, report: Report, meta: str) -> None:
    columns = [
        Column(_("Team"), 14),
        Column(_("Objective"), 32),
        Column(_("Question"), 26),
        Column(_("Note"), 60),
        Column(_("Cause"), 24),
        Column(_("Votes"), 8, "count"),
    ]
    sheet = sheets.sheet(pgettext("sheet of a workbook", "Retrospective"), _("Retrospectives"), meta, columns)
    row = FIRST_ROW
    for team in report.teams:
        for looked in team.looked:
            about = looked.retrospective.objective
            title = about.title if about is not None else ""
            if looked.retrospective.summary:
                summary = looked.retrospective.summary
                row = line(sheets, sheet, row, (team.name, title, _("What we take with us"), summary))
            for question, notes in looked.by_question():
                for note in notes:
                    sheets.put(sheet, row, 5, note.votes, "count")
                    row = line(sheets, sheet, row, (team.name, title, question, note.text, note.cause_words))
    sheets.rows(sheet, columns, row - FIRST_ROW)


def line(sheets: Sheets, sheet: Any, row: int, texts: Sequence[Any]) -> int:
    for place, text in enumerate(texts):
        sheets.put(sheet, row, place, text)
    return row + 1
