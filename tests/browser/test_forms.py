"""Forms as somebody fills them in on a phone."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_refused_form_begins_at_its_first_mistake(visitor):
    page = visitor("admin@demo.example", width=360, answers=(422,))
    page.goto("/o/demo/settings/")
    wrong = page.locator("[name=band_upper]")
    wrong.fill("七割くらい")
    page.locator("main form").filter(has=wrong).locator("button[type=submit]").click()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()
    expect(page.locator("#id_band_upper_error")).to_be_in_viewport()
