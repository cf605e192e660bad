"""What the worker does about people. A message only wakes it: which mails have to go stands in the database."""

from celery import shared_task

from people import letters, sessions
from people.models import Delivery, Export, IdempotentAnswer
from people.waking import SEND_MESSAGES, announce

__all__ = [
    "announce",
    "forget_answers",
    "forget_deliveries",
    "forget_exports",
    "forget_sessions",
    "send_invitations",
    "wake",
    "wake_messages",
]


@shared_task
def send_invitations() -> None:
    """Send what waits; every minute, too, for what no message announced. Running it twice sends nothing twice."""
    letters.send_waiting()


@shared_task
def forget_answers() -> None:
    """Every hour: let go of what writes with an `Idempotency-Key` answered more than a day ago."""
    IdempotentAnswer.objects.outlived().delete()


@shared_task
def forget_deliveries() -> None:
    """Every hour: let go of what is known of messages of more than a year ago."""
    Delivery.objects.outlived().delete()


@shared_task
def forget_exports() -> None:
    """Every hour: let go of files that were asked for more than a week ago."""
    Export.objects.outlived().delete()


@shared_task
def forget_sessions() -> None:
    """Every hour: let go of sessions that are over."""
    sessions.forget_old_sessions()


def wake() -> None:
    """Announce waiting mails when the transaction commits."""
    announce(send_invitations)


def wake_messages() -> None:
    """Announce messages that are due when the transaction commits."""
    announce(SEND_MESSAGES)
