"""A real Chromium before the real product: `make run` with the example company, on a Thursday in the middle of May."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.browser import weeks
from tests.run.service import Service, new_place

# The shell draws the same pages with less around them.
CHROMIUM = ("chromium-headless-shell", "chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
THURSDAY = "2026-05-21T10:00:00+09:00"
PASSWORD = "try-okr-planner"
LOCALES = {"ja": "ja-JP", "en": "en-US"}
PATIENCE = 15_000


class ExampleCompany(Service):
    """The product with the example company in it, whose time stands still until a test moves it."""

    def __init__(self, name: str) -> None:
        directory = new_place(name)
        directory.mkdir()
        directory.chmod(0o755)
        super().__init__(directory / "var")
        self.clock = directory / "clock"
        self.clock.write_text(THURSDAY)
        self.environ |= {"DEMO": "1", "CLOCK_FILE": str(self.clock)}
        # Months pass here within a minute, in which nobody is to be signed out.
        self.environ |= {"SESSION_IDLE_DAYS": "365", "SESSION_ABSOLUTE_DAYS": "365"}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pass_a_week(self) -> None:
        """Everybody owes their check-ins again."""
        self.clock.write_text((datetime.fromisoformat(self.clock.read_text()) + timedelta(days=7)).isoformat())

    def last_words(self) -> str:
        """The end of what the web server wrote down: why a page broke."""
        return (self.var / "log" / "web.log").read_text()[-3000:]

    def rows(self, question: str, *values: Any) -> list[Any]:
        with self.database() as database:
            return database.execute(question, values).fetchall()


def running(name: str) -> Iterator[ExampleCompany]:
    service = ExampleCompany(name)
    service.start()
    yield service
    service.end()


# The scope is the package, not the session: while Playwright's loop runs, Django refuses its database to other tests.
@pytest.fixture(scope="package")
def company() -> Iterator[ExampleCompany]:
    yield from running("example")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """The cookies of everybody who has signed in once; signing in is slow on purpose and limited in rate."""
    return {}


class Visits:
    """Opens pages as people of the example company, and writes down what went wrong on any of them.

    `provoked` holds words of the errors that a test brings about on purpose.
    """

    def __init__(self, browser: Browser, company: ExampleCompany, sessions: dict[str, Any]) -> None:
        self.browser, self.company, self.sessions = browser, company, sessions
        self.wrong: list[str] = []
        self.provoked: list[str] = []
        self.contexts: list[Any] = []
        self.pages: list[Page] = []

    def __call__(
        self,
        email: str | None = None,
        *,
        language: str = "ja",
        width: int = 1280,
        scheme: str = "light",
        javascript: bool = True,
        answers: tuple[int, ...] = (),
    ) -> Page:
        """A new page, of nobody or of somebody signed in; `answers` are the refusals that this test provokes."""
        context = self.context(email, language, width, scheme, javascript)
        page = context.new_page()
        self.pages.append(page)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("requestfailed", self.miss)
        page.on("request", self.stay)
        page.on("dialog", self.refuse)
        page.on("response", lambda response: self.receive(response, answers))
        return page

    def context(self, email: str | None, language: str, width: int, scheme: str, javascript: bool) -> BrowserContext:
        """A browser that has been nowhere yet."""
        context = self.browser.new_context(
            base_url=self.company.address,
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=javascript,
            has_touch=width < 600,
            storage_state=self.session(email) if email is not None else None,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        return context

    def session(self, email: str) -> Any:
        """The cookies of somebody signed in."""
        if email not in self.sessions:
            page = self(None)
            sign_in(page, email)
            self.sessions[email] = page.context.storage_state()
        return self.sessions[email]

    def hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        place = message.page.url if message.page else ""
        # What could not be loaded stands among the answers and the failed requests, with its address.
        if not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"{place}: {message.text} ({message.location['url']})")

    def stay(self, request: Request) -> None:
        """Nothing is ever fetched from anybody else."""
        if not request.url.startswith((f"{self.company.address}/", "data:", "blob:")):
            self.wrong.append(f"{request.frame.url}: asks {request.url}")

    def refuse(self, dialog: Dialog) -> None:
        """The product opens none, so this is a name that has become a script, or a slip."""
        self.wrong.append(f"{dialog.page.url if dialog.page else ''}: says {dialog.message}")
        dialog.dismiss()

    def miss(self, request: Request) -> None:
        # The browser ends what it no longer needs: a preview overtaken by the next one, or by leaving the page.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.method} {request.url}: {request.failure}")

    def receive(self, response: Response, answers: tuple[int, ...]) -> None:
        if response.status >= 400 and response.status not in answers:
            self.wrong.append(f"{response.request.method} {response.url}: {response.status}")

    def end(self) -> None:
        for page in self.pages:
            page.close()
        for context in self.contexts:
            context.close()
        unforeseen = [each for each in self.wrong if not any(words in each for words in self.provoked)]
        assert unforeseen == [], self.company.last_words()


class RegularVisits(Visits):
    """Of somebody who comes again with the same browser: what every page loads is there already."""

    def __init__(self, *known: Any, browsers: dict[Any, BrowserContext]) -> None:
        super().__init__(*known)
        self.browsers = browsers

    def context(self, *who: Any) -> BrowserContext:
        if who[0] is None:
            return super().context(*who)
        if who not in self.browsers:
            self.browsers[who] = super().context(*who)
            self.contexts.remove(self.browsers[who])  # it stays when this visit ends
        return self.browsers[who]


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/this-week/")


@pytest.fixture
def visitor(browser: Browser, company: ExampleCompany, sessions: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """`visitor("member@demo.example", language="en", width=360)` is a signed-in page; errors on it fail the test."""
    visits = Visits(browser, company, sessions)
    yield visits
    visits.end()


@pytest.fixture
def begin_week(company: ExampleCompany) -> Callable[..., dict[int, str]]:
    """`begin_week(page, 3)` opens this week, a new one if fewer are owed; answers what to type for each key result."""
    return lambda page, at_least=1, email=weeks.MEMBER: weeks.begin(company, page, at_least, email)


@pytest.fixture(scope="package")
def browsers() -> dict[Any, BrowserContext]:
    return {}


@pytest.fixture
def regular(browser: Browser, company: ExampleCompany, sessions: dict[str, Any], browsers: dict[Any, BrowserContext]):
    """As `visitor`, for looking only: nothing on a page may depend on what was looked at before."""
    visits = RegularVisits(browser, company, sessions, browsers=browsers)
    yield visits
    visits.end()
