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


def keys(answer) -> list[str]:
    groups = [offer for _label, offers in answer.context["groups"] for offer in offers]
    return [offer.key for offer in (*answer.context["own"], *groups)]


def test_the_library_lists_ours_and_the_companys_own(cast, own, sign_in):
    answer = sign_in(cast.member).get(cast.url("library/"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert keys(answer)[0] == f"t{own.pk}"
    assert f"plan/objectives/new/?template={keys(answer)[1]}" in text
    assert "例：10,000回 → 12,000回" in text
    assert sign_in(cast.partner).get(cast.url("library/")).status_code == 403
    assert sign_in(cast.stranger).get(cast.url("library/")).status_code == 404


@pytest.mark.parametrize("words", ["nps", "ＮＰＳ", "recommend NPS", "すすめたくなる"])
def test_words_are_found_in_both_languages_whatever_their_width_and_case(cast, sign_in, words):
    assert "marketing-satisfaction" in keys(sign_in(cast.member).get(cast.url("library/"), {"q": words}))


def test_the_library_is_narrowed_by_area_and_by_whose(cast, own, sign_in):
    client = sign_in(cast.member)
    assert keys(client.get(cast.url("library/?area=sales"))) == ["sales-industry", "sales-deepen", "sales-facts"]
    assert keys(client.get(cast.url("library/?whose=own"))) == [f"t{own.pk}"]
    assert f"t{own.pk}" not in keys(client.get(cast.url("library/?whose=ours")))
    assert "other-weekly-talk" in keys(client.get(cast.url("library/?area=first-steps")))
    nothing = client.get(cast.url("library/?q=zzzz"))
    assert keys(nothing) == []
    assert "ライブラリ全体を見る" in nothing.content.decode()


def test_single_measures_are_added_to_a_draft_one_may_change(cast, sign_in):
    draft = cast.objective(state="draft", key_results=0)
    running = cast.objective(team=cast.online, owner=cast.colleague, title="別の目標")
    client = sign_in(cast.member)
    assert client.get(cast.url("library/")).context["drafts"] == [draft]
    chosen = client.get(cast.url(f"library/?objective={draft.pk}")).content.decode()
    assert f"objectives/{draft.pk}/key-results/new/?template=further-measures&amp;row=0" in chosen
    assert client.get(cast.url(f"library/?objective={running.pk}")).context["target"] is None
    assert client.get(cast.url("library/?objective=999999")).status_code == 404


@pytest.mark.parametrize("number", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_templates(
    cast, own, sign_in, number, django_assert_max_num_queries
):
    for index in range(number):
        template = Template.objects.create(organization=cast.organization, title=f"型 {index}", written_by=cast.manager)
        TemplateKeyResult.objects.create(template=template, title="来店")
    client = sign_in(cast.manager)
    with django_assert_max_num_queries(24):
        assert len(keys(client.get(cast.url("library/?q=型")))) >= number


def test_a_first_cycle_is_planned_with_a_calm_note_that_can_be_left(cast, sign_in):
    cast.cycle.is_first = True
    cast.cycle.save()
    client, board = sign_in(cast.admin), cast.url("plan/")
    leave = cast.url(f"cycles/{cast.cycle.pk}/first-steps/")
    assert leave in client.get(board).content.decode()
    member = sign_in(cast.member).get(board).content.decode()
    assert "library/?area=first-steps" in member
    assert leave not in member
    assert client.get(cast.url("library/")).context["is_first"]
    for _time in range(2):
        left = client.post(leave, {"to": "all"}, follow=True).content.decode()
    assert f"{leave}?to=first" in left
    cast.cycle.refresh_from_db()
    assert (cast.cycle.is_first, cast.cycle.version) == (False, 2)
    client.post(f"{leave}?to=first")
    cast.cycle.refresh_from_db()
    assert cast.cycle.is_first
    assert sign_in(cast.member).post(leave, {"to": "all"}).status_code == 403


def test_the_drafting_page_leads_to_the_library_and_back_with_what_was_chosen(cast, sign_in):
    client = sign_in(cast.manager)
    asked = f"cycle={cast.cycle.pk}&team={cast.sales.pk}"
    new = cast.url("plan/objectives/new/")
    assert (
        f'href="{cast.url("library/")}?{asked.replace("&", "&amp;")}"' in client.get(f"{new}?{asked}").content.decode()
    )
    library = client.get(cast.url(f"library/?{asked}&q=x")).content.decode()
    assert f'name="team" value="{cast.sales.pk}"' in library
    chosen = client.get(f"{new}?template=marketing-order&{asked}").content.decode()
    assert "伝えたい話が、届けたい人に途切れず届いている" in chosen
    assert "SNS・広告・メールからのサイト訪問数" in chosen
