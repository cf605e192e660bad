"""What becomes of health KPIs when people leave and teams end."""

from objectives.models import HealthKPI
from objectives.services import close_team, end_membership, merge_team
from people.models import Team
from tests.objectives.health import health_kpi


def test_who_leaves_hands_over_what_they_watch_else_it_stays_with_its_team(cast):
    kept, left = health_kpi(cast, owner=cast.colleague, team=cast.online), health_kpi(cast)
    end_membership(cast.colleague, by=cast.admin, successor=cast.manager)
    end_membership(cast.member, by=cast.admin)
    owners = dict(HealthKPI.objects.values_list("pk", "owner"))
    assert owners == {kept.pk: cast.manager.pk, left.pk: None}


def test_a_merged_team_brings_its_kpis_along_and_a_closed_one_watches_no_longer(cast):
    health_kpi(cast, name="不良率")
    for name in ("不良率", "在庫"):
        health_kpi(cast, name=name, team=cast.online)
    merge_team(cast.online, into=cast.sales, by=cast.admin)
    assert set(HealthKPI.objects.values_list("name", "team")) == {
        ("不良率", cast.sales.pk),
        ("不良率 (オンライン店)", cast.sales.pk),
        ("在庫", cast.sales.pk),
    }
    assert sorted(HealthKPI.objects.values_list("position", flat=True)) == [0, 1, 2]
    shop = Team.objects.create(organization=cast.organization, parent=cast.company, name="店")
    gone = health_kpi(cast, team=shop)
    close_team(shop, by=cast.admin)
    assert HealthKPI.objects.get(pk=gone.pk).retired_on == cast.organization.today
