"""The API's addresses, version 1. Everything of an organization lies below `o/<slug>/`, like the pages."""

from django.urls import path, re_path

from dashboards.api.across import AcrossCycles
from dashboards.api.company import Dashboard
from funnel.api.back_calculation import BackCalculation
from funnel.api.journeys import Contents, Journeys
from funnel.api.kpi_tree_numbers import Attribute, Simulate
from funnel.api.kpi_trees import Consistency, Evaluate, Sensitivity, Solve
from funnel.api.kpis import KPIs, Readings
from funnel.api.leads import Leads
from funnel.api.matrices import Matrices
from funnel.api.scenarios import Scenarios
from objectives.api.actions import Actions
from objectives.api.activities import Activities
from objectives.api.alignment import AlignmentTree
from objectives.api.calculators import RollUp, Score
from objectives.api.candidates import Candidates
from objectives.api.check_ins import CheckIns
from objectives.api.comments import Comments
from objectives.api.cycles import Cycles
from objectives.api.draft_check import DraftCheck
from objectives.api.forecast import Forecast
from objectives.api.health_kpis import HealthKPIs, HealthReadings
from objectives.api.key_results import KeyResults
from objectives.api.kgis import KGIs
from objectives.api.lessons import Experiments, Lessons
from objectives.api.meetings import Meetings
from objectives.api.members import Members
from objectives.api.objectives import Objectives
from objectives.api.obstacles import Obstacles
from objectives.api.retrospectives import RetrospectiveNotes, Retrospectives
from objectives.api.teams import Teams
from okrplanner import schema  # noqa: F401 what it holds registers itself
from okrplanner.api_docs import Docs, Document
from people.api import UnknownAddress, addresses
from people.api.audit_events import AuditEvents

urlpatterns = [
    path("schema/", Document.as_view(), name="api_schema"),
    path("docs/", Docs.as_view(url_name="api_schema"), name="api_docs"),
    path("calculate/back-calculation/", BackCalculation.as_view(), name="api_back_calculation"),
    path("calculate/kpi-tree/evaluate/", Evaluate.as_view(), name="api_evaluate"),
    path("calculate/kpi-tree/consistency/", Consistency.as_view(), name="api_consistency"),
    path("calculate/kpi-tree/sensitivity/", Sensitivity.as_view(), name="api_sensitivity"),
    path("calculate/kpi-tree/solve/", Solve.as_view(), name="api_solve"),
    path("calculate/kpi-tree/attribution/", Attribute.as_view(), name="api_attribution"),
    path("calculate/kpi-tree/simulation/", Simulate.as_view(), name="api_simulation"),
    path("calculate/score/", Score.as_view(), name="api_score"),
    path("calculate/forecast/", Forecast.as_view(), name="api_forecast"),
    path("calculate/roll-up/", RollUp.as_view(), name="api_roll_up"),
    path("calculate/draft-check/", DraftCheck.as_view(), name="api_draft_check"),
    *addresses("cycles", Cycles),
    *addresses("teams", Teams),
    *addresses("members", Members),
    *addresses("objectives", Objectives),
    *addresses("key-results", KeyResults),
    *addresses("key-results/<int:parent>/check-ins", CheckIns, name="check_ins"),
    *addresses("obstacles", Obstacles),
    *addresses("comments", Comments),
    *addresses("actions", Actions),
    *addresses("activities", Activities),
    *addresses("kgis", KGIs),
    *addresses("kpis", KPIs),
    *addresses("kpis/<int:parent>/readings", Readings, name="readings"),
    *addresses("scenarios", Scenarios),
    *addresses("matrices", Matrices),
    *addresses("leads", Leads),
    *addresses("health-kpis", HealthKPIs),
    *addresses("health-kpis/<int:parent>/readings", HealthReadings, name="health_readings"),
    path("o/<slug:slug>/alignment/", AlignmentTree.as_view(), name="api_alignment"),
    path("o/<slug:slug>/dashboard/", Dashboard.as_view(), name="api_dashboard"),
    path("o/<slug:slug>/dashboard/across-cycles/", AcrossCycles.as_view(), name="api_across_cycles"),
    *addresses("journeys", Journeys),
    *addresses("contents", Contents),
    *addresses("meetings", Meetings),
    *addresses("candidates", Candidates),
    *addresses("lessons", Lessons),
    *addresses("experiments", Experiments),
    *addresses("retrospectives", Retrospectives),
    *addresses("retrospectives/<int:parent>/notes", RetrospectiveNotes, name="retrospective_notes"),
    *addresses("audit-events", AuditEvents),
    # Only with its last stroke: an address that lacks it is led to the one that has it.
    re_path(r"^(?:[\s\S]*/)?\Z", UnknownAddress.as_view(), name="api_unknown_address"),
]
