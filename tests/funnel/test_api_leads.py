"""Leads through the API: added once, changed, moved, removed, and many at once."""

from uuid import uuid4

import pytest

from funnel.models import Lead
from tests.funnel.matrix import judged_matrix, make_lead, make_matrix, stage

pytestmark = pytest.mark.django_db


def leads(cast, tail=""):
    return f"/api/v1/o/{cast.organization.slug}/leads/{tail}"


def post(client, address, body, **headers):
    return client.post(address, body, content_type="application/json", headers=headers)


def patch(client, address, body, **headers):
    return client.patch(address, body, content_type="application/json", headers=headers)


def test_a_lead_is_added_by_its_stages_name_and_judged(cast, sign_in):
    matrix = judged_matrix(cast)
    body = {"matrix": matrix.pk, "company": "青葉精機", "industry": "製造", "employees": 300, "stage": "顕在化"}
    body |= {"moved_on": "2026-05-01", "revenue": "3.2億", "submission_key": str(uuid4()), "reason": "資料請求"}
    client = sign_in(cast.member)
    answer = post(client, leads(cast), body)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["fit"], said["stage_name"], said["since"], said["revenue"]) == (
        "A",
        "顕在化",
        "2026-05-01",
        320_000_000,
    )
    assert post(client, leads(cast), body).json()["id"] == said["id"]
    assert Lead.objects.count() == 1
    assert Lead.objects.get().moves.get().reason == "資料請求"


def test_a_lead_that_stands_there_is_a_conflict_answered_with_it_or_written_over(cast, sign_in):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, "青葉精機", reference="A-1")
    client = sign_in(cast.manager)
    for body in ({"company": "㈱青葉精機"}, {"company": "別の名前", "reference": "A-1"}):
        answer = post(client, leads(cast), body | {"matrix": matrix.pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "lead_known")
        assert answer.json()["current"]["id"] == lead.pk
    body = {"matrix": matrix.pk, "company": "青葉精機", "industry": "製造", "reference": "A-1"}
    answer = post(client, leads(cast, "?on_duplicate=update"), body)
    assert (answer.status_code, answer.json()["industry"], answer.json()["id"]) == (200, "製造", lead.pk)
    assert post(client, leads(cast, "?on_duplicate=other"), body).status_code == 400
    assert post(sign_in(cast.member), leads(cast, "?on_duplicate=update"), body).status_code == 403


def test_a_lead_is_changed_and_moved_by_its_version(cast, sign_in):
    matrix = judged_matrix(cast)
    lead = make_lead(matrix, cast.manager, owner=cast.member)
    client = sign_in(cast.member)
    here = leads(cast, f"{lead.pk}/")
    answer = patch(
        client,
        here,
        {"employees": 200, "industry": "製造", "stage": "アポ獲得", "reason": "日時が決まった"},
        **{"if-match": '"1"'},
    )
    assert answer.status_code == 200
    assert (answer.json()["fit"], answer.json()["stage_name"], answer.json()["version"]) == ("A", "アポ獲得", 3)
    assert [move.reason for move in lead.moves.order_by("id")] == ["", "", "日時が決まった"]
    stale = patch(client, here, {"stage": "受注"}, **{"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert patch(client, here, {"stage": "どこにもない"}).status_code == 400
    assert patch(client, here, {"stage": "受注", "moved_on": "2026-12-31"}).status_code == 400
    assert patch(client, here, {"fit": "C"}).json()["fit_is_set"] is True
    assert patch(client, here, {"fit": None}).json()["fit"] == "A"


def test_a_removed_lead_is_listed_no_more(cast, sign_in):
    lead = make_lead(make_matrix(cast.manager), cast.manager)
    client = sign_in(cast.manager)
    assert client.delete(leads(cast, f"{lead.pk}/")).status_code == 204
    assert client.get(leads(cast, f"{lead.pk}/")).status_code == 404
    assert client.get(leads(cast)).json()["count"] == 0


def test_leads_are_found_by_words_fit_and_stage(cast, sign_in, django_assert_max_num_queries):
    matrix = judged_matrix(cast)
    make_lead(matrix, cast.manager, "ミナト物流", contact="例野")
    make_lead(matrix, cast.manager, "青葉", industry="製造", stage=stage(matrix, "受注"))
    client = sign_in(cast.manager)
    for query, company in (
        ("q=みなと", "ミナト物流"),
        ("fit=B", "青葉"),
        (f"stage={stage(matrix, '受注').pk}", "青葉"),
    ):
        with django_assert_max_num_queries(14):
            found = client.get(leads(cast, f"?{query}&matrix={matrix.pk}")).json()["results"]
        assert [row["company"] for row in found] == [company]


def test_many_are_written_at_once_and_what_is_wrong_is_left_out(cast, sign_in):
    matrix = judged_matrix(cast)
    make_lead(matrix, cast.manager, "青葉")
    sent = [
        {"company": "青葉株式会社", "industry": "製造"},
        {"company": "新しい社", "stage": "案件化"},
        {"company": "段階違い", "stage": "ない段階"},
        {"company": "未来の社", "moved_on": "2027-01-01"},
        {"company": "大昔の社", "moved_on": "0001-01-01"},
    ]
    client = sign_in(cast.manager)
    answer = post(client, leads(cast, "batch/"), {"matrix": matrix.pk, "leads": sent})
    assert answer.status_code == 200
    said = answer.json()
    assert [said[name] for name in ("added", "changed", "unchanged", "wrong")] == [1, 1, 0, 3]
    assert [one["code"] for one in said["outcomes"]] == ["", "", "stage_unknown", "bad_date", "bad_date"]
    again = post(client, leads(cast, "batch/"), {"matrix": matrix.pk, "leads": sent[:2]}).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert post(sign_in(cast.member), leads(cast, "batch/"), {"matrix": matrix.pk, "leads": sent}).status_code == 403
    too_many = post(client, leads(cast, "batch/"), {"matrix": matrix.pk, "leads": sent * 200})
    assert too_many.status_code == 400


def test_partners_see_no_lead_and_members_change_no_others(cast, sign_in):
    lead = make_lead(make_matrix(cast.manager), cast.manager, owner=cast.colleague)
    assert sign_in(cast.partner).get(leads(cast)).json()["count"] == 0
    assert sign_in(cast.partner).get(leads(cast, f"{lead.pk}/")).status_code == 404
    assert patch(sign_in(cast.member), leads(cast, f"{lead.pk}/"), {"note": "x"}).status_code == 403
