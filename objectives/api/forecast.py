"""The forecast of one key result as a calculator: no row is read or written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from objectives.api.calculators import ScoreSerializer, on_paper
from objectives.formulas import scoring
from objectives.formulas.forecast import Forecast as Found
from objectives.formulas.forecast import forecast_key_result
from people.api import Calculator


class Forecast(Calculator):
    """The likely end of a key result described in the request, with its range, and what that means for its targets.

    `end` is in the key result's own unit, what its current value will be on the last day; in four of five cases it lies
    between `p10` and `p90`. The probabilities are of a score of 0.6 and 0.7 or above, of the must-hit value and of the
    target; null where there is nothing to say.
    """

    @extend_schema(request=ScoreSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        found = on_paper(request, foretell)
        return Response(
            {
                "end": {"p10": found.p10, "p50": found.p50, "p90": found.p90},
                "probability": {
                    "score_0_6": found.score_0_6,
                    "score_0_7": found.score_0_7,
                    "must_hit": found.must_hit,
                    "target": found.target,
                },
                "readings": found.readings,
            }
        )


def foretell(
    measure: scoring.Measure, intent: str, span: scoring.Span, readings: Sequence[scoring.Reading], today: date
) -> Found:
    scoring.check_readings(span, readings, today)
    return forecast_key_result(measure, intent, span, readings, today)
