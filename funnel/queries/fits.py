"""The conditions of a matrix's fits as they stand, and how many leads they would make A, B and C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from funnel.formulas.fits import Condition, case_sql, read_conditions
from funnel.models import Fit, FitRule, Matrix


def rules_of(matrix: Matrix) -> dict[str, list[Condition]]:
    """The conditions that stand, by fit."""
    return {rule.fit: read_conditions(rule.conditions) for rule in FitRule.objects.filter(matrix=matrix)}


COUNT_FITS = """
SELECT fit, count(*) FROM (
    SELECT CASE WHEN lead.fit_is_set THEN lead.fit ELSE {case} END AS fit
    FROM funnel_lead lead WHERE lead.matrix_id = %s AND lead.removed_at IS NULL
) AS judged GROUP BY fit
"""


def count_fits(matrix: Matrix, rules: Mapping[str, Sequence[Condition]]) -> dict[str, int]:
    """How many leads would be A, B and C by these conditions; nothing is written."""
    case, values = case_sql(rules, "lead")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_FITS.format(case=case), [*values, matrix.pk])
        found = dict(cursor.fetchall())
    return {fit: found.get(fit, 0) for fit in Fit.values}
