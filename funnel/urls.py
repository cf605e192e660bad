"""Pages of funnel, below `/o/<slug>/`."""

from django.urls import path

from funnel.views import (
    actuals,
    consistency,
    funnels,
    kgis,
    kpi_trees,
    kpis,
    likelihood,
    plan_and_actual,
    readings,
    scenarios,
    sensitivity,
)

urlpatterns = [
    path("kgis/", kgis.kgis, name="kgis"),
    path("kgis/new/", kgis.new_kgi, name="new_kgi"),
    path("kgis/<int:pk>/", kgis.kgi, name="kgi"),
    path("kgis/<int:pk>/edit/", kgis.edit_kgi, name="edit_kgi"),
    path("kgis/<int:pk>/drop/", kgis.drop_kgi, name="drop_kgi"),
    path("kgis/<int:pk>/restore/", kgis.restore_kgi, name="restore_kgi"),
    path("kgis/<int:pk>/actual/", actuals.write_actual, name="write_actual"),
    path("kgis/<int:pk>/funnel/", funnels.funnel, name="funnel"),
    path("kgis/<int:pk>/plan-and-actual/", plan_and_actual.plan_and_actual, name="plan_and_actual"),
    path("kgis/<int:pk>/plan-and-actual/readings/", readings.readings, name="readings"),
    path("kgis/<int:pk>/plan-and-actual/import/", readings.import_readings, name="import_readings"),
    path("kgis/<int:pk>/tree/", kpi_trees.kpi_tree, name="kpi_tree"),
    path("kgis/<int:pk>/tree/add/", kpi_trees.add_kpi, name="add_kpi"),
    path("kgis/<int:pk>/tree/gallery/", kpi_trees.kpi_gallery, name="kpi_gallery"),
    path("kgis/<int:kgi>/tree/<int:pk>/", kpis.kpi, name="kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/move/", kpis.move_kpi, name="move_kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/drop/", kpis.drop_kpi, name="drop_kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/restore/", kpis.restore_kpi, name="restore_kpi"),
    path("kgis/<int:pk>/likelihood/", likelihood.likelihood, name="likelihood"),
    path("kgis/<int:pk>/consistency/", consistency.consistency, name="consistency"),
    path("kgis/<int:pk>/levers/", sensitivity.sensitivity, name="sensitivity"),
    path("kgis/<int:pk>/scenarios/", scenarios.scenarios, name="scenarios"),
    path("kgis/<int:pk>/scenarios/new/", scenarios.new_scenario, name="new_scenario"),
    path("kgis/<int:kgi>/scenarios/<int:pk>/", scenarios.edit_scenario, name="edit_scenario"),
    path("kgis/<int:kgi>/scenarios/<int:pk>/adopt/", scenarios.adopt_scenario, name="adopt_scenario"),
    path("kgis/<int:kgi>/scenarios/<int:pk>/drop/", scenarios.drop_scenario, name="drop_scenario"),
    path("kgis/<int:kgi>/scenarios/<int:pk>/restore/", scenarios.restore_scenario, name="restore_scenario"),
]
