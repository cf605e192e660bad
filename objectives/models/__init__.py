"""Cycles, goals, their check-ins and what is derived from them."""

from objectives.models.check_ins import CheckIn
from objectives.models.conflicts import Conflict, ConflictKind, PendingComparison, Settlement
from objectives.models.cycles import Cycle, CycleState, NotDoing
from objectives.models.drafting import Area, StateChange, Template, TemplateKeyResult
from objectives.models.goals import (
    Alignment,
    Combine,
    Intent,
    KeyResult,
    Kind,
    Level,
    Limit,
    Link,
    MeasureType,
    Objective,
    ObjectiveShare,
    ObjectiveState,
    Period,
    Phase,
    Step,
)
from objectives.models.notices import Notice, NoticeKind
from objectives.models.scores import Health, KeyResultScore, ObjectiveScore, ObjectiveSnapshot, PendingRollUp
from objectives.models.target_changes import TargetChange

__all__ = [
    "Alignment",
    "Area",
    "CheckIn",
    "Combine",
    "Conflict",
    "ConflictKind",
    "Cycle",
    "CycleState",
    "Health",
    "Intent",
    "KeyResult",
    "KeyResultScore",
    "Kind",
    "Level",
    "Limit",
    "Link",
    "MeasureType",
    "NotDoing",
    "Notice",
    "NoticeKind",
    "Objective",
    "ObjectiveScore",
    "ObjectiveShare",
    "ObjectiveSnapshot",
    "ObjectiveState",
    "PendingComparison",
    "PendingRollUp",
    "Period",
    "Phase",
    "Settlement",
    "StateChange",
    "Step",
    "TargetChange",
    "Template",
    "TemplateKeyResult",
]
