"""Pages of objectives, below `/o/<slug>/`."""

urlpatterns: list = []
