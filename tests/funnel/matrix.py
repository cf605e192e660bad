"""A matrix of leads for tests: the conditions of A and B, and a few companies."""

from __future__ import annotations

from datetime import date
from typing import Any

from funnel.models import Lead, Matrix, MatrixStage
from funnel.services.leads import add_lead
from funnel.services.matrices import add_matrix, save_fit_rule
from people.models import Membership
from tests.cast import Cast

LARGE = [{"field": "employees", "is": "at_least", "value": "100"}]
MAKERS = [{"field": "industry", "is": "contains", "value": ["製造"]}]


def make_matrix(by: Membership, **fields: Any) -> Matrix:
    given = {"name": "関東の製造業", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 9, 30)} | fields
    return add_matrix(Matrix(**given), by=by)[0]


def judged_matrix(cast: Cast) -> Matrix:
    """Large makers are A, other makers B."""
    matrix = make_matrix(cast.manager)
    save_fit_rule(matrix, fit="A", conditions=[*LARGE, *MAKERS], by=cast.manager)
    save_fit_rule(matrix, fit="B", conditions=MAKERS, by=cast.manager)
    return matrix


def stage(matrix: Matrix, name: str) -> MatrixStage:
    return matrix.stages.get(name=name)


def make_lead(matrix: Matrix, by: Membership, company: str = "青葉精機株式会社", **fields: Any) -> Lead:
    since = fields.pop("since", None)
    return add_lead(Lead(matrix=matrix, company=company, **fields), by=by, since=since)[0]
