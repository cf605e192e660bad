"""The API's addresses, version 1. Everything of an organization lies below `o/<slug>/`, like the pages."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from funnel.api import BackCalculation
from objectives.api import CheckIns, RollUp, Score
from okrplanner import schema  # noqa: F401 what it holds registers itself
from people.api import UnknownAddress

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("calculate/back-calculation/", BackCalculation.as_view(), name="api_back_calculation"),
    path("calculate/score/", Score.as_view(), name="api_score"),
    path("calculate/roll-up/", RollUp.as_view(), name="api_roll_up"),
    path("o/<slug:slug>/key-results/<int:pk>/check-ins/", CheckIns.as_view(), name="api_check_ins"),
    # Only with its last stroke: an address that lacks it is led to the one that has it.
    re_path(r"^(?:.*/)?$", UnknownAddress.as_view(), name="api_unknown_address"),
]
