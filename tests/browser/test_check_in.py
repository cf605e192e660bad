"""The weekly check-in as people do it: by keyboard, by thumb, wrongly, twice, and without JavaScript."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in

MEMBER = "member@demo.example"
ADMIN = "admin@demo.example"
WEEK = "/o/demo/this-week/"
MOST_KEYS = 30
A_MINUTE = 60

OWNED = """
    SELECT kr.id, kr.kind, score.own_value FROM objectives_keyresult kr
    JOIN objectives_keyresultscore score ON score.key_result_id = kr.id
    JOIN people_membership m ON m.id = kr.owner_id JOIN people_user u ON u.id = m.user_id
    WHERE u.email = %s
"""
MILESTONE = """
    SELECT kr.id, min(step.id) FILTER (WHERE step.done_on IS NULL), count(*) FROM objectives_keyresult kr
    JOIN objectives_step step ON step.key_result_id = kr.id
    JOIN objectives_objective o ON o.id = kr.objective_id AND o.state = 'active' AND o.dropped_at IS NULL
    JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state = 'active'
    WHERE kr.kind = 'milestone' AND kr.dropped_at IS NULL
    GROUP BY kr.id HAVING bool_or(step.done_on IS NULL) ORDER BY kr.id LIMIT 1
"""


@pytest.fixture
def begin_week(company):
    """`begin_week(page, 3)` opens this week, a new one if fewer are owed; answers what to type for each key result."""

    def begin(page: Page, at_least: int = 1) -> dict[int, str]:
        page.goto(WEEK)
        if count_owed(page) < at_least:
            company.pass_a_week()
            page.goto(WEEK)
        assert count_owed(page) >= at_least
        rows = company.rows(OWNED, MEMBER)
        return {pk: "3" if kind in ("cumulative", "quota") else f"{value or 7:.0f}" for pk, kind, value in rows}

    return begin


def count_owed(page: Page) -> int:
    return page.locator("form#checkin").count() + page.locator("#queue li:not([data-done])").count()


def count_check_ins(company, key_result: int) -> int:
    return company.rows("SELECT count(*) FROM objectives_checkin WHERE key_result_id = %s", key_result)[0][0]


def in_hand(page: Page) -> int:
    """The key result whose sheet lies open."""
    return int(re.search(r"/key-results/(\d+)/", page.locator("form#checkin").get_attribute("action"))[1])


def done(page: Page, key_result: int) -> Locator:
    """The line of what has been reported this week."""
    return page.locator("#queue li[data-done]").filter(has=page.locator(f'[href*="/key-results/{key_result}/"]'))


def save(page: Page) -> Locator:
    return page.locator("form#checkin button[type=submit]")


def confidence(page: Page, number: int) -> Locator:
    return page.locator("[data-confidence] label").nth(number)


def test_three_check_ins_take_less_than_a_minute_by_keyboard_alone(visitor, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page, 3)
    began, keys = time.monotonic(), 0
    for _ in range(3):
        key_result = in_hand(page)
        expect(page.locator("[name=value]")).to_be_focused()
        for key in [*values[key_result], "Tab", "7", "Enter"]:
            page.keyboard.press(key)
            keys += 1
        expect(done(page, key_result)).to_be_visible()
    assert time.monotonic() - began < A_MINUTE
    assert keys <= MOST_KEYS


def test_three_check_ins_are_tapped_on_a_phone(visitor, begin_week):
    page = visitor(MEMBER, language="en", width=360)
    values = begin_week(page, 3)
    began = time.monotonic()
    for _ in range(3):
        key_result = in_hand(page)
        value = page.locator("[name=value]")
        value.tap()
        page.keyboard.insert_text(values[key_result])
        confidence(page, 6).tap()
        expect(page.locator("[name=confidence][value='6']")).to_be_checked()
        save(page).tap()
        expect(done(page, key_result)).to_be_visible()
    assert time.monotonic() - began < A_MINUTE


def test_the_notes_are_written_and_sent_by_keyboard_too(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    expect(page.locator("[name=value]")).to_be_focused()
    page.keyboard.insert_text(values[key_result])
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.keyboard.press("0")
    for note in ("店の前で話しかけた", "雨が続いた", "木曜に店長と話す"):
        page.keyboard.press("Tab")
        page.keyboard.insert_text(note)
    page.keyboard.press("Control+Enter")
    expect(done(page, key_result)).to_be_visible()
    assert company.rows(
        "SELECT confidence, going_well, obstacle, next_step FROM objectives_checkin WHERE key_result_id = %s "
        "ORDER BY id DESC LIMIT 1",
        key_result,
    ) == [(10, "店の前で話しかけた", "雨が続いた", "木曜に店長と話す")]


def test_a_value_is_read_back_while_it_is_typed(visitor, begin_week):
    page = visitor(MEMBER, language="en")
    begin_week(page)
    page.locator("[name=value]").press_sequentially("１，２００")
    expect(page.locator(f"#checkin-read-{in_hand(page)}")).to_contain_text("1,200")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_wrong_number_gets_a_sentence_beside_it_and_keeps_what_was_typed(visitor, company, begin_week, javascript):
    page = visitor(MEMBER, javascript=javascript, answers=(422,))
    values = begin_week(page)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)
    value = page.locator("[name=value]")
    value.fill("三十くらい")
    page.locator("[name=obstacle]").fill("数え方がわからない")
    confidence(page, 4).click()
    save(page).click()

    expect(value).to_have_attribute("aria-invalid", "true")
    sentence = page.locator(f"[id='{value.get_attribute('aria-describedby').split()[0]}']")
    expect(sentence).to_contain_text(re.compile(r"\w+"))
    expect(value).to_have_value("三十くらい")
    expect(page.locator("[name=obstacle]")).to_have_value("数え方がわからない")
    expect(page.locator("[name=confidence][value='4']")).to_be_checked()
    assert count_check_ins(company, key_result) == before

    value.fill(values[key_result])
    save(page).click()
    expect(done(page, key_result)).to_be_visible()
    assert count_check_ins(company, key_result) == before + 1


def test_what_was_typed_survives_a_reload(visitor, begin_week):
    page = visitor(MEMBER)
    begin_week(page)
    page.locator("[name=value]").fill("1,234")
    page.locator("[name=going_well]").fill("常連さんが友だちを連れてきた")
    confidence(page, 8).click()
    page.reload()
    expect(page.locator("[name=value]")).to_have_value("1,234")
    expect(page.locator("[name=going_well]")).to_have_value("常連さんが友だちを連れてきた")
    expect(page.locator("[name=confidence][value='8']")).to_be_checked()


def test_what_was_typed_stays_when_the_server_is_out_of_reach(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)
    page.locator("[name=value]").fill(values[key_result])
    page.locator("[name=going_well]").fill("電車の中で書いている")
    visitor.provoked += ["ERR_INTERNET_DISCONNECTED", "htmx:"]
    page.context.set_offline(True)
    save(page).click()
    expect(page.locator("[data-lost]")).to_be_visible()

    page.context.set_offline(False)
    page.reload()
    expect(page.locator("[name=going_well]")).to_have_value("電車の中で書いている")
    save(page).click()
    expect(done(page, key_result)).to_be_visible()
    assert count_check_ins(company, key_result) == before + 1


def test_what_did_not_arrive_is_sent_again_from_the_message_that_says_so(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)
    page.locator("[name=value]").fill(values[key_result])
    visitor.provoked += ["ERR_INTERNET_DISCONNECTED", "htmx:"]
    page.context.set_offline(True)
    save(page).click()
    page.locator("[data-lost] [data-again]").wait_for()
    page.context.set_offline(False)
    page.locator("[data-lost] [data-again]").click()
    expect(done(page, key_result)).to_be_visible()
    expect(page.locator("[data-lost]")).to_have_count(0)
    assert count_check_ins(company, key_result) == before + 1


def test_what_was_typed_stays_when_one_must_sign_in_again(visitor, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    page.locator("[name=value]").fill(values[in_hand(page)])
    page.locator("[name=going_well]").fill("席を外しているあいだに切れていた")
    page.context.clear_cookies(name="sessionid")
    save(page).click()
    page.wait_for_url(re.compile("/accounts/login/"))
    sign_in(page, MEMBER)
    expect(page.locator("[name=going_well]")).to_have_value("席を外しているあいだに切れていた")


def test_on_its_own_page_too_what_was_typed_outlives_the_session_and_what_was_sent_is_gone(visitor, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    address = f"/o/demo/key-results/{key_result}/check-ins/"
    page.goto(address)
    page.locator("[name=value]").fill(values[key_result])
    page.locator("[name=going_well]").fill("席を外しているあいだに切れていた")
    page.context.clear_cookies(name="sessionid")
    save(page).click()
    page.wait_for_url(re.compile("/accounts/login/"))
    sign_in(page, MEMBER)
    page.goto(address)
    expect(page.locator("[name=going_well]")).to_have_value("席を外しているあいだに切れていた")
    save(page).click()
    expect(page.locator("[name=going_well]")).to_have_value("")
    page.reload()
    expect(page.locator("[name=value]")).to_have_value("")


def test_what_was_sent_does_not_come_back(visitor, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    page.locator("[name=value]").fill(values[key_result])
    page.locator("[name=going_well]").fill("もう伝えた")
    save(page).click()
    expect(done(page, key_result)).to_be_visible()
    page.goto(f"/o/demo/key-results/{key_result}/check-ins/")
    expect(page.locator("[name=value]")).to_have_value("")
    expect(page.locator("[name=going_well]")).to_have_value("")


def test_a_double_click_makes_one_check_in(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)
    page.locator("[name=value]").fill(values[key_result])
    save(page).dblclick()
    expect(done(page, key_result)).to_be_visible()
    page.reload()
    assert count_check_ins(company, key_result) == before + 1


def test_a_form_sent_twice_makes_one_check_in(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    before = count_check_ins(company, key_result)
    form = {
        name: page.locator(f"form#checkin [name={name}]").input_value()
        for name in ("csrfmiddlewaretoken", "submission_key", "date")
    }
    for _ in range(2):
        address = page.locator("form#checkin").get_attribute("action")
        assert page.request.post(address, form=form | {"value": values[key_result]}).status == 200
    assert count_check_ins(company, key_result) == before + 1


def test_a_correction_strikes_the_old_check_in_through(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    page.locator("[name=value]").fill(values[key_result] + "0")
    save(page).click()
    done(page, key_result).locator("a[href*='corrects=']").click()
    page.wait_for_url(re.compile(rf"/key-results/{key_result}/check-ins/\?corrects="))
    expect(page.locator("[name=value]")).not_to_have_value("")
    page.locator("[name=value]").fill(values[key_result])
    page.locator("[name=value]").press("Enter")
    page.wait_for_url(f"**{WEEK}")

    page.goto(f"/o/demo/key-results/{key_result}/check-ins/")
    newest, corrected = page.locator(".log > li").nth(0), page.locator(".log > li").nth(1)
    expect(newest.locator("s")).to_have_count(0)
    expect(corrected).to_have_attribute("data-corrected", "")
    expect(corrected.locator("s")).to_be_visible()
    kept, struck = company.rows(
        "SELECT id, corrects_id FROM objectives_checkin WHERE key_result_id = %s ORDER BY id DESC LIMIT 2", key_result
    )
    assert kept[1] == struck[0]


def test_without_javascript_a_check_in_is_a_plain_form(visitor, company, begin_week):
    page = visitor(MEMBER, javascript=False)
    values = begin_week(page, 2)
    for _ in range(2):
        key_result = in_hand(page)
        before = count_check_ins(company, key_result)
        page.locator("[name=value]").fill(values[key_result])
        confidence(page, 5).click()
        save(page).click()
        expect(done(page, key_result)).to_be_visible()
        assert page.url.endswith(WEEK)
        assert count_check_ins(company, key_result) == before + 1


@pytest.mark.parametrize("javascript", [True, False])
def test_a_step_is_ticked_and_the_milestone_moves(visitor, company, javascript):
    ((key_result, open_step, steps),) = company.rows(MILESTONE)
    ((before,),) = company.rows("SELECT progress FROM objectives_keyresultscore WHERE key_result_id = %s", key_result)
    page = visitor(ADMIN, language="en", javascript=javascript)
    page.goto(f"/o/demo/key-results/{key_result}/check-ins/")
    expect(page.locator("[name=steps_done]")).to_have_count(steps)
    read = page.locator(f"#checkin-read-{key_result}")
    words = read.inner_text()
    page.locator(f"[name=steps_done][value='{open_step}']").check()
    if javascript:
        expect(read).not_to_have_text(words)
    save(page).click()
    expect(page.locator("#messages .toast")).to_be_visible()
    expect(page.locator(f"[name=steps_done][value='{open_step}']")).to_be_checked()
    ((after,),) = company.rows("SELECT progress FROM objectives_keyresultscore WHERE key_result_id = %s", key_result)
    assert after > before
