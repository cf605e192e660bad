"""Every page of the product, looked at as its reader would: it fits, it can be read, and it says what it is."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver
from playwright.sync_api import Page, expect

from tests.browser.legible import faults
from tests.browser.pages import addresses, routes

ADMIN = "admin@demo.example"
PARTNER = "partner@demo.example"
PHONE, LAPTOP = 360, 1280
# Colours do not depend on the width, nor what is named on the scheme.
LOOKS = [(LAPTOP, "light"), (PHONE, "dark")]
# Routes whose page is drawn differently for each kind of row; of the others one row is looked at closely.
VARIED = {"objective", "check_in", "edit_key_result", "funnel", "make_key_results"}
ROUTES = {route.name: route for route in routes()}
# What these answer is put into a page, or is read by programs.
PARTS = {
    "member_data",
    "people_suggestions",
    "mention_suggestions",
    "activity_line",
    "company_version",
    "objective_menu",
    "objectives_summary",
    "objective_below",
    "board_key_results",
    "meeting_live",
    "meeting_text",
    "read_minute_line",
}

MAKE_STRANGER = """
from people.models import Membership, Organization, Team, User
user = User.objects.create_user("stranger@elsewhere.example", "try-okr-planner", name="南 風太")
organization = Organization.objects.create(name="南風商事", slug="minami")
Team.objects.create(organization=organization, name="南風商事")
Membership.objects.create(organization=organization, user=user, role="admin")
"""


def check_head(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_have_text(re.compile(r"\S"))
    assert re.match(r"\S.+", page.title())


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
    page = regular(ADMIN, answers=(405,))
    for number, address in enumerate(addresses(ROUTES[name], company)):
        answer = page.goto(address)
        if answer.status == 405:
            return  # an act, which the pages' buttons ask for
        assert answer.status == 200, f"{address}: {company.last_words()}"
        check_head(page, "ja")
        # The first row is looked at from everywhere, each other one from one place in turn.
        for width, scheme in LOOKS if number == 0 else [LOOKS[number % len(LOOKS)]] * (name in VARIED):
            check_fit(page, width)
            check_access(page, scheme)
        check_fit(page, PHONE)
    page = regular(ADMIN, language="en", width=PHONE)
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


def test_a_stranger_meets_no_page_at_all(visitor, company):
    made = company.manage("shell", "-v0", "-c", MAKE_STRANGER)
    assert made.returncode == 0, made.stderr
    page = visitor("stranger@elsewhere.example")
    assert page.request.get("/o/minami/this-week/").status == 200
    page.goto("/o/minami/this-week/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    for route in ROUTES.values():
        for address in addresses(route, company):
            if page.request.get(address).status != 404:
                assert page.request.get(address).status == 405, address
                sent = page.request.post(address, form={"csrfmiddlewaretoken": token})
                assert sent.status == 404, address


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
