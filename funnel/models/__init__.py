"""The plan behind the goals: KGIs, their funnels and KPI trees, scenarios, and what was read on them."""

from funnel.models.columns import AmountColumn, TargetColumn
from funnel.models.funnels import Funnel, FunnelChannel, FunnelNumber, Stage
from funnel.models.kgis import EARLIEST, KGI, LATEST, PLANNERS, KGIShare, PlanChange
from funnel.models.kpis import KPI, KPIPeriod, KPIReading, ReadingSpan
from funnel.models.scenarios import Scenario, ScenarioValue

__all__ = [
    "EARLIEST",
    "KGI",
    "KPI",
    "LATEST",
    "PLANNERS",
    "AmountColumn",
    "Funnel",
    "FunnelChannel",
    "FunnelNumber",
    "KGIShare",
    "KPIPeriod",
    "KPIReading",
    "PlanChange",
    "ReadingSpan",
    "Scenario",
    "ScenarioValue",
    "Stage",
    "TargetColumn",
]
