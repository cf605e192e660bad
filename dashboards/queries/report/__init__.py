"""What a cycle report tells: how a team's goals, or the company's, ended, why, and what goes on."""

from dashboards.queries.report.goals import Goal, Standing
from dashboards.queries.report.reading import MOST_IN_WORKBOOK, MOST_LISTED, Report, TeamReport, read_report
from dashboards.queries.report.stories import Looked, Stood

__all__ = [
    "MOST_IN_WORKBOOK",
    "MOST_LISTED",
    "Goal",
    "Looked",
    "Report",
    "Standing",
    "Stood",
    "TeamReport",
    "read_report",
]
