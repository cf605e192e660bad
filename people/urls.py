"""Pages of people, below `/o/<slug>/`."""

urlpatterns: list = []
