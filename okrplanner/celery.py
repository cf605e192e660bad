"""The Celery application: `celery --app okrplanner worker` and `beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")

app = Celery("okrplanner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
