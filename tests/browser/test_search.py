"""Search by keyboard, with an input method, on a phone and without JavaScript; the shortcuts and their switch."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.legible import faults

MEMBER = "member@demo.example"
PARTNER = "partner@demo.example"


def dialog(page: Page):
    return page.locator("dialog#search")


def results(page: Page):
    return dialog(page).locator("a[data-found]")


def open_search(page: Page, address: str = "/o/demo/objectives/") -> None:
    page.goto(address)
    page.locator("body").press("/")
    expect(dialog(page)).to_be_visible()


def test_the_slash_searches_from_every_page_and_the_arrows_choose(visitor):
    page = visitor(MEMBER)
    for address in ("/o/demo/plan/", "/o/demo/company/", "/o/demo/kgis/", "/glossary/"):
        open_search(page, address)
        expect(dialog(page).get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog(page)).to_be_hidden()
    open_search(page)
    page.keyboard.type("店")
    expect(results(page).first).to_be_visible()
    expect(dialog(page).get_by_role("status")).to_have_text(re.compile(r"^\d+件"))
    expect(dialog(page).locator("mark").first).to_have_text("店")
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(dialog(page).get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    target = results(page).first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")


def test_typing_on_after_choosing_goes_back_to_the_words(visitor):
    page = visitor(MEMBER)
    open_search(page)
    page.keyboard.type("店")
    expect(results(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("舗")
    expect(dialog(page).get_by_role("searchbox")).to_have_value("店舗")
    expect(dialog(page).locator("mark").first).to_have_text("店舗")


def test_the_results_can_be_read_by_everybody(visitor):
    page = visitor(MEMBER)
    open_search(page)
    page.keyboard.type("店")
    expect(results(page).first).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    assert faults(page) == []


def test_only_the_last_words_are_shown_and_emptying_the_field_forgets_them(visitor):
    page = visitor(MEMBER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/?" in request.url else None)
    open_search(page)
    page.keyboard.type("オンライン店の月商", delay=10)
    expect(dialog(page).locator("mark").first).to_have_text("オンライン店の月商")
    assert len(asked) < len("オンライン店の月商")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(results(page)).to_have_count(0)
    expect(dialog(page)).to_contain_text("目標、主要な結果、KGI、KPI")
    expect(dialog(page).get_by_role("status")).to_have_text("")


def test_a_word_that_is_still_being_composed_is_not_searched(visitor):
    page = visitor(MEMBER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/?" in request.url else None)
    open_search(page)
    ime = page.context.new_cdp_session(page)
    for composed in ("m", "みs", "みせ"):
        ime.send("Input.imeSetComposition", {"text": composed, "selectionStart": 2, "selectionEnd": 2})
    expect(dialog(page).get_by_role("searchbox")).to_have_value("みせ")
    # The browser's own clock: longer than the pause after which typed letters are searched.
    page.evaluate("new Promise((done) => setTimeout(done, 400))")
    assert asked == []
    ime.send("Input.insertText", {"text": "店"})
    expect(dialog(page).locator("mark").first).to_have_text("店")
    expect(dialog(page)).to_be_visible()


def test_nothing_that_is_typed_into_a_field_or_composed_is_a_shortcut(visitor):
    page = visitor(MEMBER)
    page.goto("/o/demo/objectives/")
    field = page.locator("[data-search]").first
    field.focus()
    page.keyboard.type("/gw?f")
    expect(field).to_have_value("/gw?f")
    expect(dialog(page)).to_be_hidden()
    assert page.url.endswith("/o/demo/objectives/")
    field.blur()
    for keys in ("Control+/", "Alt+f", "Meta+/"):
        page.keyboard.press(keys)
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '/', isComposing: true, bubbles: true}))"
    )
    expect(dialog(page)).to_be_hidden()
    expect(field).not_to_be_focused()


def test_f_reaches_the_filter_of_the_page_and_the_search_page_has_no_dialog(visitor):
    page = visitor(MEMBER)
    page.goto("/o/demo/objectives/")
    page.locator("body").press("f")
    expect(page.locator("[data-search]").first).to_be_focused()
    page.goto("/o/demo/search/?q=店")
    page.locator("body").press("/")
    expect(page.locator("#search-q")).to_be_focused()


def test_going_places_by_two_letters(visitor):
    page = visitor(MEMBER)
    page.goto("/o/demo/company/")
    places = {
        "o": "/o/demo/objectives/",
        "k": "/o/demo/kgis/",
        "c": "/o/demo/company/",
        "p": "/o/demo/plan/",
        "s": "/o/demo/settings/",
        "d": "/glossary/",
        "w": "/o/demo/this-week/",
    }
    for letter, place in places.items():
        page.locator("body").press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"**{place}")


def test_the_list_of_shortcuts_names_only_what_works_for_the_reader(visitor):
    page = visitor(PARTNER)
    page.goto("/o/demo/objectives/")
    page.locator("body").press("?")
    listed = page.locator("dialog#shortcuts")
    expect(listed).to_be_visible()
    expect(listed.get_by_role("button", name="閉じる")).to_be_focused()
    for label in listed.locator("dt").all():
        keys = [kbd.inner_text() for kbd in label.locator("kbd").all()]
        if keys[0] == "g":
            expect(page.locator(f'[data-go="{keys[1]}"]')).to_have_count(1)


def test_the_shortcuts_of_one_key_can_be_switched_off_on_a_device(visitor):
    page = visitor(MEMBER)
    page.goto("/o/demo/objectives/")
    page.locator("body").press("?")
    page.get_by_label("この端末で、1文字のショートカットを使う").uncheck()
    page.keyboard.press("Escape")
    page.goto("/o/demo/objectives/")
    for key in ("/", "?", "f", "g", "w"):
        page.locator("body").press(key)
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("dialog#shortcuts")).to_be_hidden()
    expect(page.locator("[data-search]").first).not_to_be_focused()
    assert page.url.endswith("/o/demo/objectives/")
    page.locator("[data-open-search]").click()
    page.keyboard.type("店")
    expect(results(page).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.locator("[data-shortcuts]").click()
    box = page.get_by_label("この端末で、1文字のショートカットを使う")
    expect(box).not_to_be_checked()
    box.check()
    page.keyboard.press("Escape")
    page.locator("body").press("/")
    expect(dialog(page)).to_be_visible()


def test_on_a_phone_the_magnifier_searches_the_whole_screen(visitor):
    page = visitor(MEMBER, width=360, language="en")
    page.goto("/o/demo/company/")
    page.get_by_role("link", name="Search", exact=True).tap()
    expect(dialog(page)).to_be_visible()
    page.keyboard.type("店")
    expect(results(page).first).to_be_visible()
    box = dialog(page).bounding_box()
    assert (box["x"], box["y"], box["width"]) == (0, 0, 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert results(page).first.bounding_box()["height"] >= 44
    dialog(page).get_by_role("button", name="Close").tap()
    expect(dialog(page)).to_be_hidden()


def test_without_javascript_the_magnifier_leads_to_the_page(visitor):
    page = visitor(MEMBER, javascript=False)
    page.goto("/o/demo/this-week/")
    page.get_by_role("link", name="探す", exact=True).click()
    page.wait_for_url("**/o/demo/search/")
    page.locator("#search-q").fill("店")
    page.locator("#search-kind").select_option("check-in")
    page.locator("#search-q").press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.locator("h1")).to_contain_text("件見つかりました")
    expect(page.locator(".search-group")).to_have_count(1)
    page.locator("[rel=next]").click()
    expect(page.locator("[rel=prev]")).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()
    page.locator("a[data-found]").first.click()
    page.wait_for_url(re.compile(r"/objectives/\d+/\?key_result=\d+#log"))


def test_enter_in_the_field_leads_to_all_results(visitor):
    page = visitor(MEMBER)
    open_search(page)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    page.keyboard.type("店")
    page.keyboard.press("Enter")
    page.wait_for_url("**/o/demo/search/?q=%E5%BA%97")


def test_a_word_is_explained_to_whoever_reaches_it_by_keyboard(visitor):
    page = visitor(MEMBER)
    page.goto("/o/demo/objectives/")
    word = page.locator("a.term", has_text="ストレッチ帯")
    expect(word).to_have_attribute("title", re.compile("挑戦の目標が着地してほしい範囲"))
    word.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/#stretch-band")
    expect(page.locator("#stretch-band")).to_be_in_viewport()
