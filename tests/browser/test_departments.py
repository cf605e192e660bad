"""Departments in a real browser: taken along as pictures and tables, walked by arrow keys, printed on one page."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

ADDRESS = "/o/demo/company/departments/"
EXECUTIVE = "executive@demo.example"
VIEWS = {"course": ["courses"], "heat": ["heat"], "heat&reading=landing": ["heat"], "cycles": ["cycles", "units"]}
PICTURE = b"\x89PNG\r\n\x1a\n"


def take(page, chart, tool):
    with page.expect_download() as taken:
        page.locator(f".chart-tools[data-for={chart}] [data-tool={tool}]").click()
    return taken.value.suggested_filename, Path(taken.value.path()).read_bytes()


def test_every_view_can_be_taken_along_and_prints_on_one_page(visitor):
    page = visitor(EXECUTIVE, language="en")
    for view, charts in VIEWS.items():
        page.goto(f"{ADDRESS}?view={view}")
        for chart in charts:
            expect(page.locator(f".chart-tools[data-for={chart}]")).to_be_visible()
            name, picture = take(page, chart, "png")
            assert name.endswith(".png")
            assert picture.startswith(PICTURE)
            assert len(picture) > 8_000, "a picture with nothing on it"
            _name, table = take(page, chart, "csv")
            rows = list(csv.reader(table.decode("utf-8-sig").splitlines()))
            assert len({len(row) for row in rows}) == 1, rows
            assert re.search(r"\d", rows[-1][-1] or rows[-1][1]), rows[-1]
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))) == 1


def test_arrow_keys_go_from_week_to_week_and_enter_opens_the_goals(visitor):
    page = visitor(EXECUTIVE, language="en")
    page.goto(f"{ADDRESS}?view=heat")
    page.locator("table.heat td a[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    cell = page.locator("table.heat td:has(a:focus)")
    assert "Week 2" in cell.get_attribute("title")
    expect(page.locator("table.heat td a[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/objectives/\?"))


def test_without_javascript_the_numbers_stand_under_the_drawings(visitor):
    page = visitor(EXECUTIVE, language="en", javascript=False)
    page.goto(ADDRESS)
    expect(page.locator("[data-table=courses] table")).to_be_visible()
    expect(page.locator(".multiples .plot").first).to_be_visible()


def test_on_a_phone_the_present_week_is_in_view(visitor):
    page = visitor(EXECUTIVE, width=360)
    page.goto(f"{ADDRESS}?view=heat")
    week = page.locator("table.heat th[data-now]")
    expect(week).to_be_in_viewport(ratio=1)
    place = page.locator(".heat-scroll").bounding_box()
    now = week.bounding_box()
    assert now["x"] + now["width"] <= place["x"] + place["width"]
