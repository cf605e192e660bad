"""What the worker does. A message only wakes it: the work itself is recorded in the database."""

import logging
import socket
import time

from celery import shared_task

from objectives import comparing, letters, reminders, rising, rollup
from objectives.forecasting import kgis, past
from objectives.forecasting.rounds import forecast_open as forecast_open_key_results
from objectives.models import Notice
from people.models import Heartbeat, Organization
from people.waking import announce, gather

logger = logging.getLogger(__name__)

# Of a process's time, what forecasts for the sake of open pages may take: a twentieth.
RESTS = 20
# Seconds after which open key results are looked through for one that no round has forecast today.
LOOK_EVERY = 600


@shared_task
def rescore_ancestors(sent_at: float | None = None) -> None:
    """Rescore everything recorded as pending. Running it twice, or never, is made good by `sweep`."""
    gather(sent_at)
    rollup.drain()
    forecast_soon()


_rested_until = 0.0


def forecast_soon() -> None:
    """Forecast the KGIs of what has moved, unless that was done just now: what is left is the next sweep's."""
    global _rested_until
    began = time.monotonic()
    if began >= _rested_until:
        kgis.forecast_moved()
        ended = time.monotonic()
        _rested_until = ended + RESTS * (ended - began)


_looked_at: float | None = None


def look_for_open(*, is_new_day: bool) -> None:
    """Have open key results forecast where a day was carried, and now and then: looking through them takes its time."""
    global _looked_at
    now = time.monotonic()
    if is_new_day or _looked_at is None or now - _looked_at > LOOK_EVERY:
        _looked_at = now
        announce(forecast_open)


@shared_task
def forecast_moved() -> None:
    """Forecast the KGIs of whoever has moved. Running it twice, or never, is made good by `sweep`."""
    forecast_soon()


@shared_task
def forecast_open() -> None:
    """Forecast the open key results for today, some seconds of it at a time, so that scores need not wait.

    Then make up for past weeks of KGIs, which follow from them.
    """
    if forecast_open_key_results():
        announce(forecast_open)
    else:
        past.forecast_past()


@shared_task
def compare_goals() -> None:
    """Find what goals recorded as pending repeat or contradict. Running it twice, or never, is made good by `sweep`."""
    comparing.drain()


@shared_task
def sweep() -> None:
    """Every minute: take what no message announced, and carry each organization to its today.

    That the worker is there is said at the beginning, that all was done at the end.
    """
    Heartbeat.objects.seen("worker", host=socket.gethostname())
    began, days = time.monotonic(), 0
    for pk in list(Organization.objects.values_list("pk", flat=True)):
        try:
            days += rollup.score_calendar(pk)
            rising.raise_aged(pk)
        except Exception:  # one organization's trouble is not the others'; the next sweep tries again
            logger.exception("Organization %s could not be carried to its today.", pk)
    rollup.drain()
    kgis.forecast_moved()
    look_for_open(is_new_day=days > 0)
    comparing.drain()
    try:
        remind()
    except Exception:  # whatever it is, the next sweep tries again
        logger.exception("Those who plan could not be reminded.")
    Heartbeat.objects.seen("sweep", seconds=round(time.monotonic() - began, 1))


def remind() -> None:
    """Note who is to be reminded to draft or to close; their mails are another task's, which no sweep waits for."""
    reminders.remind_to_draft()
    reminders.remind_to_close()
    if Notice.objects.to_mail().exists():
        announce(send_reminders)


@shared_task
def send_reminders() -> None:
    """Send the reminders that are due. Running it twice sends nothing twice."""
    letters.send_waiting()


def wake() -> None:
    """Announce pending work when the transaction commits."""
    announce(rescore_ancestors, gathers=True)


def compare(organization_id: int, objective_id: int | None = None) -> None:
    """Have a goal whose words, owner or connections changed compared with the others; without one, all there are."""
    comparing.request_comparison(organization_id, objective_id)
    announce(compare_goals)
