"""The list of KGIs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI
from funnel.services import drop_kgi, save_kgi
from objectives.services import drop_objective
from people.refusals import Refusal
from tests.funnel.plans import make_kgi, plan_funnel, share

pytestmark = pytest.mark.django_db


def page(cast, client):
    return client.get(cast.url("kgis/"))


def test_an_empty_list_teaches_what_a_kgi_is_and_offers_to_write_one(cast, sign_in):
    answer = page(cast, sign_in(cast.manager, language="en"))
    assert answer.status_code == 200
    assert "There is no KGI yet." in answer.text
    assert "Write the first KGI" in answer.text
    assert "Write the first KGI" not in page(cast, sign_in(cast.member, language="en")).text


def test_the_list_shows_values_period_funnel_and_objectives(cast, sign_in):
    kgi = make_kgi(cast, current_value=Decimal(33_000_000), must_hit_value=Decimal(60_000_000))
    cast.objective(kgi=kgi)
    drop_objective(cast.objective(kgi=kgi), reason="方針が変わった", by=cast.admin)
    text = page(cast, sign_in(cast.member)).text
    for shown in ("年間売上", "3,300", "6,000", "3.03倍"):
        assert shown in text
    assert "1 Apr 2026 – 31 Mar 2027" in page(cast, sign_in(cast.member, language="en")).text
    assert page(cast, sign_in(cast.member)).context["rows"][0]["kgi"].objective_count == 1


def test_a_kgi_that_is_not_finished_says_what_to_write_instead(cast, sign_in):
    make_kgi(cast, name="Raise sales", challenge_value=None)
    text = page(cast, sign_in(cast.member, language="en")).text
    assert "The name is a wish, not a number." in text
    assert "1 of them is not finished yet." in text


def test_a_partner_sees_only_what_is_shared_and_no_count_of_objectives(cast, sign_in):
    shared, hidden = make_kgi(cast, name="広告からの受注"), make_kgi(cast, name="全社の利益")
    share(shared, cast.partner)
    cast.objective(kgi=shared)
    answer = page(cast, sign_in(cast.partner))
    assert shared.name in answer.text
    assert hidden.name not in answer.text
    assert not hasattr(answer.context["rows"][0]["kgi"], "objective_count")
    assert "1件のKGIが共有されています。" in answer.text
    assert cast.url("orphans/") not in answer.text


def test_a_monitor_may_ask_for_the_head_alone(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.member)
    for path in ("", f"{kgi.pk}/", f"{kgi.pk}/funnel/"):
        assert client.head(cast.url(f"kgis/{path}")).status_code == 200


def test_a_stranger_meets_404(cast, sign_in):
    assert page(cast, sign_in(cast.stranger)).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, sign_in):
    client = sign_in(cast.member)
    make_kgi(cast)
    page(cast, client)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(cast, client)
    for number in range(30):
        kgi = make_kgi(cast, name=f"KGI {number}", period_end=make_kgi(cast).period_end + timedelta(days=number))
        plan_funnel(kgi)
    with CaptureQueriesContext(connection) as many:
        page(cast, client)
    assert len(many) == len(few)
    assert len(many) < 20


def test_a_dropped_kgi_is_gone_and_can_be_brought_back_from_the_next_page(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    answer = client.post(cast.url(f"kgis/{kgi.pk}/drop/"), {"reason": "方針が変わった"}, follow=True)
    assert answer.status_code == 200
    restore = cast.url(f"kgis/{kgi.pk}/restore/")
    assert restore in answer.text
    assert client.get(cast.url(f"kgis/{kgi.pk}/")).status_code == 404
    assert client.post(restore, follow=True).status_code == 200
    kgi.refresh_from_db()
    assert kgi.dropped_at is None


def test_dropping_asks_for_the_reason_and_the_list_keeps_it_beside_bringing_back(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    cast.objective(kgi=kgi)
    drop, restore = cast.url(f"kgis/{kgi.pk}/drop/"), cast.url(f"kgis/{kgi.pk}/restore/")
    assert drop in client.get(cast.url(f"kgis/{kgi.pk}/")).text
    assert "1 objective that serves it will lead nowhere." in client.get(drop).text
    refused = client.post(drop, {"reason": " "})
    assert refused.status_code == 422
    assert "Say why it is dropped" in refused.text
    kgi.refresh_from_db()
    assert kgi.dropped_at is None
    assert client.post(drop, {"reason": "利益で測ることにした"}).status_code == 302
    client.get(cast.url("plan/"))  # the message is read elsewhere, and gone
    text = page(cast, client).text
    assert "1 dropped KGI" in text
    assert "利益で測ることにした" in text
    assert restore in text
    assert restore not in page(cast, sign_in(cast.member)).text
    client.post(restore)
    kgi.refresh_from_db()
    assert kgi.dropped_reason == ""
    assert restore not in page(cast, client).text


def test_dropping_and_restoring_twice_is_harmless(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.executive)
    for _time in range(2):
        assert client.post(cast.url(f"kgis/{kgi.pk}/drop/"), {"reason": "方針が変わった"}).status_code == 302
    kgi.refresh_from_db()
    assert kgi.dropped_at is not None
    assert kgi.version == 2
    for _time in range(2):
        assert client.post(cast.url(f"kgis/{kgi.pk}/restore/")).status_code == 302
    kgi.refresh_from_db()
    assert (kgi.dropped_at, kgi.version) == (None, 3)


@pytest.mark.parametrize("act", ["drop", "restore"])
def test_readers_may_not_drop_or_restore_and_strangers_find_nothing(cast, sign_in, act):
    kgi = make_kgi(cast)
    share(kgi, cast.partner)
    assert sign_in(cast.member).post(cast.url(f"kgis/{kgi.pk}/{act}/")).status_code == 403
    assert sign_in(cast.partner).post(cast.url(f"kgis/{kgi.pk}/{act}/")).status_code == 403
    assert sign_in(cast.stranger).post(cast.url(f"kgis/{kgi.pk}/{act}/")).status_code == 404
    assert sign_in(cast.manager).get(cast.url(f"kgis/{kgi.pk}/restore/")).status_code == 405


def test_an_edit_without_its_version_is_out_of_date_and_brings_no_dropped_kgi_back(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    response = client.post(cast.url(f"kgis/{kgi.pk}/edit/"), {"name": "別の名前", "unit": "円"})
    assert response.status_code == 422
    late = KGI.objects.get(pk=kgi.pk)
    drop_kgi(kgi, reason="方針が変わった")
    with pytest.raises(Refusal):
        save_kgi(late)
    kgi.refresh_from_db()
    assert (kgi.name, kgi.dropped_at is None) == ("年間売上", False)


def test_a_kgi_with_a_tree_of_its_own_leads_to_it(cast, sign_in):
    kgi = make_kgi(cast)
    KPI.objects.create(kgi=kgi, key="revenue", name="年間売上", formula="visits * 2", is_goal=True)
    client = sign_in(cast.member)
    assert f"kgis/{kgi.pk}/tree/" not in client.get(cast.url("kgis/")).text
    KPI.objects.create(kgi=kgi, key="visits", name="訪問", position=1)
    assert f"kgis/{kgi.pk}/tree/" in client.get(cast.url("kgis/")).text
