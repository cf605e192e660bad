"""A file of readings, read and judged before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.forms.readings import amount_field
from funnel.formulas.actuals import MONTH, WEEK, first_of, last_of
from funnel.formulas.formula import same_key
from funnel.formulas.sheets import LARGEST_FILE, Heading, Sheet, SheetLine, SheetRefused, decode, read_sheet
from funnel.models import KPI
from funnel.queries.actuals import Actuals, Book
from funnel.services import LARGEST_READING, Written, refuse_day
from people.refusals import Refusal

SENTENCES = {
    "too_large": gettext_lazy("This file is too large: 1 MB at most."),
    "unknown_encoding": gettext_lazy(
        "This file cannot be read. Save it in Excel as “CSV UTF-8” or “CSV (comma delimited)”, then choose it again."
    ),
    "empty": gettext_lazy("There is nothing in this file."),
    "no_dates": gettext_lazy(
        "No column has a date. The first line names the column of levers, then months like 2026-04 or days like "
        "2026-04-30."
    ),
    "too_many_lines": gettext_lazy("This file has more than 1,000 lines. Split it."),
    "too_many_columns": gettext_lazy("This file has more than 400 columns. Split it."),
}
PLACES = Decimal("0.000001")


class ReadingsFileForm(forms.Form):
    """A file, or its text pasted; `text` also carries what was previewed to the act of writing it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=gettext_lazy("CSV in UTF-8 or as Excel saves it in Japan, up to 1 MB."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the table here"),
        required=False,
        strip=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.errors:
            return given
        file = given.get("file")
        field_name = "file" if file else "text"
        try:
            if file and file.size > LARGEST_FILE:
                raise SheetRefused("too_large")
            given["text"] = decode(file.read()) if file else given.get("text", "")
            if not file and not given["text"].strip():
                raise ValidationError({"file": _("Choose a file, or paste the table.")})
            given["sheet"] = read_sheet(given["text"])
        except SheetRefused as refused:
            raise ValidationError({field_name: str(SENTENCES[refused.code])}) from refused
        return given


@dataclass
class JudgedLine:
    """A line of the file with what it would do; with a `problem` none of it is written."""

    line: SheetLine
    name: str = ""
    problem: str = ""
    written: list[Written] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Judgement:
    """What a whole file would do."""

    lines: Sequence[JudgedLine]
    ignored: Sequence[str]

    @property
    def problems(self) -> list[JudgedLine]:
        return [line for line in self.lines if line.problem]

    @property
    def written(self) -> list[Written]:
        return [reading for line in self.lines for reading in line.written if not line.problem]

    @property
    def counts(self) -> dict[str, int]:
        """New, changed and unchanged numbers of the lines that can be read."""
        taken = [line for line in self.lines if not line.problem]
        return {name: sum(getattr(line, name) for line in taken) for name in ("new", "changed", "unchanged")}


def judge(sheet: Sheet, book: Book, *, names: Callable[[KPI], str]) -> Judgement:
    """What the lines of a file would write. A number that counts already is left as it is, also where check-ins told
    it.
    """
    by_name: dict[str, list[Actuals]] = {}
    for actuals in book.by_key.values():
        called = (actuals.kpi.key, actuals.kpi.name, names(actuals.kpi))
        for name in {folded(name) for name in called}:
            by_name.setdefault(name, []).append(actuals)
    taken: dict[tuple[int, str], int] = {}
    lines = [judge_line(line, book, by_name, names, taken) for line in sheet.lines]
    return Judgement(lines, sheet.ignored)


def folded(name: str) -> str:
    """A name as it is compared: case, spaces and full width aside."""
    return " ".join(same_key(name).casefold().split())


def judge_line(
    line: SheetLine,
    book: Book,
    by_name: dict[str, list[Actuals]],
    names: Callable[[KPI], str],
    taken: dict[tuple[int, str], int],
) -> JudgedLine:
    judged = JudgedLine(line)
    found = by_name.get(folded(line.key), []) if line.key else by_name.get(folded(line.lever), [])
    if not found:
        judged.problem = _("No lever of this KGI is called “%(name)s”.") % {"name": line.key or line.lever}
    elif len(found) > 1:
        judged.problem = _("More than one lever is called “%(name)s”. Write its key instead.") % {"name": line.lever}
    else:
        judged.name = names(found[0].kpi)
        for heading, text in line.cells:
            judge_cell(judged, found[0], book, heading, text, taken)
            if judged.problem:
                break
    return judged


def judge_cell(
    judged: JudgedLine,
    actuals: Actuals,
    book: Book,
    heading: Heading,
    text: str,
    taken: dict[tuple[int, str], int],
) -> None:
    kpi = actuals.kpi
    try:
        value = amount_field(kpi).clean(text)
        refuse_day(book.kgi, heading.date, heading.span)
    except ValidationError as wrong:
        judged.problem = about(heading, text, wrong.messages[0])
        return
    except Refusal as refused:
        judged.problem = about(heading, text, refused.detail)
        return
    if value is None:
        return
    if abs(value) > LARGEST_READING:
        judged.problem = about(heading, text, _("This number is too large."))
        return
    place = (kpi.pk, f"{heading.span}:{last_of(heading.span, heading.date)}")
    if taken.setdefault(place, judged.line.number) != judged.line.number:
        judged.problem = _("Line %(number)s already says this of the same lever.") % {"number": taken[place]}
        return
    present = counted(actuals, heading)
    if present is not None and same(present, value, kpi):
        judged.unchanged += 1
        return
    judged.written.append(Written(kpi, heading.date, value, heading.span))
    if present is None:
        judged.new += 1
    else:
        judged.changed += 1


def counted(actuals: Actuals, heading: Heading) -> Decimal | None:
    """What counts at present for a column's day, week or month."""
    if heading.span in (WEEK, MONTH):
        values = actuals.weeks if heading.span == WEEK else actuals.months
        return values.get(first_of(heading.span, heading.date))
    day = [one for one in actuals.readings if one.span == heading.span and one.date == heading.date and one.by_hand]
    return day[-1].value if day else None


def same(present: Decimal, value: Decimal, kpi: KPI) -> bool:
    """Whether a number is the one that counts, as far as a file says it."""
    return present == value or (not kpi.is_rate and present.quantize(PLACES) == value.quantize(PLACES))


def about(heading: Heading, text: str, sentence: str) -> str:
    return _("%(column)s, “%(text)s”: %(sentence)s") % {"column": heading.text, "text": text[:40], "sentence": sentence}
