"""Pages of dashboards, below `/o/<slug>/`."""

from django.urls import path

from dashboards.views.across import across_cycles
from dashboards.views.company import company
from dashboards.views.company_map import company_map, company_map_list
from dashboards.views.cycle_report import cycle_report
from dashboards.views.departments import departments
from dashboards.views.live import company_version
from dashboards.views.room import company_room
from dashboards.views.share import end_share_link, restore_share_link, share_links

urlpatterns = [
    path("company/", company, name="company"),
    path("company/version/", company_version, name="company_version"),
    path("company/departments/", departments, name="departments"),
    path("company/cycles/", across_cycles, name="across_cycles"),
    path("company/report/", cycle_report, name="cycle_report"),
    path("company/room/", company_room, name="company_room"),
    path("company/shares/", share_links, name="share_links"),
    path("company/shares/<int:pk>/end/", end_share_link, name="end_share_link"),
    path("company/shares/<int:pk>/restore/", restore_share_link, name="restore_share_link"),
    path("company/map/", company_map, name="company_map"),
    path("company/map/list/", company_map_list, name="company_map_list"),
]
