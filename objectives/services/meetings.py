"""Meetings: begun, led through their agenda, written down, ended.

Whoever changes a running meeting holds its row, so that two who write at the same moment lose nothing, and counts its
`version` up, by which open pages see that something has changed.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.models import Cycle, KeyResult, Meeting, NoticeKind
from objectives.queries.agenda import agenda_of, frozen
from objectives.queries.happenings import happened_during
from objectives.queries.meetings import REOPENED_WITHIN, attended, kept_of
from objectives.services.attendance import note_presence
from objectives.services.notices import tell
from people import clock, outbox
from people.models import Membership, Team, Topic
from people.refusals import Refusal
from people.services.teams import keep_team, refuse_closed_team

KEY = re.compile(r"(?:(?:kr|obstacle|kpi|action|line|step):\d{1,18}|silent)")


# Beginning and ending


@transaction.atomic
def start_meeting(team: Team, *, by: Membership, submission_key: uuid.UUID | None = None) -> tuple[Meeting, bool]:
    """Begin the team's meeting, or join the one that is running; whether it is new.

    One that nobody ended on an earlier day is ended first. Raises `Refusal` `team_closed`.
    """
    held = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    refuse_closed_team(held.pk)
    running = Meeting.objects.running().filter(team=held).select_related("organization").first()
    today = by.organization.today
    if running is not None and running.date < today:
        end_meeting(running, by=by)
        running = None
    if running is not None:
        note_presence(running.pk, by.pk, None)
        return running, False
    first = Meeting.objects.filter(submission_key=submission_key).first() if submission_key else None
    if first is not None and first.team_id == held.pk:
        return first, False
    if first is not None:  # who went back on the page and chose another team sends the same key
        submission_key = None
    meeting = Meeting.objects.create(
        organization_id=held.organization_id,
        team=held,
        cycle=Cycle.objects.visible_to(by).current_on(today),
        date=today,
        facilitator=by,
        present=[by.pk],
        previous=Meeting.objects.filter(team=held).exclude(ended_at=None).order_by("-date", "-id").first(),
        agenda={},
        submission_key=submission_key or uuid.uuid4(),
    )
    note_presence(meeting.pk, by.pk, None)
    return meeting, True


@transaction.atomic
def end_meeting(meeting: Meeting, *, by: Membership) -> Meeting:
    """End it, keep agenda and events as they are now, and tell the team; ended already is harmless."""
    held = hold(meeting)
    if not held.is_running:
        return held
    now = clock.now()
    note_time(held)
    held.agenda = kept_of(held) | {
        "items": [frozen(item) for item in agenda_of(held, by)],
        "events": [frozen(event) for event in happened_during(held, by, now)],
    }
    held.present = list(dict.fromkeys([held.facilitator_id, *attended(held)]))
    held.ended_at, held.ended_by = now, by
    written(held)
    tell_of(held, by)
    return held


@transaction.atomic
def reopen_meeting(meeting: Meeting, *, by: Membership) -> Meeting:
    """Undo the end of a meeting, within a day; running already is harmless.

    Raises `Refusal`: `ended_long_ago`, `another_is_running`.
    """
    team = Team.objects.select_for_update(no_key=True).get(pk=meeting.team_id)
    held = hold(meeting)
    if held.ended_at is None:
        return held
    if clock.now() - held.ended_at > REOPENED_WITHIN:
        raise Refusal("ended_long_ago", _("This meeting ended more than a day ago. Begin a new one instead."))
    if Meeting.objects.running().filter(team=team).exists() or held.followed_by.exists():
        raise Refusal("another_is_running", _("Another meeting of this team has begun since. Write into that one."))
    outbox.cancel(held.organization, occasion=occasion_of(held))
    kept = kept_of(held)
    held.agenda = {name: kept[name] for name in ("pulled", "spent") if name in kept} | {
        "since": clock.now().isoformat()
    }
    held.ended_at = held.ended_by = None
    written(held)
    note_presence(held.pk, by.pk, None)
    return held


def tell_of(meeting: Meeting, by: Membership) -> None:
    """That the minutes are there: to whoever was present, to the team, and to the channels that take them."""
    organization = meeting.organization
    rows = Membership.objects.filter(organization=organization).active()
    people = {
        person.pk: person for person in (*rows.filter(pk__in=meeting.present), *rows.filter(teams=meeting.team_id))
    }
    place = f"meetings/{meeting.pk}/"
    tell(people, NoticeKind.MINUTES, occasion=f"minutes:{meeting.pk}", by=by, text=meeting.team.name, place=place)
    occasion, about = occasion_of(meeting), {"meeting": meeting.pk}
    outbox.tell_channels(organization, Topic.MEETING, occasion=occasion, about=about, teams=[meeting.team])
    others = [person for person in people.values() if person.pk != by.pk and not person.is_partner]
    outbox.tell_people(others, Topic.MEETING, occasion=occasion, about=about)


def occasion_of(meeting: Meeting) -> str:
    """One end of one meeting: ended again after it was reopened it is another."""
    ended = int(meeting.ended_at.timestamp()) if meeting.ended_at else 0
    return f"meeting:{meeting.pk}:{ended}"


# Leading through the agenda


@transaction.atomic
def move_to(meeting: Meeting, key: str, *, by: Membership, done: str = "") -> Meeting:
    """Make an item the one that is talked about; `done` is the one that is left as talked about.

    Raises `Refusal`: `meeting_ended`, `unknown_item`.
    """
    held = hold_running(meeting)
    refuse_unknown(key)
    if done and done not in held.talked:
        refuse_unknown(done)
        held.talked = [*held.talked, done]
    if held.current != key:
        note_time(held)
        held.current = key
    return written(held)


@transaction.atomic
def mark_talked(meeting: Meeting, key: str, *, by: Membership, is_done: bool = True) -> Meeting:
    """Mark an item as talked about, or take that back. Raises `Refusal`: `meeting_ended`, `unknown_item`."""
    held = hold_running(meeting)
    refuse_unknown(key)
    if is_done == (key in held.talked):
        return held
    held.talked = [*held.talked, key] if is_done else [each for each in held.talked if each != key]
    return written(held)


@transaction.atomic
def pull_in(meeting: Meeting, key_result: KeyResult, *, by: Membership) -> Meeting:
    """Put any key result of the team on the agenda and turn to it; there already, it is only turned to.

    Raises `Refusal`: `meeting_ended`, `another_teams`.
    """
    held = hold_running(meeting)
    if key_result.objective.team_id != held.team_id:
        raise Refusal.of_field("key_result", "another_teams", _("Choose a key result of the team that is meeting."))
    key, kept = f"kr:{key_result.pk}", kept_of(held)
    if key not in kept.get("pulled", []):
        held.agenda = kept | {"pulled": [*kept.get("pulled", []), key]}
    note_time(held)
    held.current = key
    return written(held)


def note_time(held: Meeting) -> None:
    """Add the seconds since the last turn to the item that was talked about."""
    kept, now = kept_of(held), clock.now()
    since = datetime.fromisoformat(kept["since"]) if "since" in kept else held.started_at
    spent = dict(kept.get("spent", {}))
    if held.current:
        spent[held.current] = spent.get(held.current, 0) + max(0, int((now - since).total_seconds()))
    held.agenda = kept | {"spent": spent, "since": now.isoformat()}


# What all of them keep to


def hold(meeting: Meeting) -> Meeting:
    """The meeting as it is, locked until the transaction ends; its team before it, which an action needs as it is."""
    keep_team(meeting.team_id)
    rows = Meeting.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("organization", "team", "previous").get(pk=meeting.pk)


def hold_running(meeting: Meeting) -> Meeting:
    held = hold(meeting)
    refuse_ended(held)
    return held


def refuse_ended(meeting: Meeting) -> None:
    if not meeting.is_running:
        raise Refusal("meeting_ended", _("This meeting has ended. Its minutes stay as they are."))


def refuse_unknown(key: str) -> None:
    if not KEY.fullmatch(key):
        raise Refusal.of_field("item", "unknown_item", _("There is no such item on this agenda."))


def written(held: Meeting) -> Meeting:
    held.version += 1
    held.save()
    return held
