"""A retrospective in four browsers at once: written unseen, revealed to all, gathered, voted on, decided, kept."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.legible import faults

LEADER, EXECUTIVE, MEMBER, ADMIN = (f"{name}@demo.example" for name in ("manager", "executive", "member", "admin"))

# A note is taken by its words, not by the list of causes in the middle of it.
CORNER = {"x": 24, "y": 14}


def write(page: Page, question: str, words: str) -> None:
    field = page.locator(f"#text-{question}")
    field.fill(words)
    field.press("Enter")
    expect(card(page, words)).to_be_visible()
    expect(field).to_have_value("")
    expect(field).to_be_focused()


def card(page: Page, words: str):
    return page.locator(".note-card", has_text=words)


def go_on(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_four_people_look_back_at_once(visitor):
    leader = visitor(LEADER)
    leader.goto("/o/demo/retrospectives/new/")
    go_on(leader, "始める")
    leader.wait_for_url(re.compile(r"/retrospectives/\d+/$"))
    others = [visitor(EXECUTIVE), visitor(MEMBER, width=360), visitor(ADMIN, language="en")]
    executive, member, admin = others
    for page in others:
        page.goto(leader.url)
    # The executive only reads: nobody waits for them.
    expect(leader.locator(".seals > li")).to_have_count(3)

    # Everybody writes; the others hear how many, not what.
    write(leader, "succeeded", "紹介から商談が生まれた")
    write(member, "missed", "見積もりに三日かかった")
    write(leader, "missed", "着手が六月になった")
    write(member, "missed", "承認を待つうちに遅れた")
    write(admin, "measure", "Inquiries told us too little")
    admin.locator("#text-improve").fill("half a thou")
    expect(leader.locator("#look-progress")).to_contain_text("メモは5枚")
    expect(leader.locator(".note-card")).to_have_count(2)
    expect(executive.locator(".note-card")).to_have_count(0)
    assert "見積もりに三日" not in leader.content() + executive.content() + admin.content()
    go_on(member, "書き終えた")
    expect(leader.locator(".seals > [data-ready]")).to_have_count(1)

    # The timer runs for all of them, by the server's clock.
    leader.locator("#set-timer > summary").click()
    leader.get_by_role("button", name="5分", exact=True).click()
    for page in (leader, *others):
        expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^(5:00|4:\d\d)$"))

    # All is revealed at once; nobody loses what they are in the middle of.
    leader.locator("#reveal > summary").click()
    go_on(leader, "今すぐ公開")
    for page in (leader, *others):
        expect(page.locator(".note-card")).to_have_count(5)
    expect(admin.locator("#text-improve")).to_have_value("half a thou")

    # One is dragged, one is picked up and laid by key; both lie there for everybody.
    card(leader, "着手が六月").drag_to(card(leader, "見積もりに三日"), source_position=CORNER, target_position=CORNER)
    for page in (leader, *others):
        expect(card(page, "見積もりに三日").locator(".gathered > li")).to_have_count(1)
    card(member, "承認を待つ").locator("[data-pick]").press("Enter")
    card(member, "見積もりに三日").locator("> [data-lay]").press("Enter")
    for page in (leader, *others):
        expect(card(page, "見積もりに三日").locator(".gathered > li")).to_have_count(2)
    card(admin, "見積もりに三日").locator("select").first.select_option("others")
    expect(card(leader, "見積もりに三日").locator("select").first).to_have_value("others")
    for page in (leader, member):
        page.emulate_media(reduced_motion="reduce")
        assert faults(page) == []
    assert member.evaluate("document.documentElement.scrollWidth") <= 360

    # Votes are given unseen. What was begun too late is kept for its writer.
    go_on(leader, "投票へ")
    expect(admin.locator(".look-unsent")).to_contain_text("half a thou")
    for page in (leader, admin, member):
        card(page, "見積もりに三日").locator(".note-vote button").click()
        expect(card(page, "見積もりに三日").locator("[aria-pressed=true]")).to_be_visible()
    expect(leader.locator("#look-progress")).to_contain_text("9票中3票")
    expect(executive.locator(".note-vote, .look-count")).to_have_count(0)

    # The one with most votes is talked about first, and becomes a lesson and an action in one step each.
    go_on(leader, "投票を終える")
    for page in (leader, *others):
        expect(page.locator(".look-large h2")).to_have_text("見積もりに三日かかった")
    member.locator("#learn-advice").fill("見積もりは一日で返す")
    go_on(member, "学びとして残す")
    leader.locator(".look-make [name=title]").fill("見積もりのひな型を作る")
    go_on(leader, "アクションを書き留める")
    for page in (leader, *others):
        expect(page.locator("#look-taken .list > li")).to_have_count(2)
    leader.locator("#summary").fill("早く着手し、早く返す。")
    leader.locator("#look-summary button").click()
    expect(admin.locator("#summary")).to_have_value("早く着手し、早く返す。")

    # The lead is handed over; the end of it is a page worth keeping, for all.
    leader.locator("#lead-more > summary").click()
    leader.locator("#next-facilitator").select_option(label="森下 陽菜")
    go_on(leader, "渡す")
    admin.locator(".look-make [name=title]").fill("half a task")
    go_on(member, "振り返りを終える")
    for page in (leader, executive, member):
        expect(page.locator(".looked")).to_contain_text("早く着手し、早く返す。")
    expect(admin.locator(".look-over")).to_be_visible()
    expect(admin.locator(".look-make [name=title]")).to_have_value("half a task")
    admin.locator(".look-over a").click()
    expect(admin.locator(".looked")).to_contain_text("早く着手し、早く返す。")
    expect(leader.locator(".looked h1")).to_contain_text("学び1件")
    expect(leader.locator(".looked .there > li")).to_have_count(3)


def test_a_retrospective_is_held_without_javascript(visitor):
    page = visitor(EXECUTIVE, javascript=False)
    page.goto("/o/demo/retrospectives/new/")
    go_on(page, "始める")
    for words in ("展示会で名刺が集まった", "名刺の先がなかった"):
        page.locator("#text-improve").fill(words)
        page.locator("#write-improve").get_by_role("button", name="追加").click()
    go_on(page, "書き終えた")
    go_on(page, "メモをすべて公開")
    card(page, "名刺の先").get_by_role("link", name="ほかのメモに重ねる").click()
    page.get_by_role("button", name="ここに重ねる").click()
    expect(page.locator(".gathered > li")).to_have_count(1)
    go_on(page, "投票へ")
    go_on(page, "投票する")
    go_on(page, "投票を終える")
    go_on(page, "学びとして残す")
    go_on(page, "振り返りを終える")
    expect(page.locator(".looked h1")).to_contain_text("学び1件")
