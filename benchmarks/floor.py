"""What a page could not be faster than: a trivial signed-in page of twenty rows, and the page's own facts by raw SQL.

The trivial page passes the same middleware, session, sign-in and template engine as every other one, and leaves out
everything that makes a page ours: no frame, no permissions beyond being a member, no bars, no words in two languages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import include, path

from objectives.models import Cycle, Objective
from people.models import Membership

ADDRESS = "/benchmarks/{slug}/twenty-rows/"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ organization.name }}</title></head>
<body><h1>{{ person.name }}</h1><table>{% for row in rows %}
<tr><th><a href="{{ row.pk }}">{{ row.title }}</a></th><td>{{ row.team.name }}</td><td>{{ row.state }}</td></tr>
{% endfor %}</table></body></html>"""


@cache
def template() -> Any:
    return engines["django"].from_string(PAGE)


def twenty_rows(request: HttpRequest, slug: str) -> HttpResponse:
    """Session, user, membership and one list: four statements."""
    place = Membership.objects.active().filter(user=request.user.pk, organization__slug=slug)
    membership = place.select_related("organization", "user").first()
    if membership is None:
        raise Http404
    rows = Objective.objects.filter(organization=membership.organization_id, dropped_at=None).select_related("team")
    shown = {"organization": membership.organization, "person": membership.user, "rows": rows.order_by("pk")[:20]}
    return HttpResponse(template().render(shown, request))


urlpatterns = [
    path("benchmarks/<slug:slug>/twenty-rows/", twenty_rows),
    path("", include("okrplanner.urls")),
]


@contextmanager
def with_trivial_page() -> Any:
    """While this lasts, the trivial page has an address beside the product's own."""
    with override_settings(ROOT_URLCONF=__name__):
        yield


def ask(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


ROWS = """
SELECT o.id, o.title, o.level, o.kind, o.state, t.name, u.name, s.score, s.pace, s.landing, s.health, trail.scores
FROM objectives_objective o
JOIN people_team t ON t.id = o.team_id
JOIN people_membership m ON m.id = o.owner_id
JOIN people_user u ON u.id = m.user_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
CROSS JOIN LATERAL (
    SELECT array_agg(w.score ORDER BY w.date) AS scores FROM objectives_objectivesnapshot w
    WHERE w.objective_id = o.id AND w.date >= current_date - 63
) AS trail
WHERE o.id = ANY(%s)
"""
FIRST_FIFTY = """
SELECT o.id FROM objectives_objective o JOIN people_team t ON t.id = o.team_id
WHERE o.cycle_id = %s AND o.dropped_at IS NULL
ORDER BY t.position, t.name, t.id, o.position, o.id LIMIT 50
"""


def list_by_hand(cycle: Cycle) -> Callable[[], Any]:
    """The facts of the first fifty rows, found by who has them written down already: no searching, no counting."""
    ids = [pk for (pk,) in ask(FIRST_FIFTY, cycle.pk)]
    return lambda: ask(ROWS, ids)


OBJECTIVE = """
SELECT o.title, o.why, o.state, o.kind, t.name, u.name, c.name, c.start, c."end", s.score, s.pace, s.landing, s.health
FROM objectives_objective o
JOIN people_team t ON t.id = o.team_id
JOIN people_membership m ON m.id = o.owner_id
JOIN people_user u ON u.id = m.user_id
JOIN objectives_cycle c ON c.id = o.cycle_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
WHERE o.id = %s
"""
KEY_RESULTS = """
SELECT kr.id, kr.title, kr.kind, kr.unit, kr.start_value, kr.must_hit_value, kr.target_value, kr.weight, u.name,
       s.current_value, s.progress, s.score, s.pace, s.landing, s.health, s.confidence, s.weekly_progress
FROM objectives_keyresult kr
LEFT JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
LEFT JOIN people_membership m ON m.id = kr.owner_id
LEFT JOIN people_user u ON u.id = m.user_id
WHERE kr.objective_id = %s AND kr.dropped_at IS NULL ORDER BY kr.position, kr.id
"""
CHECK_INS = """
SELECT c.id, c.key_result_id, c.date, c.value, c.confidence, c.going_well, c.obstacle, c.next_step, u.name
FROM objectives_checkin c
JOIN objectives_keyresult kr ON kr.id = c.key_result_id
JOIN people_membership m ON m.id = c.author_id
JOIN people_user u ON u.id = m.user_id
WHERE kr.objective_id = %s ORDER BY c.date DESC, c.id DESC
"""
CONNECTED = """
SELECT o.id, o.title, s.score, s.landing, t.name FROM objectives_alignment a
JOIN objectives_objective o ON o.id = CASE WHEN a.child_id = %s THEN a.parent_objective_id ELSE a.child_id END
JOIN people_team t ON t.id = o.team_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
WHERE a.child_id = %s OR a.parent_objective_id = %s
"""


def objective_by_hand(objective: Objective) -> Callable[[], Any]:
    """The objective, its key results, everything said about them, and what it is connected with."""
    pk = objective.pk

    def act() -> Sequence[Any]:
        return [ask(OBJECTIVE, pk), ask(KEY_RESULTS, pk), ask(CHECK_INS, pk), ask(CONNECTED, pk, pk, pk)]

    return act


def nothing_by_hand() -> None:
    """For pages whose facts nobody has written down as SQL: their floor is the trivial page alone."""
