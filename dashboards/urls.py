"""Pages of dashboards, below `/o/<slug>/`."""

from django.urls import path

from dashboards.views.company import company, company_map

urlpatterns = [
    path("company/", company, name="company"),
    path("company/map/", company_map, name="company_map"),
]
