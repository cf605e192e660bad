"""What the worker does that needs to know every kind of message."""

from celery import shared_task

from objectives.messages import WRITERS
from people.outbox import send_due


@shared_task
def send_messages() -> None:
    """Send the messages that are due; every minute, too, for what no message announced. Twice sends nothing twice."""
    send_due(WRITERS)
