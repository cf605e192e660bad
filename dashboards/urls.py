"""Pages of dashboards, below `/o/<slug>/`."""

urlpatterns: list = []
