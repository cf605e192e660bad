"""A customer journey is filled in like a sheet: by keyboard, by pasting, on a phone, and without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.legible import faults

MANAGER = "manager@demo.example"
BLOCK = 'どこで知ろうか\tうちに合うか\t続けられるか\n名前\t"事例\n料金"\t納期'


def begin(page: Page, name: str) -> str:
    page.goto("/o/demo/journeys/new/")
    page.locator("[name=name]").fill(name)
    page.locator("main form .button[data-kind=primary]").first.click()
    page.wait_for_url(re.compile(r"/journeys/\d+/$"))
    return page.url


def cell(page: Page, row: str, column: int):
    return page.locator(f"tr[data-row={row}] > td").nth(column)


def saved(page: Page) -> None:
    expect(page.locator("[data-sending]")).to_have_count(0)
    expect(page.locator("[data-said]")).to_have_text(re.compile("保存しました|戻しました|貼り付けました"))


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_cells_are_typed_into_by_keyboard_pasted_into_and_taken_back(visitor):
    page = visitor(MANAGER)
    address = begin(page, "総務の担当者")
    # Typing begins a cell anew, Enter saves it and goes down, Tab saves it and goes on, Escape takes it back.
    cell(page, "thinks", 0).focus()
    page.keyboard.type("Too dear?")
    page.keyboard.press("Enter")
    saved(page)
    expect(cell(page, "wants", 0)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("料金")
    page.keyboard.press("Tab")
    saved(page)
    expect(cell(page, "wants", 1)).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("いらない")
    page.keyboard.press("Escape")
    expect(cell(page, "wants", 1)).not_to_contain_text("いらない")
    # Arrows pass over what cannot be written.
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    expect(cell(page, "condition", 1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type("検索")
    page.keyboard.press("Alt+Enter")
    page.keyboard.type("SNS")
    page.keyboard.press("Enter")
    saved(page)
    expect(cell(page, "online", 1).locator(".point-number")).to_have_text(["1", "2"])

    cell(page, "thinks", 1).focus()
    paste(page, BLOCK)
    saved(page)
    for look in range(2):
        expect(cell(page, "thinks", 3)).to_contain_text("続けられるか")
        expect(cell(page, "wants", 2)).to_contain_text("事例")
        expect(cell(page, "wants", 2)).to_contain_text("料金")
        expect(cell(page, "thinks", 0)).to_contain_text("Too dear?")
        if look == 0:
            page.goto(address)
    # What is pasted upon touch points comes beside them: they have content and actions of their own.
    cell(page, "online", 1).focus()
    paste(page, "比較サイト")
    saved(page)
    expect(cell(page, "online", 1).locator(".point-number")).to_have_count(3)
    expect(cell(page, "online", 1)).to_contain_text("SNS")
    cell(page, "thinks", 1).focus()
    page.keyboard.press("Delete")
    saved(page)
    expect(cell(page, "thinks", 1)).not_to_contain_text("どこで知ろうか")
    page.locator("[data-undo]").click()
    expect(cell(page, "thinks", 1)).to_contain_text("どこで知ろうか")
    assert faults(page) == []


def test_what_two_people_type_into_one_cell_is_lost_to_neither(visitor):
    one, other = visitor(MANAGER, answers=(422,)), visitor("admin@demo.example")
    address = begin(one, "人事の担当者")
    other.goto(address)
    cell(other, "thinks", 0).click()
    other.keyboard.type("手間だろうか")
    other.keyboard.press("Enter")
    saved(other)
    cell(one, "thinks", 0).click()
    one.keyboard.type("高そうだ")
    one.keyboard.press("Enter")
    expect(one.locator(".jnow")).to_have_text("手間だろうか")
    field = cell(one, "thinks", 0).locator("textarea")
    expect(field).to_have_value("高そうだ")
    field.press("Enter")
    saved(one)
    other.reload()
    expect(cell(other, "thinks", 0)).to_contain_text("高そうだ")


def test_on_a_phone_one_phase_stands_at_a_time_and_the_page_is_no_wider(visitor):
    page = visitor(MANAGER, width=360)
    begin(page, "現場の担当者")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("thead .jcell:visible")).to_have_count(1)
    page.locator(".phase-jump label").nth(2).click()
    expect(cell(page, "thinks", 0)).to_be_hidden()
    cell(page, "thinks", 2).click()
    page.keyboard.type("比べたい")
    page.locator("h1").click()
    saved(page)
    expect(cell(page, "thinks", 2)).to_contain_text("比べたい")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_a_script_a_phase_is_a_form(visitor):
    page = visitor(MANAGER, javascript=False)
    begin(page, "店の担当者")
    page.locator(".phase-menu summary").first.click()
    page.locator(".phase-menu a").first.click()
    page.locator("[name=online]").fill("検索\nSNS")
    page.locator("main form .button[data-kind=primary]").first.click()
    page.wait_for_url(re.compile(r"/journeys/\d+/"))
    expect(cell(page, "online", 0).locator(".point-number")).to_have_text(["1", "2"])
