"""A small matrix with its moves, for tests: made by rows, so that it says nothing about how leads are written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from funnel.models import KGI, CellCount, Lead, LeadMove, Matrix, MatrixStage
from tests.cast import TODAY, Cast
from tests.funnel.plans import make_kgi, plan_funnel

STAGES = (
    ("潜在", "open", ""),
    ("顕在化", "open", "cvs"),
    ("案件化", "open", "deals"),
    ("受注", "won", "orders"),
    ("失注", "lost", ""),
    ("保留", "hold", ""),
)
STARTS = date(2026, 4, 1)
ENDS = date(2026, 9, 30)


def make_board(cast: Cast, *, has_leads: bool = True, kgi: KGI | None = None, **fields: Any) -> Matrix:
    matrix = Matrix.objects.create(
        **{
            "organization": cast.organization,
            "name": "関東の食品",
            "starts_on": STARTS,
            "ends_on": ENDS,
            "has_leads": has_leads,
            "kgi": kgi,
            "created_by": cast.manager,
        }
        | fields
    )
    MatrixStage.objects.bulk_create(
        MatrixStage(matrix=matrix, name=name, kind=kind, counts_as=counts_as, position=at)
        for at, (name, kind, counts_as) in enumerate(STAGES)
    )
    return matrix


def stages(matrix: Matrix) -> dict[str, MatrixStage]:
    return {stage.name: stage for stage in matrix.stages.all()}


def walk(matrix: Matrix, *path: str, count: int = 1, fit: str = "A", since: date = STARTS, days: int = 7) -> list[Lead]:
    """So many leads that came to the path's first stage on a day, and went on every so many days."""
    at = stages(matrix)
    known = matrix.leads.count()
    last = since + timedelta(days=days * (len(path) - 1))
    leads = Lead.objects.bulk_create(
        Lead(
            organization_id=matrix.organization_id,
            matrix=matrix,
            stage=at[path[-1]],
            fit=fit,
            company=f"{known + number}社",
            known_as=f"{known + number}",
            since=last,
        )
        for number in range(count)
    )
    LeadMove.objects.bulk_create(
        LeadMove(
            matrix=matrix,
            lead=lead,
            from_stage=at[path[step - 1]] if step else None,
            from_fit=fit if step else "",
            to_stage=at[name],
            to_fit=fit,
            date=since + timedelta(days=days * step),
        )
        for lead in leads
        for step, name in enumerate(path)
    )
    return leads


def counted(matrix: Matrix, stage: str, fit: str, count: int, day: date = STARTS) -> CellCount:
    return CellCount.objects.create(matrix=matrix, stage=stages(matrix)[stage], fit=fit, date=day, count=count)


def moved(matrix: Matrix, origin: str, to: str, count: int, day: date = TODAY, fit: str = "A") -> LeadMove:
    """A move that somebody counted; from outside where the origin is empty."""
    at = stages(matrix)
    return LeadMove.objects.create(
        matrix=matrix,
        from_stage=at.get(origin),
        from_fit=fit if origin else "",
        to_stage=at[to],
        to_fit=fit,
        count=count,
        date=day,
    )


def busy(cast: Cast, kgi: KGI | None = None) -> Matrix:
    """Shares that can be told: half of 潜在 becomes 顕在化, half of that 案件化, half of that an order."""
    matrix = make_board(cast, kgi=kgi)
    first = STARTS + timedelta(days=6)
    walk(matrix, "潜在", "失注", count=40, since=first)
    walk(matrix, "潜在", "顕在化", "失注", count=20, since=first)
    walk(matrix, "潜在", "顕在化", "案件化", "失注", count=10, since=first)
    walk(matrix, "潜在", "顕在化", "案件化", "受注", count=10, since=first)
    return matrix


def funnel_kgi(cast: Cast, **fields: Any) -> KGI:
    """¥100M of orders of ¥1M each, over the matrix's own days."""
    kgi = make_kgi(
        cast, **{"period_start": STARTS, "period_end": ENDS, "challenge_value": Decimal(100_000_000)} | fields
    )
    plan_funnel(
        kgi,
        unit_price_challenge="100万",
        revenue_current="5000万",
        unit_price_current="100万",
        win_rate_current="20",
        deal_rate_current="10",
        cv_rate_current="1",
    )
    return KGI.objects.get(pk=kgi.pk)
