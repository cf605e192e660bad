"""One page that writes an objective with all its key results, whether or not what stands on it could be saved yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.models import KPI
from objectives.forms.from_funnel import OwnerField
from objectives.forms.goals import ObjectiveForm
from objectives.forms.key_results import KeyResultForm
from objectives.formulas.sketches import KeyResultSketch
from objectives.models import KeyResult, Kind, Objective, Step
from objectives.services.drafts import DraftRefused, DraftRow
from objectives.services.measures import refuse_measure
from objectives.services.planning import FEWEST_KEY_RESULTS, MOST_KEY_RESULTS
from objectives.services.rules import ALL_MEASURES, AMOUNTS, MOST_STEPS
from people.access import read_id
from people.forms import PersonField, add_refusal
from people.models import Membership
from people.refusals import Refusal

TOKEN = re.compile(r"k[0-9]{1,18}|n[0-9]{1,2}")
MOST_ROWS = 20
OF_OBJECTIVE = ("title", "why", "kind", "team", "owner", "kgi", "cycle", "version", "submission_key")
OF_ROW = (
    *("title", *ALL_MEASURES, "owner", "measured_how", "measure_type", "weight", "kpi", "steps"),
    *("version", "submission_key"),
)
IN_NEW_ROW = ("title", "start_value", "target_value", "unit")
# Any of these makes a new row one that somebody began; the others are filled in beforehand.
BEGINS_ROW = ("title", *AMOUNTS, "measured_how", "steps")


class SharedOwnerField(OwnerField):
    """The owner of each row: whose names were looked up once are not looked up again."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(self.shown.get(value, value) if isinstance(value, int) else value)


class Offers:
    """What every row of the page offers, looked up once."""

    def __init__(self, membership: Membership, suggestions: str, key_results: Sequence[KeyResult]):
        owners = {row.owner_id for row in key_results if row.owner_id is not None}
        self.owner = SharedOwnerField(membership, suggestions, owners)
        present = Q(pk__in={row.kpi_id for row in key_results if row.kpi_id is not None})
        offered = Q(pk__in=KPI.objects.visible_to(membership).values("pk"))
        kpis = KPI.objects.filter(present | offered, kgi__organization=membership.organization_id)
        self.kpis = list(kpis.select_related("kgi").order_by("kgi__period_start", "kgi", "position"))


class DraftKeyResultForm(KeyResultForm):
    """One key result of a draft: numbers may still be missing, steps are written one on a line."""

    steps = forms.CharField(
        label=gettext_lazy("Steps, one on each line"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, offers: Offers, existing: Sequence[Step] = (), **kwargs: Any):
        self.offers, self.existing = offers, existing
        super().__init__(*args, **kwargs)
        if self.kind != Kind.MILESTONE:
            del self.fields["steps"]
        elif existing:
            self.initial.setdefault("steps", "\n".join(step.title for step in existing))
        if self.instance._state.adding and "combine" in self.fields:
            del self.fields["combine"]

    def owner_field(self, suggestions: str) -> PersonField:
        return self.offers.owner.__deepcopy__({})

    def kpis(self) -> Iterable[KPI]:
        return self.offers.kpis

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_steps(self) -> list[Step]:
        """The steps of the lines; a line that is a step already keeps its weight."""
        left, found = list(self.existing), []
        for line in self.cleaned_data["steps"].splitlines():
            title = " ".join(line.split())
            if not title:
                continue
            if len(title) > 200:
                raise ValidationError(_("A step has 200 characters at most."), code="too_long")
            known = next((step for step in left if step.title == title), None)
            if known is not None:
                left.remove(known)
            found.append(known or Step(title=title))
        if len(found) > MOST_STEPS:
            raise ValidationError(_("A milestone has %(most)s steps at most.") % {"most": MOST_STEPS}, code="too_many")
        return found

    def _post_clean(self) -> None:
        super()._post_clean()
        if set(self.errors) & {*ALL_MEASURES, "steps", "__all__"}:
            return
        try:
            refuse_measure(self.instance, self.cleaned_data.get("steps"), complete=False)
        except Refusal as refusal:
            add_refusal(self, refusal)

    @property
    def folded(self) -> list[Any]:
        """The fields that are seldom needed."""
        names = ("measure_first", "kpi", "weight", "combine")
        return [self[name] for name in names if name in self.fields and self.is_offered(name)]

    @property
    def folded_is_used(self) -> bool:
        """Whether somebody said something there, or it was refused."""
        return any(one.errors or (one.name != "combine" and one.value()) for one in self.folded)

    def is_offered(self, name: str) -> bool:
        return name != "kpi" or len(self.fields["kpi"].choices) > 1


@dataclass
class Row:
    """One key result on the page; without a form it may only be read."""

    token: str
    key_result: KeyResult
    form: DraftKeyResultForm | None
    is_removed: bool = False
    has_focus: bool = False
    version: int | None = None

    @property
    def is_new(self) -> bool:
        return self.token.startswith("n")

    @property
    def kind(self) -> str:
        return self.form.kind if self.form is not None else self.key_result.kind

    @property
    def is_begun(self) -> bool:
        """Whether anything stands in it: a new row left empty is no key result."""
        if not self.is_new or self.form is None:
            return True
        values = [self.form[name].value() for name in BEGINS_ROW if name in self.form.fields]
        return any(value is not None and str(value).strip() for value in values)


@dataclass(frozen=True)
class Act:
    """What a button asks for instead of saving: `add`, or `up`, `down`, `remove`, `keep` and `kind` of a row."""

    verb: str = ""
    token: str = ""

    @classmethod
    def of(cls, data: QueryDict | None) -> Act:
        verb, _colon, token = (data.get("act", "") if data is not None else "").partition(":")
        return cls(verb, token)


@dataclass
class DraftPage:
    """The forms of a draft: its objective's (None where it may only be read) and those of its key results, in order."""

    membership: Membership
    objective: Objective
    form: ObjectiveForm | None
    rows: list[Row]
    offers: Offers
    suggestions: str
    initial: Mapping[str, Any] = field(default_factory=dict)
    is_shown_again: bool = False
    is_new: bool = field(init=False)

    def __post_init__(self) -> None:
        # Said now: a refused save leaves the row looking as if it had been written.
        self.is_new = self.objective._state.adding

    @property
    def may_add(self) -> bool:
        return sum(not row.is_removed for row in self.rows) < MOST_KEY_RESULTS

    @property
    def may_be_written(self) -> bool:
        """Whether there is a field on it beside which something can be said."""
        return self.form is not None or any(row.form is not None for row in self.rows)

    def is_valid(self) -> bool:
        """Whether everything that stands on the page can be saved; what is wrong then stands beside its field."""
        valid = [row.form.is_valid() for row in self.rows if self.is_sent(row) and row.form is not None]
        return all([self.form is None or self.form.is_valid(), *valid])

    @staticmethod
    def is_sent(row: Row) -> bool:
        return row.form is not None and row.is_begun and not row.is_removed

    @property
    def has_errors(self) -> bool:
        sent = [row.form for row in self.rows if self.is_sent(row)]
        return any(form is not None and form.is_bound and bool(form.errors) for form in (self.form, *sent))

    def to_save(self) -> tuple[Objective, list[Row], list[DraftRow]]:
        """What the service is told: the objective, and of each row to be written or dropped what it is to be."""
        objective = self.form.save(commit=False) if self.form is not None else self.objective
        sent = [row for row in self.rows if self.is_sent(row) or (row.is_removed and not row.is_new)]
        return objective, sent, [self.draft_row(row) for row in sent]

    @staticmethod
    def draft_row(row: Row) -> DraftRow:
        if row.is_removed or row.form is None:
            return DraftRow(row.key_result, expected_version=row.version, is_removed=True)
        form = row.form
        return DraftRow(
            form.save(commit=False),
            steps=form.cleaned_data.get("steps"),
            expected_version=None if row.is_new else form.expected_version,
        )

    def meet(self, refusal: DraftRefused, sent: Sequence[Row]) -> None:
        """Say each refusal beside its part; where somebody saved in between, also what is saved now."""
        for place, one in refusal.parts.items():
            form = self.form if place is None else sent[place].form
            if form is None:
                form = self.form or next(row.form for row in self.rows if row.form is not None)
            add_refusal(form, one)
            if one.code != "stale":
                continue
            if place is None and self.form is not None:
                now = Objective.objects.select_related("cycle", "team", "owner__user").get(pk=self.objective.pk)
                self.form.meet(objective_form(now, self.membership, self.suggestions))
            elif place is not None and (row_form := sent[place].form) is not None:
                saved = KeyResult.objects.select_related("objective__cycle").get(pk=sent[place].key_result.pk)
                row_form.meet(row_of(sent[place].token, saved, self.membership, self.offers, kind=row_form.kind))


def objective_form(
    objective: Objective,
    membership: Membership,
    suggestions: str,
    data: QueryDict | None = None,
    initial: Mapping[str, Any] | None = None,
) -> ObjectiveForm:
    return ObjectiveForm(
        data, instance=objective, initial=dict(initial or {}), membership=membership, suggestions=suggestions
    )


def row_of(
    token: str,
    key_result: KeyResult,
    membership: Membership,
    offers: Offers,
    *,
    kind: str = "",
    data: QueryDict | None = None,
    initial: Mapping[str, Any] | None = None,
) -> DraftKeyResultForm:
    existing: Sequence[Step] = ()
    if not key_result._state.adding and key_result.kind == Kind.MILESTONE:
        existing = list(key_result.steps.all())
    return DraftKeyResultForm(
        data,
        instance=key_result,
        prefix=token,
        kind=kind or key_result.kind,
        membership=membership,
        offers=offers,
        existing=existing,
        initial=dict(initial or {}),
    )


# From rows to the page


def opened(
    membership: Membership,
    objective: Objective,
    key_results: Sequence[KeyResult],
    *,
    suggestions: str,
    editable: frozenset[int],
    may_edit: bool = True,
    initial: Mapping[str, Any] | None = None,
    steps: Mapping[int, Sequence[str]] | None = None,
) -> DraftPage:
    """The page as it opens: the key results there are, and two empty rows where there are none.

    `editable` are the ids of the key results the person may change, `steps` those of new milestones, by place.
    """
    offers = Offers(membership, suggestions, key_results)
    rows = []
    for place, key_result in enumerate(key_results):
        if key_result._state.adding:
            lines = "\n".join((steps or {}).get(place, ()))
            form = row_of(f"n{place}", key_result, membership, offers, initial={"steps": lines} if lines else None)
            rows.append(Row(f"n{place}", key_result, form))
        else:
            may_write = key_result.pk in editable
            token = f"k{key_result.pk}"
            rows.append(Row(token, key_result, row_of(token, key_result, membership, offers) if may_write else None))
    for number in range(len(rows), FEWEST_KEY_RESULTS):
        rows.append(new_row(f"n{number}", objective, membership, offers))
    head = objective_form(objective, membership, suggestions, initial=initial) if may_edit else None
    return DraftPage(membership, objective, head, rows, offers, suggestions, initial or {})


def new_row(
    token: str,
    objective: Objective,
    membership: Membership,
    offers: Offers,
    initial: Mapping[str, Any] | None = None,
) -> Row:
    key_result = KeyResult(objective=objective, owner=membership)
    return Row(token, key_result, row_of(token, key_result, membership, offers, initial=initial))


def sent(
    membership: Membership,
    objective: Objective,
    key_results: Sequence[KeyResult],
    data: QueryDict,
    *,
    suggestions: str,
    editable: frozenset[int],
    may_edit: bool = True,
    initial: Mapping[str, Any] | None = None,
) -> DraftPage:
    """The page as it was sent, to be saved; or, where `data` asks for an act, drawn again after it."""
    act = Act.of(data)
    is_saved = not act.verb
    offers = Offers(membership, suggestions, key_results)
    by_token = {f"k{row.pk}": row for row in key_results}
    removed = set(data.getlist("removed"))
    rows = []
    for token in tokens_of(data):
        if not token.startswith("n") and token not in by_token:
            continue
        key_result = by_token.get(token) or KeyResult(objective=objective)
        if token in by_token and key_result.pk not in editable:
            rows.append(Row(token, key_result, None))
            continue
        kind = str(data.get(f"{token}-kind", ""))
        kind = kind if kind in Kind.values else key_result.kind
        # What is left empty or taken out is not asked whether it is complete.
        is_judged = is_saved and is_begun(data, token) and token not in removed
        form = row_of(
            *(token, key_result, membership, offers),
            kind=kind,
            data=data if is_judged else None,
            initial=None if is_judged else typed_in(data, OF_ROW, token, "measure_first"),
        )
        version = read_id(data.get(f"{token}-version"))
        rows.append(Row(token, key_result, form, is_removed=token in removed, version=version))
    head: ObjectiveForm | None = None
    if may_edit and is_saved:
        head = objective_form(objective, membership, suggestions, data, initial)
    elif may_edit:
        typed = typed_in(data, OF_OBJECTIVE, "", "personal")
        head = objective_form(objective, membership, suggestions, initial=dict(initial or {}) | typed)
    page = DraftPage(
        *(membership, objective, head, rows, offers, suggestions, initial or {}), is_shown_again=not is_saved
    )
    if not is_saved:
        perform(page, act, data)
    return page


def tokens_of(data: QueryDict) -> list[str]:
    """The rows as they stand on the page, each once."""
    found = [token for token in data.getlist("row") if TOKEN.fullmatch(token)]
    return list(dict.fromkeys(found))[:MOST_ROWS]


def is_begun(data: QueryDict, token: str) -> bool:
    """Whether anything stands in a row as it was sent."""
    return token.startswith("k") or any(data.get(f"{token}-{name}", "").strip() for name in BEGINS_ROW)


def typed_in(data: QueryDict, names: Iterable[str], prefix: str, *boxes: str) -> dict[str, Any]:
    """What stands in fields that are drawn again without being saved, as it was typed."""

    def key(name: str) -> str:
        return f"{prefix}-{name}" if prefix else name

    typed: dict[str, Any] = {name: data[key(name)] for name in names if key(name) in data}
    return typed | {name: key(name) in data for name in boxes}


def perform(page: DraftPage, act: Act, data: QueryDict) -> None:
    """Add, move or take out a row of a page that is drawn again."""
    place = next((place for place, row in enumerate(page.rows) if row.token == act.token), None)
    if act.verb == "add" and page.may_add:
        used = [int(row.token[1:]) for row in page.rows if row.is_new]
        token = f"n{max(used, default=-1) + 1}"
        filled = typed_in(data, IN_NEW_ROW, "new")
        row = new_row(token, page.objective, page.membership, page.offers, filled)
        row.has_focus = True
        page.rows.append(row)
    if place is None:
        return
    row = page.rows[place]
    if act.verb == "remove" and row.is_new:
        page.rows.pop(place)
    elif act.verb in ("remove", "keep"):
        row.is_removed = act.verb == "remove"
    elif act.verb in ("up", "down"):
        other = place + (1 if act.verb == "down" else -1)
        if 0 <= other < len(page.rows):
            page.rows[place], page.rows[other] = page.rows[other], page.rows[place]


# From a sketch


def key_result_of(sketch: KeyResultSketch, objective: Objective) -> KeyResult:
    """A key result of the library, or of an earlier cycle, as one to be written."""
    names = ("title", "kind", "unit", "start_value", "must_hit_value", "target_value", "limit", "quota", "period")
    more = ("population", "measured_how", "measure_type", "owner_id", "kpi_id")
    return KeyResult(objective=objective, **{name: getattr(sketch, name) for name in (*names, *more)})
