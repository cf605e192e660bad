"""The page of an ABM matrix with 50,000 leads and 200,000 moves, against its SQL by hand and a trivial signed-in page.

`python -m benchmarks.matrix [demo]` lays the leads into the organization, measures, and takes everything back.
"""

from __future__ import annotations

import gzip
import random
import sys
from datetime import timedelta

from benchmarks.measuring import compare, head, set_up

set_up()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.floor import ADDRESS, with_trivial_page  # noqa: E402
from funnel.models import Lead, LeadMove, Matrix, MatrixStage  # noqa: E402
from people.models import Membership, Organization, Role  # noqa: E402

LEADS, MOVES_EACH = 50_000, 4
KINDS = ("open",) * 7 + ("won", "lost", "out", "hold")
# What somebody would write by hand to have the same facts: what stands, what moved by week, and the targets.
BY_HAND = (
    "SELECT id, name, kind, counts_as, position FROM funnel_matrixstage WHERE matrix_id = %s ORDER BY position",
    "SELECT stage_id, fit, count(*) FROM funnel_lead WHERE matrix_id = %s AND removed_at IS NULL GROUP BY 1, 2",
    """
    SELECT m.from_stage_id, m.from_fit, m.to_stage_id, m.to_fit, date_trunc('week', m.date)::date,
           m.date > current_date - 28, sum(m.count)
    FROM funnel_leadmove m JOIN funnel_lead l ON l.id = m.lead_id AND l.removed_at IS NULL
    WHERE m.matrix_id = %s AND m.withdrawn_at IS NULL AND m.date <= current_date GROUP BY 1, 2, 3, 4, 5, 6
    """,
    "SELECT stage_id, fit, count FROM funnel_celltarget WHERE matrix_id = %s",
    "SELECT from_stage_id, from_fit, to_stage_id, to_fit, count FROM funnel_movetarget WHERE matrix_id = %s",
)


def lay(organization: Organization, by: Membership) -> Matrix:
    """Twelve weeks of moves: each lead comes in and goes on three times, now and then back or away."""
    rnd, today = random.Random(1), organization.today
    matrix = Matrix.objects.create(
        organization=organization,
        name="50,000",
        starts_on=today - timedelta(weeks=12),
        ends_on=today + timedelta(weeks=12),
        created_by=by,
    )
    stages = MatrixStage.objects.bulk_create(
        MatrixStage(matrix=matrix, name=f"{kind} {at}", kind=kind, position=at) for at, kind in enumerate(KINDS)
    )
    leads, paths = [], []
    for number in range(LEADS):
        fit, at = rnd.choice("ABBCCC"), 0
        path = [(None, stages[0], matrix.starts_on + timedelta(days=rnd.randint(1, 40)))]
        for _step in range(MOVES_EACH - 1):
            to = rnd.choices(range(len(KINDS)), [1 if each != at + 1 else 14 for each in range(len(KINDS))])[0]
            to = (at + 1) % len(KINDS) if to == at else to
            path.append((stages[at], stages[to], path[-1][2] + timedelta(days=rnd.randint(1, 14))))
            at = to
        paths.append((fit, path))
        leads.append(
            Lead(
                organization=organization,
                matrix=matrix,
                stage=stages[at],
                fit=fit,
                company=f"{number}",
                known_as=f"{number}",
                since=path[-1][2],
                created_by=by,
            )
        )
    Lead.objects.bulk_create(leads, batch_size=5000)
    moves = (
        LeadMove(
            matrix=matrix,
            lead=lead,
            from_stage=origin,
            from_fit=fit if origin else "",
            to_stage=to,
            to_fit=fit,
            date=min(day, today),
        )
        for lead, (fit, path) in zip(leads, paths, strict=True)
        for origin, to, day in path
    )
    LeadMove.objects.bulk_create(moves, batch_size=5000)
    return matrix


def measure(slug: str) -> None:
    organization = Organization.objects.get(slug=slug)
    person = Membership.objects.filter(organization=organization, role=Role.ADMIN, left_on=None).first()
    assert person is not None
    matrix = lay(organization, person)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE funnel_lead")
        cursor.execute("ANALYZE funnel_leadmove")
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip", "accept-language": "ja"})
    client.force_login(person.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page, trivial = f"/o/{slug}/matrix/{matrix.pk}/", ADDRESS.format(slug=slug)

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for sql in BY_HAND:
                cursor.execute(sql, [matrix.pk])
                cursor.fetchall()

    def floor() -> None:
        by_hand()
        assert client.get(trivial).status_code == 200

    body = client.get(page).content
    head()
    compare(f"the page of {LEADS:,} leads and {LEADS * MOVES_EACH:,} moves", lambda: client.get(page), floor, rounds=9)
    compare("its SQL alone", by_hand, by_hand, rounds=5)
    size = len(body) if body[:2] == b"\x1f\x8b" else len(gzip.compress(body))
    print(f"\n{size / 1024:.0f} KB compressed")


if __name__ == "__main__":
    with with_trivial_page(), transaction.atomic():
        measure(sys.argv[1] if len(sys.argv) > 1 else "demo")
        transaction.set_rollback(True)
