"""Pages of funnel, below `/o/<slug>/`."""

urlpatterns: list = []
