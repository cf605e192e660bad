"""Naming a person: chosen from a list while it is short, typed where the organization is large."""

import pytest
from django import forms

from people.forms import MOST_IN_A_LIST, MOST_SUGGESTED, PersonField, TeamField, find_people
from people.models import Membership, Role, Team, User

ODD = ["²", "９", "9" * 4_500, "a\0b", "\0", "12\0"]


@pytest.fixture
def many(cast):
    """The cast among so many colleagues that nobody wants them as a list."""
    users = User.objects.bulk_create(
        User(email=f"{number}@hokuto.example", name=f"田中 {number:02}", reading=f"たなか {number:02}")
        for number in range(MOST_IN_A_LIST)
    )
    Membership.objects.bulk_create(
        Membership(organization=cast.organization, user=user, role=Role.MEMBER) for user in users
    )
    return Membership.objects.filter(organization=cast.organization).colleagues()


def people_of(cast):
    return Membership.objects.filter(organization=cast.organization).colleagues()


def refusal(field, value):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    return refused.value


def test_a_small_organization_is_chosen_from(cast):
    field = PersonField(people_of(cast), required=False)
    offered = dict(field.widget.choices)
    assert offered[cast.member.pk] == "山本 翔"
    assert offered[""] == "–"
    assert cast.partner.pk not in offered
    assert cast.stranger.pk not in offered
    assert field.clean(str(cast.member.pk)) == cast.member
    assert field.clean("") is None


def test_whoever_must_be_named_cannot_be_nobody(cast):
    field = PersonField(people_of(cast))
    assert "" not in dict(field.widget.choices)
    assert refusal(field, " ").code == "required"


@pytest.mark.parametrize("outside", ["partner", "stranger"])
def test_nobody_from_outside_is_taken_by_number_name_or_address(cast, outside):
    person = getattr(cast, outside)
    field = PersonField(people_of(cast))
    for typed in (str(person.pk), person.user.name, person.user.email):
        assert refusal(field, typed).code == "unknown"


def test_in_a_large_organization_one_types(cast, many):
    field = PersonField(many, suggestions="/people/")
    assert isinstance(field.widget, forms.TextInput)
    assert field.widget.attrs["hx-get"] == "/people/"
    for typed in ("山本 翔", "山本", "翔", "MEMBER@hokuto.example", str(cast.member.pk), "  山本 "):
        assert field.clean(typed) == cast.member


def test_several_who_fit_are_named(cast, many):
    refused = refusal(PersonField(many), "田中")
    assert refused.code == "ambiguous"
    assert refused.params["names"].count("@hokuto.example") == 5


def test_an_exact_name_wins_over_those_that_hold_it(cast, many):
    field = PersonField(many)
    User.objects.filter(email="1@hokuto.example").update(name="田中")
    assert field.clean("田中").user.email == "1@hokuto.example"


def test_namesakes_are_told_apart_by_their_address(cast, many):
    field = PersonField(many)
    User.objects.filter(email="1@hokuto.example").update(name="山本 翔")
    shown = field.prepare_value(cast.member)
    assert shown == "山本 翔 member@hokuto.example"
    assert field.clean(shown) == cast.member
    assert refusal(field, "山本 翔").code == "ambiguous"


def test_what_is_saved_is_shown_as_it_can_be_typed(cast, many):
    field = PersonField(many)
    assert field.prepare_value(cast.member) == field.prepare_value(cast.member.pk) == "山本 翔"
    assert field.prepare_value("田中") == "田中"
    assert PersonField(people_of(cast).filter(pk=cast.member.pk)).prepare_value(cast.member) == cast.member.pk


@pytest.mark.parametrize("typed", ODD)
def test_odd_input_is_refused_and_shown_again(cast, many, typed):
    for field in (PersonField(people_of(cast).exclude(user__name__startswith="田中")), PersonField(many)):
        assert refusal(field, typed).code in {"unknown", "null_characters_not_allowed", "too_long"}
        assert field.prepare_value(typed) == typed
        assert field.has_changed(cast.member.pk, typed)


def test_a_name_longer_than_any_is_refused(cast, many):
    assert refusal(PersonField(many), "田" * 401).code == "too_long"


def test_only_another_person_is_a_change(cast, many):
    field = PersonField(many, required=False)
    assert not field.has_changed(cast.member, "山本")
    assert not field.has_changed(cast.member.pk, str(cast.member.pk))
    assert not field.has_changed(None, "")
    assert field.has_changed(cast.member, "")
    assert field.has_changed(cast.member, "伊藤")


def test_every_word_must_fit_whether_name_reading_or_address(cast, many):
    assert [person.user.name for person in find_people(many, "たなか 07")] == ["田中 07"]
    assert list(find_people(many, "山本 member@")) == [cast.member]
    assert not find_people(many, "山本 伊藤").exists()
    assert find_people(many, "田中").count() > MOST_SUGGESTED


@pytest.mark.parametrize("typed", ["²", "a\0b", "9" * 4_500])
def test_a_form_with_an_odd_owner_is_drawn_again_with_its_error(cast, many, sign_in, typed):
    objective = cast.objective()
    client = sign_in(cast.admin)
    for path in (
        "plan/objectives/new/",
        f"objectives/{objective.pk}/edit/",
        f"objectives/{objective.pk}/key-results/new/?kind=reach",
        f"key-results/{objective.key_results.first().pk}/edit/",
        "kgis/new/",
    ):
        assert client.post(cast.url(path), {"owner": typed}).status_code == 422, path


def test_teams_are_offered_as_a_tree(cast):
    inner = Team.objects.create(organization=cast.organization, parent=cast.sales, name="東日本")
    field = TeamField(Team.objects.filter(organization=cast.organization), empty_label=None)
    assert [name.count("\u3000") for _pk, name in field.choices] == [0, 1, 2, 1]
    assert field.clean(str(inner.pk)) == inner
    elsewhere = Team.objects.exclude(organization=cast.organization).get()
    assert refusal(field, str(elsewhere.pk)).code == "invalid_choice"
