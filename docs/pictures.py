"""Take the documents' pictures from a running example company: `python docs/pictures.py http://127.0.0.1:8000`."""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent / "pictures"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PREPARING = re.compile("準備中|In preparation")
CLOSED = re.compile("終了|Closed")
CAFE = "オンラインストアの売上を2倍にする"
SALES = "法人営業"
AGENCY = "長谷川 岳"
PASSWORD = "try-okr-planner"  # noqa: S105 the example company's


def first_link(page: Page, path: str, pattern: str) -> str:
    page.goto(path)
    return page.locator(f"main a[href*='{pattern}']").first.get_attribute("href") or path


def first_row(page: Page, path: str) -> str:
    """The first address of a row in a list: the list's own with a number behind it."""
    page.goto(path)
    addresses = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next(address for address in addresses if re.fullmatch(rf"{path}\d+/", address or ""))


def take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


def take_drafting(manager: Page, admin: Page, folder: str) -> None:
    """The next quarter as it is drafted: the café's objective beside the coach, the board, and what is carried over."""
    manager.goto("/o/demo/cycles/")
    link = manager.locator("main tr", has=manager.locator(".badge", has_text=PREPARING)).first.locator("th a")
    board = link.get_attribute("href") or ""
    cycle = board.partition("=")[2]
    take(manager, "/o/demo/library/", f"{folder}/library")
    take(manager, board, f"{folder}/board")
    take(manager, f"/o/demo/plan/alignment/?cycle={cycle}", f"{folder}/alignment")
    take(manager, f"/o/demo/plan/conflicts/?cycle={cycle}", f"{folder}/conflicts")
    take(manager, f"/o/demo/cycles/{cycle}/carry-over/", f"{folder}/carry-over")
    admin.goto(board)
    cafe = admin.locator("main a.word", has_text=CAFE).first.get_attribute("href")
    take(admin, f"{cafe}draft/", f"{folder}/draft")


def take_the_week(manager: Page, member: Page, folder: str) -> None:
    """The week as it is lived: on the phone, in the team, in a meeting, at the numbers that are to stay good."""
    take(member, "/o/demo/this-week/", f"{folder}/phone")
    take(manager, "/o/demo/obstacles/", f"{folder}/obstacles")
    take(manager, "/o/demo/team-week/", f"{folder}/team-week")
    take(manager, "/o/demo/health-kpis/", f"{folder}/health-kpis")
    manager.goto("/o/demo/meetings/")
    manager.locator("main form button[type=submit]").first.click()
    manager.wait_for_load_state("networkidle")
    manager.screenshot(path=FOLDER / f"{folder}/meeting.png")


def take_closing(manager: Page, member: Page, folder: str) -> None:
    """The end of a quarter: what is left to do, grades, the room people look back in, lessons, the report."""
    manager.goto("/o/demo/cycles/")
    closed = manager.locator("main tr", has=manager.locator(".badge", has_text=CLOSED)).last.locator("th a")
    last = (closed.get_attribute("href") or "").partition("=")[2]
    take(manager, f"/o/demo/closing/?cycle={last}", f"{folder}/closing")
    manager.goto("/o/demo/closing/")
    own = manager.locator(".closing-list a[href*='/closing/teams/']", has_text=SALES).first
    take(manager, own.get_attribute("href") or "", f"{folder}/team")
    member.goto("/o/demo/retrospectives/")
    room = member.locator("main .list[data-kind=acts] a.word").first.get_attribute("href") or ""
    take(member, room, f"{folder}/room")
    take(manager, "/o/demo/lessons/", f"{folder}/lessons")
    take(manager, "/o/demo/company/cycles/", f"{folder}/across")
    take(manager, f"/o/demo/company/report/?cycle={last}", f"{folder}/report")


def take_plans(manager: Page, folder: str) -> None:
    """From a lever to what is done: actions, a customer journey with its content, a matrix with its leads."""
    take(manager, "/o/demo/actions/board/?whose=all", f"{folder}/board")
    take(manager, "/o/demo/actions/timeline/?whose=all", f"{folder}/timeline")
    take(manager, "/o/demo/actions/effects/", f"{folder}/effects")
    take(manager, first_row(manager, "/o/demo/journeys/"), f"{folder}/journey")
    take(manager, "/o/demo/contents/", f"{folder}/contents")
    matrix = first_row(manager, "/o/demo/matrix/")
    take(manager, matrix, f"{folder}/matrix")
    take(manager, f"{matrix}leads/", f"{folder}/leads")


def take_partners(manager: Page, partner: Page, folder: str) -> None:
    """Choosing a partner, what they brought, bringing the work in-house, and their room as they see it."""
    take(manager, "/o/demo/partners/candidates/", f"{folder}/candidates")
    manager.goto("/o/demo/partners/")
    address = manager.locator("main tr", has_text=AGENCY).locator("th a").get_attribute("href") or ""
    take(manager, address, f"{folder}/partner")
    take(manager, f"{address}contribution/", f"{folder}/contribution")
    take(manager, f"{address}handover/", f"{folder}/handover")
    take(partner, "/o/demo/room/", f"{folder}/room")


def main(home: str) -> None:
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)

        def signed_in(who: str, language: str, width: int, height: int, scheme: str = "light") -> Page:
            page = browser.new_page(
                base_url=home,
                locale=language,
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page.goto("/accounts/login/")
            page.fill("input[name=login]", f"{who}@demo.example")
            page.fill("input[name=password]", PASSWORD)
            page.click("form.signin-fields button[type=submit]")
            page.wait_for_url(re.compile(r"/o/demo/"))
            return page

        take(signed_in("member", "ja-JP", 1280, 900), "/o/demo/this-week/", "this-week")
        take(signed_in("executive", "en-GB", 1280, 900), "/o/demo/company/", "company")
        manager = signed_in("manager", "ja-JP", 1280, 900)
        take(manager, first_link(manager, "/o/demo/kgis/", "/funnel/"), "funnel")
        take(signed_in("member", "ja-JP", 390, 844, "dark"), "/o/demo/this-week/", "this-week-phone")
        for locale in ("ja-JP", "en-GB"):
            planner = signed_in("manager", locale, 1280, 960)
            funnel = first_link(planner, "/o/demo/kgis/", "/funnel/")
            kgi = first_link(planner, "/o/demo/kgis/", "/tree/").removesuffix("tree/")
            take(planner, funnel, f"planning/{locale[:2]}/funnel")
            for page in ("tree", "consistency", "likelihood", "plan-and-actual"):
                take(planner, f"{kgi}{page}/", f"planning/{locale[:2]}/{page}")
            take_drafting(planner, signed_in("admin", locale, 1280, 960), f"drafting/{locale[:2]}")
            take_the_week(planner, signed_in("member", locale, 390, 844), f"weekly/{locale[:2]}")
            take_plans(planner, f"working-with-plans/{locale[:2]}")
            take_closing(planner, signed_in("member", locale, 1280, 960), f"closing/{locale[:2]}")
            take_partners(planner, signed_in("partner", locale, 1280, 960), f"partners/{locale[:2]}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
