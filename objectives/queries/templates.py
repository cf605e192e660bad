"""What the library offers somebody: the sets that come with the product, and the organization's own templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from objectives.formulas.sketches import KeyResultSketch, Sketch
from objectives.gallery.sets import Money, Set
from objectives.gallery.shelf import MEASURES, SETS
from objectives.models import Area, Kind, MeasureType, Template, TemplateKeyResult
from people.access import read_id
from people.models import Membership
from people.search import Query, fold
from people.services.units import unit_of_money

OWN = "t"


@dataclass(frozen=True)
class Line:
    """A key result of the library as it is listed: what it is, and the key and the place it is named by."""

    key: str
    place: int
    sketch: KeyResultSketch

    @property
    def kind_label(self) -> str:
        return str(Kind(self.sketch.kind).label)

    @property
    def type_label(self) -> str:
        return str(MeasureType(self.sketch.measure_type).label)


@dataclass
class Offer:
    """A set of the library as it is listed: `template` is the organization's own row, None for ours.

    `words` is all that can be searched for in it, in both languages where there are both.
    """

    key: str
    area: str
    helps: str
    sketch: Sketch
    is_for_beginners: bool = False
    template: Template | None = None
    may_edit: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def area_label(self) -> str:
        return str(Area(self.area).label)

    @property
    def lines(self) -> list[Line]:
        return [Line(self.key, place, sketch) for place, sketch in enumerate(self.sketch.key_results)]


def key_of(template: Template) -> str:
    return f"{OWN}{template.pk}"


def money_of(membership: Membership) -> Money:
    currency = membership.organization.currency
    return Money(unit_of_money(currency), is_yen=currency == "JPY")


def sketch_named(membership: Membership, key: str, language: str) -> Sketch | None:
    """What a draft is begun with: `marketing-order` is a set of ours in that language, `t12` one of the company's own.

    None for what does not exist or cannot be seen; partners are offered nothing.
    """
    if membership.is_partner:
        return None
    if key in SETS:
        return SETS[key].sketch(language, money_of(membership))
    template = own_named(membership, key)
    return None if template is None else sketch_of(template)


def key_result_named(membership: Membership, key: str, row: str, language: str) -> KeyResultSketch | None:
    """One key result of a set, or one that stands by itself, by its place from 0. None as for `sketch_named`."""
    if membership.is_partner:
        return None
    if key in MEASURES:
        money = money_of(membership)
        rows = tuple(measured.sketch(language, money) for measured in MEASURES[key].key_results)
    else:
        sketch = sketch_named(membership, key, language)
        rows = sketch.key_results if sketch is not None else ()
    place = int(row) if row.isascii() and row.isdigit() and len(row) < 3 else len(rows)
    return rows[place] if place < len(rows) else None


def own_named(membership: Membership, key: str) -> Template | None:
    """The organization's own template of this key, as far as the person may see it."""
    number = read_id(key.removeprefix(OWN)) if key.startswith(OWN) else None
    if number is None:
        return None
    return Template.objects.visible_to(membership).prefetch_related("key_results").filter(pk=number).first()


def sketch_of(template: Template) -> Sketch:
    """An own template as something to begin a draft with."""
    return Sketch(
        title=template.title,
        why=template.why,
        kind=template.kind,
        key_results=tuple(sketch_of_row(row) for row in template.key_results.all()),
    )


def sketch_of_row(row: TemplateKeyResult) -> KeyResultSketch:
    return KeyResultSketch(
        title=row.title,
        kind=row.kind,
        unit=row.unit,
        start_value=row.start_value,
        must_hit_value=row.must_hit_value,
        target_value=row.target_value,
        limit=row.limit,
        quota=row.quota,
        period=row.period,
        population=row.population,
        measured_how=row.measured_how,
        measure_type=row.measure_type,
        steps=tuple(row.steps),
    )


def own_offers(membership: Membership) -> list[Offer]:
    """The organization's own templates, the newest first."""
    editable = set(Template.objects.editable_by(membership).values_list("pk", flat=True))
    rows = (
        Template.objects.visible_to(membership)
        .select_related("written_by__user")
        .prefetch_related("key_results")
        .order_by("-pk")
    )
    offers = []
    for row in rows:
        sketch = sketch_of(row)
        words = [row.title, row.why, row.note, *(part for each in sketch.key_results for part in words_of(each))]
        offers.append(
            Offer(key_of(row), row.area, row.note, sketch, template=row, may_edit=row.pk in editable, words=words)
        )
    return offers


def our_offers(membership: Membership, language: str) -> list[Offer]:
    """The sets that come with the product, in the order of the areas."""
    money = money_of(membership)
    return [
        Offer(
            key=one.key,
            area=one.area,
            helps=one.helps.said_in(language),
            sketch=one.sketch(language, money),
            is_for_beginners=one.is_for_beginners,
            words=words_of_set(one),
        )
        for one in SETS.values()
    ]


def words_of_set(one: Set) -> list[str]:
    texts = [*one.title, *one.why, *one.helps]
    for measured in one.key_results:
        texts += [*measured.title, *measured.how, *(word for step in measured.steps for word in step)]
    return texts


def words_of(sketch: KeyResultSketch) -> Iterable[str]:
    return (sketch.title, sketch.measured_how, *sketch.steps)


def that_answer(offers: list[Offer], typed: str) -> list[Offer]:
    """Those in which all the words stand, whichever width, case or kana they were typed in; all where none is typed."""
    texts = ["\n".join([offer.area_label, *offer.words]) for offer in offers]
    return [offer for offer, answers in zip(offers, answering(texts, typed), strict=True) if answers]


def answering(texts: list[str], typed: str) -> list[bool]:
    query = Query.of(typed)
    if not query:
        return [True] * len(texts)
    return [all(word in text for word in query.words) for text in fold(texts)]


def single_measures(membership: Membership, language: str, typed: str = "") -> list[Line]:
    """The key results that belong to no set, as far as they answer what was typed."""
    money = money_of(membership)
    lines, texts = [], []
    for measures in MEASURES.values():
        for place, measured in enumerate(measures.key_results):
            lines.append(Line(measures.key, place, measured.sketch(language, money)))
            texts.append("\n".join([*measured.title, *measured.how]))
    return [line for line, answers in zip(lines, answering(texts, typed), strict=True) if answers]
