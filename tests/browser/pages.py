"""Every page of an organization, taken from Django's own list of addresses, so that a new page cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import URLPattern, get_resolver

if TYPE_CHECKING:
    from tests.browser.conftest import ExampleCompany

ORGANIZATION = "o/<slug:slug>/"
# Which rows to look at: one of each kind, because they are drawn differently.
ROWS = {
    "objectives": "SELECT min(id) FROM objectives_objective WHERE dropped_at IS NULL GROUP BY state, level = 'company'",
    "key-results": """
        SELECT min(kr.id) FROM objectives_keyresult kr JOIN objectives_objective o ON o.id = kr.objective_id
        WHERE kr.dropped_at IS NULL AND o.state = 'active' GROUP BY kr.kind
    """,
    "health-kpis": "SELECT min(id) FROM objectives_healthkpi GROUP BY retired_on IS NULL, period",
    "meetings": "SELECT min(id) FROM objectives_meeting GROUP BY ended_at IS NULL, team_id",
    "retrospectives": "SELECT min(id) FROM objectives_retrospective GROUP BY stage",
    "retrospectives/notes": """
        SELECT min(n.id) FROM objectives_retrospectivenote n
        JOIN objectives_retrospective r ON r.id = n.retrospective_id
        WHERE r.stage <> 'writing' AND n.withdrawn_at IS NULL GROUP BY r.stage = 'ended'
    """,
    "minutes": "SELECT min(id) FROM objectives_minuteline GROUP BY kind",
    "kgis": """
        SELECT min(kgi.id) FROM funnel_kgi kgi LEFT JOIN funnel_funnel funnel ON funnel.kgi_id = kgi.id
        WHERE kgi.dropped_at IS NULL GROUP BY funnel.id IS NULL
    """,
    "kgis/<int:kgi>/tree": """
        SELECT min(kpi.id), min(kpi.kgi_id) FROM funnel_kpi kpi LEFT JOIN funnel_funnel funnel USING (kgi_id)
        WHERE kpi.dropped_at IS NULL AND NOT kpi.is_goal GROUP BY funnel.id IS NULL, kpi.formula = ''
    """,
    "kgis/<int:kgi>/scenarios": "SELECT min(id), kgi_id FROM funnel_scenario WHERE dropped_at IS NULL GROUP BY kgi_id",
    "kpis": "SELECT min(id) FROM funnel_kpi WHERE dropped_at IS NULL AND formula = ''",
    "matrix": "SELECT min(id) FROM funnel_matrix WHERE retired_at IS NULL GROUP BY has_leads",
    "matrix/<int:matrix>/stages": "SELECT min(id), matrix_id FROM funnel_matrixstage GROUP BY matrix_id",
    "matrix/<int:matrix>/leads": """
        SELECT min(id), matrix_id FROM funnel_lead WHERE removed_at IS NULL GROUP BY matrix_id, owner_id IS NULL
    """,
    "matrix/<int:matrix>/leads/import": "SELECT id, matrix_id FROM funnel_leadimport",
    "matrix/<int:matrix>/leads/moves": "SELECT min(id), matrix_id FROM funnel_leadmove GROUP BY matrix_id",
    "cycles": "SELECT min(id) FROM objectives_cycle GROUP BY state",
    "library/templates": "SELECT min(id) FROM objectives_template WHERE retired_at IS NULL",
    "plan/conflicts": "SELECT min(id) FROM objectives_conflict WHERE gone_at IS NULL GROUP BY kind",
    # Only one's own line can be changed; the pages are looked at by the administrator.
    "activities": """
        SELECT min(a.id) FROM objectives_activity a JOIN people_membership m ON m.id = a.membership_id
        WHERE m.role = 'admin' AND a.withdrawn_at IS NULL
    """,
    "actions": "SELECT min(id) FROM objectives_action GROUP BY state",
    "lessons": "SELECT min(id) FROM objectives_lesson WHERE retired_at IS NULL GROUP BY key_result_id IS NULL",
    "experiments": "SELECT min(id) FROM objectives_experiment WHERE withdrawn_at IS NULL GROUP BY decision",
    "journeys": "SELECT min(id) FROM funnel_journey WHERE retired_at IS NULL",
    "journeys/phases": "SELECT min(id) FROM funnel_journeyphase WHERE removed_at IS NULL",
    "journeys/touch-points": "SELECT min(id) FROM funnel_touchpoint WHERE removed_at IS NULL GROUP BY kpi_id IS NULL",
    "contents": "SELECT min(id) FROM funnel_content WHERE dropped_at IS NULL GROUP BY state",
    "obstacles": "SELECT min(id) FROM objectives_obstacle GROUP BY state, risen_to",
    "comments": "SELECT min(id) FROM objectives_comment GROUP BY kind",
    "plan/not-doing": "SELECT min(id) FROM objectives_notdoing",
    "partners/candidates": "SELECT min(id) FROM funnel_candidate GROUP BY state",
    "partners": "SELECT min(id) FROM people_membership WHERE role = 'partner' AND left_on IS NULL",
    "partners/<int:partner>/levers": "SELECT min(id), membership_id FROM funnel_partnerlever GROUP BY membership_id",
    "partners/reports": "SELECT min(id) FROM funnel_contributionreport",
    "room-messages": "SELECT min(id) FROM funnel_roommessage GROUP BY is_question",
    "handover-steps": "SELECT min(id) FROM funnel_handoverstep GROUP BY by_partner",
    "settings/members": "SELECT min(id) FROM people_membership GROUP BY left_on IS NULL",
    "settings/teams": "SELECT min(id) FROM people_team GROUP BY parent_id IS NULL, closed_on IS NULL",
    "settings/me/calendar": "SELECT min(id) FROM people_calendarfeed",
    "settings/rhythm": "SELECT min(id) FROM people_team WHERE closed_on IS NULL GROUP BY parent_id IS NULL",
    "settings/rhythm/days-off": "SELECT min(id) FROM people_dayoff",
    "settings/units": "SELECT min(id) FROM people_unit GROUP BY retired_on IS NULL",
    "closing/teams": "SELECT min(team_id) FROM objectives_objective GROUP BY level = 'company'",
    "teams": "SELECT min(id) FROM people_team",
    "members": "SELECT min(id) FROM people_membership",
    "check-ins": "SELECT min(id) FROM objectives_checkin GROUP BY corrects_id IS NULL",
    "settings/channels": "SELECT min(id) FROM people_channel WHERE membership_id IS NULL AND retired_at IS NULL",
    "settings/channels/deliveries": "SELECT min(id) FROM people_delivery WHERE channel_id IS NOT NULL",
    "company/shares": "SELECT min(id) FROM people_sharelink",
    "exports": "SELECT min(id) FROM people_export",
    "saved-views": "SELECT min(id) FROM people_savedview",
    "settings/tokens": "SELECT min(id) FROM people_apitoken",
    "settings/invitations": "SELECT min(id) FROM people_invitation",
}


def routes() -> Iterator[URLPattern]:
    """Every address below an organization."""
    (organization,) = (each for each in get_resolver().url_patterns if str(each.pattern) == ORGANIZATION)
    for part in organization.url_patterns:
        yield from part.url_patterns


def addresses(route: URLPattern, company: ExampleCompany) -> list[str]:
    """The addresses of a route with the ids of the example company's rows in it."""
    path = str(route.pattern)
    if "<" not in path:
        return [f"/o/demo/{path}"]
    noun, rest = path.split("/<int:pk>/")
    assert noun in ROWS, f"Say in ROWS which rows {path} is about."
    found = [
        f"/o/demo/{re.sub('<int:(kgi|matrix|partner)>', ''.join(map(str, above)), noun)}/{pk}/{rest}"
        for pk, *above in sorted(company.rows(ROWS[noun]))
    ]
    assert found, f"The example company has nothing to show at {path}."
    return found
