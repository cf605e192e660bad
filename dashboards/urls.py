"""Pages of dashboards, below `/o/<slug>/`."""

from django.urls import path

from dashboards.views.company import company
from dashboards.views.company_map import company_map, company_map_list
from dashboards.views.departments import departments
from dashboards.views.live import company_version

urlpatterns = [
    path("company/", company, name="company"),
    path("company/version/", company_version, name="company_version"),
    path("company/departments/", departments, name="departments"),
    path("company/map/", company_map, name="company_map"),
    path("company/map/list/", company_map_list, name="company_map_list"),
]
