"""The organization's own templates: written, made from an objective, retired and brought back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from objectives.models import KeyResult, Kind, MeasureType, Objective, Step, Template, TemplateKeyResult
from objectives.services.measures import refuse_measure
from objectives.services.planning import refuse_used_key
from objectives.services.rules import ALL_MEASURES, AMOUNTS, MEASURES, MOST_STEPS
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.putting_away import bring_back, put_away

MOST_ROWS = 10
# What a template says of a key result; the rest (owner, weight, KPI) belongs to one plan.
COPIED = (
    "title",
    "kind",
    "unit",
    *AMOUNTS,
    "limit",
    "period",
    "measured_how",
    "measure_type",
)
WRITTEN = (*COPIED, "steps", "position")


def as_key_result(row: TemplateKeyResult) -> KeyResult:
    """What a draft would make of the row, to be judged by the same rules."""
    return KeyResult(**{name: getattr(row, name) for name in COPIED})


def refuse_row(row: TemplateKeyResult) -> None:
    """Raise `Refusal` for numbers that could never be scored; missing ones are left to whoever uses the template."""
    steps = [Step(title=title) for title in row.steps]
    if len(steps) > MOST_STEPS:
        sentence = _("A milestone has %(most)s steps at most.") % {"most": MOST_STEPS}
        raise Refusal.of_field("steps", "too_many_steps", sentence)
    refuse_measure(as_key_result(row), steps, complete=False)


def leave_out_unused(row: TemplateKeyResult) -> None:
    """Empty what a key result of this kind does not state."""
    for name in ALL_MEASURES:
        if name not in MEASURES[row.kind] and hasattr(row, name):
            setattr(row, name, None if name in AMOUNTS else "")
    if row.kind != Kind.MILESTONE:
        row.steps = []


@transaction.atomic
def save_template(
    template: Template,
    rows: Sequence[TemplateKeyResult],
    *,
    by: Membership,
    expected_version: int | None = None,
) -> Template:
    """Write a new or changed template with its key results, in this order; those left out go.

    A new one whose `submission_key` is known answers the first. Raises `Refusal`: `stale`, `retired`,
    `too_many_rows`, `submission_key_used`, and what `refuse_row` raises.
    """
    if len(rows) > MOST_ROWS:
        raise Refusal("too_many_rows", _("A template has %(most)s key results at most.") % {"most": MOST_ROWS})
    for position, row in enumerate(rows):
        row.position = position
        leave_out_unused(row)
        refuse_row(row)
    if template._state.adding:
        template.organization, template.written_by = by.organization, by
        template.full_clean(exclude=["organization"], validate_unique=False)
        try:
            with transaction.atomic():
                template.save(force_insert=True)
        except IntegrityError:
            return first_of_key(template)
    else:
        held = hold(template)
        if is_written(held, template, rows):
            return held
        if expected_version is not None and held.version != expected_version:
            raise stale()
        if held.retired_at is not None:
            raise Refusal("retired", _("This template was retired in the meantime. Bring it back before changing it."))
        template.version = held.version + 1
        template.full_clean(exclude=["organization"], validate_unique=False)
        template.save()
    replace_rows(template, rows)
    return template


def is_written(held: Template, wanted: Template, rows: Sequence[TemplateKeyResult]) -> bool:
    """Whether it stands there like this already: the same sent twice is harmless."""
    present = list(held.key_results.order_by("position", "pk"))
    return (
        all(getattr(held, name) == getattr(wanted, name) for name in ("title", "why", "kind", "area", "note"))
        and len(present) == len(rows)
        and all(
            getattr(old, name) == getattr(new, name) for old, new in zip(present, rows, strict=True) for name in WRITTEN
        )
    )


def first_of_key(template: Template) -> Template:
    """The template that the same form made before."""
    first = Template.objects.filter(
        organization=template.organization_id, submission_key=template.submission_key
    ).first()
    if first is None:
        refuse_used_key()
    return first  # type: ignore[return-value]


def replace_rows(template: Template, rows: Sequence[TemplateKeyResult]) -> None:
    """Let its key results be these; what stands at the same place is changed, so that its history goes on."""
    present = list(template.key_results.order_by("position", "pk"))
    for row, before in zip(rows, present, strict=False):
        if any(getattr(row, name) != getattr(before, name) for name in WRITTEN):
            row.pk, row._state.adding = before.pk, False
            row.template = template
            row.save()
    for row in rows[len(present) :]:
        row.template = template
        row.save()
    template.key_results.filter(pk__in=[row.pk for row in present[len(rows) :]]).delete()


@transaction.atomic
def save_as_template(objective: Objective, *, by: Membership) -> Template:
    """Make a template of an objective and its key results, without owners, weights and KPIs.

    There is one from each objective: sent again, also by somebody else, it answers the one that is there.
    """
    held = Objective.objects.select_for_update(no_key=True, of=("self",)).get(pk=objective.pk)
    present = Template.objects.filter(made_from=held, retired_at=None).order_by("pk").first()
    if present is not None:
        return present
    template = Template(
        organization=by.organization, title=held.title, why=held.why, kind=held.kind, written_by=by, made_from=held
    )
    rows = held.key_results.filter(dropped_at=None).prefetch_related("steps").order_by("position", "pk")
    return save_template(template, [row_of(key_result) for key_result in rows[:MOST_ROWS]], by=by)


def row_of(key_result: KeyResult) -> TemplateKeyResult:
    """What of a key result can be used again. One that waits for its baseline is taken without numbers it lacks."""
    row = TemplateKeyResult(**{name: getattr(key_result, name) for name in COPIED})
    if key_result.kind == Kind.MILESTONE:
        row.steps = [step.title for step in key_result.steps.all()]
    row.measure_type = row.measure_type or MeasureType.RESULT
    return row


@transaction.atomic
def retire_template(template: Template) -> Template:
    """Offer it no longer; drafts made from it stay. Twice is harmless."""
    return put_away(hold(template), "retired_at")


@transaction.atomic
def restore_template(template: Template) -> Template:
    """Offer it again. Twice is harmless."""
    return bring_back(hold(template), "retired_at")


def hold(template: Template) -> Template:
    """The template as it is, locked until the transaction ends."""
    return Template.objects.select_for_update(no_key=True).get(pk=template.pk)
