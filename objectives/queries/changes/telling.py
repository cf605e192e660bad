"""Events in words: who did what, when and by which door, and every value as people read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funnel.formulas.numbers import format_amount, format_percent
from funnel.models import KGI, KPI, Candidate
from objectives.models import KeyResult, Objective, Step, TargetChange
from objectives.queries.agreement import worded_points
from objectives.queries.changes.knowing import SAYING, Known, Values, know
from objectives.queries.changes.naming import ROWS, fields_of, is_silent, label_of, tables
from people.models import APIToken, AuditEvent, Door, Membership, User
from people.services.units import unit_of_money

NOTHING = "–"
ERASED = {"people_user": {"name", "email", "reading"}, "people_invitation": {"name", "email"}}
RATES = {"current", "must_hit", "challenge"}
MONEY = {("objectives_action", "cost"), ("objectives_action", "revenue")}
# What stays inside the organization of rows that partners see: levers, money, and what was won.
INSIDE = {
    "objectives_action": {
        "kpi_id",
        "touch_point_id",
        "expected_change",
        "actual_change",
        "cost",
        "deals",
        "orders",
        "revenue",
    }
}
SHARES = {
    ("objectives_keyresult", "weight"),
    ("objectives_targetchange", "old_share"),
    ("objectives_targetchange", "new_share"),
}


@dataclass(frozen=True)
class Said:
    """A value in words; a day or a moment as such, so that a page writes it as it writes all others.

    `text` has an amount as people say it, `full` with all its digits.
    """

    text: str
    full: str = ""
    day: date | None = None
    moment: datetime | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Difference:
    """A column with its name in words. A new row has no `before`, a removed one no `after`."""

    column: str
    label: str
    before: Said | None
    after: Said | None


@dataclass
class Change:
    """One event in words. `before` and `after` are the columns as they are stored, without what a person erased."""

    event: AuditEvent
    noun: str
    title: str
    sentence: str
    who: str
    token: str
    by: str
    address: str
    """Where the row is shown, if it still is."""
    differences: list[Difference]
    before: Values | None
    after: Values | None
    way_back: object = None
    """How the reader may undo it; a page fills it in."""


@dataclass(frozen=True)
class Moment:
    """What one act changed: events of the same moment, person and door."""

    first: Change
    changes: list[Change] = field(default_factory=list)


def moments_of(changes: Iterable[Change]) -> list[Moment]:
    moments: list[Moment] = []
    last = None
    for change in changes:
        event = change.event
        same = (event.at, event.user_id, event.token, event.door, event.request_id)
        if same != last:
            moments.append(Moment(change))
        moments[-1].changes.append(change)
        last = same
    return moments


def describe(events: Iterable[AuditEvent], membership: Membership) -> list[Change]:
    """The events in the reader's language, in the given order; the number of queries does not grow with them.

    Names of what the reader may not see are left out; what a person erased is said to be so. Partners do not hear that
    something changed which they are not told.
    """
    rows = list(events)
    known = know(rows, membership)
    told = [tell(event, known) for event in rows]
    if not membership.is_partner:
        return told
    return [one for one in told if one.differences or one.event.table not in INSIDE or one.event.act != "update"]


def tell(event: AuditEvent, known: Known) -> Change:
    values = known.rows.get((event.table, event.row), {})
    noun = str(ROWS.get(event.table, event.table))
    before, after = (
        for_reader(event, without_erased(event, each, known), known) for each in (event.before, event.after)
    )
    # What a colleague calls a program is nothing that was shared.
    is_told = event.token and not known.membership.is_partner
    token = known.name_of(APIToken, event.token) if is_told else ""
    return Change(
        event=event,
        noun=noun,
        title=title_of(event.table, without_erased(event, values, known) or {}, known),
        sentence=sentence_for(event, noun),
        who=known.name_of(User, event.user_id) if event.user_id else "",
        token=token,
        by=door_in_words(event.door, token),
        address=address_of(event, values, known),
        differences=differences_of(event, before, after, values, known),
        before=before,
        after=after,
    )


def sentence_for(event: AuditEvent, noun: str) -> str:
    """What was done, in a few words; taking out of the plan and bringing back are updates with names of their own."""
    after = event.after or {}
    if event.act == AuditEvent.Act.UPDATE and "dropped_at" in after:
        sentence = _("Dropped the %(noun)s") if after["dropped_at"] else _("Brought back the %(noun)s")
    else:
        sentence = {
            AuditEvent.Act.INSERT: _("Added: %(noun)s"),
            AuditEvent.Act.UPDATE: _("Changed: %(noun)s"),
            AuditEvent.Act.DELETE: _("Removed: %(noun)s"),
        }[AuditEvent.Act(event.act)]
    return sentence % {"noun": noun}


def door_in_words(door: str, token: str) -> str:
    if token:
        return _("through the API with the token “%(token)s”") % {"token": token}
    return {
        Door.PAGE: _("from a page"),
        Door.API: _("through the API"),
        Door.TASK: _("by a background task"),
        Door.COMMAND: _("by a command"),
        Door.DATABASE: _("directly in the database"),
    }.get(Door(door), door)


def title_of(table: str, values: Values, known: Known) -> str:
    """What the row is called, with what it belongs to where its own name says little."""

    def name(model: type[models.Model], column: str) -> str:
        return known.name_of(model, values.get(column))

    match table:
        case "people_membership" | "people_user":
            return known.name_of(User, values.get("user_id") if table == "people_membership" else values.get("id"))
        case "people_membership_teams":
            return " – ".join((name(Membership, "membership_id"), name(tables()["people_team"], "team_id")))
        case "funnel_funnel":
            return name(KGI, "kgi_id")
        case "funnel_kgishare":
            return " – ".join((name(KGI, "kgi_id"), name(Membership, "membership_id")))
        case "funnel_kpishare":
            return " – ".join((name(KPI, "kpi_id"), name(Membership, "membership_id")))
        case "funnel_partnerlever":
            return " – ".join((name(KPI, "kpi_id"), name(Membership, "membership_id")))
        case "funnel_contributionreport":
            return " – ".join((name(KGI, "kgi_id"), name(Membership, "membership_id")))
        case "funnel_partnerroom":
            return name(Membership, "membership_id")
        case "funnel_candidaterating":
            return " – ".join((name(Candidate, "candidate_id"), name(Membership, "membership_id")))
        case "objectives_objectiveshare":
            return " – ".join((name(Objective, "objective_id"), name(Membership, "membership_id")))
        case "funnel_kpireading":
            return with_day(name(KPI, "kpi_id"), values.get("date"))
        case "objectives_checkin" | "objectives_phase":
            return with_day(name(KeyResult, "key_result_id"), values.get("date"))
        case "objectives_targetchange":
            return name(KeyResult, "key_result_id")
        case "objectives_statechange":
            return name(Objective, "objective_id")
        case "objectives_step":
            return " – ".join((name(KeyResult, "key_result_id"), str(values.get("title", ""))))
        case "objectives_alignment":
            parent = name(Objective, "parent_objective_id") or name(KeyResult, "parent_key_result_id")
            return " → ".join((name(Objective, "child_id"), parent))
    return next((str(values[key]) for key in ("title", "name", "text", "email") if values.get(key)), "")


def with_day(title: str, day: Any) -> str:
    if not day:
        return title
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{title} ({date_format(found, 'MONTH_DAY_FORMAT')})"


def without_erased(event: AuditEvent, values: Values | None, known: Known) -> Values | None:
    """The values without what a person had erased."""
    if values is None or event.table not in ERASED:
        return values
    row = known.rows.get((event.table, event.row), {})
    user = (
        event.row if event.table == "people_user" else known.about(Membership, row.get("membership_id")).get("user_id")
    )
    if not known.is_erased(user):
        return values
    return {name: _("erased") if name in ERASED[event.table] and value else value for name, value in values.items()}


def for_reader(event: AuditEvent, values: Values | None, known: Known) -> Values | None:
    """The values without what partners are not told."""
    hidden = INSIDE.get(event.table) if known.membership.is_partner else None
    return {name: value for name, value in values.items() if name not in hidden} if values and hidden else values


def differences_of(
    event: AuditEvent, before: Values | None, after: Values | None, values: Values, known: Known
) -> list[Difference]:
    if event.table not in tables():
        return []
    columns = [
        column
        for column in fields_of(event.table)
        if column in (after if before is None else before)  # type: ignore[operator]
    ]
    told = []
    for column in columns:
        if is_silent(event.table, column, event.act):
            continue
        old = None if before is None else said(event.table, column, before.get(column), values, known)
        new = None if after is None else said(event.table, column, after.get(column), values, known)
        if event.act != AuditEvent.Act.UPDATE and is_nothing((after if before is None else before)[column]):  # type: ignore[index]
            continue
        if old is not None and new is not None and old.text == new.text and new.full:
            old, new = Said(old.full or old.text), Said(new.full)
        told.append(Difference(column, label_of(event.table, column), old, new))
    return told


def is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def said(table: str, column: str, value: Any, values: Values, known: Known) -> Said:
    """A stored value as people read it."""
    column_field = fields_of(table)[column]
    if value is None or value == "" or value == []:
        return Said(NOTHING)
    if isinstance(column_field, models.ForeignKey):
        model = column_field.related_model
        return Said(known.name_of(model, value) if model in SAYING else str(value))
    if column_field.choices:
        return Said(str(dict(column_field.flatchoices).get(value, value)))
    if isinstance(value, bool):
        return Said(_("Yes") if value else _("No"))
    if isinstance(column_field, models.DateTimeField):
        moment = datetime.fromisoformat(value).astimezone(known.membership.organization.zone)
        return Said(f"{moment:%Y-%m-%d %H:%M}", moment=moment)
    if isinstance(column_field, models.DateField):
        day = date.fromisoformat(value)
        return Said(day.isoformat(), day=day)
    if isinstance(column_field, models.DecimalField | models.FloatField):
        return number_in_words(table, column, column_field, value, values, known)
    return Said(text_in_words(column, value, known))


def text_in_words(column: str, value: Any, known: Known) -> str:
    match column:
        case "what":
            return pgettext("between items of a list", ", ").join(
                str(TargetChange.PARTS.get(each, each)) for each in value
            )
        case "open_points":
            return "\n".join(worded_points(value))
        case "steps_done":
            return pgettext("between items of a list", ", ").join(known.name_of(Step, each) for each in value)
        case "fiscal_year_start":
            return str(MONTHS.get(value, value))
        case "language":
            return dict(settings.LANGUAGES).get(value, str(value))
    return str(value)


def number_in_words(
    table: str, column: str, column_field: models.Field, value: Any, values: Values, known: Known
) -> Said:
    """An amount with the unit of what it measures; shares in per cent; other numbers as they are."""
    if (table, column) in SHARES:
        return Said(format_percent(value))
    if isinstance(column_field, models.FloatField):
        return Said(f"{value:g}")
    unit, is_rate = unit_of(table, values, known)
    if (table, column) in MONEY:
        unit, is_rate = unit_of_money(known.membership.organization.currency), False
    number = Decimal(str(value)) * (100 if is_rate else 1)
    language = (get_language() or "ja")[:2]
    return Said(
        format_amount(number, unit=unit, language=language),
        full=format_amount(number, unit=unit, language=language, precise=True),
    )


def unit_of(table: str, values: Values, known: Known) -> tuple[str, bool]:
    """The unit a row's amounts are in, and whether they are stored as shares of one."""
    match table:
        case "objectives_keyresult" | "funnel_kgi" | "people_unit":
            return str(values.get("name" if table == "people_unit" else "unit") or ""), False
        case "objectives_checkin" | "objectives_phase" | "objectives_targetchange":
            return str(known.about(KeyResult, values.get("key_result_id")).get("unit") or ""), False
        case "funnel_planchange" if not values.get("kpi_id"):
            return str(known.about(KGI, values.get("kgi_id")).get("unit") or ""), False
        case "objectives_action":
            measured = known.about(KeyResult, values.get("key_result_id")).get("kpi_id")
            kpi = known.about(KPI, values.get("kpi_id") or measured)
            return (_("points"), True) if kpi.get("is_rate") else (str(kpi.get("unit") or ""), False)
        case "funnel_kpi" | "funnel_kpireading" | "funnel_scenariovalue" | "funnel_planchange":
            kpi = values if table == "funnel_kpi" else known.about(KPI, values.get("kpi_id"))
            return ("%", True) if kpi.get("is_rate") else (str(kpi.get("unit") or ""), False)
    return "", False


def address_of(event: AuditEvent, values: Values, known: Known) -> str:
    """The page on which the row is read; empty where there is none any more, or none for this reader."""
    if (event.table, event.row) not in known.present:
        return ""
    slug = known.membership.organization.slug

    def page(name: str, *pk: int | None, more: str = "") -> str:
        if None in pk:
            return ""
        try:
            return reverse(name, args=[slug, *pk]) + more
        except NoReverseMatch:
            return ""

    def objective(pk: int | None, more: str = "") -> str:
        return page("objective", pk, more=more) if known.about(Objective, pk) else ""

    def key_result(pk: int | None) -> str:
        return objective(known.about(KeyResult, pk).get("objective_id"), f"?key_result={pk}#course")

    def kgi(pk: int | None) -> str:
        found = known.about(KGI, pk)
        return "" if not found else page("kgis", more="#dropped") if found["dropped_at"] else page("kgi", pk)

    match event.table:
        case "objectives_objective":
            return objective(event.row)
        case "objectives_keyresult":
            return objective(values.get("objective_id"), f"?key_result={event.row}#course")
        case "objectives_step" | "objectives_phase" | "objectives_targetchange" | "objectives_checkin":
            return key_result(values.get("key_result_id"))
        case "objectives_alignment":
            return objective(values.get("child_id"))
        case "objectives_objectiveshare":
            return objective(values.get("objective_id"))
        case "objectives_statechange":
            return objective(values.get("objective_id"), "#agreement")
        case "objectives_cycle":
            return page("plan", more=f"?cycle={event.row}")
        case "objectives_notdoing":
            return page("plan", more=f"?cycle={values.get('cycle_id')}#team-{values.get('team_id')}")
        case "funnel_kgi":
            return kgi(event.row)
        case "funnel_kgishare" | "funnel_funnel" | "funnel_kpi" | "funnel_scenario" | "funnel_planchange":
            return kgi(values.get("kgi_id"))
        case "funnel_kpireading" | "funnel_scenariovalue":
            return kgi(known.about(KPI, values.get("kpi_id")).get("kgi_id"))
        case "people_team":
            return page("team_changes", event.row)
        case "people_membership":
            return page("member_changes", event.row)
        case "people_membership_teams":
            return page("member_changes", values.get("membership_id"))
        case "people_organization":
            return page("settings")
        case "people_unit":
            return page("units")
        case "people_invitation":
            return page("invitations")
        case "people_apitoken":
            return page("tokens")
    return ""
