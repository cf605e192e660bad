"""The board of health KPIs, its grid, and the page of one."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.models import Action, HealthKPI, HealthKPIReading, Period
from tests.objectives.health import LAST_WEEK, WEEK_BEFORE, health_kpi, read

WEEKS = [date(2026, 3, 23), date(2026, 5, 18)]
JAPANESE_NUMBERS = [("１，２００", "1200"), ("△5", "-5"), ("3.2億", "320000000")]


def sent(kpi: HealthKPI, seen: str = "||||||||", **cells: str) -> dict[str, str]:
    """What the grid sends of one row; `seen` is what stood in its nine cells."""
    columns = " ".join(f"{first:%Y-%m-%d}" for first in weeks())
    named = {f"{name[0]}-{kpi.pk}-{name[1:]}".replace("_", "-"): text for name, text in cells.items()}
    return {"columns-week": columns, f"s-{kpi.pk}": seen} | named


def weeks() -> list[date]:
    return [date.fromordinal(WEEKS[0].toordinal() + 7 * number) for number in range(9)]


def test_the_board_says_which_is_outside_and_for_how_long(cast, sign_in):
    read(health_kpi(cast), cast.member, "1.2", "1.3", "1.4")
    read(health_kpi(cast, name="在庫日数", unit="日", lower=Decimal(20), upper=Decimal(45)), cast.member, 30, 31, 30)
    page = sign_in(cast.colleague).get(cast.url("health-kpis/")).content.decode()
    finding = re.search(r"<h1.*?</h1>", page, re.S).group()
    assert "2件のうち1件が基準の外です。" in finding
    assert "焙煎の不良率は3週つづけて基準の外。" in finding
    assert page.count('class="plot corridor"') == 4  # one for each KPI, two in the legend
    assert "71%" in page
    assert "20〜45日" in page
    assert "基準 ≤ 1%" in page


def test_an_empty_board_teaches_and_offers_the_first_one_to_who_may(cast, sign_in):
    assert "KPIを追加" in sign_in(cast.manager).get(cast.url("health-kpis/")).content.decode()
    assert "KPIを追加" not in sign_in(cast.member).get(cast.url("health-kpis/")).content.decode()


def test_a_board_of_thirty_is_light_and_asks_as_little_as_one_of_three(cast, sign_in):
    client = sign_in(cast.admin)
    counted = []
    for names in (range(3), range(3, 30)):
        for number in names:
            kpi = health_kpi(cast, name=f"出荷の遅れと欠品（{number}番倉庫）", unit="件")
            read(kpi, cast.member, 1, 2, 1, "0.5", 1, 3, 1, 2 if number % 10 == 0 else 1)
        for view in ("health-kpis/", "health-kpis/?view=grid"):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(cast.url(view))
            counted.append(len(queries))
            assert len(page.content) < 60_000, view
    assert counted[:2] == counted[2:]


@pytest.mark.parametrize(("typed", "meant"), JAPANESE_NUMBERS)
def test_numbers_are_saved_as_people_type_them(cast, sign_in, typed, meant):
    kpi = health_kpi(cast, unit="円", upper=Decimal(10**9))
    answer = sign_in(cast.member).post(cast.url("health-kpis/?view=grid"), sent(kpi, **{"r2026_05_11": typed}))
    assert answer.status_code == 302
    assert kpi.readings.get().value == Decimal(meant)


def test_what_is_wrong_stays_in_its_cell_and_the_rest_is_saved(cast, sign_in):
    kpi = health_kpi(cast)
    cells = {"r2026_05_04": "0.8", "r2026_05_11": "たくさん"}
    answer = sign_in(cast.member).post(cast.url("health-kpis/?view=grid"), sent(kpi, **cells))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="たくさん"' in page
    assert "5/11: " in page
    assert list(kpi.readings.values_list("period_start", flat=True)) == [WEEK_BEFORE]


def test_one_row_is_saved_by_itself_and_asks_for_the_cause_where_it_is_outside(cast, sign_in):
    kpi = health_kpi(cast)
    client, address = sign_in(cast.member), cast.url("health-kpis/?view=grid")
    answer = client.post(address, sent(kpi, **{"r2026_05_11": "1.4"}), headers={"hx-request": "true"})
    page = answer.content.decode()
    assert page.startswith(f'<tbody id="hk-{kpi.pk}"')
    assert "保存済み" in page
    assert f'name="c-{kpi.pk}-2026-05-11"' in page
    why = {"c2026_05_11": "水分の多い豆", "m2026_05_11": "試し焼きをする", "v2026_05_11": "1"}
    client.post(address, sent(kpi, "|||||||1.4|", **why))
    reading = kpi.readings.get()
    assert (reading.value, reading.cause, reading.countermeasure) == (Decimal("1.4"), "水分の多い豆", "試し焼きをする")


def test_a_form_that_says_what_cannot_be_is_answered_all_the_same(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, "2")
    client, address = sign_in(cast.member), cast.url("health-kpis/?view=grid")
    for columns in ("0001-01-01", "9999-12-27"):
        assert client.post(address, {"columns-week": columns, f"r-{kpi.pk}-{columns}": "5"}).status_code == 302
    typed = {"columns-week": "2026-05-11", f"s-{kpi.pk}": "2", f"c-{kpi.pk}-2026-05-11": "焙煎\x00機"}
    assert client.post(address, typed).status_code == 302
    assert HealthKPIReading.objects.get().cause == "焙煎機"


def test_nobody_overwrites_what_they_did_not_see(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.manager, "0.4")
    answer = sign_in(cast.member).post(cast.url("health-kpis/?view=grid"), sent(kpi, **{"r2026_05_11": "0.9"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "0.4%" in page
    assert 'value="0.9"' in page
    assert kpi.readings.get().value == Decimal("0.4")
    # Untouched cells overwrite nothing either, whatever stands there meanwhile.
    assert sign_in(cast.member).post(cast.url("health-kpis/?view=grid"), sent(kpi)).status_code == 302
    assert kpi.readings.get().value == Decimal("0.4")


def test_the_last_entry_can_be_undone(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.manager, "0.4")
    client = sign_in(cast.member)
    cells = {"r2026_05_04": "0.6", "r2026_05_11": ""}
    client.post(cast.url("health-kpis/?view=grid"), sent(kpi, "|||||||0.4|", **cells))
    assert kpi.readings.get().period_start == WEEK_BEFORE
    for _again in range(2):
        client.post(cast.url("health-kpis/undo/"))
        assert list(kpi.readings.values_list("period_start", "value")) == [(LAST_WEEK, Decimal("0.4"))]


def test_whose_numbers_one_may_not_write_one_reads(cast, sign_in):
    kpi = health_kpi(cast)
    client = sign_in(cast.colleague)
    page = client.get(cast.url("health-kpis/?view=grid")).content.decode()
    assert f'name="r-{kpi.pk}' not in page
    answer = client.post(cast.url("health-kpis/?view=grid"), sent(kpi, **{"r2026_05_11": "1"}))
    assert answer.status_code == 403
    assert (
        client.post(cast.url(f"health-kpis/{kpi.pk}/"), {"period_start": "2026-05-11", "value": "1"}).status_code == 403
    )
    assert not HealthKPIReading.objects.exists()


def test_a_kpi_is_written_changed_moved_retired_and_brought_back(cast, sign_in):
    client = sign_in(cast.manager)
    form = {"name": " 出荷の  遅れ ", "unit": "件", "upper": "２", "period": "week", "team": cast.sales.pk}
    key = "7d1c4f0e-0d5c-4b6e-9a55-0f2f3a1c9b11"
    for _again in range(2):
        answer = client.post(cast.url("health-kpis/new/"), form | {"submission_key": key})
    kpi = HealthKPI.objects.get()
    assert answer.headers["Location"] == cast.url(f"health-kpis/{kpi.pk}/")
    assert (kpi.name, kpi.upper) == ("出荷の 遅れ", 2)
    address = cast.url(f"health-kpis/{kpi.pk}/edit/")
    assert client.post(address, form | {"upper": "", "version": 1}).status_code == 422
    assert client.post(address, form | {"upper": "3", "lower": "4", "version": 1}).status_code == 422
    assert client.post(address, form | {"upper": "3", "version": 1}).status_code == 302
    assert client.post(address, form | {"upper": "5", "version": 1}).status_code == 422
    assert client.post(address, form | {"team": cast.online.pk, "version": 2}).status_code == 422
    other = health_kpi(cast, position=1)
    client.post(cast.url(f"health-kpis/{other.pk}/move/"), {"to": "up"})
    assert list(HealthKPI.objects.order_by("position").values_list("pk", flat=True)) == [other.pk, kpi.pk]
    client.post(cast.url(f"health-kpis/{kpi.pk}/retire/"))
    assert HealthKPI.objects.standing().get() == other
    again = health_kpi(cast, name=kpi.name)
    client.post(cast.url(f"health-kpis/{kpi.pk}/restore/"))
    assert HealthKPI.objects.get(pk=kpi.pk).retired_on is not None
    again.delete()
    client.post(cast.url(f"health-kpis/{kpi.pk}/restore/"))
    assert HealthKPI.objects.get(pk=kpi.pk).retired_on is None


def test_a_period_stays_once_something_was_read(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, 1)
    form = {"name": kpi.name, "unit": "%", "upper": "1", "period": "month", "team": cast.sales.pk, "version": 1}
    answer = sign_in(cast.manager).post(cast.url(f"health-kpis/{kpi.pk}/edit/"), form)
    assert answer.status_code == 422
    assert HealthKPI.objects.get().period == Period.WEEK


def test_the_page_of_one_shows_its_course_and_takes_one_number(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, "0.8", "1.3")
    client, address = sign_in(cast.member), cast.url(f"health-kpis/{kpi.pk}/")
    page = client.get(address).content.decode()
    assert "新たに基準の外" in page
    form = {"period_start": "2026-05-14", "value": "1.2", "cause": "豆", "countermeasure": "試し焼き", "version": 1}
    assert client.post(address, form).status_code == 302
    stale = client.post(address, form | {"value": "1.1"})
    assert stale.status_code == 422
    assert "1.2%" in stale.content.decode()
    future = client.post(address, {"period_start": "2026-05-25", "value": "1", "version": 0})
    assert future.status_code == 422
    rows = client.get(f"{address}?download=csv").content.decode().splitlines()
    assert "2026-05-11,1.2," in rows[1]
    assert "焙煎の不良率" in client.get(cast.url("health-kpis/?download=csv")).content.decode()


def test_a_counter_measure_becomes_an_action(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, "1.3")
    client, address = sign_in(cast.member), cast.url(f"health-kpis/{kpi.pk}/actions/")
    key = "7d1c4f0e-0d5c-4b6e-9a55-0f2f3a1c9b12"
    form = {"title": "センサーを交換", "owner": cast.member.pk, "due_on": "2026-05-29", "submission_key": key}
    assert client.post(address, form | {"title": ""}).status_code == 422
    for _again in range(2):
        assert client.post(address, form).status_code == 302
    assert Action.objects.get().health_kpi == kpi
    assert "センサーを交換" in client.get(cast.url(f"health-kpis/{kpi.pk}/")).content.decode()


def test_numbers_one_owes_stand_on_ones_week(cast, sign_in):
    kpi = health_kpi(cast)
    read(kpi, cast.member, *["0.5"] * 7, until=WEEK_BEFORE)
    page = sign_in(cast.member).get(cast.url("this-week/")).content.decode()
    assert "入力待ちの数字" in page
    assert f"/health-kpis/{kpi.pk}/#reading" in page
    assert "入力待ちの数字" not in sign_in(cast.colleague).get(cast.url("this-week/")).content.decode()
