"""Pages kept under a name: what of an address is kept, by whom it is found, and that it leads nowhere else."""

from pathlib import Path

import pytest

from people.models import SavedView
from people.refusals import Refusal
from people.services.saved_views import KEPT, MOST_VIEWS, change_view, kept_of, save_view

ROOT = Path(__file__).resolve().parents[2]
PAGE = "saved-views/?of=objectives"


def keep(membership, name="低い順", query="sort=score", **more):
    return save_view(membership, page="objectives", name=name, query=query, **more)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("sort=score&team=3&cycle=9&page=4", "team=3&sort=score"),
        ("next=//evil.example&sort=title#x", "sort=title%23x"),
        ("q=%00&sort=", ""),
        ("q=%E7%8F%88%E7%90%B2&q=a%26b", "q=%E7%8F%88%E7%90%B2&q=a%26b"),
        ("%ff=%ff;;;", ""),
    ],
)
def test_of_an_address_only_what_the_page_knows_is_kept(query, kept):
    assert kept_of("objectives", query) == kept
    assert kept_of("objectives", kept) == kept


def test_every_page_keeps_parameters_that_it_reads():
    sources = "".join(
        path.read_text()
        for folder in ("dashboards", "objectives/views", "objectives/queries", "objectives/forms", "static/js")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".js"}
    )
    unread = [name for names in KEPT.values() for name in names if f'"{name}"' not in sources]
    assert unread == []


def test_a_view_is_kept_from_the_address_one_is_on_chosen_and_changed(cast, sign_in):
    client = sign_in(cast.member)
    htmx = {
        "hx-request": "true",
        "hx-current-url": f"http://testserver{cast.url('objectives/')}?cycle=1&sort=score&x=y",
    }
    form = client.get(cast.url(PAGE), headers=htmx).context["form"]
    typed = {
        "name": "低い順",
        "is_shared": "on",
        "query": form["query"].value(),
        "submission_key": form["submission_key"].value(),
    }
    assert typed["query"] == "sort=score"
    for _twice in range(2):
        answer = client.post(cast.url(PAGE), typed, headers=htmx)
        assert answer.status_code == 200
        assert f'href="{cast.url("objectives/")}?sort=score" aria-current="true"' in answer.content.decode()
    view = SavedView.objects.get()
    assert (view.query, view.is_shared, view.membership) == ("sort=score", True, cast.member)
    assert client.post(cast.url(PAGE), typed | {"submission_key": "", "name": "もう一つ"}).status_code == 302
    again = client.post(cast.url(PAGE), typed | {"submission_key": ""}, headers=htmx)
    assert again.status_code == 422
    assert 'value="低い順"' in again.content.decode()
    changed = client.post(cast.url(f"saved-views/{view.pk}/"), {"name": "低い目標から"})
    assert changed["Location"] == f"{cast.url('objectives/')}?sort=score"
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("低い目標から", False)
    assert client.post(cast.url(f"saved-views/{view.pk}/"), {"name": "もう一つ"}).status_code == 422


def test_what_is_sent_never_leads_elsewhere(cast, sign_in):
    client = sign_in(cast.member)
    for query in ("", "cycle=1", "next=https://evil.example", "//evil.example/?sort"):
        assert client.post(cast.url(PAGE), {"name": "外", "query": query}).status_code == 422
    kept = client.post(cast.url(PAGE), {"name": "外", "query": "q=//evil.example&next=//evil.example"})
    assert kept["Location"] == f"{cast.url('objectives/')}?q=%2F%2Fevil.example"
    assert client.get(cast.url("saved-views/?of=login")).status_code == 404


def test_a_deletion_is_taken_back(cast, sign_in):
    client = sign_in(cast.member)
    view = keep(cast.member, is_shared=True)
    deleted = client.post(cast.url(f"saved-views/{view.pk}/delete/"), headers={"hx-request": "true"})
    assert cast.url(f"saved-views/{view.pk}/restore/") in deleted.content.decode()
    assert not SavedView.objects.exists()
    assert sign_in(cast.admin).post(cast.url(f"saved-views/{view.pk}/restore/")).status_code == 404
    for _twice in range(2):
        assert client.post(cast.url(f"saved-views/{view.pk}/restore/")).status_code == 302
    back = SavedView.objects.get()
    assert (back.pk, back.name, back.query, back.is_shared) == (view.pk, "低い順", "sort=score", True)


def test_ones_own_are_ones_own_and_shared_ones_are_everybodys_but_partners(cast, sign_in):
    own, shared = keep(cast.member, "自分だけ"), keep(cast.member, "みんなで", is_shared=True)
    seen = sign_in(cast.colleague).get(cast.url(PAGE)).content.decode()
    assert ("自分だけ" in seen, "みんなで" in seen) == (False, True)
    assert "みんなで" not in sign_in(cast.partner).get(cast.url(PAGE)).content.decode()
    for who, row, status in (
        (cast.colleague, own, 404),
        (cast.colleague, shared, 403),
        (cast.stranger, shared, 404),
        (cast.admin, own, 404),
        (cast.admin, shared, 302),
    ):
        assert sign_in(who).post(cast.url(f"saved-views/{row.pk}/delete/")).status_code == status
    with pytest.raises(Refusal, match=r"パートナー|partner"):
        keep(cast.partner, is_shared=True)
    assert keep(cast.partner).is_shared is False


def test_a_person_keeps_at_most_fifty(cast):
    for number in range(MOST_VIEWS):
        view = keep(cast.member, f"表示 {number}")
    with pytest.raises(Refusal) as refused:
        keep(cast.member, "多すぎる")
    assert refused.value.code == "too_many_views"
    with pytest.raises(Refusal) as refused:
        change_view(view, by=cast.member, name="表示 1", is_shared=False)
    assert refused.value.code == "name_taken"
