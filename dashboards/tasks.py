"""What the worker does that needs to know every kind of message."""

from celery import shared_task

from dashboards import exports
from dashboards.messages import write_digest
from dashboards.reminders import remind
from objectives.messages import WRITERS
from people.models import Topic
from people.outbox import send_due

EVERY_WRITER = {**WRITERS, Topic.DIGEST: write_digest}


@shared_task
def send_messages() -> None:
    """Send the messages that are due; every minute, too, for what no message announced. Twice sends nothing twice."""
    send_due(EVERY_WRITER)


@shared_task
def find_reminders() -> None:
    """Every minute: note who is to be reminded, or told of the week. Twice tells nobody twice."""
    remind()


@shared_task
def make_exports() -> None:
    """Make the files that were asked for; every minute, too, for what no message announced. Twice makes one once."""
    exports.make_waiting()
