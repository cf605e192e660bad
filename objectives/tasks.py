"""What the worker does. A message only wakes it: the work itself is recorded in the database."""

import logging
import socket
import time

from celery import shared_task

from objectives import rollup
from people.models import Heartbeat, Organization
from people.tasks import announce

logger = logging.getLogger(__name__)


@shared_task
def rescore_ancestors() -> None:
    """Rescore everything recorded as pending. Running it twice, or never, is made good by `sweep`."""
    rollup.drain()


@shared_task
def sweep() -> None:
    """Every minute: take what no message announced, and carry each organization to its today.

    That the worker is there is said at the beginning, that all was done at the end.
    """
    Heartbeat.objects.seen("worker", host=socket.gethostname())
    began = time.monotonic()
    for pk in list(Organization.objects.values_list("pk", flat=True)):
        try:
            rollup.score_calendar(pk)
        except Exception:  # one organization's trouble is not the others'; the next sweep tries again
            logger.exception("Organization %s could not be carried to its today.", pk)
    rollup.drain()
    Heartbeat.objects.seen("sweep", seconds=round(time.monotonic() - began, 1))


def wake() -> None:
    """Announce pending work when the transaction commits."""
    announce(rescore_ancestors)
