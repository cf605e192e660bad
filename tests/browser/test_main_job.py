"""The whole main job, as one story: from the year's number to a company dashboard that moves."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.run.service import eventually

MANAGER = "manager@demo.example"
MEMBER = "member@demo.example"
EXECUTIVE = "executive@demo.example"


@dataclass(frozen=True)
class Words:
    """What the people of the story type."""

    kgi: str
    first_thought: str
    revenue: str
    unit_price: str
    objective: str


STORIES = {
    "ja": Words("法人の新しい売上", "2億", "１億", "120万", "はじめて会う会社に、朝の一杯を任せてもらう"),
    "en": Words("New revenue from companies", "200M", "¥100M", "1.2M", "Offices trust us with their first cup"),
}
A_YEAR = {"orders": "84", "deals": "417", "cvs": "4,167", "visits": "416,667"}
CHOSEN = ("orders", "deals", "cvs")
A_QUARTER = {"orders": "21", "deals": "105", "cvs": "1042", "visits": "104167"}


def only(number: str) -> re.Pattern[str]:
    return re.compile(rf"(^|[^\d,]){number}([^\d,]|$)")


def challenge(page: Page, number: str) -> Locator:
    return page.locator(f"[name={number}_challenge]")


def proposed(page: Page, number: str, field: str) -> Locator:
    return page.locator(f"[name={number}-{field}]")


def score_shown(page: Page) -> str:
    return page.locator(".objective-hero dd.figure").first.inner_text()


def department_shown(page: Page, team: str) -> str:
    """The department's line on the company page."""
    return " ".join(page.locator("#departments tbody tr").filter(has_text=team).all_text_contents()[0].split())


@pytest.mark.parametrize("language", STORIES)
def test_from_a_kgi_to_a_company_dashboard_that_moves(visitor, company, language):
    words = STORIES[language]
    ((member,),) = company.rows("SELECT name FROM people_user WHERE email = %s", MEMBER)
    ((parent,),) = company.rows(
        """
        SELECT o.id FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
        WHERE o.level = 'company' AND o.state = 'active' AND c.name = 'FY2026 Q1' AND o.dropped_at IS NULL
        ORDER BY o.position, o.id LIMIT 1
        """
    )

    # The manager writes the KGI down.
    page = visitor(language=language)
    sign_in(page, MANAGER)
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator(".mainnav a[href$='/kgis/']").click()
    page.locator("main a[href$='/kgis/new/']").click()
    page.locator("[name=name]").fill(words.kgi)
    page.locator("[name=challenge_value]").fill(words.first_thought)
    page.locator("[name=why]").fill(words.objective)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/kgis/\d+/$"))
    expect(page.locator("h1")).to_have_text(words.kgi)

    # They calculate back, and are answered while they type.
    page.locator("main a[href$='/funnel/']").first.click()
    expect(challenge(page, "revenue")).to_have_value(re.compile("2|200"))
    for number, typed in {
        "revenue": words.revenue,
        "unit_price": words.unit_price,
        "win_rate": "20%",
        "deal_rate": "10",
        "cv_rate": "1",
    }.items():
        challenge(page, number).fill("")
        challenge(page, number).press_sequentially(typed)
    for number, volume in A_YEAR.items():
        expect(page.locator(f"#answer-{number}-challenge")).to_have_text(only(volume))
    page.locator("[name=save]").click()
    expect(page.locator("#messages .toast")).to_be_visible()
    for number, volume in A_YEAR.items():
        expect(page.locator(f"#answer-{number}-challenge")).to_have_text(only(volume))

    # They make this quarter's key results from it, for the member to report on.
    page.locator("main .page-head a[href$='/key-results/']").click()
    for number, volume in A_QUARTER.items():
        assert proposed(page, number, "target_value").input_value().replace(",", "") == volume
    for box in page.locator("[name$=-pick]").all():
        box.set_checked(box.get_attribute("name").removesuffix("-pick") in CHOSEN)
    for number in CHOSEN:
        proposed(page, number, "owner").select_option(label=member)
    page.locator("[name=new-title]").fill(words.objective)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/objectives/\d+/$"))
    objective = page.url
    expect(page.locator("h1")).to_have_text(words.objective)
    expect(page.locator(".kr-list .kr")).to_have_count(3)
    for number in ("orders", "deals"):
        expect(page.locator(".kr-list").get_by_text(only(A_QUARTER[number]))).not_to_have_count(0)

    # The objective helps the company's, and begins.
    page.locator("main a[href$='/align/']").click()
    page.locator(f"[name=parent][value='{parent}']").check()
    page.locator("[name=link][value=contributes]").check()
    page.locator("main form[method=post] button[type=submit]").last.click()
    expect(page.locator(f"main a[href$='/objectives/{parent}/']")).not_to_have_count(0)
    for state in ("proposed", "agreed"):
        page.goto(objective)
        page.locator(f"form:has([name=to][value={state}]) button").click()
        expect(page.locator("#messages .toast")).to_be_visible()
    page.goto(objective)
    page.locator("main a[href*='/begin/']").first.click()
    page.locator("main form.form button[type=submit]").click()
    expect(page.locator("#messages .toast")).to_be_visible()
    eventually(lambda: company.rows("SELECT count(*) FROM objectives_pendingrollup") == [(0,)])

    # The executive sees where things stand before anybody has reported.
    above = visitor(EXECUTIVE, language=language)
    above.goto("/o/demo/company/")
    department_before = department_shown(above, "法人営業")
    above.goto(f"/o/demo/objectives/{parent}/")
    parent_before = score_shown(above)

    # The member owes a check-in on the new key results, and reports.
    (key_result,) = company.rows(
        "SELECT id FROM objectives_keyresult WHERE objective_id = %s AND target_value = 105",
        int(objective.rstrip("/").rsplit("/", 1)[1]),
    )[0]
    mine = visitor(MEMBER, language=language)
    mine.goto("/o/demo/this-week/")
    mine.locator(f"#queue a[href$='key_result={key_result}']").click()
    sheet = mine.locator(f"form#checkin[action$='/key-results/{key_result}/check-ins/']")
    sheet.locator("[name=value]").fill("105")
    sheet.locator("[data-confidence] label").nth(9).click()
    sheet.locator("button[type=submit]").click()
    expect(mine.locator(f"#queue li[data-done] a[href$='/key-results/{key_result}/check-ins/']")).to_be_visible()
    mine.goto(objective)
    assert score_shown(mine) == "0.33"

    # The executive's figures move.
    def parent_moved() -> bool:
        above.reload()
        return score_shown(above) != parent_before

    eventually(parent_moved)
    ((stored,),) = company.rows("SELECT score FROM objectives_objectivescore WHERE objective_id = %s", parent)
    assert score_shown(above) == f"{stored:.2f}"
    above.goto("/o/demo/company/")
    assert department_shown(above, "法人営業") != department_before
