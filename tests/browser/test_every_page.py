"""Every page of the product, looked at as its reader would: it fits, it can be read, and it says what it is."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver
from playwright.sync_api import Page

from tests.authorization import TABLE
from tests.browser.legible import faults
from tests.browser.pages import addresses, routes

ADMIN = "admin@demo.example"
PARTNER = "partner@demo.example"
PHONE, LAPTOP = 360, 1280
# Every page is made of the same parts: each is looked at closely in one of these, by turns.
LOOKS = [(LAPTOP, "light"), (PHONE, "dark")]
# Routes whose page is drawn differently for each kind of row; of the others one row is looked at closely, a second one
# shortly, and the rest answers.
VARIED = {"objective", "check_in", "edit_key_result", "funnel", "make_key_results"}
# Pages that nobody inside has.
OF_PARTNERS = {"own_room"}
# Other addresses only act: tests/test_authorization.py sees them answer 405 to who would read them.
ROUTES = {route.name: route for route in routes() if "GET" in TABLE[route.name].who}
# What these answer is put into a page, or is read by programs.
PARTS = {
    "member_data",
    "people_suggestions",
    "mention_suggestions",
    "activity_line",
    "company_version",
    "download_export",
    "objective_menu",
    "objectives_summary",
    "objective_below",
    "board_key_results",
    "meeting_live",
    "meeting_text",
    "retrospective_live",
    "retrospective_csv",
    "read_minute_line",
    "wrong_leads",
}


HEAD = """() => [
    document.documentElement.lang, [...document.querySelectorAll('h1')].map((each) => each.innerText), document.title,
]"""


def check_head(page: Page, language: str) -> None:
    told, headings, title = page.evaluate(HEAD)
    assert told == language
    assert len(headings) == 1
    assert headings[0].strip()
    assert re.match(r"\S.+", title)


def check_fit(page: Page, width: int) -> None:
    """Nothing makes the document wider than the screen; wide tables scroll by themselves."""
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width} px"


def check_access(page: Page, scheme: str) -> None:
    """axe finds no serious fault. Movement is over and colours have arrived before it looks."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    assert faults(page) == [], f"{page.url} ({page.viewport_size['width']} px, {scheme})"


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in PARTS])
def test_a_page_fits_can_be_read_by_everybody_and_says_what_it_is(regular, company, name):
    visitor = PARTNER if name in OF_PARTNERS else ADMIN
    page = regular(visitor)
    for number, address in enumerate(addresses(ROUTES[name], company)):
        if number > 1 and name not in VARIED:
            assert page.request.get(address).status == 200, f"{address}: {company.last_words()}"
            continue
        answer = page.goto(address)
        assert answer.status == 200, f"{address}: {company.last_words()}"
        check_head(page, "ja")
        if number == 0 or name in VARIED:
            width, scheme = LOOKS[(sum(map(ord, name)) + number) % len(LOOKS)]
            check_fit(page, width)
            check_access(page, scheme)
        check_fit(page, PHONE)
        check_fit(page, LAPTOP)
    page = regular(visitor, language="en", width=PHONE)
    page.goto(addresses(ROUTES[name], company)[0])
    check_head(page, "en")
    check_fit(page, PHONE)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_part_of_a_page_answers_by_itself(visitor, company, name):
    request = visitor(ADMIN).request
    answers = {request.get(address).status for address in addresses(ROUTES[name], company)}
    assert 200 in answers
    assert answers <= {200, 403}  # what lies in a closed cycle has nothing to act on


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_door_fits_and_can_be_read_by_everybody(visitor, language):
    doors = [
        f"/{group.pattern}{route.pattern}"
        for group in get_resolver().url_patterns
        if str(group.pattern) == "accounts/"
        for route in group.url_patterns
        if not re.search(r"[<(]", str(route.pattern))
    ]
    assert "/accounts/login/" in doors
    for email in (None, ADMIN):
        page = visitor(email, language=language)
        for address in doors:
            page.goto(address)
            if not page.url.endswith(address):
                continue  # led elsewhere: one must sign in first, or has signed in already
            check_head(page, language)
            check_fit(page, PHONE)
            if language == "ja":
                check_access(page, "light" if email else "dark")
            check_fit(page, LAPTOP)


def test_a_page_that_is_not_there_says_so_legibly(visitor):
    page = visitor(ADMIN, answers=(404,))
    page.goto("/o/demo/objectives/999999/")
    check_head(page, "ja")
    check_fit(page, PHONE)
    check_access(page, "dark")


def test_a_partner_meets_only_what_is_shared_with_them(visitor, company):
    ids = {
        "objectives": company.rows("SELECT id FROM objectives_objective WHERE dropped_at IS NULL"),
        "kgis": company.rows("SELECT id FROM funnel_kgi WHERE dropped_at IS NULL"),
    }
    page = visitor(PARTNER)
    for noun, rows in ids.items():
        page.goto(f"/o/demo/{noun}/")
        listed = {
            int(found[1])
            for link in page.locator(f"main a[href*='/{noun}/']").all()
            if (found := re.search(rf"/{noun}/(\d+)/", link.get_attribute("href") or ""))
        }
        assert 0 < len(listed) < len(rows)
        for (pk,) in rows:
            is_shared = pk in listed
            assert page.request.get(f"/o/demo/{noun}/{pk}/").status == (200 if is_shared else 404)
            assert page.request.get(f"/o/demo/{noun}/{pk}/edit/").status == (403 if is_shared else 404)
    for address in ("plan/objectives/new/", "kgis/new/", "cycles/new/"):
        assert page.request.get(f"/o/demo/{address}").status == 403
