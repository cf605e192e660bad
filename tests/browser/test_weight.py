"""Pages are light: what is sent fits a phone on a train."""

import gzip
import http.client

import pytest

from tests.browser.pages import addresses, routes

ADMIN = "admin@demo.example"
MOST_BYTES = 60_000
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
