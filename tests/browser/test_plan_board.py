"""Aligning on the plan's board by hand: with the mouse, with the keyboard, and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

ADMIN = "admin@demo.example"
PLAN = "/o/demo/plan/"
PAIR = """
    SELECT child.id, parent.id, (SELECT min(id) FROM objectives_keyresult
                                 WHERE objective_id = parent.id AND dropped_at IS NULL)
    FROM objectives_objective parent JOIN objectives_objective child USING (cycle_id)
    JOIN objectives_cycle c ON c.id = parent.cycle_id AND c.name = 'FY2026 Q1'
    WHERE parent.level = 'company' AND child.level = 'company' AND parent.id <> child.id
    AND parent.dropped_at IS NULL AND child.dropped_at IS NULL AND parent.state = 'active' AND child.state = 'active'
    AND NOT EXISTS (
        SELECT 1 FROM objectives_alignment a LEFT JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
        WHERE a.child_id IN (parent.id, child.id)
        AND COALESCE(a.parent_objective_id, kr.objective_id) IN (parent.id, child.id))
    ORDER BY parent.position DESC, child.position LIMIT 1
"""
HELPED = "SELECT parent_objective_id, parent_key_result_id, link FROM objectives_alignment WHERE child_id = %s"


@pytest.fixture
def board(visitor, company):
    page = visitor(ADMIN, language="en")
    page.goto(PLAN)
    return page


def row(page: Page, pk: int) -> Locator:
    return page.locator(f"#objective-{pk}")


def take_back(page: Page) -> None:
    page.locator("#messages form button").click()
    expect(page.locator("#messages form")).to_have_count(0)
    expect(page.locator("#messages .toast")).to_be_visible()


def test_an_objective_is_dragged_or_carried_to_what_it_helps_and_taken_back(board, company):
    ((child, parent, key_result),) = company.rows(PAIR)
    before = company.rows(HELPED, child)
    grip, target = row(board, child).locator("[data-grip]"), row(board, parent)
    row(board, parent).scroll_into_view_if_needed()

    # With the mouse: onto the objective.
    grip.hover()
    board.mouse.down()
    target.locator(".word").first.hover()
    expect(target).to_have_attribute("data-aim", "")
    board.mouse.up()
    expect(board.locator("#messages .toast")).to_be_visible()
    assert set(company.rows(HELPED, child)) - set(before) == {(parent, None, "contributes")}
    expect(row(board, child).locator(".supports").last).to_contain_text("Contributes to:")
    take_back(board)
    assert company.rows(HELPED, child) == before

    # With the keyboard: picked up, left, picked up again, onto a key result of it.
    grip.focus()
    board.keyboard.press("m")
    expect(board.locator("#board-said")).to_contain_text("is picked up")
    board.keyboard.press("Escape")
    expect(board.locator("#board-said")).to_have_text("Put back; nothing has changed.")
    expect(grip).to_be_focused()
    board.keyboard.press("Enter")
    expect(row(board, child)).to_have_attribute("data-cannot", "")
    for _step in range(board.locator("#board [data-parent]").count()):
        board.keyboard.press("ArrowDown")
        if target.get_attribute("data-aim") is not None:
            break
    board.keyboard.press("ArrowRight")
    place = board.locator(f"[data-parent=k{key_result}]")
    expect(place).to_have_attribute("data-aim", "")
    board.keyboard.press("Enter")
    expect(board.locator("#messages form")).to_be_visible()
    assert set(company.rows(HELPED, child)) - set(before) == {(None, key_result, "contributes")}
    expect(grip).to_be_focused()
    take_back(board)
    assert company.rows(HELPED, child) == before
