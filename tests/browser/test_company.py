"""The charts of the company dashboard in a real browser: opened, read as tables, taken along, printed."""

import re

import pytest
from playwright.sync_api import expect

ADDRESS = "/o/demo/company/"
EXECUTIVE = "executive@demo.example"
CHARTS = ("distribution", "departments", "alignment")


def open_company(visitor, **given):
    page = visitor(EXECUTIVE, **given)
    page.goto(ADDRESS)
    expect(page.locator("[data-figure=alignment] .slice").first).to_be_visible()
    return page


@pytest.mark.parametrize("width", [360, 1280])
def test_a_click_opens_the_branch_of_a_goal_and_a_way_leads_back(visitor, width):
    page = open_company(visitor, language="en", width=width)
    whole = page.locator("#map h2").inner_text()
    title = page.locator("#map tbody tr", has=page.locator("[hx-get]")).first.locator("th").text_content().strip()
    parents = page.evaluate("JSON.parse(document.getElementById('alignment').textContent).data[0].parents")
    ids = page.evaluate("JSON.parse(document.getElementById('alignment').textContent).data[0].ids")
    labels = page.evaluate("JSON.parse(document.getElementById('alignment').textContent).data[0].labels")
    place = labels.index(title)
    assert ids[place] in parents
    page.locator("[data-figure=alignment] .slice").nth(place).locator("path.surface").click()
    expect(page.locator("#map h2")).to_have_text(title)
    expect(page.locator("[data-figure=alignment] .slice").first).to_be_visible()
    page.get_by_role("link", name="The whole company").click()
    expect(page.locator("#map h2")).to_have_text(whole)


def test_a_goal_without_a_branch_leads_to_its_page(visitor):
    page = open_company(visitor)
    last = page.locator("[data-figure=alignment] .slice").last
    last.locator("path.surface").click()
    page.wait_for_url(re.compile(r"/objectives/\d+/$"))


def test_a_brick_leads_to_its_objective(visitor):
    page = open_company(visitor)
    page.locator("[data-figure=distribution] .point path").first.click(force=True)
    page.wait_for_url(re.compile(r"/objectives/\d+/$"))


def test_every_chart_has_its_numbers_one_key_away_and_can_be_taken_along(visitor):
    page = open_company(visitor, language="en")
    for name in CHARTS:
        expect(page.locator(f"[data-table={name}]")).to_be_hidden()
    page.keyboard.press("t")
    for name in CHARTS:
        expect(page.locator(f"[data-table={name}] table")).to_be_visible()
        for tool, kind in (("csv", ".csv"), ("png", ".png")):
            with page.expect_download() as taken:
                page.locator(f".chart-tools[data-for={name}] [data-tool={tool}]").click()
            assert re.fullmatch(rf"Company_\w+_FY\d+-Q\d_\d{{4}}-\d\d-\d\d\{kind}", taken.value.suggested_filename)


def test_without_javascript_the_tables_stand_in_for_the_charts(visitor):
    page = visitor(EXECUTIVE, language="en", javascript=False)
    page.goto(ADDRESS)
    for name in CHARTS:
        expect(page.locator(f"[data-table={name}] table")).to_be_visible()
    page.locator("#map td a").first.click()
    expect(page.get_by_role("link", name="The whole company")).to_be_visible()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_prints_on_one_page(visitor, language):
    page = open_company(visitor, language=language)
    expect(page.locator("[data-figure=departments] .scatterlayer").first).to_be_visible()
    for size in ({"prefer_css_page_size": True}, {"format": "A4", "landscape": True}):
        sheets = page.pdf(**size)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheets)) == 1
    page.emulate_media(media="print")
    expect(page.locator(".company-foot .legend")).to_be_visible()
