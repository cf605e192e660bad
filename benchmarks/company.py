"""The company dashboard with all its numbers, against a trivial signed-in page and the same numbers by hand.

`python -m benchmarks.company [demo-2000 …]`; without names, every organization that `load_demo --scale` made. Signed in
as executive, in one process and without a network, page and floor by turns. Beside the clock stands the processor time
of this process and what PostgreSQL says its statements took, which neighbours disturb less.
"""

from __future__ import annotations

import gzip
import time
from datetime import date, timedelta
from statistics import median

from benchmarks.pages import HEADERS, of_each  # first: it sets Django up

# ruff: isort: split
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.floor import ADDRESS, ask
from objectives.models import Cycle
from people.models import Membership, Organization, Role

ROUNDS = 15

# Every objective once: where it heads now, a week and four weeks ago, counted by team, kind and twentieth.
OBJECTIVES = """
SELECT o.team_id, o.kind, floor(s.landing * 20), floor(week.landing * 20), floor(month.landing * 20),
       count(*), sum(s.score), sum(s.pace), sum(s.landing), sum(week.landing), sum(month.landing)
FROM objectives_objective o
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
LEFT JOIN LATERAL (SELECT landing FROM objectives_objectivesnapshot w WHERE w.objective_id = o.id
    AND w.date BETWEEN %s::date - 6 AND %s ORDER BY w.date DESC LIMIT 1) week ON true
LEFT JOIN LATERAL (SELECT landing FROM objectives_objectivesnapshot w WHERE w.objective_id = o.id
    AND w.date BETWEEN %s::date - 6 AND %s ORDER BY w.date DESC LIMIT 1) month ON true
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state IN ('active', 'closed')
GROUP BY 1, 2, 3, 4, 5
"""
# Every key result once: who reports, who owes, how sure people are.
KEY_RESULTS = """
SELECT o.team_id, count(*), count(*) FILTER (WHERE s.last_check_in_on > %s::date - 7),
       count(*) FILTER (WHERE s.due_on < %s), max(s.last_check_in_on),
       count(*) FILTER (WHERE s.confidence >= 7), count(*) FILTER (WHERE s.confidence >= 7 AND s.landing < 0.3),
       count(s.weekly_progress[1]), count(s.weekly_progress[2]), count(s.weekly_progress[3]),
       count(s.weekly_progress[4]), count(s.weekly_progress[5]), count(s.weekly_progress[6]),
       count(*) FILTER (WHERE s.confidence / 10.0 - f.score_0_6 >= 0.4)
FROM objectives_keyresult kr
JOIN objectives_objective o ON o.id = kr.objective_id
JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
LEFT JOIN objectives_keyresultforecast f ON f.key_result_id = kr.id
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state = 'active' AND kr.dropped_at IS NULL
GROUP BY 1
"""
MOVED = """
WITH moved AS MATERIALIZED (
    SELECT kr.id, s.landing - coalesce(s.weekly_progress[6], s.weekly_progress[5], s.weekly_progress[4]) / 0.5 AS delta
    FROM objectives_keyresult kr
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND o.state = 'active' AND kr.dropped_at IS NULL
          AND s.last_check_in_on > %s
)
(SELECT id, delta, 0 FROM moved WHERE delta > 0 ORDER BY delta DESC LIMIT 3)
UNION ALL (SELECT id, delta, 0 FROM moved WHERE delta < 0 ORDER BY delta LIMIT 3)
UNION ALL SELECT 0, count(*) FILTER (WHERE delta > 0), count(*) FILTER (WHERE delta < 0) FROM moved
"""
OBSTACLES = """
SELECT b.id, b.text, b.raised_on, kr.title, t.name, count(*) OVER ()
FROM objectives_obstacle b
JOIN objectives_keyresult kr ON kr.id = b.key_result_id
JOIN objectives_objective o ON o.id = kr.objective_id
JOIN people_team t ON t.id = o.team_id
WHERE o.cycle_id = %s AND o.dropped_at IS NULL AND kr.dropped_at IS NULL AND b.state IN ('open', 'helped')
ORDER BY b.risen_to = 'executive' DESC, b.raised_on, b.id LIMIT 50
"""
TEAMS = "SELECT id, name, parent_id FROM people_team WHERE organization_id = %s ORDER BY position, id"
KGIS = """
SELECT k.id, k.name, k.must_hit_value, k.challenge_value, f.date, f.p10, f.p50, f.p90, f.must_hit, f.challenge
FROM funnel_kgi k LEFT JOIN objectives_kgiforecast f ON f.kgi_id = k.id AND f.date > %s::date - 35
WHERE k.organization_id = %s AND k.dropped_at IS NULL
"""


def by_hand(cycle: Cycle, today: date) -> None:
    """The numbers of the page, by somebody who writes SQL for this one organization."""
    week, month = today - timedelta(days=7), today - timedelta(days=28)
    ask(OBJECTIVES, week, week, month, month, cycle.pk)
    ask(KEY_RESULTS, today, today, cycle.pk)
    ask(MOVED, cycle.pk, week)
    ask(OBSTACLES, cycle.pk)
    ask(TEAMS, cycle.organization_id)
    ask(KGIS, today, cycle.organization_id)


def measure(organization: Organization) -> None:
    members = Membership.objects.active().filter(organization=organization, role=Role.EXECUTIVE)
    membership = members.select_related("user").first()
    assert membership is not None
    client = Client(headers=HEADERS)
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    today = organization.today
    cycle = Cycle.objects.filter(organization=organization).current_on(today)
    assert cycle is not None
    address, trivial = f"/o/{organization.slug}/company/", ADDRESS.format(slug=organization.slug)

    def page() -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    def floor() -> None:
        assert client.get(trivial).status_code == 200
        by_hand(cycle, today)

    page(), floor()
    with CaptureQueriesContext(connection) as captured:
        content = page()
    queries = len(captured)
    times: dict[str, list[tuple[float, float]]] = {"page": [], "floor": []}
    for _round in range(ROUNDS):
        for name, act in (("page", page), ("floor", floor)):
            clock, processor = time.perf_counter(), time.process_time()
            act()
            times[name].append((time.perf_counter() - clock, time.process_time() - processor))
    own, least = (tuple(median(side) * 1000 for side in zip(*times[name], strict=True)) for name in times)
    ratio = median(mine[0] / floors[0] for mine, floors in zip(times["page"], times["floor"], strict=True))
    weight = len(content) if content[:2] == b"\x1f\x8b" else len(gzip.compress(content))
    print(
        f"| {organization.slug} | {queries} | {weight / 1000:,.1f} kB | {own[0]:,.0f} ms | {least[0]:,.0f} ms "
        f"| {ratio:,.2f} | {own[1]:,.0f} ms | {least[1]:,.0f} ms |",
        flush=True,
    )


if __name__ == "__main__":
    print("| organization | queries | compressed | page | floor | ratio | processor | floor |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    of_each(measure)
