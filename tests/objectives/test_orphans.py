"""Active objectives and key results of a cycle that lead to no KGI."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel.models import KGI, KPI
from objectives.models import Alignment, Cycle, ObjectiveShare, ObjectiveState
from objectives.queries.orphans import orphans_of
from objectives.services import drop_objective
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db


def named(cast, by=None):
    """Objectives that lead nowhere, and the key results named of each."""
    rows = orphans_of(by or cast.member, cast.cycle)
    return {row.title: [told["title"] for told in row.loose] for row in rows}


def measure(objective, kpi, number=0):
    key_result = objective.key_results.order_by("pk")[number]
    key_result.kpi = kpi
    key_result.save()
    return key_result


def test_only_what_has_no_kpi_and_no_chain_to_a_kgi_is_named(cast):
    kgi = make_kgi(cast)
    kpi = KPI.objects.create(kgi=kgi, key="visits", name="訪問")
    serving = cast.objective(kgi=kgi, title="上")
    helping, deeper = cast.objective(title="中"), cast.objective(title="下")
    Alignment.objects.create(child=helping, parent_objective=serving)
    Alignment.objects.create(child=deeper, parent_key_result=helping.key_results.first(), link="supports")
    measuring = cast.objective(title="測る")
    measured = measure(measuring, kpi)
    by_key_result, by_objective = cast.objective(title="KRを助ける"), cast.objective(title="目標を助ける")
    Alignment.objects.create(child=by_key_result, parent_key_result=measured)
    Alignment.objects.create(child=by_objective, parent_objective=measuring)
    beside = cast.objective(title="測らないKRを助ける")
    Alignment.objects.create(child=beside, parent_key_result=measuring.key_results.get(kpi=None))
    alone, below = cast.objective(title="ひとり"), cast.objective(title="ひとりを助ける")
    Alignment.objects.create(child=below, parent_objective=alone)
    both = ["結果 1", "結果 2"]
    assert named(cast) == {"測らないKRを助ける": both, "ひとり": both, "ひとりを助ける": both, "測る": ["結果 2"]}
    assert list(named(cast))[-1] == "測る"


def test_what_was_dropped_leads_nowhere_and_is_not_named(cast):
    kgi = make_kgi(cast)
    kpi = KPI.objects.create(kgi=kgi, key="visits", name="訪問")
    serving, helping = cast.objective(kgi=kgi, title="上"), cast.objective(title="中")
    Alignment.objects.create(child=helping, parent_objective=serving)
    measuring = cast.objective(title="測る")
    measure(measuring, kpi), measure(measuring, kpi, 1)
    assert named(cast) == {}
    drop_objective(serving, reason="やめる", by=cast.admin)
    assert list(named(cast)) == ["中"]
    KPI.objects.update(dropped_at=timezone.now())
    assert set(named(cast)) == {"中", "測る"}
    KPI.objects.update(dropped_at=None)
    KGI.objects.update(dropped_at=timezone.now())
    assert set(named(cast)) == {"中", "測る"}


def test_drafts_closed_ones_and_other_cycles_are_not_asked(cast):
    cast.objective(title="下書き", state=ObjectiveState.DRAFT)
    cast.objective(title="進行中")
    later = Cycle.objects.create(
        organization=cast.organization,
        name="次",
        start=cast.cycle.end + timedelta(days=1),
        end=cast.cycle.end + timedelta(days=90),
    )
    cast.objective(title="次の期間", cycle=later)
    assert list(named(cast)) == ["進行中"]


def test_the_page_says_what_to_do_to_whoever_can(cast, sign_in):
    mine, others = (
        cast.objective(title="自分の目標"),
        cast.objective(title="よその目標", team=cast.online, owner=cast.colleague),
    )
    answer = sign_in(cast.manager, language="en").get(cast.url("orphans/"))
    assert "4 key results lead to no KGI." in answer.text
    assert cast.url(f"objectives/{mine.pk}/align/") in answer.text
    assert cast.url(f"key-results/{mine.key_results.first().pk}/edit/") in answer.text
    assert cast.url(f"objectives/{others.pk}/align/") not in answer.text
    assert cast.url("orphans/") in sign_in(cast.manager).get(cast.url("plan/")).text
    make_kgi(cast)
    assert cast.url("orphans/") in sign_in(cast.manager).get(cast.url("kgis/")).text


def test_a_plan_without_orphans_says_so(cast, sign_in):
    cast.objective(kgi=make_kgi(cast))
    assert (
        "Every key result under way leads to a KGI."
        in sign_in(cast.member, language="en").get(cast.url("orphans/")).text
    )


def test_for_partners_there_is_no_such_page_and_no_way_to_it(cast, sign_in):
    """Of the few objectives they see they would be told that every one leads to a KGI, or that none does."""
    shared = cast.objective(title="共有された目標")
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    client = sign_in(cast.partner)
    assert client.get(cast.url("orphans/")).status_code == 404
    for page in ("plan/", "kgis/", "plan/alignment/"):
        assert cast.url("orphans/") not in client.get(cast.url(page)).text


def test_one_statement_finds_them_and_the_page_costs_the_same_with_many(cast, sign_in):
    client = sign_in(cast.member)
    cast.objective()
    with CaptureQueriesContext(connection) as seen:
        named(cast)
    assert len(seen) == 1

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(cast.url("orphans/")).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(4):
        cast.objective(title=f"目標{number}", key_results=3)
    assert queries() == few <= 20
