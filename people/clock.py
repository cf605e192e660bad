"""The one clock of the house: every "now" and "today" of pages, worker and beat comes from here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from people.models import Organization

_told_of: ContextVar[datetime | None] = ContextVar("told_of", default=None)


@contextmanager
def telling_of(moment: datetime) -> Iterator[None]:
    """While this lasts, now is another moment: the example company's story is written as it happened."""
    before = _told_of.set(moment)
    try:
        yield
    finally:
        _told_of.reset(before)


def now() -> datetime:
    """The present moment, time-zone-aware.

    Where the setting `CLOCK_FILE` names a file with an ISO date-time in it, that moment is now: a test moves
    time for the web server, the worker and the beat at once by writing the file.
    """
    told_of = _told_of.get()
    if told_of is not None:
        return told_of
    if settings.CLOCK_FILE:
        try:
            written = Path(settings.CLOCK_FILE).read_text().strip()
        except FileNotFoundError:
            written = ""
        if written:
            moment = datetime.fromisoformat(written)
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())
    return timezone.now()


def today(organization: "Organization") -> date:
    """The calendar day it is in the organization's time zone; that zone decides the week as well."""
    return now().astimezone(organization.zone).date()
