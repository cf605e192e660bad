"""A page that comes over a slow line: what has not arrived when it is first drawn is there in the end all the same."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

ADMIN = "admin@demo.example"
HALVES = 8
# What can be typed into or chosen from, unless it is folded away or meant for another kind of key result.
FIELDS = "main :is(input:not([type=hidden]), select, textarea):not([hidden] *, details:not([open]) *, .measure-part *)"
DRAWN_TWICE = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class SlowLine(ThreadingHTTPServer):
    """Passes on what the company answers, but of `page` the second half only when the first has been looked at."""

    daemon_threads = True

    def __init__(self, company: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.company = company
        self.halves: tuple[bytes, bytes] = (b"", b"")
        self.is_looked_at = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/page"

    def handle_error(self, *_request: object) -> None:
        """A browser that needs no more hangs up."""


class Answer(BaseHTTPRequestHandler):
    server: SlowLine

    def do_GET(self) -> None:
        if self.path != "/page":
            self.pass_on()
            return
        self.begin(200, "text/html; charset=utf-8")
        first, second = self.server.halves
        self.wfile.write(first)
        self.wfile.flush()
        self.server.is_looked_at.wait(15)
        self.wfile.write(second)

    def pass_on(self) -> None:
        try:
            with urlopen(self.server.company + self.path, timeout=15) as answer:  # noqa: S310
                self.begin(answer.status, answer.headers["Content-Type"])
                self.wfile.write(answer.read())
        except HTTPError as refused:
            self.begin(refused.code, "text/plain")

    def begin(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """What was asked for is not printed."""


@pytest.fixture
def slow_line(company) -> Iterator[SlowLine]:
    line = SlowLine(company.address)
    yield line
    line.is_looked_at.set()
    line.shutdown()
    line.server_close()


@pytest.mark.parametrize("path", ["plan/objectives/new/", "library/templates/new/"])
def test_a_form_drawn_before_all_of_it_has_arrived_shows_every_field(visitor, browser, slow_line, path):
    text = visitor(ADMIN).request.get(f"/o/demo/{path}").text()
    tags = [tag.start() for tag in re.finditer("<", text) if text.index("<fieldset") < tag.start()]
    tags = [place for place in tags if place < text.rindex("</fieldset>")]
    page = browser.new_page(locale="ja-JP", viewport={"width": 1280, "height": 800})
    for place in tags[:: len(tags) // HALVES]:
        slow_line.halves = text[:place].encode(), text[place:].encode()
        slow_line.is_looked_at.clear()
        page.goto(slow_line.address, wait_until="commit")
        page.locator("main").wait_for()
        page.evaluate(DRAWN_TWICE)
        slow_line.is_looked_at.set()
        page.wait_for_load_state("load")
        fields = page.locator(FIELDS)
        assert fields.count() > 10
        hidden = fields.evaluate_all("(all) => all.filter((one) => !one.checkVisibility()).map((one) => one.name)")
        assert hidden == [], f"cut before {text[place : place + 60]}"
    page.close()
