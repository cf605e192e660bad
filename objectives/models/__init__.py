"""Cycles, goals, their check-ins and what is derived from them."""

from objectives.models.actions import Action, ActionState, Activity, Approach
from objectives.models.check_ins import CheckIn
from objectives.models.closing import CycleStep, Grade, Outcome
from objectives.models.comments import Comment, CommentKind, Reaction, ReactionKind
from objectives.models.conflicts import Conflict, ConflictKind, PendingComparison, Settlement
from objectives.models.cycles import Cycle, CycleState, NotDoing
from objectives.models.drafting import Area, StateChange, Template, TemplateKeyResult
from objectives.models.forecasts import KeyResultForecast, KGIForecast
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
from objectives.models.health_kpis import HealthKPI, HealthKPIReading
from objectives.models.lessons import Decision, Experiment, Lesson
from objectives.models.meetings import Attendance, LineKind, Meeting, MinuteLine
from objectives.models.notices import Notice, NoticeKind
from objectives.models.obstacles import Obstacle, ObstacleKind, ObstacleState, Risen
from objectives.models.retrospectives import (
    Cause,
    Question,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    Stage,
)
from objectives.models.scores import Health, KeyResultScore, ObjectiveScore, ObjectiveSnapshot, PendingRollUp
from objectives.models.target_changes import TargetChange

__all__ = [
    "Action",
    "ActionState",
    "Activity",
    "Alignment",
    "Approach",
    "Area",
    "Attendance",
    "Cause",
    "CheckIn",
    "Combine",
    "Comment",
    "CommentKind",
    "Conflict",
    "ConflictKind",
    "Cycle",
    "CycleState",
    "CycleStep",
    "Decision",
    "Experiment",
    "Grade",
    "Health",
    "HealthKPI",
    "HealthKPIReading",
    "Intent",
    "KGIForecast",
    "KeyResult",
    "KeyResultForecast",
    "KeyResultScore",
    "Kind",
    "Lesson",
    "Level",
    "Limit",
    "LineKind",
    "Link",
    "MeasureType",
    "Meeting",
    "MinuteLine",
    "NotDoing",
    "Notice",
    "NoticeKind",
    "Objective",
    "ObjectiveScore",
    "ObjectiveShare",
    "ObjectiveSnapshot",
    "ObjectiveState",
    "Obstacle",
    "ObstacleKind",
    "ObstacleState",
    "Outcome",
    "PendingComparison",
    "PendingRollUp",
    "Period",
    "Phase",
    "Question",
    "Reaction",
    "ReactionKind",
    "Retrospective",
    "RetrospectiveNote",
    "RetrospectivePresence",
    "RetrospectiveVote",
    "Risen",
    "Settlement",
    "Stage",
    "StateChange",
    "Step",
    "TargetChange",
    "Template",
    "TemplateKeyResult",
]
