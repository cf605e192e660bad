"""An objective drafted from nothing while the coach answers."""

from playwright.sync_api import expect

MANAGER = "manager@demo.example"


def test_the_coach_catches_the_number_proposes_where_it_belongs_and_the_draft_is_saved(visitor, company):
    page = visitor(MANAGER)
    page.goto("/o/demo/plan/objectives/new/")
    page.locator("#id_title").press_sequentially("オンラインストアの売上を2倍にする")
    found = page.locator("#coach-objective [data-finding=objective_has_number]")
    expect(found).to_contain_text("2倍")
    found.locator("[data-add-row]").click()
    expect(page.locator("[name=n0-title]")).to_have_value("オンラインストアの売上 現状 → 2倍")
    found.locator("[data-use]").click()
    expect(found).to_have_count(0)
    title = page.locator("#id_title").input_value()
    assert "2倍" not in title

    page.fill("[name=n1-title]", "顧客満足（NPS）を9にする")
    page.fill("[name=n1-unit]", "NPS")
    page.fill("[name=n1-start_value]", "7")
    page.fill("[name=n1-target_value]", "9")
    expect(page.locator("#coach-n1 [data-finding=kr_scale_ambiguous]")).to_be_visible()
    page.reload()
    expect(page.locator(".draft-recalled")).to_be_visible()
    expect(page.locator("[name=n1-unit]")).to_have_value("NPS")
    page.locator(".form-actions [data-kind=primary]").click()
    expect(page.locator("h1")).to_have_text(title)
    saved = company.rows(
        "SELECT count(*) FROM objectives_keyresult kr JOIN objectives_objective o ON o.id = kr.objective_id"
        " WHERE o.title = %s AND o.state = 'draft'",
        title,
    )
    assert saved == [(2,)]
