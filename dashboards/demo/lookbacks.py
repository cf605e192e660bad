"""Hold the retrospectives of the example company: those of the last quarter, and one that is under way."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboards.demo.company import Company, key
from dashboards.demo.days import DAY
from dashboards.demo.retrospectives import LOOKED
from dashboards.demo.retrospectives.online import UNDER_WAY
from dashboards.demo.story import Agreed, Looked
from objectives.models import (
    Action,
    ActionState,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    Stage,
)
from objectives.queries.looked_back import ended_objectives, frozen


def look_back(company: Company) -> None:
    """The retrospectives of the last quarter as they were held, in the order of time."""
    end = company.cycles["last"].end
    for looked in LOOKED:
        started_at = company.at(end + looked.days * DAY, looked.at)
        ended_at = started_at + timedelta(minutes=looked.minutes)
        row = begin(company, looked, "last", started_at)
        write(company, looked, row, started_at)
        for number, agreed in enumerate(looked.actions):
            take_on(company, looked, row, agreed, number, ended_at)
        finish(company, looked, row, ended_at)


def look_now(company: Company) -> None:
    """The look back at half time in which everybody may vote today."""
    started_at = company.at(company.days.today - UNDER_WAY.days * DAY, UNDER_WAY.at)
    row = begin(company, UNDER_WAY, "current", started_at)
    write(company, UNDER_WAY, row, started_at)
    with company.acting(UNDER_WAY.led_by, started_at + timedelta(minutes=25)):
        row.stage = Stage.VOTING
        row.version += 1
        row.save()


def begin(company: Company, looked: Looked, cycle: str, at: datetime) -> Retrospective:
    with company.acting(looked.led_by, at) as by:
        row = Retrospective.objects.create(
            organization=company.organization,
            cycle=company.cycles[cycle],
            team=company.teams[looked.team],
            objective=company.objectives[looked.objective] if looked.objective else None,
            facilitator=by,
            submission_key=key("retrospective", looked.key),
        )
        RetrospectivePresence.objects.bulk_create(
            RetrospectivePresence(retrospective=row, membership=company.people[name], seen_at=at, is_ready=True)
            for name in looked.people
        )
    return row


def write(company: Company, looked: Looked, row: Retrospective, at: datetime) -> None:
    """The notes as they were written one by one, gathered, and voted on."""
    notes: dict[str, RetrospectiveNote] = {}
    for number, noted in enumerate(looked.notes):
        with company.acting(noted.by, at + timedelta(seconds=70 * number + 100)) as by:
            notes[noted.key] = RetrospectiveNote.objects.create(
                retrospective=row,
                author=by,
                question=noted.question,
                text=noted.text,
                key_result=company.key_results[noted.result] if noted.result else None,
                submission_key=key("note", noted.key),
            )
    with company.acting(looked.led_by, at + timedelta(minutes=20)):
        for noted in looked.notes:
            note = notes[noted.key]
            if noted.under or noted.cause:
                note.under, note.cause = notes.get(noted.under), noted.cause
                note.version += 1
                note.save(update_fields=["under", "cause", "version"])
        RetrospectiveVote.objects.bulk_create(
            RetrospectiveVote(note=notes[name], membership=company.people[person])
            for name, people in looked.votes.items()
            for person in people
        )
    row.version += len(notes) + 1


def take_on(company: Company, looked: Looked, row: Retrospective, agreed: Agreed, number: int, at: datetime) -> None:
    end, today = company.cycles["last"].end, company.days.today
    with company.acting(looked.led_by, at - timedelta(minutes=10)) as by:
        action = Action.objects.create(
            organization=company.organization,
            team=company.teams[looked.team],
            title=agreed.title,
            owner=company.people[agreed.owner],
            due_on=today + agreed.due * DAY if agreed.done is None else end + agreed.due * DAY,
            key_result=company.key_results[agreed.serves] if agreed.serves else None,
            retrospective=row,
            created_by=by,
            submission_key=key("action of retrospective", looked.key, number),
        )
    if agreed.done is not None:
        day = end + agreed.done * DAY
        with company.acting(agreed.owner, company.at(day, "17:15")) as by:
            action.state, action.closed_on, action.closed_by = ActionState.DONE, day, by
            action.version += 1
            action.save()


def finish(company: Company, looked: Looked, row: Retrospective, at: datetime) -> None:
    with company.acting(looked.led_by, at) as by:
        row.kept = {
            "present": [company.people[name].pk for name in looked.people],
            "objectives": frozen(ended_objectives(row, company.organization)),
        }
        row.stage, row.summary, row.ended_at, row.ended_by = Stage.ENDED, looked.summary, at, by
        row.version += 1
        row.save()
