"""Pages are light: what is sent fits a phone on a train."""

import gzip
import http.client
import re

import brotli
import pytest
from django.conf import settings as present

from okrplanner.bundle import bundled
from okrplanner.static_files import CompressOnce
from tests.browser.pages import addresses, routes

ADMIN = "admin@demo.example"
MOST_BYTES = 60_000
MOST_TO_DRAW_WITH = 420_000
A_YEAR = 365 * 24 * 60 * 60
CHARTS = ("/o/demo/company/", "/o/demo/company/map/")
ROUTES = {route.name: route for route in routes()}


@pytest.mark.parametrize("name", ROUTES)
def test_a_page_weighs_less_than_60_kilobytes(visitor, company, name):
    headers = {
        "Cookie": "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in visitor.session(ADMIN)["cookies"]),
        "Accept-Encoding": "gzip",
        "Accept-Language": "ja",
    }
    for address in addresses(ROUTES[name], company):
        connection = http.client.HTTPConnection("127.0.0.1", company.port, timeout=10)
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            continue  # which address must answer what is a question for test_every_page
        assert len(body) < MOST_BYTES, f"{address} weighs {len(body)} bytes"
        if len(body) > 1_000:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(gzip.decompress(body)) > len(body)


@pytest.mark.skipif(not bundled(present.BASE_DIR / "bundle"), reason="there is no bundle: `make bundle` builds it")
def test_what_charts_are_drawn_with_is_small_and_kept_for_a_year(visitor, company, settings):
    """That it draws every figure is seen on the pages, which take the bundle wherever there is one."""
    connection = http.client.HTTPConnection("127.0.0.1", company.port, timeout=10)
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in visitor.session(ADMIN)["cookies"])
    pages = ""
    for address in CHARTS:
        connection.request("GET", address, headers={"Cookie": cookies})
        pages += connection.getresponse().read().decode()
    (library,) = set(re.findall(r'<script src="(/static/plotly/[^"]+)" defer>', pages))
    connection.request("GET", library, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.headers["Content-Encoding"] == "br"
    # On one machine it is compressed in a hurry; through a network it travels as a deployment compresses it.
    settings.EMBEDDED = False
    whole = brotli.decompress(body)
    assert len(CompressOnce.compress_brotli(whole)) < MOST_TO_DRAW_WITH
    assert len(whole) < 4 * MOST_TO_DRAW_WITH
    kept = dict(part.strip().partition("=")[::2] for part in answer.headers["Cache-Control"].split(","))
    assert "immutable" in kept
    assert int(kept["max-age"]) >= A_YEAR
