"""The library: sets of ours and the company's own, from which a draft is begun."""

import pytest

from objectives.models import Template, TemplateKeyResult
from objectives.queries.templates import key_result_named, sketch_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(cast) -> Template:
    template = Template.objects.create(
        organization=cast.organization, title="焙煎の香りが、商店街の朝をつくる", written_by=cast.manager
    )
    TemplateKeyResult.objects.create(template=template, title="朝の来店", unit="人", start_value=20, target_value=40)
    return template


def test_a_set_of_ours_is_a_draft_in_the_readers_language(cast):
    japanese = sketch_named(cast.member, "marketing-order", "ja")
    english = sketch_named(cast.member, "marketing-order", "en")
    assert japanese.title == "伝えたい話が、届けたい人に途切れず届いている"
    assert english.title == "The right stories keep reaching the right people"
    assert [row.unit for row in english.key_results] == ["", "", "visits"]


def test_an_own_template_is_a_draft_as_it_was_written(cast, own):
    sketch = sketch_named(cast.member, f"t{own.pk}", "en")
    assert sketch.title == own.title
    assert [(row.title, row.target_value) for row in sketch.key_results] == [("朝の来店", 40)]


@pytest.mark.parametrize("key", ["", "t", "t²", "t99999999", "marketing", "t-1", "further-measures"])
def test_what_is_no_set_begins_no_draft(cast, key):
    assert sketch_named(cast.member, key, "ja") is None


def test_partners_and_strangers_are_offered_no_template(cast, own):
    assert sketch_named(cast.partner, "marketing-order", "ja") is None
    assert sketch_named(cast.partner, f"t{own.pk}", "ja") is None
    assert sketch_named(cast.stranger, f"t{own.pk}", "ja") is None


def test_a_single_key_result_is_named_by_its_place(cast, own):
    assert key_result_named(cast.member, "further-measures", "5", "en").title == "Repeat rate"
    assert key_result_named(cast.member, f"t{own.pk}", "0", "ja").title == "朝の来店"
    assert key_result_named(cast.member, f"t{own.pk}", "1", "ja") is None
    assert key_result_named(cast.partner, "further-measures", "0", "ja") is None
