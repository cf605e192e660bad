"""A meeting on several screens at once: what one writes, the other sees, and nobody loses what they are typing."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.legible import faults

LEADER = "manager@demo.example"
MEMBER = "member@demo.example"
WITHIN = 2_000


def line(page: Page):
    return page.locator("#line")


def written(page: Page, words: str):
    return page.locator(".minute-lines > li", has_text=words)


def test_two_screens_show_the_same_meeting_within_two_seconds(visitor, company, record_property):
    leader, member = visitor(LEADER), visitor(MEMBER, width=360)
    leader.goto("/o/demo/meetings/")
    leader.get_by_role("button", name="ミーティングを始める").click()
    leader.wait_for_url(re.compile(r"/meetings/\d+/$"))
    member.goto(leader.url)
    expect(leader.locator(".seals > li")).to_have_count(2)

    # B is in the middle of a line when A's arrives.
    line(member).fill("書きかけの")
    line(leader).fill("野村さん 来週金曜までに見積もりを送る")
    expect(leader.locator("#reading")).to_contain_text("野村 颯太")
    today = datetime.fromisoformat(company.clock.read_text()).date()
    friday = today + timedelta(days=11 - today.weekday())
    expect(leader.locator("#reading")).to_contain_text(f"{friday.month}月{friday.day}日(金)")
    asked: list[str] = []
    member.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    seconds = []
    for words in ("見積もりを送る", "決定: 値引きは一割まで", "次: 五社に電話する"):
        if words not in line(leader).input_value():
            line(leader).fill(words)
        with leader.expect_response("**/lines/"):
            line(leader).press("Enter")
        asked.clear()
        began = time.monotonic()
        expect(written(member, words.split(": ")[-1])).to_be_visible()
        seconds.append(round(time.monotonic() - began, 2))
        assert len(asked) <= 3  # one may have been on its way, the next one brings it
        expect(line(leader)).to_have_value("")
    record_property("seconds_until_seen", seconds)
    assert min(seconds) < WITHIN / 1_000
    expect(line(member)).to_have_value("書きかけの")
    expect(line(member)).to_be_focused()

    # Both press Enter at the same moment.
    line(member).press_sequentially("行")
    line(leader).fill("決定: 同じ瞬間の行")
    for page in (leader, member):
        page.evaluate("document.getElementById('line-form').requestSubmit()")
    for page in (leader, member):
        expect(written(page, "同じ瞬間の行")).to_have_count(1)
        expect(written(page, "書きかけの行")).to_have_count(1)

    # Whoever leads takes the other along; the other looks elsewhere and comes back.
    line(leader).blur()
    leader.keyboard.press("ArrowRight")
    second = leader.locator(".stops > li > a").nth(1).get_attribute("data-key")
    expect(member.locator(f'[data-key="{second}"][aria-current]').first).to_be_attached()
    expect(leader.locator(".stops [data-talked]")).to_have_count(1)
    member.locator(".stops > li > a").nth(2).click()
    expect(member.locator("[data-follow]")).to_be_visible()
    member.locator("[data-follow]").click()
    expect(member.locator("[data-follow]")).to_have_count(0)
    assert member.evaluate("document.documentElement.scrollWidth") <= 360
    for page in (leader, member):
        page.emulate_media(reduced_motion="reduce")
        assert faults(page) == []

    # The end of it is the minutes, for both.
    leader.get_by_role("button", name="ミーティングを終える").click()
    expect(member.locator(".kept-minutes h1")).to_contain_text("決定2件")
    expect(leader.locator(".kept-minutes")).to_contain_text("見積もりを送る")


def test_a_meeting_is_held_without_javascript(visitor):
    page = visitor(LEADER, javascript=False)
    page.goto("/o/demo/meetings/")
    page.get_by_role("button", name="ミーティングを始める").click()
    line(page).fill("決定: 紙でも進む")
    page.get_by_role("button", name="記録", exact=True).click()
    expect(written(page, "紙でも進む")).to_be_visible()
    page.get_by_role("button", name="次の議題").click()
    expect(page.locator(".stops [data-talked]")).to_have_count(1)
    page.get_by_role("button", name="ミーティングを終える").click()
    expect(page.locator(".decisions")).to_contain_text("紙でも進む")
