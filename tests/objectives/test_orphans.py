"""Key results that lead to no KGI."""

import pytest

from funnel.models import KPI
from objectives.models import Alignment
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db


def shown(client, cast):
    answer = client.get(cast.url("orphans/"))
    assert answer.status_code == 200
    return {key_result.title for key_result in answer.context["page"]}


def test_only_key_results_without_a_kpi_or_a_chain_to_a_kgi_are_named(cast, sign_in):
    kgi = make_kgi(cast)
    kpi = KPI.objects.create(kgi=kgi, key="visits", name="訪問")
    serving = cast.objective(kgi=kgi, title="上")
    helping, deeper = cast.objective(title="中"), cast.objective(title="下")
    Alignment.objects.create(child=helping, parent_objective=serving)
    Alignment.objects.create(child=deeper, parent_key_result=helping.key_results.first())
    alone, measuring = cast.objective(title="ひとり"), cast.objective(title="測る")
    alone.key_results.update(title="行き先なし")
    measuring.key_results.filter(pk=measuring.key_results.first().pk).update(kpi=kpi)
    measuring.key_results.filter(kpi=None).update(title="測らない")
    measured_by = cast.objective(title="測るKRを助ける")
    Alignment.objects.create(child=measured_by, parent_key_result=measuring.key_results.get(kpi=kpi))
    assert shown(sign_in(cast.member), cast) == {"行き先なし", "測らない"}


def test_queries_do_not_grow_with_key_results(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.member)
    cast.objective()
    with django_assert_max_num_queries(20) as few:
        shown(client, cast)
    for number in range(4):
        cast.objective(title=f"目標{number}", key_results=3)
    with django_assert_max_num_queries(len(few)):
        shown(client, cast)
