"""The page of the week, as the tests take hold of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page

if TYPE_CHECKING:
    from tests.browser.conftest import ExampleCompany

MEMBER = "member@demo.example"
WEEK = "/o/demo/this-week/"
OWNED = """
    SELECT kr.id, kr.kind, score.own_value FROM objectives_keyresult kr
    JOIN objectives_keyresultscore score ON score.key_result_id = kr.id
    JOIN people_membership m ON m.id = kr.owner_id JOIN people_user u ON u.id = m.user_id
    WHERE u.email = %s
"""


def begin(company: ExampleCompany, page: Page, at_least: int = 1, email: str = MEMBER) -> dict[int, str]:
    """Open this week, a new one if fewer are owed; answers what to type for each key result."""
    page.goto(WEEK)
    if count_owed(page) < at_least:
        company.pass_a_week()
        page.goto(WEEK)
    assert count_owed(page) >= at_least
    rows = company.rows(OWNED, email)
    return {pk: "3" if kind in ("cumulative", "quota") else f"{value or 7:.0f}" for pk, kind, value in rows}


def count_owed(page: Page) -> int:
    return page.locator("form#checkin").count() + page.locator("#queue li:not([data-done])").count()


def count_check_ins(company: ExampleCompany, key_result: int) -> int:
    return company.rows("SELECT count(*) FROM objectives_checkin WHERE key_result_id = %s", key_result)[0][0]


def in_hand(page: Page) -> int:
    """The key result whose sheet lies open."""
    return int(re.search(r"/key-results/(\d+)/", page.locator("form#checkin").get_attribute("action"))[1])


def done(page: Page, key_result: int) -> Locator:
    """The line of what has been reported this week."""
    return page.locator("#queue li[data-done]").filter(has=page.locator(f'[href*="/key-results/{key_result}/"]'))


def save(page: Page) -> Locator:
    return page.locator("form#checkin button[type=submit]")


def confidence(page: Page, number: int) -> Locator:
    return page.locator("[data-confidence] label").nth(number)
