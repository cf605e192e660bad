"""The weekly check-in as people do it: by keyboard, by thumb, wrongly, and without JavaScript."""

import re
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running, sign_in
from tests.browser.weeks import MEMBER, WEEK, confidence, count_check_ins, done, in_hand, save

ADMIN = "admin@demo.example"
NOTICES = "/o/demo/notices/"
MOST_KEYS = 25
MOST_PAGES = 30
A_MINUTE = 60
# The keystroke-level model of Card, Moran and Newell: a key by an average typist, a thought before each field, a tap.
KEY, THOUGHT, TAP = 0.28, 1.35, 1.1
THUMB = 44
SERVER_SECONDS = """
    () => performance.getEntriesByType("resource")
      .filter((entry) => entry.initiatorType === "xmlhttprequest" && entry.responseStart)
      .reduce((sum, entry) => sum + entry.responseStart - entry.requestStart, 0) / 1000
"""

MILESTONE = """
    SELECT kr.id, min(step.id) FILTER (WHERE step.done_on IS NULL), count(*) FROM objectives_keyresult kr
    JOIN objectives_step step ON step.key_result_id = kr.id
    JOIN objectives_objective o ON o.id = kr.objective_id AND o.state = 'active' AND o.dropped_at IS NULL
    JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state = 'active'
    WHERE kr.kind = 'milestone' AND kr.dropped_at IS NULL
    GROUP BY kr.id HAVING bool_or(step.done_on IS NULL) ORDER BY kr.id LIMIT 1
"""


@pytest.fixture(scope="module")
def company():
    """One of their own: the weeks that pass here are all that its cycle has left."""
    yield from running("check-ins")


@pytest.fixture(scope="module")
def sessions():
    return {}


def seconds_of_a_page(page: Page) -> float:
    """How long the server takes for a small page, here and now: what it asks of a check-in is measured by that."""
    taken = []
    for _ in range(3):
        page.goto(NOTICES)
        taken.append(
            page.evaluate(
                "(() => { const [it] = performance.getEntriesByType('navigation');"
                " return it.responseStart - it.requestStart; })()"
            )
        )
    return float(median(taken)) / 1000


def test_three_check_ins_take_less_than_a_minute_by_keyboard_alone(visitor, begin_week):
    page = visitor(MEMBER)
    a_page = seconds_of_a_page(page)
    values = begin_week(page, 3)
    keys = fields = 0
    for _ in range(3):
        key_result = in_hand(page)
        expect(page.locator("[name=value]")).to_be_focused()
        for key in [*values[key_result], "Tab", "7", "Enter"]:
            page.keyboard.press(key)
            keys += 1
        fields += 2
        expect(done(page, key_result)).to_be_visible()
    served = page.evaluate(SERVER_SECONDS)
    assert keys <= MOST_KEYS
    assert 0 < served <= MOST_PAGES * a_page
    assert keys * KEY + fields * THOUGHT + served < A_MINUTE


def test_three_check_ins_take_less_than_a_minute_by_thumb(visitor, begin_week):
    page = visitor(MEMBER, language="en", width=360)
    values = begin_week(page, 3)
    taps = keys = 0
    for _ in range(3):
        key_result = in_hand(page)
        value = page.locator("[name=value]")
        expect(value).to_have_attribute("inputmode", re.compile("decimal|text"))
        for control in (value.locator(".."), confidence(page, 6), save(page)):
            assert control.bounding_box()["height"] >= THUMB
        # A phone zooms into a field whose letters are smaller, and the way back costs two fingers.
        sizes = page.evaluate(
            "[...document.querySelectorAll('#checkin :is(input[type=text], textarea)')]"
            ".map((field) => parseFloat(getComputedStyle(field).fontSize))"
        )
        assert min(sizes) >= 16
        value.tap()
        page.keyboard.insert_text(values[key_result])
        confidence(page, 6).tap()
        expect(page.locator("[name=confidence][value='6']")).to_be_checked()
        expect(save(page)).to_be_in_viewport(ratio=1)
        save(page).tap()
        taps, keys = taps + 3, keys + len(values[key_result])
        expect(done(page, key_result)).to_be_visible()
    assert taps * TAP + keys * KEY + 6 * THOUGHT + page.evaluate(SERVER_SECONDS) < A_MINUTE


def test_a_slip_is_asked_about_while_typing_and_taken_back_by_one_key(visitor, begin_week):
    page = visitor(MEMBER, language="en")
    values = begin_week(page)
    key_result = in_hand(page)
    value = page.locator("[name=value]")
    value.press_sequentially(values[key_result] + "0000")
    asked = page.locator(f"#checkin-read-{key_result}")
    expect(asked).to_contain_text("Did you mean")
    value.press("ArrowUp")
    expect(asked).not_to_contain_text("Did you mean")
    assert float(value.input_value()) < 10 * float(values[key_result])


@pytest.mark.parametrize("javascript", [True, False])
def test_a_slip_saved_in_a_hurry_is_asked_about_and_mended_by_one_click(visitor, company, begin_week, javascript):
    page = visitor(MEMBER, language="en", javascript=javascript)
    values = begin_week(page)
    key_result = in_hand(page)
    page.locator("[name=value]").fill(values[key_result] + "0000")
    page.locator("[name=value]").press("Enter")
    expect(page.locator("#just-saved")).to_contain_text("Did you mean")
    page.locator("#just-saved button").click()
    expect(page.locator("#just-saved")).to_contain_text("Corrected")
    kept, wrong = company.rows(
        "SELECT value, corrects_id, id FROM objectives_checkin WHERE key_result_id = %s ORDER BY id DESC LIMIT 2",
        key_result,
    )
    assert kept[1] == wrong[2]
    assert kept[0] < wrong[0]


def test_the_notes_are_written_and_sent_by_keyboard_too(visitor, company, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    key_result = in_hand(page)
    expect(page.locator("[name=value]")).to_be_focused()
    page.keyboard.insert_text(values[key_result])
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.keyboard.press("0")
    for note in ("店の前で話しかけた", "雨が続いた"):
        page.keyboard.press("Tab")
        page.keyboard.insert_text(note)
    # What sort of obstacle it is comes between, and a tick for each that still stands.
    between = page.locator("[name=obstacle_kind], [name=solved_obstacles]").count()
    for _ in range(between + 1):
        page.keyboard.press("Tab")
    expect(page.locator("[name=next_step]")).to_be_focused()
    page.keyboard.insert_text("木曜に店長と話す")
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


def await_door(page: Page) -> None:
    """Both what was sent and a preview on its way lead there: the second ends the first, which `wait_for_url` minds."""
    expect(page).to_have_url(re.compile("/accounts/login/"))
    expect(page.locator("[name=login]")).to_be_visible()


def test_what_was_typed_stays_when_one_must_sign_in_again(visitor, begin_week):
    page = visitor(MEMBER)
    values = begin_week(page)
    page.locator("[name=value]").fill(values[in_hand(page)])
    page.locator("[name=going_well]").fill("席を外しているあいだに切れていた")
    page.context.clear_cookies(name="sessionid")
    save(page).click()
    await_door(page)
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
    await_door(page)
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
    page.wait_for_url(re.compile(WEEK))

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
        assert WEEK in page.url
        assert count_check_ins(company, key_result) == before + 1


def test_steps_ticked_and_taken_back_survive_a_reload(visitor, company):
    ((key_result, open_step, _steps),) = company.rows(MILESTONE)
    page = visitor(ADMIN)
    page.goto(f"/o/demo/key-results/{key_result}/check-ins/")
    ticked = [box.get_attribute("value") for box in page.locator("[name=steps_done]:checked").all()]
    page.locator(f"[name=steps_done][value='{open_step}']").check()
    for step in ticked:
        page.locator(f"[name=steps_done][value='{step}']").uncheck()
    page.reload()
    expect(page.locator(f"[name=steps_done][value='{open_step}']")).to_be_checked()
    expect(page.locator("[name=steps_done]:checked")).to_have_count(1)


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
    expect(page.locator("#just-saved")).to_contain_text("Saved")
    expect(page.locator(f"[name=steps_done][value='{open_step}']")).to_be_checked()
    ((after,),) = company.rows("SELECT progress FROM objectives_keyresultscore WHERE key_result_id = %s", key_result)
    assert after > before
