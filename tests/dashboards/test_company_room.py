"""Meeting-room mode: the dashboard's sheets in a row, for a screen at the end of the table."""

import re

from objectives.models import Cycle, CycleState
from tests.dashboards.test_company import company, report, revenue  # noqa: F401

PAGE = "company/room/"


def sheets(page):
    return re.findall(r'id="sheet-(\w+)"', page.content.decode())


def test_every_sheet_of_the_dashboard_stands_in_it(company, sign_in):  # noqa: F811
    revenue(company)
    page = sign_in(company.executive, language="en").get(company.url(PAGE))
    text = page.content.decode()
    assert sheets(page)[:6] == ["kgi", "attainment", "moved", "obstacles", "courses", "heat"]
    assert "年間売上" in text
    assert "見積の承認に6日かかる" in text
    assert "Week 7 of 13" in text
    assert "as of 10:00" in text
    assert f'data-live="{company.url("company/version/")}"' in text
    assert "masthead" not in text
    # Read from afar, a sheet says what it shows.
    assert re.search(r"<h2>Of \d+ check-ins? owed, ", text)
    assert "Mean scores over time" not in text


def test_a_company_without_a_number_yet_is_told_what_will_stand_here(cast, sign_in):
    page = sign_in(cast.executive, language="en").get(cast.url(PAGE))
    assert (page.status_code, sheets(page)) == (200, ["empty"])
    assert "this screen shows them by itself" in page.content.decode()


def test_a_closed_cycle_shows_where_it_ended_and_nothing_to_do(company, sign_in):  # noqa: F811
    Cycle.objects.filter(pk=company.cycle.pk).update(state=CycleState.CLOSED)
    page = sign_in(company.executive).get(company.url(f"{PAGE}?cycle={company.cycle.pk}"))
    assert {"kgi", "attainment"} <= set(sheets(page))
    assert {"moved", "obstacles"}.isdisjoint(sheets(page))


def test_neither_strangers_nor_partners_have_such_a_room(company, sign_in):  # noqa: F811
    for person in (company.stranger, company.partner):
        assert sign_in(person).get(company.url(PAGE)).status_code == 404
