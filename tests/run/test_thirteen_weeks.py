"""Eleven people, two rhythms, thirteen weeks: every reminder is counted, none comes twice, none is missing.

Web server, two workers and two beats, PostgreSQL, the mail server and the browser are real; only the clock is moved.
What is expected is written down here as the story goes, from the calendar on the wall.
"""

import email
import email.message
import email.policy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from aiosmtpd.controller import Controller
from playwright.sync_api import sync_playwright

from okrplanner.embedded.places import CHECKOUT, read_settings
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.run.service import Service, eventually, free_port, new_place
from tests.run.team_of_eleven import PASSWORD

FIRST_MONDAY = date(2026, 4, 6)
WEEKS = 13
# Nobody works: three public holidays, then two days the company gives.
WEEK_OFF = 4
# Fridays, but for the week off.
SALES_DUE = {week: FIRST_MONDAY + timedelta(weeks=week, days=4) for week in range(WEEKS) if week != WEEK_OFF}
# Every second Wednesday, on Tuesday where that is a holiday. A last round would end after the quarter.
ROASTERY_DUE = {
    1: date(2026, 4, 15),
    3: date(2026, 4, 28),
    5: date(2026, 5, 13),
    7: date(2026, 5, 27),
    9: date(2026, 6, 10),
    11: date(2026, 6, 24),
}
# Who stays silent there is reminded every week from the first round on.
ROASTERY_REMINDED = {
    week: ROASTERY_DUE.get(week, FIRST_MONDAY + timedelta(weeks=week, days=2))
    for week in range(1, WEEKS)
    if week != WEEK_OFF
}
NUDGE_IN, KILL_IN = 6, 8
CLOSING_IN = 11  # its Monday is the first working day of the last two weeks
UNSENT = "SELECT topic, occasion, membership_id, cancelled_at, failure FROM people_delivery WHERE sent_at IS NULL"
SCORES = "SELECT objective_id, round(score::numeric, 9), health FROM objectives_objectivescore ORDER BY 1"


class Mailbox:
    """Takes every mail, as the server it was sent to, and notes in which week of the story it came."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, int, email.message.EmailMessage]] = []
        self.week = 0

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        (address,) = envelope.rcpt_tos
        self.mails.append((address.split("@")[0], kind_of(mail), self.week, mail))
        return "250 OK"

    def counted(self) -> Counter:
        return Counter((name, kind, week) for name, kind, week, _mail in list(self.mails))

    def last_to(self, name: str) -> str:
        """The plain words of the newest mail to somebody."""
        mail = next(mail for to, _kind, _week, mail in reversed(self.mails) if to == name)
        return mail.get_body(("plain",)).get_content()


def kind_of(mail: email.message.EmailMessage) -> str:
    if re.search("チェックインを待って|is waiting for your check-in", mail["Subject"]):
        return "nudge"
    if re.search("終わりまで|終わります|ends (in|today)", mail["Subject"]):
        return "closing"
    return "reminder" if re.search("チェックイン|check-in", mail["Subject"]) else "digest"


class Story(Service):
    """The installation, the calendar on its wall, and who is to get which mail."""

    def __init__(self, mail_port: int) -> None:
        place = new_place("thirteen-weeks")
        place.mkdir()
        place.chmod(0o755)
        super().__init__(place / "var")
        self.clock = place / "clock"
        self.wall = datetime(2026, 4, 6, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
        self.clock.write_text(self.wall.isoformat())
        self.environ |= {
            "CLOCK_FILE": str(self.clock),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "SESSION_IDLE_DAYS": "365",
            "SESSION_ABSOLUTE_DAYS": "365",
        }
        self.said: Counter = Counter()
        self.expected: Counter = Counter()

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """It is now that moment, for every process at once."""
        self.wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Tokyo"))
        new = self.clock.with_name("clock.new")
        new.write_text(self.wall.isoformat())
        new.rename(self.clock)

    def learn(self) -> None:
        done = self.manage("shell", "-v0", "-c", "from tests.run.team_of_eleven import found; found()")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        self.key_results, self.tokens, self.people = told["key_results"], told["tokens"], told["people"]

    def nudge(self, name: str) -> None:
        """The manager asks somebody for their check-in, and clicks twice."""
        browser = requests.Session()
        home = f"http://127.0.0.1:{self.port}"
        browser.get(f"{home}/accounts/login/", timeout=60)
        form = {"login": "manager@hokuto.example", "password": PASSWORD}
        browser.post(
            f"{home}/accounts/login/", form | {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}, timeout=60
        )
        for _ in range(2):
            said = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "person": self.people[name]}
            answer = browser.post(f"{home}/o/hokuto/team-week/nudge/", said, timeout=60)
            assert answer.status_code == 200, answer.text

    def wait_for_rounds(self, rounds: int) -> None:
        """Until the worker has swept as often again: whatever is to come has come."""
        with self.database() as database:
            for _ in range(rounds):
                database.execute("DELETE FROM people_heartbeat WHERE name = 'sweep'")
                eventually(lambda: database.execute("SELECT 1 FROM people_heartbeat WHERE name = 'sweep'").fetchone())

    def check_in(self, name: str, *, on: date | None = None) -> None:
        """All that a person reports on, by the API; sent twice, as a program that got no answer does."""
        for pk in self.key_results[name]:
            body = {"value": 1, "confidence": 6, "next_step": "次の一社", "date": str(on or self.wall.date())}
            body["submission_key"] = str(uuid.uuid4())
            address = f"http://127.0.0.1:{self.port}/api/v1/o/hokuto/key-results/{pk}/check-ins/"
            headers = {"Authorization": f"Bearer {self.tokens[name]}"}
            answers = [requests.post(address, json=body, headers=headers, timeout=60) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 200], answers[0].text
            self.said[pk] += 1


class Celery:
    """A second worker and a beat that is always in a hurry, beside the installation's own."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        database = (self.story.var / "run" / "database-url").read_text().strip()
        environ = {**self.story.environ, **read_settings(self.story.var), "DATABASE_URL": database}
        schedule = str(self.story.var / "often")
        for words in (
            ["beat", "--schedule", schedule, "--pidfile="],
            ["worker", "--concurrency=1", "--hostname=second"],
        ):
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "celery", "--app", "tests.run.often", *words],
                    cwd=CHECKOUT,
                    env=environ,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )

    def end(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def mailbox():
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    mailbox.port = controller.port
    yield mailbox
    controller.stop()


@pytest.fixture(scope="module")
def story(mailbox):
    story = Story(mailbox.port)
    story.start()
    story.learn()
    often = Celery(story)
    often.start()
    yield story
    often.end()
    story.end()


@pytest.fixture(scope="module")
def page(story):
    """The phone of the person who checks in by the link in the mail."""
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{story.port}", locale="ja-JP", viewport={"width": 360, "height": 740}
        )
        page = context.new_page()
        sign_in(page, "browser")
        yield page
        browser.close()


def sign_in(page, name: str) -> None:
    page.goto("/accounts/login/")
    page.fill("[name=login]", f"{name}@hokuto.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/this-week/")


def check_in_by_the_link(story: Story, mailbox: Mailbox, page) -> None:
    """The mail's first link opens the very check-in; the others slide in after it."""
    owed = story.key_results["browser"]
    links = re.findall(r"http://\S+/this-week/\?key_result=(\d+)", mailbox.last_to("browser"))
    assert sorted(map(int, dict.fromkeys(links))) == sorted(owed)
    page.goto(f"/o/hokuto/this-week/?key_result={links[0]}")
    for left in range(len(owed), 0, -1):
        form = page.locator("form.checkin")
        (pk,) = re.findall(r"key-results/(\d+)/", form.get_attribute("action"))
        page.fill("#checkin input[name=value]:not([type=hidden])", "1")
        page.keyboard.press("Tab")
        page.keyboard.press("7")
        page.keyboard.press("Enter")
        page.wait_for_function("pk => !document.querySelector(`form.checkin[action*='/${pk}/']`)", arg=pk)
        page.wait_for_function("() => !document.querySelector('.htmx-added')")  # its first field takes the focus then
        story.said[int(pk)] += 1
        assert page.locator("form.checkin").count() == (left > 1)


def test_every_reminder_is_counted_none_doubled_none_missed(story, mailbox, page):
    def expect(*names: str, kind: str = "reminder") -> None:
        """These get one mail each now; nobody else has got any."""
        story.expected.update((name, kind, week) for name in names)
        eventually(lambda: mailbox.counted().total() >= story.expected.total())
        assert mailbox.counted() == story.expected

    for week in range(WEEKS):
        mailbox.week = week
        monday = FIRST_MONDAY + timedelta(weeks=week)

        story.at(monday, 10)
        if week == CLOSING_IN:
            story.expected.update((name, "closing", week) for name in story.key_results)
        if week != WEEK_OFF:
            expect("admin", "executive", kind="digest")
        if week - 1 in SALES_DUE:
            story.check_in("late", on=SALES_DUE[week - 1])
        if week in ROASTERY_DUE:
            story.check_in("morning")
        if week == NUDGE_IN:
            story.nudge("skipping")
            expect("skipping", kind="nudge")

        if week in ROASTERY_REMINDED:
            story.at(ROASTERY_REMINDED[week], 9, 5)
            expect("silent")
        if week not in SALES_DUE:
            continue

        story.at(SALES_DUE[week] - timedelta(days=1), 17)
        story.check_in("early")
        if week == KILL_IN:
            os.kill(story.pids()["worker"], signal.SIGKILL)
        story.at(SALES_DUE[week], 9, 5)
        expect("manager", "browser", "late", "skipping", "same_day")
        check_in_by_the_link(story, mailbox, page)
        for name in ("manager", "same_day"):
            story.check_in(name)
        if week % 2 == 0:
            story.check_in("skipping")
        story.at(SALES_DUE[week], 18, 5)
        expect("evening")
        story.check_in("evening")

    story.at(FIRST_MONDAY + timedelta(weeks=WEEKS, days=-1), 23)
    story.wait_for_rounds(3)
    assert mailbox.counted() == story.expected
    assert story.expected.total() == 24 + 1 + 11 + 5 * 12 + 12 + len(story.key_results)


def test_each_mail_is_in_its_readers_language_and_names_what_is_owed(story, mailbox):
    for name, kind, week, mail in mailbox.mails:
        is_english = name in {"late", "silent", "executive"}
        assert bool(re.search("[ぁ-ん]", mail["Subject"])) != is_english, (name, kind, week, mail["Subject"])
        if kind == "reminder":
            plain, html = (mail.get_body((form,)).get_content() for form in ("plain", "html"))
            assert {int(pk) for pk in re.findall(r"key_result=(\d+)", plain)} == set(story.key_results[name])
            assert {int(pk) for pk in re.findall(r"key_result=(\d+)", html)} == set(story.key_results[name])


def test_every_check_in_is_there_once_and_every_day_has_its_score(story):
    with story.database() as database:
        stored = dict(database.execute("SELECT key_result_id, count(*) FROM objectives_checkin GROUP BY 1").fetchall())
        assert stored == dict(story.said)
        sums = dict(database.execute("SELECT key_result_id, current_value FROM objectives_keyresultscore").fetchall())
        assert {pk: int(sums[pk]) for pk in stored} == stored
        days = database.execute("SELECT objective_id, count(*) FROM objectives_objectivesnapshot GROUP BY 1").fetchall()
        assert [count for _objective, count in days] == [WEEKS * 7] * 3
        assert database.execute(UNSENT).fetchall() == []
        before = database.execute(SCORES).fetchall()
        recomputed = story.manage(
            "shell",
            "-v0",
            "-c",
            "from people.models import Organization; from objectives import rollup; "
            "company = Organization.objects.get(slug='hokuto'); rollup.rescore_organization(company, company.today)",
        )
        assert recomputed.returncode == 0, recomputed.stderr
        assert database.execute(SCORES).fetchall() == before
