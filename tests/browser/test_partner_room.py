"""A partner and those inside talk in the partner's room, and the work is handed over step by step."""

from __future__ import annotations

import re

from playwright.sync_api import expect

PARTNER = "partner@demo.example"
MANAGER = "manager@demo.example"


def test_a_partner_asks_the_manager_answers_and_a_step_is_ticked_off(visitor, company):
    ((pk,),) = company.rows(
        "SELECT m.id FROM people_membership m JOIN people_user u ON u.id = m.user_id WHERE u.email = %s", PARTNER
    )
    partner = visitor(PARTNER)
    partner.goto("/o/demo/room/")
    form = partner.locator("#say")
    form.locator("textarea").fill("来月の新しい記事は、何本まで増やせますか。")
    form.locator("[name=is_question]").check()
    form.locator("button[type=submit]").click()
    asked = partner.locator(".open-questions > ol > li", has_text="何本まで増やせますか")
    expect(asked).to_be_in_viewport()
    expect(asked).to_be_focused()
    expect(form.locator("textarea")).to_have_value("")

    manager = visitor(MANAGER)
    manager.goto("/o/demo/notices/")
    manager.get_by_role("link", name="来月の新しい記事は、何本まで増やせますか。").click()
    expect(manager).to_have_url(re.compile(rf"/partners/{pk}/room/#message-\d+$"))
    question = manager.locator(".open-questions > ol > li", has_text="何本まで増やせますか")
    question.locator("summary").click()
    question.locator("textarea").fill("六本までお願いできます。")
    question.get_by_role("button", name="回答を送る").click()
    expect(question.locator(".answers")).to_contain_text("六本までお願いできます。")
    question.get_by_role("button", name=re.compile("解決済みにする")).click()
    expect(manager.locator(".open-questions", has_text="何本まで増やせますか")).to_have_count(0)
    expect(manager.locator("#talk")).to_contain_text("六本までお願いできます。")

    partner.goto("/o/demo/room/")
    expect(partner.locator("#talk")).to_contain_text("六本までお願いできます。")
    done = partner.locator("#handover .handover-steps > li[data-done]")
    before = done.count()
    partner.set_viewport_size({"width": 360, "height": 800})
    step = partner.locator("#handover button[aria-pressed=false]").first
    step.scroll_into_view_if_needed()
    stood = partner.evaluate("scrollY")
    step.click()
    expect(done).to_have_count(before + 1)
    assert abs(partner.evaluate("scrollY") - stood) < 60, "the page stays where it was"
    manager.goto(f"/o/demo/partners/{pk}/handover/")
    expect(manager.locator("h1")).to_contain_text(f"{before + 1}ステップ")


def test_without_a_script_the_same_is_said_and_ticked(visitor):
    partner = visitor(PARTNER, javascript=False, answers=(422,))
    partner.goto("/o/demo/room/")
    partner.locator("#say textarea").fill("書いておきます。")
    partner.locator("#say button[type=submit]").click()
    expect(partner).to_have_url(re.compile(r"/room/#message-\d+$"))
    expect(partner.locator("#talk")).to_contain_text("書いておきます。")
    partner.locator("#say button[type=submit]").click()
    expect(partner.locator("#talk .error")).to_be_visible()
    partner.goto("/o/demo/room/")
    ticked = partner.locator("#handover button[aria-pressed=true]")
    before = ticked.count()
    ticked.first.click()
    expect(partner).to_have_url(re.compile(r"/room/#step-\d+$"))
    expect(ticked).to_have_count(before - 1)
