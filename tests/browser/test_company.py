"""The charts of the company dashboard in a real browser: opened, read as tables, taken along, printed."""

import re

import pytest
from playwright.sync_api import expect

ADDRESS = "/o/demo/company/"
EXECUTIVE = "executive@demo.example"
CHARTS = ("distribution",)


def open_company(visitor, **given):
    page = visitor(EXECUTIVE, **given)
    page.goto(ADDRESS)
    expect(page.locator("[data-figure=distribution] .point").first).to_be_visible()
    return page


ANSWERS = ("kgi", "attainment", "moved", "obstacles", "silent")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_five_answers_stand_on_one_screen_without_scrolling(visitor, language):
    page = open_company(visitor, language=language)
    page.set_viewport_size({"width": 1280, "height": 800})
    for name in ANSWERS:
        box = page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800, (name, box)


def test_on_a_phone_the_five_answers_follow_one_another(visitor):
    page = open_company(visitor)
    page.set_viewport_size({"width": 360, "height": 740})
    tops = [page.locator(f"#{name}").bounding_box()["y"] for name in ANSWERS]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


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


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_prints_on_one_page(visitor, language):
    page = open_company(visitor, language=language)
    for size in ({"prefer_css_page_size": True}, {"format": "A4", "landscape": True}):
        sheets = page.pdf(**size)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheets)) == 1
    page.emulate_media(media="print")
    expect(page.locator(".company-foot .legend")).to_be_visible()
