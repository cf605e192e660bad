"""The plan behind the goals: KGIs, their funnels and KPI trees, scenarios, readings, journeys and ABM matrices."""

from funnel.models.columns import AmountColumn, TargetColumn
from funnel.models.funnels import Funnel, FunnelChannel, FunnelNumber, Stage
from funnel.models.journeys import (
    Content,
    ContentFormat,
    ContentState,
    Journey,
    JourneyPhase,
    Medium,
    TouchPoint,
)
from funnel.models.kgis import EARLIEST, KGI, LATEST, PLANNERS, KGIShare, PlanChange
from funnel.models.kpis import KPI, KPIPeriod, KPIReading, ReadingSpan
from funnel.models.matrices import (
    CellCount,
    CellTarget,
    CountsAs,
    Duplicates,
    Fit,
    FitRule,
    Lead,
    LeadImport,
    LeadImportState,
    LeadMove,
    Matrix,
    MatrixStage,
    MoveTarget,
    StageKind,
)
from funnel.models.partners import KPIShare, PartnerRoom
from funnel.models.scenarios import Scenario, ScenarioValue

__all__ = [
    "EARLIEST",
    "KGI",
    "KPI",
    "LATEST",
    "PLANNERS",
    "AmountColumn",
    "CellCount",
    "CellTarget",
    "Content",
    "ContentFormat",
    "ContentState",
    "CountsAs",
    "Duplicates",
    "Fit",
    "FitRule",
    "Funnel",
    "FunnelChannel",
    "FunnelNumber",
    "Journey",
    "JourneyPhase",
    "KGIShare",
    "KPIPeriod",
    "KPIReading",
    "KPIShare",
    "Lead",
    "LeadImport",
    "LeadImportState",
    "LeadMove",
    "Matrix",
    "MatrixStage",
    "Medium",
    "MoveTarget",
    "PartnerRoom",
    "PlanChange",
    "ReadingSpan",
    "Scenario",
    "ScenarioValue",
    "Stage",
    "StageKind",
    "TargetColumn",
    "TouchPoint",
]
