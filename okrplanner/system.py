"""The state of the installation, for administrators: each part with what was seen and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from objectives.models import PendingRollUp
from okrplanner import health
from okrplanner.formats import day
from okrplanner.version import VERSION
from people import clock
from people.access import get_membership, refuse
from people.letters import is_mail_sent
from people.models import Heartbeat, Invitation, Organization

# A sign that comes every minute is missed after three.
LATE = timedelta(minutes=3)
WAITING_TOO_LONG = timedelta(minutes=5)
BACKUP_TOO_OLD = timedelta(days=2)
MOST_QUEUED = 500
OLDEST_POSTGRES = 150_000
CLOCKS_APART = timedelta(seconds=5)


@dataclass(frozen=True)
class Sign:
    """One part of the installation: what was seen, whether that is good, and what it means or what to do."""

    name: str
    what: str
    is_good: bool
    advice: str


@require_safe
def system(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    signs = signs_of(membership.organization)
    return render(request, "system.html", {"signs": signs, "look": sum(not sign.is_good for sign in signs)})


def signs_of(organization: Organization) -> list[Sign]:
    """Everything, what needs a look first."""
    now = clock.now()
    beats = {row.name: row for row in Heartbeat.objects.all()}
    signs = [
        at_work(beats.get("worker"), _("Worker"), now),
        at_work(beats.get("beat"), _("Beat"), now),
        sweep(beats.get("sweep"), now),
        scores(organization, now),
        invitations(organization, now),
        queue(),
        backup(beats.get("backup"), now),
        database(),
        migrations(),
        mail(),
        clocks(organization, now),
        Sign(_("Version"), VERSION, True, _("What changed stands in CHANGELOG.md.")),
    ]
    return sorted(signs, key=lambda sign: sign.is_good)


def at_work(beat: Heartbeat | None, name: str, now: datetime) -> Sign:
    """A process that shows itself every minute."""
    restart = _("Look whether it runs: “make run” and the compose file start it again by themselves.")
    if beat is None:
        return Sign(name, _("Not seen yet"), False, restart)
    is_good = now - beat.at < LATE
    advice = {
        True: _("At work."),
        False: _("It shows itself every minute otherwise.") + " " + restart,
    }[is_good]
    return Sign(name, _("Seen %(ago)s") % {"ago": ago(now - beat.at)}, is_good, advice)


def sweep(beat: Heartbeat | None, now: datetime) -> Sign:
    name = _("Last sweep")
    if beat is None:
        return Sign(name, _("None yet"), False, _("It comes every minute while worker and beat run."))
    what = _("%(ago)s, it took %(seconds)s s") % {
        "ago": ago(now - beat.at),
        "seconds": beat.detail.get("seconds", "–"),
    }
    if now - beat.at < LATE:
        return Sign(name, what, True, _("What no message announced was made up for."))
    return Sign(name, what, False, _("Until the next one, scores may lag. Look at worker and beat first."))


def scores(organization: Organization, now: datetime) -> Sign:
    """What waits to be rescored, and whether the calendar of the organization is up to date."""
    name = _("Scores to be renewed")
    waiting = PendingRollUp.objects.filter(organization=organization).aggregate(
        number=Count("pk"), oldest=Min("created_at")
    )
    number, oldest = waiting["number"], waiting["oldest"]
    if number:
        what = ngettext("%(count)s waits", "%(count)s wait", number) % {"count": number}
        is_good = now - oldest < WAITING_TOO_LONG
        advice = _("The worker takes them in a moment.") if is_good else _("They wait too long. Look at the worker.")
        return Sign(name, what, is_good, advice)
    if organization.scored_on is None or organization.scored_on < organization.today:
        what = _("Carried to %(day)s") % {"day": day(organization.scored_on)}
        return Sign(name, what, False, _("The sweep carries every open cycle to today. Look at the worker."))
    return Sign(name, _("Nothing waits"), True, _("Every score is up to date."))


def invitations(organization: Organization, now: datetime) -> Sign:
    name = _("Invitations to be sent")
    waiting = Invitation.objects.unsent().filter(organization=organization)
    found = waiting.aggregate(number=Count("pk"), oldest=Min("created_at"))
    number, oldest = found["number"], found["oldest"]
    if not number:
        return Sign(name, _("Nothing waits"), True, _("Every invitation has gone."))
    what = ngettext("%(count)s waits", "%(count)s wait", number) % {"count": number}
    is_good = now - oldest < WAITING_TOO_LONG
    advice = _("They go within a minute.") if is_good else _("They should have gone. Look at the worker and the mail.")
    return Sign(name, what, is_good, advice)


def queue() -> Sign:
    name = _("Messages to the worker")
    number = queued()
    if number is None:
        return Sign(name, _("The broker does not answer"), False, _("Work waits in the database meanwhile."))
    what = ngettext("%(count)s waits", "%(count)s wait", number) % {"count": number} if number else _("Nothing waits")
    if number > MOST_QUEUED:
        return Sign(name, what, False, _("More come than are taken. Start another worker."))
    return Sign(name, what, True, _("A lost message loses no work: what is to be done stands in the database."))


def queued() -> int | None:
    """How many messages wait; None where the broker does not say."""
    if not health.works(health.check_broker):
        return None
    try:
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            return int(channel.queue_declare(settings.CELERY_TASK_DEFAULT_QUEUE, passive=True).message_count)
    except Exception as reason:  # each broker's client raises its own
        # A queue that holds nothing does not exist in Redis.
        return 0 if getattr(reason, "reply_code", None) == 404 else None


def backup(beat: Heartbeat | None, now: datetime) -> Sign:
    name = _("Last backup")
    if beat is None:
        advice = _("Make one with “make backup”, and let it be made every night; the operations guide says how.")
        return Sign(name, _("None yet"), False, advice)
    what = _("%(ago)s: %(file)s, %(size)s") % {
        "ago": ago(now - beat.at),
        "file": beat.detail.get("file", "–"),
        "size": in_bytes(beat.detail.get("bytes")),
    }
    if now - beat.at < BACKUP_TOO_OLD:
        return Sign(name, what, True, _("Keep a copy on another machine."))
    return Sign(name, what, False, _("It is older than two days. Look whether the scheduled backup runs."))


def database() -> Sign:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num'), "
            "pg_database_size(current_database())"
        )
        version, number, size = cursor.fetchone()
    is_good = int(number) >= OLDEST_POSTGRES
    advice = _("Supported.") if is_good else _("PostgreSQL 15 or later is needed.")
    return Sign(_("Database"), f"PostgreSQL {version.split()[0]}, {in_bytes(size)}", is_good, advice)


def migrations() -> Sign:
    name = _("Migrations")
    if health.check_migrations():
        return Sign(name, _("All applied"), True, _("The tables are those of this version."))
    return Sign(name, _("Some are missing"), False, _("Run “manage.py migrate”, then start everything again."))


def mail() -> Sign:
    name = _("Mail")
    if is_mail_sent():
        host = getattr(settings, "EMAIL_HOST", "")
        return Sign(name, _("Sent by %(host)s") % {"host": host}, True, _("Invitations and passwords go by mail."))
    advice = _("Set EMAIL_URL to send mail. Until then letters lie in files, and in the settings on this machine.")
    return Sign(name, _("Not set up"), False, advice)


def clocks(organization: Organization, now: datetime) -> Sign:
    """The clock of this machine against the database's, in the organization's time zone."""
    name = _("Clock")
    local = now.astimezone(organization.zone)
    what = f"{day(local.date())} {local:%H:%M} {organization.time_zone}"
    if settings.CLOCK_FILE:
        return Sign(name, what, False, _("CLOCK_FILE sets the time by hand: meant for tests only."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    apart = abs(timezone.now() - there)
    if apart > CLOCKS_APART:
        advice = _("The database's clock differs by %(seconds)s s. Let both machines keep time by NTP.")
        return Sign(name, what, False, advice % {"seconds": round(apart.total_seconds())})
    return Sign(name, what, True, _("Days, weeks and cycles begin by this clock."))


def ago(span: timedelta) -> str:
    """How long ago, as people say it."""
    steps: list[tuple[int, Callable[[int], str]]] = [
        (86_400, lambda number: ngettext("%(count)s day ago", "%(count)s days ago", number)),
        (3_600, lambda number: ngettext("%(count)s hour ago", "%(count)s hours ago", number)),
        (60, lambda number: ngettext("%(count)s minute ago", "%(count)s minutes ago", number)),
    ]
    for seconds, sentence in steps:
        number = int(span.total_seconds() // seconds)
        if number >= 1:
            return sentence(number) % {"count": number}
    return _("less than a minute ago")


def in_bytes(size: Any) -> str:
    """A size as people say it: 640 kB, 12.5 MB."""
    if not isinstance(size, int):
        return "–"
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if size >= 1000**power:
            return f"{size / 1000**power:.3g} {unit}"
    return f"{size} B"
