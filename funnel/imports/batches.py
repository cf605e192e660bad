"""Writing many leads at once, set-based: what is new is inserted, what is known is updated, each move is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from funnel.formulas.fits import FIELDS, fit_of
from funnel.formulas.leads import known_as
from funnel.imports.lines import TEXTS, Line
from funnel.imports.lines import WRONG as SENTENCES
from funnel.models import Duplicates, Lead, LeadMove, Matrix, MatrixStage
from funnel.queries.fits import rules_of
from people import clock
from people.models import Membership
from people.refusals import Refusal

ADDED, CHANGED, UNCHANGED, WRONG = "added", "changed", "unchanged", "wrong"
# What a line may write, as the columns of an update.
COLUMNS = {
    **dict.fromkeys((*TEXTS, "known_as", "fit"), "text"),
    "employees": "integer",
    "revenue": "numeric",
    "owner_id": "bigint",
    "stage_id": "bigint",
    "fit_is_set": "boolean",
    "since": "date",
}
PATTERN = """
UPDATE funnel_lead lead SET version = lead.version + 1, {sets}
FROM unnest({arrays}) AS said(id, {names}) WHERE lead.id = said.id
"""
UPDATE = PATTERN.format(
    sets=", ".join(f"{name} = said.{name}" for name in COLUMNS),
    arrays=", ".join(["%s::bigint[]", *(f"%s::{kind}[]" for kind in COLUMNS.values())]),
    names=", ".join(COLUMNS),
)


@dataclass
class Outcome:
    """What becomes of a line: added, changed, unchanged or wrong, with the lead it is about."""

    line: Line
    what: str
    lead: Lead | None = None
    wrong: tuple[str, str] | None = None


@dataclass
class Batch:
    """Lines for one matrix, planned and then written. Plan under `hold` where it is to be written."""

    matrix: Matrix
    duplicates: str
    by: Membership
    today: date
    outcomes: list[Outcome] = field(default_factory=list)
    added: list[Lead] = field(default_factory=list)
    changed: dict[int, Lead] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.matrix)
        self.stages: list[MatrixStage] = list(self.matrix.stages.all())
        self.stage_ids = {stage.pk for stage in self.stages}
        self.asked: set[str] = set()
        self.stood: dict[int, tuple[int, str, str]] = {}
        self.by_name: dict[str, Lead] = {}
        self.by_reference: dict[str, Lead] = {}

    def count(self, what: str) -> int:
        return sum(1 for outcome in self.outcomes if outcome.what == what)

    def plan(self, lines: Sequence[Line]) -> None:
        """Say what becomes of each line, in their order: a later one meets what an earlier one brought."""
        self.find(lines)
        for line in lines:
            self.outcomes.append(Outcome(line, WRONG, wrong=line.wrong) if line.wrong else self.judge(line))

    def find(self, lines: Sequence[Line]) -> None:
        """The leads that stand there already and that a line may mean."""
        self.asked = {name for line in lines if not line.wrong for name in names_of(line.values)}
        references = {line.values["reference"] for line in lines if line.values.get("reference")}
        rows = Lead.objects.filter(matrix=self.matrix, removed_at=None)
        found = {row.pk: row for row in rows.filter(known_as__in=self.asked)}
        if references:
            found |= {row.pk: found.get(row.pk, row) for row in rows.filter(reference__in=references)}
        self.by_name = {row.known_as: row for row in found.values()}
        self.by_reference = {row.reference: row for row in found.values() if row.reference}
        self.stood = {row.pk: (row.stage_id, row.fit, row.known_as) for row in found.values()}

    def judge(self, line: Line) -> Outcome:
        if line.stage is not None and line.stage not in self.stage_ids:
            # Removed since the line was read.
            return Outcome(line, WRONG, wrong=("stage_unknown", "stage"))
        named = self.named(line)
        reference = line.values.get("reference", "")
        numbered = self.by_reference.get(reference) if reference else None
        if named is not None and numbered is not None and named is not numbered:
            return Outcome(line, WRONG, wrong=("two_leads", "reference"))
        lead = numbered or named
        if lead is None:
            return self.new(line)
        if self.duplicates == Duplicates.SKIP:
            return Outcome(line, UNCHANGED, lead)
        if named is not None and reference and lead.reference not in ("", reference):
            # Another number in the other system: two people there, one here.
            if self.duplicates == Duplicates.UPDATE:
                return Outcome(line, WRONG, lead, ("reference_used", "reference"))
            return Outcome(line, UNCHANGED, lead)
        return self.known(line, lead)

    def named(self, line: Line) -> Lead | None:
        """The lead of the line's address; else, with a contact, the one that has no address yet."""
        name, *other = names_of(line.values)
        found = self.by_name.get(name)
        if found is None and other:
            nameless = self.by_name.get(other[0])
            return nameless if nameless is not None and not nameless.email else None
        return found

    def new(self, line: Line) -> Outcome:
        lead = Lead(
            organization_id=self.matrix.organization_id,
            matrix=self.matrix,
            stage_id=line.stage or self.stages[0].pk,
            since=line.since or self.today,
            created_by=self.by,
            **line.values,
        )
        lead.known_as = names_of(line.values)[0]
        lead.fit, lead.fit_is_set = (line.fit, True) if line.fit else (self.fit_of(lead), False)
        self.added.append(lead)
        self.remember(lead)
        return Outcome(line, ADDED, lead)

    def known(self, line: Line, lead: Lead) -> Outcome:
        fills = self.duplicates == Duplicates.FILL
        before = {name: getattr(lead, name) for name in COLUMNS}
        for name, value in line.values.items():
            if not fills or getattr(lead, name) in ("", None):
                setattr(lead, name, value)
        lead.known_as = known_as(company=lead.company, contact=lead.contact, email=lead.email)
        other = self.by_name.get(lead.known_as)
        if lead.known_as != before["known_as"] and ((other is not None and other is not lead) or self.is_taken(lead)):
            for name, value in before.items():
                setattr(lead, name, value)
            return Outcome(line, WRONG, lead, ("two_leads", "company"))
        if line.fit and not fills:
            lead.fit, lead.fit_is_set = line.fit, True
        elif not lead.fit_is_set:
            lead.fit = self.fit_of(lead)
        if line.stage and not fills and line.stage != lead.stage_id:
            lead.stage_id = line.stage
            lead.since = max(line.since or self.today, lead.since)
        if all(getattr(lead, name) == value for name, value in before.items()):
            return Outcome(line, UNCHANGED, lead)
        if lead.known_as != before["known_as"]:
            self.by_name.pop(str(before["known_as"]), None)
        self.remember(lead)
        if lead.pk is not None:
            self.changed[lead.pk] = lead
        return Outcome(line, CHANGED, lead)

    def is_taken(self, lead: Lead) -> bool:
        if lead.known_as in self.asked:
            return False  # it would have been found
        rows = Lead.objects.filter(matrix=self.matrix, removed_at=None, known_as=lead.known_as)
        return rows.exclude(pk=lead.pk).exists()

    def remember(self, lead: Lead) -> None:
        self.by_name[lead.known_as] = lead
        if lead.reference:
            self.by_reference[lead.reference] = lead

    def fit_of(self, lead: Lead) -> str:
        return fit_of({name: getattr(lead, name) for name in FIELDS}, self.rules)

    def write(self) -> None:
        """Write what was planned, in the transaction that holds the matrix."""
        at = clock.now()
        for lead in self.added:
            lead.created_at = at
        # First what changes: it may let go of the name by which a new one is known, or another that changes.
        renamed = [pk for pk, lead in self.changed.items() if lead.known_as != self.stood[pk][2]]
        if len(renamed) > 1:
            Lead.objects.filter(pk__in=renamed).update(known_as=Concat(Value("renamed:"), Cast("pk", TextField())))
        self.update(list(self.changed.values()))
        Lead.objects.bulk_create(self.added, batch_size=1_000)
        moves = [
            LeadMove(lead=lead, to_stage_id=lead.stage_id, to_fit=lead.fit, date=lead.since) for lead in self.added
        ]
        for lead in self.changed.values():
            stage, fit, _name = self.stood[lead.pk]
            if (stage, fit) != (lead.stage_id, lead.fit):
                day = lead.since if stage != lead.stage_id else self.today
                cell = {"from_stage_id": stage, "from_fit": fit, "to_stage_id": lead.stage_id, "to_fit": lead.fit}
                moves.append(LeadMove(lead=lead, date=day, **cell))
        for move in moves:
            move.matrix, move.by, move.created_at = self.matrix, self.by, at
        LeadMove.objects.bulk_create(moves, batch_size=1_000)

    @staticmethod
    def update(leads: list[Lead]) -> None:
        if not leads:
            return
        values: list[list[Any]] = [[lead.pk for lead in leads]]
        values += [[getattr(lead, name) for lead in leads] for name in COLUMNS]
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, values)


def names_of(values: dict[str, Any]) -> list[str]:
    """By what a lead may be known: its address, and its company with a contact; else the company."""
    company, contact = values["company"], values.get("contact", "")
    names = [known_as(company=company, contact=contact, email=values.get("email", ""))]
    return [*names, known_as(company=company, contact=contact)] if values.get("email") and contact else names


def hold(matrix: Matrix, owners: Sequence[int]) -> Matrix:
    """Hold a matrix alone while a batch is written, and its new owners from leaving meanwhile. Raises `Refusal` `gone`
    for one that was retired or keeps no list any more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM people_membership WHERE id = ANY(%s) ORDER BY id FOR SHARE", [sorted(owners)])
    held = Matrix.objects.select_for_update(no_key=True).get(pk=matrix.pk)
    if held.retired_at is not None or not held.has_leads:
        raise Refusal("gone", str(SENTENCES["gone"]))
    return held


@transaction.atomic
def write_lines(matrix: Matrix, lines: Sequence[Line], *, duplicates: str, by: Membership, today: date) -> Batch:
    """Write lines of leads into a matrix, at most a thousand or so; what becomes of each stands in `outcomes`.

    Raises `Refusal` `gone` for a matrix that was retired or keeps no list any more.
    """
    owners = {line.values["owner_id"] for line in lines if line.values.get("owner_id")}
    batch = Batch(hold(matrix, sorted(owners)), duplicates, by, today)
    batch.plan(lines)
    batch.write()
    return batch
