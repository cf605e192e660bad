"""Check-ins in a tunnel: kept on the device, sent once and in order, by the person who typed them."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.weeks import WEEK, confidence, count_check_ins, done, in_hand, save

# The member has enough to do in the other stories of the week.
MANAGER = "manager@demo.example"
OTHER = "member@demo.example"


@pytest.fixture
def tunnel(visitor):
    """Opens and ends a moment without connection; what the browser then complains of is what is provoked."""
    visitor.provoked += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "htmx:"]

    def change(page: Page, *, offline: bool) -> None:
        page.context.set_offline(offline)

    return change


def report(page: Page, value: str, note: str = "") -> int:
    key_result = in_hand(page)
    page.locator("[name=value]").fill(value)
    page.locator("[name=going_well]").fill(note)
    confidence(page, 6).click()
    save(page).click()
    return key_result


def kept(page: Page):
    return page.locator("#kept [data-lines] > li")


def wait_for_sheets(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def newest(company, key_results):
    return company.rows(
        "SELECT key_result_id, going_well FROM objectives_checkin WHERE key_result_id = ANY(%s)"
        " ORDER BY id DESC LIMIT 2",
        key_results,
    )


def test_without_a_connection_one_goes_on_and_everything_is_sent_in_order_later(
    visitor,
    company,
    begin_week,
    tunnel,
):
    page = visitor(MANAGER, language="en", width=360)
    values = begin_week(page, 3, MANAGER)
    wait_for_sheets(page)
    tunnel(page, offline=True)
    first = report(page, values[in_hand(page)], "電車の中で書いている")
    expect(kept(page)).to_have_count(1)
    expect(page.locator("#kept")).to_contain_text("They are sent when you are online again.")
    expect(page.locator("[data-lost]")).to_have_count(0)
    second = report(page, values[in_hand(page)], "まだ電車の中")
    expect(kept(page)).to_have_count(2)
    before = {pk: count_check_ins(company, pk) for pk in (first, second)}
    assert len({first, second, in_hand(page)}) == 3

    tunnel(page, offline=False)
    expect(page.locator("#kept")).to_be_hidden()
    for key_result in (first, second):
        expect(done(page, key_result)).to_be_visible()
        assert count_check_ins(company, key_result) == before[key_result] + 1
    assert newest(company, [first, second]) == [(second, "まだ電車の中"), (first, "電車の中で書いている")]


def test_what_was_kept_outlives_the_tab_and_is_sent_when_the_page_is_opened_again(
    visitor,
    company,
    begin_week,
    tunnel,
):
    page = visitor(MANAGER)
    values = begin_week(page, 1, MANAGER)
    wait_for_sheets(page)
    tunnel(page, offline=True)
    key_result = report(page, values[in_hand(page)], "閉じても残る")
    expect(kept(page)).to_have_count(1)
    before = count_check_ins(company, key_result)
    later = page.context.new_page()
    page.close()
    tunnel(later, offline=False)
    later.goto(WEEK)
    expect(done(later, key_result)).to_be_visible()
    expect(later.locator("#kept")).to_be_hidden()
    assert count_check_ins(company, key_result) == before + 1
    later.close()


def test_a_check_in_whose_answer_was_lost_is_not_made_twice_by_two_tabs(
    visitor,
    company,
    begin_week,
    tunnel,
):
    page = visitor(MANAGER)
    values = begin_week(page, 1, MANAGER)
    beside = page.context.new_page()
    beside.goto(WEEK)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/check-ins/", lose_the_answer)
    report(page, values[key_result])
    expect(kept(page)).to_have_count(1)
    expect(kept(beside)).to_have_count(1)
    assert count_check_ins(company, key_result) == before + 1
    page.unroute("**/check-ins/", lose_the_answer)
    page.locator("#kept [data-send]").click()
    beside.evaluate("window.dispatchEvent(new Event('online'))")
    expect(done(page, key_result)).to_be_visible()
    expect(kept(page)).to_have_count(0)
    expect(kept(beside)).to_have_count(0)
    assert count_check_ins(company, key_result) == before + 1
    beside.close()


def test_what_one_person_kept_waits_for_that_person(visitor, company, begin_week, tunnel):
    page = visitor(MANAGER, answers=(403,))
    values = begin_week(page, 1, MANAGER)
    wait_for_sheets(page)
    tunnel(page, offline=True)
    key_result = report(page, values[in_hand(page)], "わたしのことば")
    expect(kept(page)).to_have_count(1)
    before = count_check_ins(company, key_result)

    # The session is over before the connection is back, and somebody else signs in with the same browser.
    context, mine = page.context, page.context.cookies()
    context.clear_cookies()
    tunnel(page, offline=False)
    expect(page.locator("#kept [data-at-door]")).to_be_visible()
    context.add_cookies(visitor.session(OTHER)["cookies"])
    page.goto(WEEK)
    expect(page.locator("#kept")).to_be_hidden()
    assert "わたしのことば" not in page.content()
    assert count_check_ins(company, key_result) == before

    context.clear_cookies()
    context.add_cookies(mine)
    page.goto(WEEK)
    expect(done(page, key_result)).to_be_visible()
    assert count_check_ins(company, key_result) == before + 1


def test_what_is_refused_on_arrival_says_why_and_keeps_what_was_typed(
    visitor,
    company,
    begin_week,
    tunnel,
):
    page = visitor(MANAGER, language="en", answers=(422,))
    values = begin_week(page, 1, MANAGER)
    wait_for_sheets(page)
    tunnel(page, offline=True)
    key_result = report(page, values[in_hand(page)], "遅かったか")
    expect(kept(page)).to_have_count(1)
    with company.database() as database:
        database.execute(
            "UPDATE objectives_objective SET state = 'closed' WHERE id = (SELECT objective_id FROM objectives_keyresult"
            " WHERE id = %s)",
            [key_result],
        )
    try:
        tunnel(page, offline=False)
        expect(kept(page)).to_contain_text("This objective is closed. Check-ins are no longer taken.")
        expect(kept(page)).to_contain_text("遅かったか")
    finally:
        with company.database() as database:
            database.execute(
                "UPDATE objectives_objective SET state = 'active' WHERE id = (SELECT objective_id FROM"
                " objectives_keyresult WHERE id = %s)",
                [key_result],
            )
    # It is active again: what was kept becomes what is being typed.
    kept(page).locator("[data-open]").click()
    expect(page.locator("[name=going_well]")).to_have_value("遅かったか")
    expect(page.locator("form#checkin")).to_have_attribute("action", re.compile(f"/key-results/{key_result}/"))
    save(page).click()
    expect(page.locator("#just-saved, .log").first).to_be_visible()
