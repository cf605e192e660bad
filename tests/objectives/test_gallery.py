"""The library that comes with the product: complete in both languages, sound as numbers, and to the coach's liking."""

import re
from decimal import Decimal

import pytest

from objectives.formulas.drafting.coach import check
from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Severity
from objectives.formulas.scoring import Measure, Step, check_measure
from objectives.formulas.sketches import KeyResultSketch
from objectives.formulas.units import Scale, doubts_on_measure
from objectives.gallery.sets import Money, Text
from objectives.gallery.shelf import MEASURES, SETS
from objectives.models import Area, KeyResult, Objective
from objectives.models import Step as StepRow
from people.services.units import KNOWN

LANGUAGES = ("ja", "en")
YEN = Money("円", is_yen=True)
JAPANESE = re.compile("[぀-ヿ㐀-鿿]")
ALL_MEASURED = [(one, measured) for one in (*SETS.values(), *MEASURES.values()) for measured in one.key_results]


def texts_of(one) -> list[Text]:
    texts = [one.title, one.why, one.helps]
    return texts + [text for row in one.key_results for text in (row.title, row.how, *row.steps)]


def measure_of(row: KeyResultSketch) -> Measure:
    """What is scored; a baseline that only the company knows may lie where the must-hit target does."""
    return Measure(
        kind=row.kind,
        start_value=row.must_hit_value if row.start_value is None else row.start_value,
        must_hit_value=row.must_hit_value,
        target_value=row.target_value,
        limit=row.limit or None,
        quota=row.quota,
        period=row.period or None,
        population=row.population,
        steps=tuple(Step(Decimal(1), False) for _ in row.steps),
    )


def told(row: KeyResultSketch) -> DraftKeyResult:
    """A key result with all that a set says of it; a baseline that only the company knows is not told."""
    aim = row.target_value or row.quota or row.population
    return DraftKeyResult(
        title=row.title,
        kind=row.kind,
        unit=row.unit or None,
        start_value=UNTOLD if row.start_value is None else row.start_value,
        must_hit_value=row.must_hit_value,
        target_value=aim,
        period=row.period or None,
        measured_how=row.measured_how or None,
        measure_type=row.measure_type,
    )


def test_the_library_has_all_sets_of_the_domain_and_something_for_every_team():
    counts = {area: sum(one.area == area for one in SETS.values()) for area in Area}
    assert counts[Area.MARKETING] == 8  # seven, and the café
    assert counts[Area.SALES] == 3
    assert all(counts.values())
    assert len(MEASURES["further-measures"].key_results) == 6
    assert 3 <= sum(one.is_for_beginners for one in SETS.values()) <= 6


@pytest.mark.parametrize("key", SETS)
def test_a_set_is_written_in_both_languages(key):
    for text in texts_of(SETS[key]):
        assert text.ja.strip()
        assert text.en.strip()
        assert JAPANESE.search(text.ja)
        assert not JAPANESE.search(text.en)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SETS)
def test_the_coach_has_nothing_to_say_against_a_set(key, language):
    sketch = SETS[key].sketch(language, YEN)
    draft = Draft(
        title=sketch.title,
        kind=sketch.kind,
        why=sketch.why,
        key_results=tuple(told(row) for row in sketch.key_results),
    )
    grave = [finding for finding in check(draft).findings if finding.severity is not Severity.HINT]
    assert grave == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coach_has_nothing_to_say_against_a_measure_that_stands_alone(language):
    lines = [measured.sketch(language, YEN) for one in MEASURES.values() for measured in one.key_results]
    findings = check(Draft(title="", key_results=tuple(told(line) for line in lines))).findings
    assert [finding for finding in findings if finding.where != "objective"] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("one", "measured"), ALL_MEASURED, ids=lambda part: getattr(part, "key", None))
def test_the_numbers_of_a_key_result_can_be_scored_and_suit_their_unit(one, measured, language):
    row = measured.sketch(language, YEN)
    check_measure(measure_of(row))
    known = next((unit for unit in KNOWN[language] if unit.name == row.unit), None)
    if known is not None:
        ends = [None if end is None else Decimal(end) for end in (known.minimum, known.maximum)]
        assert doubts_on_measure(measure_of(row), Scale(known.name, known.better, *ends)) == []
    if row.must_hit_value is not None:
        start, aim = row.start_value, row.population or row.target_value
        assert aim is not None
        assert start is None or min(start, aim) < row.must_hit_value < max(start, aim)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_the_column_it_is_copied_to(language):
    for one in SETS.values():
        sketch = one.sketch(language, YEN)
        assert len(sketch.title) <= Objective._meta.get_field("title").max_length
        assert len(sketch.why) <= Objective._meta.get_field("why").max_length
        for row in sketch.key_results:
            for name in ("title", "unit", "measured_how"):
                assert len(getattr(row, name)) <= KeyResult._meta.get_field(name).max_length
            assert all(len(step) <= StepRow._meta.get_field("title").max_length for step in row.steps)


def test_amounts_in_yen_are_left_out_where_a_company_counts_in_another_currency():
    row = SETS["marketing-leads"].sketch("en", Money("$", is_yen=False)).key_results[2]
    assert (row.unit, row.target_value) == ("$", None)
