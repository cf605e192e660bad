"""From an empty `make run` to a plan: the link on the terminal, five steps, and somebody invited on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ExampleCompany, Visits
from tests.browser.test_every_page import LAPTOP, PHONE, check_access, check_fit, check_head
from tests.run.service import eventually

PASSWORD = "ゆきどけの豆を焙る 2026"
# What one must type with nothing known before: company, name, address, password; revenue, price, win rate; objective.
FEWEST_FIELDS = 8


class EmptyHouse(ExampleCompany):
    """`DEMO=0 make run`, and what it prints."""

    def __init__(self) -> None:
        super().__init__("empty")
        self.environ["DEMO"] = "0"

    def link_on_the_terminal(self) -> str:
        line = ""
        while "/start/" not in line:
            line = self.process.stdout.readline()
            assert line, "the service ended before it printed a link"
        return line.strip()

    def another_link(self) -> str:
        made = self.manage("create_start_link", "--site", self.address)
        assert made.returncode == 0, made.stderr
        return made.stdout.splitlines()[-1]


@dataclass(frozen=True)
class Words:
    """What the founder types, and what the page says in the end."""

    company: str
    slug: str
    person: str
    email: str
    teams: str
    guest: str
    revenue: str
    price: str
    objective: str
    quarter: str
    stands: str


STORIES = {
    "ja": Words(
        "峠の茶屋",
        r"company-[a-z2-9]{4}",
        "女将 千代",
        "okami@toge.example",
        "営業本部\n　法人営業\n製造 > 焙煎",
        "佐藤 花 <hana@toge.example>、マネージャー、法人営業",
        "１億円",
        "120万",
        "はじめての人に、また来たいと思ってもらう",
        "FY2026 Q1：4月1日〜6月30日",
        "計画ができました。",
    ),
    "en": Words(
        "Acme & Sons",
        "acme-sons",
        "Ann Acme",
        "ann@acme.example",
        "Sales\n  Corporate\nMaking > Roasting",
        "Hana Sato <hana@acme.example>, manager, Corporate",
        "¥100M",
        "1.2M",
        "Guests leave and tell others about us",
        "FY2026 Q1: 1 Apr – 30 Jun",
        "Your plan stands.",
    ),
}


@pytest.fixture
def house() -> Iterator[EmptyHouse]:
    house = EmptyHouse()
    house.start()
    yield house
    house.end()


@pytest.fixture
def guests(browser: Browser, house: EmptyHouse) -> Iterator[Callable[..., Page]]:
    """New pages of the empty house; what goes wrong on them fails the test."""
    visits = Visits(browser, house, {})
    yield visits
    visits.end()


def look(page: Page, language: str, width: int) -> None:
    """As the every-page tests look: what it says, whether it fits, whether everybody can read it."""
    check_head(page, language)
    for size in {width, PHONE}:
        check_fit(page, size)
    check_fit(page, width)
    check_access(page, "dark" if width == PHONE else "light")


def go_on(page: Page, to: str) -> None:
    page.locator("main .form-actions button[type=submit]").first.click()
    page.wait_for_url(f"**/start/{to}/")


def found(page: Page, words: Words) -> None:
    page.locator("[name=name]").press_sequentially(words.company)
    expect(page.locator("[name=slug]")).to_have_value(re.compile(words.slug))
    page.locator("[name=person]").fill(words.person)
    page.locator("[name=email]").fill(words.email)
    page.locator("[name=password]").fill(PASSWORD)
    go_on(page, "calendar")


def plan(page: Page, words: Words, language: str, width: int) -> None:
    """Steps 2 to 5 as somebody takes them who looks at the answers while typing."""
    page.locator("[name=fiscal_year_start]").select_option("1")
    expect(page.locator("#answer")).to_contain_text("FY2026 Q2")
    page.locator("[name=fiscal_year_start]").select_option("4")
    expect(page.locator("#answer")).to_contain_text(words.quarter)
    look(page, language, width)
    go_on(page, "teams")

    page.locator("[name=teams]").fill(words.teams)
    page.locator("details.fold summary").click()
    page.locator("[name=people]").fill(words.guest)
    expect(page.locator("#answer")).to_contain_text(re.search("<(.*)>", words.guest)[1])
    expect(page.locator(".start-tree > li")).to_have_count(5)
    look(page, language, width)
    go_on(page, "kgi")

    look(page, language, width)
    page.locator("[name=revenue_must_hit]").fill(words.revenue)
    page.locator("[name=unit_price]").fill(words.price)
    page.locator("[name=win_rate]").fill("20")
    page.locator("[name=deal_rate]").fill("10")
    answer = page.locator("#answer table")
    for number in ("84", "417", "4,167", "416,667", "21", "105", "1,042", "104,167"):
        expect(answer).to_contain_text(number)
    look(page, language, width)
    go_on(page, "objective")

    page.locator("[name=title]").fill(words.objective)
    expect(page.locator("[name=deals-must_hit_value], [name=deals-target_value]").last).to_have_value("105")
    look(page, language, width)
    page.locator("button[value=begin]").click()
    page.wait_for_url("**/start/done/")
    expect(page.locator("h1")).to_contain_text(words.stands)
    expect(page.locator("main")).to_contain_text(words.objective)
    look(page, language, width)


@pytest.mark.parametrize(("language", "width"), [("ja", PHONE), ("en", LAPTOP)])
def test_from_the_link_on_the_terminal_to_a_plan_that_has_begun(guests, house, language, width):
    words = STORIES[language]
    link = house.link_on_the_terminal()
    assert link.startswith(f"{house.address}/start/")
    secret = link.split("/")[-2]
    assert not [path for path in (house.var / "run").iterdir() if path.is_file() and secret in path.read_text()]
    page = guests(language=language, width=width, answers=(410,))
    page.goto(link)
    look(page, language, width)
    found(page, words)
    plan(page, words, language, width)

    page.goto("/")
    page.wait_for_url("**/this-week/")
    assert house.rows("SELECT state, title FROM objectives_objective") == [("active", words.objective)]
    assert house.rows("SELECT count(*) FROM objectives_keyresult") == [(3,)]
    eventually(lambda: house.rows("SELECT count(*) FROM people_invitation WHERE sent_at IS NOT NULL") == [(1,)])
    page.goto(link)
    look(page, language, width)
    accept(guests, house, words, language, width)


def accept(guests: Callable[..., Page], house: EmptyHouse, words: Words, language: str, width: int) -> None:
    """Who was invited comes in by the link of the mail that the worker wrote."""
    (letter,) = (house.var / "mail").glob("*.log")
    # Quoted-printable breaks long lines and writes = as =3D.
    body = letter.read_text().replace("=\n", "").replace("=3D", "=")
    page = guests(language=language, width=width)
    page.goto(re.search(r"http://\S+/invitations/accept/[0-9a-f]{64}/", body)[0])
    look(page, language, width)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/this-week/")
    assert house.rows("SELECT role FROM people_membership WHERE role <> 'admin'") == [("manager",)]


def test_without_a_script_eight_fields_lead_to_a_plan(guests, house):
    words = STORIES["en"]
    page = guests(language="en", width=LAPTOP, javascript=False)
    page.goto(house.another_link())
    filled = 0
    for name, value in (("name", words.company), ("person", words.person), ("email", words.email)):
        page.locator(f"[name={name}]").fill(value)
        filled += 1
    page.locator("[name=password]").fill(PASSWORD)
    filled += 1
    go_on(page, "calendar")
    go_on(page, "teams")
    go_on(page, "kgi")
    for name, value in (("revenue_must_hit", words.revenue), ("unit_price", words.price), ("win_rate", "20")):
        page.locator(f"[name={name}]").fill(value)
        filled += 1
    page.locator("button[name=answer]").click()
    expect(page.locator("#answer")).to_contain_text("417")
    page.locator(".form-actions button[data-kind=primary]").click()
    page.wait_for_url("**/start/objective/")
    page.locator("[name=title]").fill(words.objective)
    filled += 1
    page.locator("button[value=begin]").click()
    page.wait_for_url("**/start/done/")
    assert filled == FEWEST_FIELDS
    assert house.rows("SELECT state FROM objectives_objective") == [("active",)]
