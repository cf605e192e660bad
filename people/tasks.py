"""What the worker does about people. A message only wakes it: which mails have to go stands in the database."""

import logging

from celery import Task, shared_task
from django.db import transaction

from people import letters, sessions
from people.models import IdempotentAnswer

logger = logging.getLogger(__name__)


@shared_task
def send_invitations() -> None:
    """Send what waits; every minute, too, for what no message announced. Running it twice sends nothing twice."""
    letters.send_waiting()


@shared_task
def forget_answers() -> None:
    """Every hour: let go of what writes with an `Idempotency-Key` answered more than a day ago."""
    IdempotentAnswer.objects.outlived().delete()


@shared_task
def forget_sessions() -> None:
    """Every hour: let go of sessions that are over."""
    sessions.forget_old_sessions()


def wake() -> None:
    """Announce waiting mails when the transaction commits."""
    announce(send_invitations)


def announce(task: Task) -> None:
    """Wake the worker for a task when the transaction commits.

    What is to be done is recorded: a broker that is away delays it to the next minute's round.
    """

    def send() -> None:
        try:
            task.apply_async(retry=False)
        except Exception:  # whatever the broker's client raises: the person must not wait for it or see it
            logger.warning("The worker could not be woken; the next minute's round takes the work.", exc_info=True)

    transaction.on_commit(send, robust=True)
