"""Pages of funnel, below `/o/<slug>/`."""

from django.urls import path

from funnel.views import actuals, funnels, kgis, kpi_trees, kpis, plan_and_actual, readings

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
    path("kgis/<int:pk>/plan-and-actual/gap.csv", plan_and_actual.plan_and_actual_csv, name="plan_and_actual_csv"),
    path("kgis/<int:pk>/plan-and-actual/readings/", readings.readings, name="readings"),
    path("kgis/<int:pk>/plan-and-actual/readings.csv", readings.readings_csv, name="readings_csv"),
    path("kgis/<int:pk>/plan-and-actual/import/", readings.import_readings, name="import_readings"),
    path("kgis/<int:pk>/tree/", kpi_trees.kpi_tree, name="kpi_tree"),
    path("kgis/<int:pk>/tree/add/", kpi_trees.add_kpi, name="add_kpi"),
    path("kgis/<int:pk>/tree/gallery/", kpi_trees.kpi_gallery, name="kpi_gallery"),
    path("kgis/<int:kgi>/tree/<int:pk>/", kpis.kpi, name="kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/move/", kpis.move_kpi, name="move_kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/drop/", kpis.drop_kpi, name="drop_kpi"),
    path("kgis/<int:kgi>/tree/<int:pk>/restore/", kpis.restore_kpi, name="restore_kpi"),
]
