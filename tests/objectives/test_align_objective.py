"""Saying what an objective helps."""

import pytest

from objectives import services
from objectives.models import Alignment, Level, ObjectiveState


@pytest.fixture
def top(cast):
    return cast.objective(title="全社の目標", team=cast.company, level=Level.COMPANY, owner=cast.executive)


def url(cast, objective):
    return cast.url(f"objectives/{objective.pk}/align/")


def test_what_stands_above_is_suggested_with_its_key_results(cast, top, sign_in):
    child, beside = cast.objective(title="下の目標"), cast.objective(title="よその目標", team=cast.online)
    found = sign_in(cast.manager).get(url(cast, child)).context["found"]
    assert top in found
    assert beside not in found
    assert child not in found
    assert len(found[0].shown_key_results) == 2


def test_a_search_finds_titles_teams_and_key_results(cast, sign_in):
    child = cast.objective()
    other = cast.objective(title="検索で北海道の珈琲といえば", team=cast.online, key_results=0, state="draft")
    cast.key_result(other, title="検索順位")
    client = sign_in(cast.manager)
    for words in ("北海道", "順位", "オンライン店", "北海道 順位"):
        assert client.get(url(cast, child), {"q": words}).context["found"] == [other]
    assert client.get(url(cast, child), {"q": "見当たらない"}).context["found"] == []
    part = client.get(url(cast, child), {"q": "順位"}, headers={"hx-request": "true", "hx-target": "found"})
    assert part.content.decode().strip().startswith('<div id="found"')


def test_closed_cycles_dropped_and_foreign_goals_are_not_offered(cast, top, sign_in):
    child = cast.objective()
    services.drop_objective(top, reason="x", by=cast.admin)
    client = sign_in(cast.manager)
    assert client.get(url(cast, child), {"q": "全社"}).context["found"] == []
    foreign = {"parent": "999999", "link": "contributes"}
    assert client.post(url(cast, child), {"parent": str(top.pk), "link": "contributes"}).status_code == 404
    assert client.post(url(cast, child), foreign).status_code == 404


def test_an_objective_contributes_to_a_key_result_with_a_weight(cast, top, sign_in):
    child, key_result = cast.objective(), top.key_results.first()
    client = sign_in(cast.admin)
    data = {"parent": f"k{key_result.pk}", "link": "contributes", "weight": "０．５"}
    for _again in range(2):
        assert client.post(url(cast, child), data).status_code == 302
    alignment = Alignment.objects.get()
    assert (alignment.parent_key_result, alignment.link, alignment.weight) == (key_result, "contributes", 0.5)
    assert key_result.title in client.get(url(cast, child)).content.decode()


def test_support_carries_no_weight(cast, top, sign_in):
    child = cast.objective()
    sign_in(cast.manager).post(url(cast, child), {"parent": top.pk, "link": "supports", "weight": "3"})
    assert Alignment.objects.get().weight is None


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"link": "contributes"}, "parent"),
        ({"parent": "x", "link": "contributes"}, "parent"),
        ({"parent": "k", "link": "contributes"}, "parent"),
        ({"parent": "1", "link": "loves"}, "link"),
        ({"parent": "1", "link": "contributes", "weight": "△1"}, "weight"),
        ({"parent": "1", "link": "contributes", "weight": "たくさん"}, "weight"),
        ({"parent": "1", "link": "contributes", "weight": "10000"}, "weight"),
    ],
)
def test_bad_input_is_said_beside_its_field(cast, sign_in, data, where):
    response = sign_in(cast.manager).post(url(cast, cast.objective()), data)
    assert response.status_code == 422
    assert where in response.context["form"].errors


def test_a_loop_is_refused_with_a_sentence(cast, sign_in):
    child, parent = cast.objective(title="下"), cast.objective(title="上")
    services.align(parent, to=child)
    client = sign_in(cast.manager, language="en")
    response = client.post(url(cast, child), {"parent": parent.pk, "link": "contributes"})
    assert response.status_code == 422
    assert "would be a loop" in response.content.decode()
    assert Alignment.objects.count() == 1


def test_a_connection_taken_away_can_be_put_back_at_once(cast, top, sign_in):
    child = cast.objective()
    alignment = services.align(child, to=top.key_results.first(), weight=0.25)
    client = sign_in(cast.manager)
    response = client.post(url(cast, child), {"remove": alignment.pk}, follow=True)
    assert not Alignment.objects.exists()
    (message,) = response.context["messages"]
    assert client.post(message.extra_tags).status_code == 302
    restored = Alignment.objects.get()
    assert (restored.parent_key_result, restored.weight) == (top.key_results.first(), 0.25)


def test_taking_away_twice_or_anothers_connection_changes_nothing(cast, top, sign_in):
    child, other = cast.objective(), cast.objective()
    foreign = services.align(other, to=top)
    mine = services.align(child, to=top)
    client = sign_in(cast.manager)
    for pk in (mine.pk, mine.pk, foreign.pk):
        assert client.post(url(cast, child), {"remove": pk}).status_code == 302
    assert list(Alignment.objects.all()) == [foreign]
    assert client.post(url(cast, child), {"remove": "x"}).status_code == 404


def test_a_members_own_draft_may_be_aligned_by_its_owner(cast, top, sign_in):
    child = cast.objective(owner=cast.member, state=ObjectiveState.DRAFT)
    response = sign_in(cast.member).post(url(cast, child), {"parent": top.pk, "link": "contributes"})
    assert response.status_code == 302


def test_a_weight_is_set_by_whoever_may_edit_the_parent_alone(cast, top, sign_in):
    child = cast.objective(owner=cast.member)
    client, data = sign_in(cast.member, language="en"), {"parent": top.pk, "link": "contributes"}
    assert 'name="weight"' not in client.get(url(cast, child)).content.decode()
    response = client.post(url(cast, child), data | {"weight": "1000"})
    assert response.status_code == 422
    assert "The weight is up to those who write" in response.content.decode()
    assert not Alignment.objects.exists()
    assert client.post(url(cast, child), data).status_code == 302
    assert Alignment.objects.get().weight is None
    lead = sign_in(cast.admin)
    assert 'name="weight"' in lead.get(url(cast, child)).content.decode()
    assert lead.post(url(cast, child), data | {"weight": "0.4"}).status_code == 302
    assert client.post(url(cast, child), data).status_code == 302
    assert Alignment.objects.get().weight == 0.4
    assert lead.post(url(cast, child), data | {"weight": ""}).status_code == 302
    assert Alignment.objects.get().weight is None


def test_putting_back_takes_no_invented_weight(cast, top, sign_in):
    child = cast.objective()
    client = sign_in(cast.manager)
    address = url(cast, child) + f"?parent={top.pk}&link=contributes"
    assert client.post(address + "&weight=900").status_code == 422
    assert client.post(address + "&kept=WzEsOTAwXQ:x").status_code == 302
    assert Alignment.objects.get().weight is None
