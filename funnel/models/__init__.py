"""The plan behind the goals: KGIs, funnels, KPI trees, scenarios, readings, journeys, ABM matrices and partners."""

from funnel.models.candidates import Candidate, CandidateRating, CandidateState
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
from funnel.models.partner_rooms import HandoverStep, RoomMessage
from funnel.models.partners import ContributionReport, KPIShare, PartnerLever, PartnerRoom
from funnel.models.scenarios import Scenario, ScenarioValue

__all__ = [
    "EARLIEST",
    "KGI",
    "KPI",
    "LATEST",
    "PLANNERS",
    "AmountColumn",
    "Candidate",
    "CandidateRating",
    "CandidateState",
    "CellCount",
    "CellTarget",
    "Content",
    "ContentFormat",
    "ContentState",
    "ContributionReport",
    "CountsAs",
    "Duplicates",
    "Fit",
    "FitRule",
    "Funnel",
    "FunnelChannel",
    "FunnelNumber",
    "HandoverStep",
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
    "PartnerLever",
    "PartnerRoom",
    "PlanChange",
    "ReadingSpan",
    "RoomMessage",
    "Scenario",
    "ScenarioValue",
    "Stage",
    "StageKind",
    "TargetColumn",
    "TouchPoint",
]
