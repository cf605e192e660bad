"""What the worker does for the funnel. A message only wakes it: the work itself is recorded in the database."""

from celery import shared_task

from funnel.imports import work


@shared_task
def import_leads() -> None:
    """Read the files of leads that wait; every minute, too, for what no message announced. Twice reads one once."""
    work.read_waiting()


@shared_task
def forget_lead_imports() -> None:
    """Every hour: let go of imports that are old, and of files that nobody went on with."""
    work.forget()
