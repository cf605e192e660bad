"""What is said of meetings, the same on pages, in messages and in the plain text of the minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funnel.formulas.numbers import format_amount
from objectives.models import Action, Meeting, MinuteLine
from objectives.queries import agenda, happenings
from objectives.queries.agenda import Event, Item
from objectives.queries.meetings import Minutes, people_of


def day_of(day: date) -> str:
    """6月19日(金) / Fri 19 Jun."""
    return date_format(day, pgettext("format of a day with its weekday", "D j M"))


def amount_of(value: object, unit: str) -> str:
    return format_amount(value, unit=unit, language=get_language() or "ja")  # type: ignore[arg-type]


def section_title(section: str) -> str:
    """What a part of the agenda is about."""
    return {
        agenda.PROMISED: _("Promised last time"),
        agenda.RED: _("Not where it should be"),
        agenda.CHANGED: _("Changed since last time"),
        agenda.PULLED: _("Taken up on request"),
        agenda.OBSTACLES: _("In the way"),
        agenda.DECISIONS: _("To be decided"),
        agenda.STEPS: _("Next steps"),
        agenda.SILENT: _("Not reported yet"),
    }[section]


def item_title(item: Item) -> str:
    return item.title or section_title(item.section)


def owner_and_day(action: Action) -> str:
    """Who does it, and by when where that was said."""
    told = {"who": action.owner.user.name, "day": day_of(action.due_on) if action.due_on else ""}
    return _("%(who)s, by %(day)s") % told if action.due_on else action.owner.user.name


def state_of(action: Action, today: date) -> str:
    """Where an action stands: done, dropped, late or open."""
    if action.is_open and action.due_on is not None and action.due_on < today:
        return pgettext("action", "late")
    return str(action.get_state_display())


def happening(event: Event) -> str:
    """What happened, as one line of the minutes."""
    told = {"title": event.title, "value": "" if event.value is None else amount_of(event.value, event.unit)}
    sentence = {
        happenings.CHECKED_IN: _("Check-in: %(title)s %(value)s"),
        happenings.RAISED: _("New obstacle: %(title)s"),
        happenings.HELPED: _("Help offered: %(title)s"),
        happenings.SOLVED: _("Obstacle out of the way: %(title)s"),
        happenings.DONE: _("Action done: %(title)s"),
        happenings.MOVED: _("Target changed: %(title)s %(value)s"),
        happenings.READ: _("Health KPI read: %(title)s %(value)s"),
    }[event.kind]
    return (sentence % told).strip()


def action_of(line: MinuteLine) -> Action | None:
    """What came of a line, if anything."""
    return getattr(line, "action", None)


def plain_text(minutes: Minutes, today: date) -> str:
    """The whole minutes for a mail or a chat: decisions and actions first, then the agenda as it was."""
    return "\n".join(paragraphs(minutes, today)).strip() + "\n"


def paragraphs(minutes: Minutes, today: date) -> Iterator[str]:
    meeting: Meeting = minutes.meeting
    yield _("Minutes: %(team)s, %(day)s") % {"team": meeting.team.name, "day": day_of(meeting.date)}
    yield _("There: %(names)s") % {"names": _(", ").join(person.user.name for person in people_of(meeting.present))}
    if minutes.decisions:
        yield f"\n■ {_('Decisions')}"
        yield from (f"・{line.text}" for line in minutes.decisions)
    if minutes.actions:
        yield f"\n■ {_('Actions')}"
        for line in minutes.actions:
            action = action_of(line)
            yield f"・{action.title}（{owner_and_day(action)}）" if action else f"・{line.text}"
    if minutes.next_steps:
        yield f"\n■ {_('Next steps')}"
        yield from (f"・{line.text}" for line in minutes.next_steps)
    section = ""
    for item in minutes.items:
        if item.section != section:
            section = item.section
            yield f"\n■ {section_title(section)}"
        yield f"・{figures_of(item)}"
        yield from (f"　- {line.text}" for line in minutes.of(item.key))
    loose = [line for line in minutes.notes if line.item not in minutes.keys]
    if loose:
        yield f"\n■ {_('Notes')}"
        yield from (f"・{line.text}" for line in loose)
    if minutes.events:
        yield f"\n■ {_('While we talked')}"
        yield from (
            f"・{happening(event)}（{event.who}）" if event.who else f"・{happening(event)}" for event in minutes.events
        )


def figures_of(item: Item) -> str:
    """An item with its figures, in one line."""
    if item.section == agenda.SILENT:
        return _(", ").join(item.names)
    words = item_title(item)
    if item.has_moved:
        words += f" {amount_of(item.before, item.unit)} → {amount_of(item.value, item.unit)}"
    elif item.value is not None:
        words += f" {amount_of(item.value, item.unit)}"
    if item.noun == "action" and item.owner:
        words += f"（{item.owner}）"
    return words
