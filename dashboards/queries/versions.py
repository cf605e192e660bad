"""By what an open dashboard knows that something it shows has changed."""

from __future__ import annotations

from django.db import connection

from objectives.models.shares import SHARED_BRANCH
from people.live import version_of
from people.models import Membership

# Less than what a number of JavaScript holds exactly.
LARGEST = 2**53 - 1

# What a partner's dashboards are drawn from: their branch with its scores, and the KGIs shared whole with what is
# planned and foretold of them. Not when it was foretold: every act in the organization has all its KGIs forecast anew.
SHOWN = f"""
WITH shown AS MATERIALIZED ({SHARED_BRANCH.format(may_write="").replace("%s", "%(partner)s")})
SELECT coalesce(sum(('x' || substr(md5(line), 1, 8))::bit(32)::bigint), 0) FROM (
    SELECT concat_ws('|', 'o', goal.id, goal.version, goal.state, score.score, score.pace, score.landing) AS line
    FROM objectives_objective goal LEFT JOIN objectives_objectivescore score ON score.objective_id = goal.id
    WHERE goal.id = ANY(ARRAY(SELECT id FROM shown))
    UNION ALL
    SELECT concat_ws('|', 'k', row.id, row.version, row.dropped_at, score.progress, score.score, score.pace,
                     score.landing, score.current_value, score.confidence, score.check_in_count, score.due_on)
    FROM objectives_keyresult row LEFT JOIN objectives_keyresultscore score ON score.key_result_id = row.id
    WHERE row.objective_id = ANY(ARRAY(SELECT id FROM shown))
    UNION ALL
    SELECT concat_ws('|', 'g', kgi.id, kgi.version, kgi.dropped_at, kgi.current_value, foretold.date,
                     foretold.mean, foretold.p10, foretold.p50, foretold.p90, foretold.must_hit, foretold.challenge)
    FROM funnel_kgishare share JOIN funnel_kgi kgi ON kgi.id = share.kgi_id
    LEFT JOIN LATERAL (
        SELECT * FROM objectives_kgiforecast WHERE kgi_id = kgi.id ORDER BY date DESC LIMIT 1
    ) foretold ON true
    WHERE share.membership_id = %(partner)s
) lines
"""  # noqa: S608 (words of our own)


def version_seen_by(membership: Membership) -> int:
    """The number that changes when something does that the person's dashboards show.

    It is the organization's, whose every act raises it; but a partner would learn by it how busy others are. Theirs
    follows from what they see, and is equal while that is.
    """
    return version_shown_to(membership.pk) if membership.is_partner else version_of(membership.organization_id)


def version_shown_to(partner: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, {"partner": partner})
        return int(cursor.fetchone()[0]) % LARGEST
