"""The page of departments in each of its views, against a trivial signed-in page and its facts by hand-written SQL.

`python -m benchmarks.departments [demo-20000 …]`; without names, every organization that `load_demo --scale` made. In
turn with its floor, as `benchmarks.pages` does it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date

from benchmarks.pages import of_each, signed_in, taken  # first: it sets Django up

# ruff: isort: split
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.floor import ADDRESS, ask
from dashboards.queries.departments import week_ends
from objectives.models import Cycle
from objectives.queries.bars import weeks_in
from people.models import Organization

ROUNDS = 7

TEAMS = """
SELECT o.team_id, COUNT(*), COUNT(s.score), SUM(s.score), SUM(s.pace), SUM(s.landing),
       COUNT(*) FILTER (WHERE s.landing < 0.6), COUNT(*) FILTER (WHERE s.landing > 0.7)
FROM objectives_objective o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state IN ('active', 'closed') GROUP BY 1
"""
WEEKS = """
SELECT o.team_id, w.date, COUNT(w.score), SUM(w.score), SUM(w.pace), SUM(w.landing),
       COUNT(*) FILTER (WHERE w.landing >= 0.6)
FROM objectives_objective o
JOIN objectives_objectivesnapshot w ON w.objective_id = o.id AND w.date = ANY(%s)
     AND w.health NOT IN ('not_started', 'measure_first')
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state IN ('active', 'closed') GROUP BY 1, 2
"""
REPORTS = """
SELECT o.team_id, COUNT(*), {weeks}
FROM objectives_objective o
JOIN objectives_keyresult kr ON kr.objective_id = o.id AND kr.dropped_at IS NULL
JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state IN ('active', 'closed') GROUP BY 1
"""


def course(cycle: Cycle, past: list[date]) -> None:
    ask(TEAMS, cycle.pk)
    ask(WEEKS, past, cycle.pk)


def reports(cycle: Cycle, past: list[date]) -> None:
    columns = ", ".join(f"COUNT(s.weekly_progress[{week}])" for week in range(1, weeks_in(cycle) + 1))
    ask(REPORTS.format(weeks=columns), cycle.pk)


def beside(cycle: Cycle, past: list[date]) -> None:
    ask(TEAMS, cycle.pk)
    reports(cycle, past)


VIEWS: dict[str, Callable[[Cycle, list[date]], None]] = {
    "?view=course": course,
    "?view=heat": reports,
    "?view=heat&reading=landing": course,
    "?view=cycles": beside,
}


def measure(organization: Organization) -> None:
    client = signed_in(organization)
    cycle = Cycle.objects.filter(organization=organization).current_on(organization.today)
    assert cycle is not None
    past = week_ends(cycle, organization.today)
    trivial = ADDRESS.format(slug=organization.slug)
    print(f"\n{organization.slug}\n\n| view | queries | compressed | median | floor | ratio | processor |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for view, by_hand in VIEWS.items():

        def page(view: str = view) -> bytes:
            answer = client.get(f"/o/{organization.slug}/company/departments/{view}")
            assert answer.status_code == 200, (view, answer.status_code)
            return answer.content

        def floor(by_hand: Callable[[Cycle, list[date]], None] = by_hand) -> None:
            assert client.get(trivial).status_code == 200
            by_hand(cycle, past)

        found = page()
        weight = len(found) if found[:2] == b"\x1f\x8b" else len(gzip.compress(found))
        with CaptureQueriesContext(connection) as captured:
            page()
        queries = len(captured)  # before the next request empties the log
        own, least = taken([page, floor], ROUNDS)
        print(
            f"| {view} | {queries} | {weight / 1000:,.1f} kB | {own.clock * 1000:,.1f} ms "
            f"| {least.clock * 1000:,.1f} ms | {own.clock / least.clock:,.2f} | {own.processor * 1000:,.1f} ms |",
            flush=True,
        )


if __name__ == "__main__":
    of_each(measure)
