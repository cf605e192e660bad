"""The alignment map in a real browser: by click and by keyboard, searched, gone back, read without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

ADDRESS = "/o/demo/company/map/"
EXECUTIVE = "executive@demo.example"
FIGURE = "JSON.parse(document.getElementById('alignment').textContent).data[0]"


def open_map(visitor, query="", **given):
    page = visitor(EXECUTIVE, language="en", **given)
    page.goto(ADDRESS + query)
    expect(page.locator("[data-figure=alignment] .slice").first).to_be_visible()
    return page


@pytest.mark.parametrize(("shape", "width"), [("icicle", 360), ("icicle", 1280), ("treemap", 1280)])
def test_a_click_opens_a_branch_and_back_closes_it(visitor, shape, width):
    page = open_map(visitor, f"?shape={shape}", width=width)
    whole = page.locator("#map h2").inner_text()
    drawn = page.evaluate(FIGURE)
    place = next(number for number, (_leads, opens) in enumerate(drawn["customdata"]) if number and opens)
    title = re.sub(r"^[▼●▲○] ", "", drawn["labels"][place]).removesuffix("…")  # shortened where it has little room
    page.locator("[data-figure=alignment] .slice").nth(place).locator("path.surface").click(position={"x": 4, "y": 4})
    expect(page.locator("#map h2")).to_contain_text(title)
    expect(page).to_have_url(re.compile(r"root=\d+"))
    expect(page.locator("[data-figure=alignment] .slice").first).to_be_visible()
    page.go_back()
    expect(page.locator("#map h2")).to_have_text(whole)
    expect(page.locator("[data-figure=alignment] .slice").first).to_be_visible()


def test_words_mark_what_is_found_and_stay_in_the_address(visitor):
    page = open_map(visitor)
    title = page.locator("#map tbody tr[data-row=goal] th a").nth(2).inner_text()
    page.locator("#map-q").fill(title[:12])
    expect(page.locator("#map mark").first).to_have_text(title)
    expect(page).to_have_url(re.compile(r"q="))
    page.reload()
    expect(page.locator("#map mark").first).to_have_text(title)


def test_the_keyboard_opens_a_branch_and_a_goal(visitor):
    page = open_map(visitor)
    page.locator("#map tbody td a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="The whole company")).to_be_visible()
    page.locator("#map tbody th a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/objectives/\d+/$"))


def test_without_javascript_the_table_is_the_map(visitor):
    page = visitor(EXECUTIVE, language="en", javascript=False)
    page.goto(ADDRESS)
    page.locator("#map tbody td a").first.click()
    expect(page.get_by_role("link", name="The whole company")).to_be_visible()
    page.locator("#map-by").select_option("organization")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tr[data-row=team]").first).to_be_visible()
