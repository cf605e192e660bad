"""Acts on customer journeys: begun, filled in cell by cell, their phases and touch points moved, removed, brought back.

Whatever changes inside a journey holds the journey first, so that numbers are given once and places stay in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funnel.models import KGI, KPI, PLANNERS, Journey, JourneyPhase, Medium, TouchPoint
from funnel.queries.usual_phases import usual_phases
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.putting_away import bring_back, put_away

TEXTS = {"name": 60, "thinks": 500, "wants": 500, "condition": 500}
"""The cells of a phase that hold a text, and how many characters each takes."""
LISTS = {Medium.ONLINE.value: Medium.ONLINE, Medium.OFFLINE.value: Medium.OFFLINE}
"""The cells that hold touch points, one on each line."""
CELLS = ("name", "thinks", "wants", "online", "offline", "condition")
MOST_PHASES = 12
MOST_TOUCH_POINTS = 150
LONGEST_TOUCH_POINT = 120
NUMBERED = re.compile(r"[#＃]\s*([0-9０-９]{1,6})(?=\D|$)[\s.:．：、]*(.*)")

EMPTY, USUAL, COPY = "empty", "usual", "copy"


@dataclass(frozen=True)
class Cell:
    """What is written into one cell; `was` is what stood there when it was opened, None where that is not known."""

    phase: int
    name: str
    text: str
    was: str | None = None


@dataclass(frozen=True)
class Refused:
    """Why a cell was not written, and what stands in it now."""

    cell: Cell
    code: str
    sentence: str
    present: str


@dataclass
class Written:
    """What became of cells: those that changed with what they held before, and those that were refused.

    `phases` are the ids of all phases that have changed by it, those that a touch point left too.
    """

    before: list[Cell] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    phases: set[int] = field(default_factory=set)


# Journeys


@transaction.atomic
def add_journey(
    journey: Journey, *, by: Membership, start: str = USUAL, source: Journey | None = None
) -> tuple[Journey, bool]:
    """Begin a journey with the usual phases, with those of another journey, or empty; answers it and whether it is new.

    Copied are phases and touch points, without content and actions; levers only within the same KGI. A `submission_key`
    that made one already is answered by the first. Raises `Refusal`: `name_missing`, `planner`, `kgi`, `source`,
    `submission_key_used`.
    """
    refuse_others(by)
    journey.organization, journey.created_by = by.organization, by
    first = Journey.objects.filter(submission_key=journey.submission_key).first()
    if first is not None:
        return first_of(journey, first), False
    tidy(journey, by)
    if start == COPY and (source is None or source.organization_id != by.organization_id):
        raise Refusal.of_field("source", "source", _("Choose the journey to copy."))
    try:
        with transaction.atomic():
            journey.save(force_insert=True)
    except IntegrityError:
        first = Journey.objects.filter(submission_key=journey.submission_key).first()
        if first is None:
            raise
        return first_of(journey, first), False
    if start == COPY and source is not None:
        copy_phases(source, journey)
    elif start == USUAL:
        JourneyPhase.objects.bulk_create(
            JourneyPhase(journey=journey, name=str(phase.name), position=place)
            for place, phase in enumerate(usual_phases())
        )
    return journey, True


def first_of(journey: Journey, first: Journey) -> Journey:
    if first.organization_id != journey.organization_id:
        raise Refusal("submission_key_used", _("This form was already sent for something else. Open it again."))
    return first


def copy_phases(source: Journey, journey: Journey) -> None:
    """Phases and touch points of another journey, as they stand there; numbers are given anew from 1."""
    keeps_levers = source.kgi_id == journey.kgi_id
    number = 0
    for phase in source.phases.filter(removed_at=None).order_by("position", "pk"):
        points = list(phase.touch_points.filter(removed_at=None).order_by("position", "pk"))
        phase.pk, phase.journey, phase.version, phase._state.adding = None, journey, 1, True
        phase.save(force_insert=True)
        for point in points:
            number += 1
            TouchPoint.objects.create(
                phase=phase,
                number=number,
                name=point.name,
                medium=point.medium,
                kpi_id=point.kpi_id if keeps_levers else None,
                position=point.position,
            )


@transaction.atomic
def save_journey(journey: Journey, *, by: Membership, expected_version: int | None = None) -> Journey:
    """Write a changed name, customer or KGI; the same again is harmless. Raises `Refusal`: `stale`, `retired`,
    `name_missing`, `kgi`."""
    held = hold(journey.pk)
    tidy(journey, by, before=held.kgi_id)
    written = ("name", "customer", "kgi_id")
    if all(getattr(held, name) == getattr(journey, name) for name in written):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    for name in written:
        setattr(held, name, getattr(journey, name))
    held.version += 1
    held.save()
    return held


@transaction.atomic
def retire_journey(journey: Journey) -> Journey:
    """Put a journey away; its content leaves the calendar with it. Twice is harmless."""
    return put_away(hold_any(journey.pk), "retired_at")


@transaction.atomic
def restore_journey(journey: Journey) -> Journey:
    """Undo putting it away. Twice is harmless."""
    return bring_back(hold_any(journey.pk), "retired_at")


# Cells


@transaction.atomic
def write_cells(journey: Journey, cells: Sequence[Cell], *, versions: Mapping[int, int] | None = None) -> Written:
    """Write cells of a journey's phases, each by itself: what cannot be is refused, everything else is written.

    `versions` are those of the phases the writer saw, by their ids. A cell of a phase that has changed since is refused
    as `stale`, unless it holds what the writer saw in it. Lines of a list name touch points: `#3 …` is the one with
    that number, wherever in the journey it stood and even if it was removed; a line without number is a new one, and
    one whose line is gone is removed. Refused are also `gone`, `too_long`, `name_missing` and `too_many`.

    Raises `Refusal` `retired`.
    """
    held = hold(journey.pk)
    table = Table(held)
    seen = dict(versions) if versions is not None else {}
    written = Written()
    began = {phase.pk: phase.version for phase in table.phases.values()}
    for cell in cells:
        phase = table.phases.get(cell.phase)
        if phase is None or cell.name not in CELLS:
            sentence = _("This phase was removed in the meantime.")
            written.refused.append(Refused(cell, "gone", sentence, ""))
            continue
        text, present = cleaned(cell), table.text_of(phase, cell.name)
        if text == present:
            continue
        is_known = cell.was is not None and cleaned(Cell(cell.phase, cell.name, cell.was)) == present
        if versions is not None and seen.get(phase.pk) != began[phase.pk] and not is_known:
            written.refused.append(Refused(cell, "stale", stale().detail, present))
            continue
        try:
            touched = table.write(phase, cell.name, text)
        except Refusal as refusal:
            written.refused.append(Refused(cell, refusal.code, refusal.detail, present))
            continue
        written.before.append(Cell(cell.phase, cell.name, present))
        written.phases |= touched
    table.save(written.phases)
    return written


class Table:
    """The phases and touch points of a journey that is held, as they are while its cells are written."""

    def __init__(self, journey: Journey):
        self.journey = journey
        self.phases = {phase.pk: phase for phase in journey.phases.filter(removed_at=None).order_by("position", "pk")}
        points = TouchPoint.objects.filter(phase__journey=journey).order_by("position", "pk")
        self.points = {point.number: point for point in points}
        self.changed: dict[int, TouchPoint] = {}

    def standing(self) -> list[TouchPoint]:
        return [point for point in self.points.values() if point.removed_at is None and point.phase_id in self.phases]

    def listed(self, phase: JourneyPhase, medium: str) -> list[TouchPoint]:
        rows = [point for point in self.standing() if point.phase_id == phase.pk and point.medium == medium]
        return sorted(rows, key=lambda point: (point.position, point.number))

    def text_of(self, phase: JourneyPhase, name: str) -> str:
        """What stands in a cell, as one would type it."""
        return lines_of(self.listed(phase, name)) if name in LISTS else getattr(phase, name)

    def write(self, phase: JourneyPhase, name: str, text: str) -> set[int]:
        """Write one cell; answers the phases it changed. Raises `Refusal`."""
        if name in LISTS:
            return self.write_points(phase, LISTS[name], text)
        if len(text) > TEXTS[name]:
            raise too_long(TEXTS[name])
        if name == "name" and not text:
            raise Refusal("name_missing", _("Give the phase a name."))
        setattr(phase, name, text)
        return {phase.pk}

    def write_points(self, phase: JourneyPhase, medium: Medium, text: str) -> set[int]:
        lines = [line for line in text.split("\n") if line]
        meant = list(self.meant(lines))
        if any(len(name) > LONGEST_TOUCH_POINT for _point, name in meant):
            raise too_long(LONGEST_TOUCH_POINT)
        kept = {point.number for point, _name in meant if point is not None}
        before = self.listed(phase, medium)
        gone = {point.number for point in before} | kept
        others = sum(1 for point in self.standing() if point.number not in gone)
        if others + len(meant) > MOST_TOUCH_POINTS:
            raise Refusal(
                "too_many",
                _("A journey holds %(most)s touch points at most.") % {"most": MOST_TOUCH_POINTS},
            )
        touched = {phase.pk}
        for point in before:
            if point.number not in kept:
                point.removed_at = clock.now()
                self.changed[point.number] = point
        for place, (known, name) in enumerate(meant):
            point = known or self.new_point(phase)
            if point.phase_id in self.phases:
                touched.add(point.phase_id)
            point.phase, point.medium, point.position, point.removed_at = phase, medium.value, place, None
            point.name = name or point.name
            self.changed[point.number] = point
        return touched

    def new_point(self, phase: JourneyPhase) -> TouchPoint:
        number = max(self.points, default=0) + 1
        self.points[number] = TouchPoint(phase=phase, number=number, version=0)
        return self.points[number]

    def meant(self, lines: Iterable[str]) -> Iterable[tuple[TouchPoint | None, str]]:
        """The touch point each line means, None for a new one, and what it is to be called."""
        named: set[int] = set()
        for line in lines:
            found = NUMBERED.fullmatch(line)
            number = int(found[1]) if found else 0
            if found and number in self.points and number not in named:
                named.add(number)
                yield self.points[number], found[2].strip()
            elif found and found[2].strip():
                yield None, found[2].strip()
            else:
                yield None, line

    def save(self, phases: set[int]) -> None:
        """Write what has changed."""
        for pk in phases & self.phases.keys():
            phase = self.phases[pk]
            phase.version += 1
            phase.save()
        for point in self.changed.values():
            point.version += 1
            point.save()


def lines_of(points: Iterable[TouchPoint]) -> str:
    """Touch points as the lines of their cell."""
    return "\n".join(f"#{point.number} {point.name}" for point in points)


def cleaned(cell: Cell) -> str:
    """A cell's text as it is kept: a name in one line, others without blanks at the ends of lines."""
    text = cell.text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    if cell.name == "name":
        return " ".join(text.split())
    lines = [line.strip() for line in text.split("\n")]
    if cell.name in LISTS:
        lines = [" ".join(line.split()).removeprefix("・").strip() for line in lines]
        return "\n".join(line for line in lines if line)
    return "\n".join(lines).strip()


def too_long(most: int) -> Refusal:
    sentence = ngettext("At most %(most)s character fits.", "At most %(most)s characters fit.", most)
    return Refusal("too_long", sentence % {"most": most})


# Phases


@transaction.atomic
def add_phase(journey: Journey, *, name: str) -> JourneyPhase:
    """One more phase behind the last. Raises `Refusal`: `retired`, `name_missing`, `too_long`, `too_many_phases`."""
    held = hold(journey.pk)
    name = named(name)
    standing = held.phases.filter(removed_at=None)
    if standing.count() >= MOST_PHASES:
        sentence = _("A journey holds %(most)s phases at most.") % {"most": MOST_PHASES}
        raise Refusal.of_field("name", "too_many_phases", sentence)
    last = held.phases.aggregate(last=Max("position"))["last"]
    return JourneyPhase.objects.create(journey=held, name=name, position=0 if last is None else last + 1)


@transaction.atomic
def move_phase(phase: JourneyPhase, *, by_places: int) -> JourneyPhase:
    """Change places with the phases before or behind it; at the end it stays. Raises `Refusal` `retired`."""
    hold(phase.journey_id)
    rows = list(JourneyPhase.objects.filter(journey=phase.journey_id, removed_at=None).order_by("position", "pk"))
    row = moved(rows, phase.pk, by_places)
    if row is None:
        raise Refusal("gone", _("This phase was removed in the meantime."))
    return row


Placed = TypeVar("Placed", JourneyPhase, TouchPoint)


def moved(rows: list[Placed], pk: int, by_places: int) -> Placed | None:
    """The row among these that changed places with those before or behind it; None where it is not among them."""
    at = next((place for place, row in enumerate(rows) if row.pk == pk), None)
    if at is None:
        return None
    row = rows.pop(at)
    rows.insert(min(max(0, at + by_places), len(rows)), row)
    for place, each in enumerate(rows):
        if each.position != place:
            each.position = place
            each.save(update_fields=["position"])
    return row


@transaction.atomic
def remove_phase(phase: JourneyPhase, *, move_to: JourneyPhase | None = None) -> JourneyPhase:
    """Take a phase out; its touch points move to another phase of the journey, or go with it. Twice is harmless.

    Raises `Refusal`: `retired`, `move_to`.
    """
    hold(phase.journey_id)
    row = JourneyPhase.objects.get(pk=phase.pk)
    if row.removed_at is not None:
        return row
    points = row.touch_points.filter(removed_at=None).order_by("position", "pk")
    moment = clock.now()
    if move_to is not None:
        rows = JourneyPhase.objects.filter(journey=row.journey_id, removed_at=None).exclude(pk=row.pk)
        goal = rows.filter(pk=move_to.pk).first()
        if goal is None:
            raise Refusal.of_field("move_to", "move_to", _("Choose another phase of this journey."))
        last = goal.touch_points.aggregate(last=Max("position"))["last"] or 0
        for place, point in enumerate(points, last + 1):
            point.phase, point.position, point.version = goal, place, point.version + 1
            point.save(update_fields=["phase", "position", "version"])
        goal.version += 1
        goal.save(update_fields=["version"])
    else:
        for point in points:
            point.removed_at, point.version = moment, point.version + 1
            point.save(update_fields=["removed_at", "version"])
    row.removed_at, row.version = moment, row.version + 1
    row.save(update_fields=["removed_at", "version"])
    return row


@transaction.atomic
def restore_phase(phase: JourneyPhase) -> JourneyPhase:
    """Undo removing it: back in its place, with the touch points that went with it. Twice is harmless."""
    hold(phase.journey_id)
    row = JourneyPhase.objects.get(pk=phase.pk)
    if row.removed_at is None:
        return row
    for point in row.touch_points.filter(removed_at=row.removed_at):
        point.removed_at, point.version = None, point.version + 1
        point.save(update_fields=["removed_at", "version"])
    row.removed_at, row.version = None, row.version + 1
    row.save(update_fields=["removed_at", "version"])
    return row


# Touch points


@transaction.atomic
def save_touch_point(point: TouchPoint, *, expected_version: int | None = None) -> TouchPoint:
    """Write a changed touch point: its name, medium, lever or phase; the same again is harmless.

    In another phase or medium it stands last. Raises `Refusal`: `retired`, `stale`, `gone`, `phase`, `lever`,
    `name_missing`.
    """
    journey = hold(JourneyPhase.objects.values_list("journey_id", flat=True).get(pk=point.phase_id))
    held = TouchPoint.objects.select_related("phase").get(pk=point.pk)
    if held.phase.journey_id != journey.pk:
        raise Refusal.of_field("phase", "phase", _("Choose a phase of this journey."))
    point.name = " ".join(point.name.split())
    if not point.name:
        raise Refusal.of_field("name", "name_missing", _("Say where you meet the customer."))
    written = ("name", "medium", "kpi_id", "phase_id")
    if all(getattr(held, name) == getattr(point, name) for name in written):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.removed_at is not None or not journey.phases.filter(pk=point.phase_id, removed_at=None).exists():
        raise Refusal("gone", _("This was removed in the meantime. Bring it back before changing it."))
    if point.kpi_id is not None and point.kpi_id != held.kpi_id and not levers_of(journey, point.kpi_id):
        raise Refusal.of_field("kpi", "lever", _("Choose a lever of the journey's KGI."))
    if (held.phase_id, held.medium) != (point.phase_id, point.medium):
        others = TouchPoint.objects.filter(phase=point.phase_id, medium=point.medium)
        held.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
    for name in written:
        setattr(held, name, getattr(point, name))
    held.version += 1
    held.save()
    return held


def levers_of(journey: Journey, pk: int) -> bool:
    """Whether this is a lever of the journey's KGI."""
    return KPI.objects.standing().levers().filter(pk=pk, kgi=journey.kgi_id or 0, is_goal=False).exists()


@transaction.atomic
def move_touch_point(point: TouchPoint, *, by_places: int) -> TouchPoint:
    """Change places within its cell; at the end it stays. Raises `Refusal`: `retired`, `gone`."""
    hold(JourneyPhase.objects.values_list("journey_id", flat=True).get(pk=point.phase_id))
    held = TouchPoint.objects.get(pk=point.pk)
    rows = list(
        TouchPoint.objects.filter(phase=held.phase_id, medium=held.medium, removed_at=None).order_by("position", "pk")
    )
    row = moved(rows, held.pk, by_places)
    if row is None:
        raise Refusal("gone", _("This was removed in the meantime. Bring it back before changing it."))
    return row


@transaction.atomic
def remove_touch_point(point: TouchPoint) -> TouchPoint:
    """Take a touch point out; its content leaves the calendar with it, its actions stay. Twice is harmless."""
    hold(point.phase.journey_id)
    return put_away(TouchPoint.objects.get(pk=point.pk), "removed_at")


@transaction.atomic
def restore_touch_point(point: TouchPoint) -> TouchPoint:
    """Undo removing it. Twice is harmless. Raises `Refusal` `gone` where its phase was removed as well."""
    hold(point.phase.journey_id)
    held = TouchPoint.objects.select_related("phase").get(pk=point.pk)
    if held.phase.removed_at is not None:
        raise Refusal("gone", _("Its phase was removed. Bring the phase back first."))
    return bring_back(held, "removed_at")


# What all of them ask


def hold_any(pk: int) -> Journey:
    """The journey, put away or not, locked until the transaction ends."""
    return Journey.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def hold(pk: int) -> Journey:
    """The same. Raises `Refusal` `retired` for one that was put away."""
    journey = hold_any(pk)
    if journey.retired_at is not None:
        raise Refusal("retired", _("This journey was put away in the meantime. Bring it back before changing it."))
    return journey


def tidy(journey: Journey, by: Membership, *, before: int | None = None) -> None:
    journey.name, journey.customer = " ".join(journey.name.split()), " ".join(journey.customer.split())
    if not journey.name:
        raise Refusal.of_field("name", "name_missing", _("Give the journey a name."))
    kgi = journey.kgi_id
    if kgi is not None and kgi != before and not KGI.objects.visible_to(by).filter(pk=kgi).exists():
        raise Refusal.of_field("kgi", "kgi", _("Choose a KGI of the plan."))


def named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Refusal.of_field("name", "name_missing", _("Give the phase a name."))
    if len(name) > TEXTS["name"]:
        refusal = too_long(TEXTS["name"])
        raise Refusal.of_field("name", refusal.code, refusal.detail)
    return name


def refuse_others(by: Membership) -> None:
    if by.role not in PLANNERS:
        raise Refusal("planner", _("Managers, executives and administrators write customer journeys."))
