"""Cycles, goals, their check-ins and what is derived from them."""

from objectives.models.check_ins import CheckIn
from objectives.models.cycles import Cycle, CycleState, NotDoing
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
    TargetChange,
)
from objectives.models.scores import Health, KeyResultScore, ObjectiveScore, ObjectiveSnapshot, PendingRollUp

__all__ = [
    "Alignment",
    "CheckIn",
    "Combine",
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
    "Objective",
    "ObjectiveScore",
    "ObjectiveShare",
    "ObjectiveSnapshot",
    "ObjectiveState",
    "PendingRollUp",
    "Period",
    "Phase",
    "Step",
    "TargetChange",
]
