"""What an open dashboard asks each second: cheap while nothing moves, and only for whoever belongs there."""

import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KGIShare
from objectives import rollup
from objectives.models import ObjectiveShare
from people.live import moved, raise_version, version_of
from tests.dashboards.test_company import report
from tests.funnel.plans import make_kgi

ADDRESS = "company/version/"


def test_the_number_rises_with_a_check_in_and_is_answered_once(cast, sign_in):
    objective = cast.objective()
    rollup.drain()
    client = sign_in(cast.member)
    before = client.get(cast.url(ADDRESS))
    assert before.json() == {"version": version_of(cast.organization.pk)}
    assert client.get(cast.url(ADDRESS), headers={"if-none-match": before["ETag"]}).status_code == 304
    report(cast, objective, 30)
    rollup.drain()
    after = client.get(cast.url(ADDRESS), headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert after.json()["version"] > before.json()["version"]
    assert "no-store" in after["Cache-Control"]
    again = client.get(cast.url(ADDRESS), headers={"if-none-match": f"W/{after['ETag']}"})
    assert (again.status_code, again.content) == (304, b"")


def test_a_partners_number_moves_with_what_is_shared_and_tells_nothing_of_others(cast, sign_in):
    shared, other = cast.objective(), cast.objective(title="社内の目標")
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    kgi = make_kgi(cast)
    KGIShare.objects.create(kgi=kgi, membership=cast.partner)
    rollup.drain()
    client = sign_in(cast.partner)

    def number() -> int:
        page = client.get(cast.url("company/")).content.decode()
        asked = client.get(cast.url(ADDRESS)).json()["version"]
        assert f'data-version="{asked}"' in page
        return asked

    first = number()
    report(cast, other, 30)
    rollup.drain()
    raise_version(cast.organization.pk)
    assert number() == first
    report(cast, shared, 30)
    rollup.drain()
    second = number()
    assert second != first
    KGI.objects.filter(pk=kgi.pk).update(current_value=5, version=2)
    assert number() != second


def test_a_stranger_and_whoever_left_are_told_of_nothing(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url(ADDRESS)).status_code == 404
    client = sign_in(cast.member)
    assert client.get(cast.url(ADDRESS)).status_code == 200
    cast.member.left_on = cast.organization.today
    cast.member.save()
    assert client.get(cast.url(ADDRESS)).status_code == 404


def test_a_question_without_news_costs_signing_in_and_one_read(cast, sign_in):
    raise_version(cast.organization.pk)
    client = sign_in(cast.member)
    tag = {"if-none-match": client.get(cast.url(ADDRESS))["ETag"]}
    with CaptureQueriesContext(connection) as asked:
        assert client.get(cast.url(ADDRESS), headers=tag).status_code == 304
    assert len(asked) == 3  # session, person, number
    assert sum("people_liveversion" in query["sql"] for query in asked) == 1

    def cost(address: str, **more) -> float:
        began = time.process_time()
        for _turn in range(30):
            client.get(address, **more)
        return time.process_time() - began

    trivial = min(cost("/theme/") for _turn in range(3))  # refuses a GET: what any signed-in answer costs
    assert min(cost(cast.url(ADDRESS), headers=tag) for _turn in range(3)) < 4 * trivial


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_moves_nothing(cast):
    before = version_of(cast.organization.pk)
    with transaction.atomic():
        moved(cast.organization.pk)
        transaction.set_rollback(True)
    assert version_of(cast.organization.pk) == before
    with transaction.atomic():
        moved(cast.organization.pk)
        assert version_of(cast.organization.pk) == before
    assert version_of(cast.organization.pk) == before + 1
