import os

# Here many processes calculate with small matrices. Threads for those only wait for each other: with two of them the
# least-effort mix of 20 levers took a hundred times as long. Read by numpy and scipy when they are loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from okrplanner.celery import app as celery_app

__all__ = ["celery_app"]
