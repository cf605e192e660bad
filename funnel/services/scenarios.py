"""Acts on scenarios: what if the levers were these, and making one of them the plan."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, KPI, Scenario, ScenarioValue, TargetColumn
from funnel.sentences import sentence_of
from funnel.services.changes import note_changes, values_of
from funnel.services.funnels import LINKS
from funnel.services.kgis import hold_standing
from funnel.trees import kpis_of, reachable
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

MOST_SCENARIOS = 30
LONGEST_NAME = 120
ADOPTABLE = (TargetColumn.MUST_HIT, TargetColumn.CHALLENGE)
LARGEST = Decimal("1e15")
PLACES = Decimal("1e-12")
LeverValues = Mapping[int, Decimal] | Mapping[str, Decimal] | Mapping[int | str, Decimal]


@transaction.atomic
def save_scenario(
    kgi: KGI,
    *,
    name: str,
    values: LeverValues | None,
    note: str = "",
    by: Membership | None,
    submission_key: UUID | None = None,
    scenario: Scenario | None = None,
    expected_version: int | None = None,
) -> Scenario:
    """Write a new scenario, or change `scenario`. `values` holds levers' values by the levers' ids or keys, rates 0–1:
    all there are, a lever left out stays at its current value; None leaves them as they are.

    A new one whose `submission_key` is known answers the first; writing the same again changes nothing. One that was
    adopted and changes is the plan no more. Raises `Refusal`: `name_missing`, `name_used`, `not_a_lever`, `too_large`,
    `too_many`, `submission_key_used` for a key of another KGI, `stale`, `dropped` with its KGI.
    """
    kgi = hold_standing(kgi.pk)
    if scenario is None and submission_key is not None:
        repeated = Scenario.objects.filter(submission_key=submission_key).first()
        if repeated is not None:
            if repeated.kgi_id != kgi.pk:
                sentence = _("This form was already sent for something else. Open it again.")
                raise Refusal("submission_key_used", sentence)
            return repeated
    name, note = name.strip(), note.strip()
    stood: dict[int, Decimal] = {}
    if scenario is None:
        held = Scenario(kgi=kgi, created_by=by, submission_key=submission_key, version=0)
        _refuse_too_many(kgi)
    else:
        held = Scenario.objects.select_for_update(no_key=True).get(pk=scenario.pk, kgi=kgi)
        stood = dict(held.values.values_list("kpi", "value"))
    told = stood if values is None else _read(kgi, values)
    if scenario is not None:
        if held.dropped_at is None and (held.name, held.note, stood) == (name, note, told):
            return held
        if held.dropped_at is not None or (expected_version is not None and held.version != expected_version):
            raise stale()
    _refuse_name(held, name)
    if told != stood:
        held.adopted_as, held.adopted_at = "", None
    held.name, held.note, held.version = name, note, held.version + 1
    held.save()
    if told != stood:
        held.values.exclude(kpi__in=told).delete()
        ScenarioValue.objects.bulk_create(
            [ScenarioValue(scenario=held, kpi_id=kpi, value=value) for kpi, value in told.items()],
            update_conflicts=True,
            unique_fields=["scenario", "kpi"],
            update_fields=["value"],
        )
    return held


def _refuse_too_many(kgi: KGI) -> None:
    if Scenario.objects.filter(kgi=kgi, dropped_at=None).count() >= MOST_SCENARIOS:
        sentence = _("A KGI has %(most)s scenarios at most. Drop one that is no longer needed.")
        raise Refusal("too_many", sentence % {"most": MOST_SCENARIOS})


def _read(kgi: KGI, values: LeverValues) -> dict[int, Decimal]:
    """The values by the levers' ids, with as many decimals as are kept."""
    levers = {lever.key: lever for lever in levers_of(kgi)}
    by_id = {lever.pk: lever for lever in levers.values()}
    told: dict[int, Decimal] = {}
    for named, value in values.items():
        lever = by_id.get(named) if isinstance(named, int) else levers.get(named)
        if lever is None:
            sentence = sentence_of(TreeRefused("not_a_lever", str(named)))
            raise Refusal.of_field("values", "not_a_lever", sentence)
        if not value.is_finite() or abs(value) > LARGEST:
            raise Refusal.of_field("values", "too_large", sentence_of(TreeRefused("too_large", lever.name)))
        told[lever.pk] = value.quantize(PLACES)
    return told


def levers_of(kgi: KGI) -> list[KPI]:
    """The levers that a KGI's goal is calculated from, as the tree is read; none where no goal stands yet."""
    rows = kpis_of(kgi)
    goal = next((row for row in rows if row.is_goal), None)
    return [] if goal is None else [row for row in reachable(rows, goal.key) if row.is_lever]


def _refuse_name(scenario: Scenario, name: str) -> None:
    if not name:
        raise Refusal.of_field("name", "name_missing", _("Give the scenario a name."))
    if len(name) > LONGEST_NAME:
        sentence = _("A name has %(longest)s characters at most.") % {"longest": LONGEST_NAME}
        raise Refusal.of_field("name", "name_too_long", sentence)
    beside = Scenario.objects.filter(kgi=scenario.kgi_id, name=name, dropped_at=None).exclude(pk=scenario.pk)
    if beside.exists():
        raise Refusal.of_field("name", "name_used", _("A scenario of this name stands already."))


def values_to_adopt(scenario: Scenario, column: str, levers: list[KPI]) -> dict[KPI, Decimal]:
    """What adopting writes: the levers that change in the column, with what each becomes.

    A lever that the scenario does not name was calculated at its current value, so that is what it becomes.
    """
    told = dict(scenario.values.values_list("kpi", "value"))
    wanted = {lever: told.get(lever.pk) for lever in levers}
    for lever, value in wanted.items():
        if value is None and getattr(lever, column) is not None:
            wanted[lever] = lever.current
    return {lever: value for lever, value in wanted.items() if value is not None and value != getattr(lever, column)}


def held_by_funnel(kgi: KGI, levers: list[KPI]) -> list[KPI]:
    """Those whose numbers are written in the KGI's funnel only."""
    return [lever for lever in levers if lever.key in LINKS] if hasattr(kgi, "funnel") else []


@transaction.atomic
def adopt_scenario(
    scenario: Scenario, *, column: str, by: Membership | None, reason: str, expected_version: int | None = None
) -> Scenario:
    """Make a scenario the plan: its values become the levers' `must_hit` or `challenge`, all or none of them.

    What stood in the levers is kept with `by` whom and for what `reason`. Another scenario that was adopted as the same
    column is the plan no more. Adopting twice changes nothing. Raises `Refusal`: `column`, `reason_missing`, `stale`,
    `in_funnel` where a number that would change is held by the KGI's funnel, `dropped` with its KGI.
    """
    if column not in ADOPTABLE:
        raise Refusal.of_field("column", "column", _("Choose must-hit or challenge."))
    kgi = hold_standing(scenario.kgi_id)
    held = Scenario.objects.select_for_update(no_key=True).get(pk=scenario.pk)
    levers = list(
        KPI.objects.select_for_update(no_key=True).filter(pk__in=[lever.pk for lever in levers_of(kgi)]).order_by("id")
    )
    changes = values_to_adopt(held, column, levers)
    if held.dropped_at is None and held.adopted_as == column and not changes:
        return held
    if held.dropped_at is not None or (expected_version is not None and held.version != expected_version):
        raise stale()
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why the plan changes: others will want to know."))
    if in_funnel := held_by_funnel(kgi, list(changes)):
        sentence = _("These numbers are written in the funnel, where the others follow from them: %(names)s.")
        raise Refusal("in_funnel", sentence % {"names": _(", ").join(lever.name for lever in in_funnel)})
    for lever, value in changes.items():
        before = values_of(lever)
        setattr(lever, column, value)
        lever.version += 1
        lever.save(update_fields=[column, "version"])
        note_changes(lever, before, by=by, reason=reason)
    Scenario.objects.filter(kgi=kgi, adopted_as=column).exclude(pk=held.pk).update(adopted_as="", adopted_at=None)
    held.adopted_as, held.adopted_at, held.version = column, clock.now(), held.version + 1
    held.save(update_fields=["adopted_as", "adopted_at", "version"])
    return held


@transaction.atomic
def drop_scenario(scenario: Scenario, *, expected_version: int | None = None) -> Scenario:
    """Take a scenario away; the plan stays as it is, and `restore_scenario` undoes it. Dropping it again changes
    nothing. Raises `Refusal`: `stale`, `dropped` with its KGI.
    """
    hold_standing(scenario.kgi_id)
    held = Scenario.objects.select_for_update(no_key=True).get(pk=scenario.pk)
    if held.dropped_at is not None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    held.dropped_at, held.version = clock.now(), held.version + 1
    held.save(update_fields=["dropped_at", "version"])
    return held


@transaction.atomic
def restore_scenario(scenario: Scenario) -> Scenario:
    """Undo `drop_scenario`; harmless when it stands. Raises `Refusal`: `name_used` where its name was given again,
    `too_many`, `dropped` with its KGI.
    """
    kgi = hold_standing(scenario.kgi_id)
    held = Scenario.objects.select_for_update(no_key=True).get(pk=scenario.pk)
    if held.dropped_at is not None:
        _refuse_name(held, held.name)
        _refuse_too_many(kgi)
        held.dropped_at, held.version = None, held.version + 1
        held.save(update_fields=["dropped_at", "version"])
    return held
