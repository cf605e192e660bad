"""Calls to other people's servers: none leads into the house, and none lasts."""

import ipaddress
import socket
import time

import pytest

from people import calling
from people.calling import BadAddress, Call, check_address, post
from people.failures import Failure

PUBLIC = "203.0.114.7"


@pytest.fixture
def names(monkeypatch):
    """A name server of our own; each question takes the next answer, the last one stays."""
    known = {"hooks.example": [PUBLIC], "inside.example": ["10.1.2.3"], "mixed.example": [(PUBLIC, "192.168.0.9")]}
    real = socket.getaddrinfo

    def answer(host, port, *args, **kwargs):
        if host not in known:
            if calling.as_number(host) is not None or (host.replace(".", "").isalnum() and host[0].isdigit()):
                return real(host, port, *args, **kwargs)
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        answers = known[host]
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        rows = now if isinstance(now, tuple) else (now,)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in rows]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known


@pytest.fixture(scope="session")
def httpserver_listen_address():
    return ("127.0.0.1", 0)


@pytest.fixture
def opened(settings):
    """An installation that allows calls to its own machine."""
    settings.CALLS_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


HOSTILE = {
    "https://127.0.0.1/": "private_address",
    "https://127.8.9.10/": "private_address",
    "https://0.0.0.0/": "private_address",
    "https://10.0.0.1/": "private_address",
    "https://172.16.0.1/": "private_address",
    "https://172.31.255.255/": "private_address",
    "https://192.168.1.1/": "private_address",
    "https://169.254.169.254/latest/meta-data/": "private_address",
    "https://100.64.0.1/": "private_address",
    "https://192.0.0.1/": "private_address",
    "https://198.18.0.1/": "private_address",
    "https://192.0.2.1/": "private_address",
    "https://224.0.0.1/": "private_address",
    "https://240.0.0.1/": "private_address",
    "https://255.255.255.255/": "private_address",
    "https://[::1]/": "private_address",
    "https://[::]/": "private_address",
    "https://[fe80::1]/": "private_address",
    "https://[fd00::1]/": "private_address",
    "https://[fec0::1]/": "private_address",
    "https://[ff02::1]/": "private_address",
    "https://[::ffff:127.0.0.1]/": "private_address",
    "https://[::ffff:8.8.8.8]/": "private_address",
    "https://[::127.0.0.1]/": "private_address",
    "https://[64:ff9b::7f00:1]/": "private_address",
    "https://[2002:7f00:1::]/": "private_address",
    "https://[2001:db8::1]/": "private_address",
    "https://2130706433/": "private_address",
    "https://0x7f000001/": "private_address",
    "https://0177.0.0.1/": "private_address",
    "https://0x7f.1/": "private_address",
    "https://127.1/": "private_address",
    "https://localhost/": "private_address",
    "https://LOCALHOST./": "private_address",
    "https://x.localhost/": "private_address",
    "https://redis/": "private_address",
    "https://db.internal/": "private_address",
    "https://printer.local/": "private_address",
    "https://inside.example/": "private_address",
    "https://mixed.example/": "private_address",
    "https://hooks.example@127.0.0.1/": "with_password",
    "https://me:secret@hooks.example/": "with_password",
    "https://hooks.example\\@127.0.0.1/": "not_an_address",
    "https://hooks.example#@127.0.0.1/ x": "not_an_address",
    "https://hooks.example\r\nHost: x/": "not_an_address",
    "https://１２７.0.0.1/": "not_an_address",
    "https://hooks.example:99999/": "not_an_address",
    "https://hooks.example:0/": "not_an_address",
    "https:///path": "not_an_address",
    "https://-bad-.example/": "not_an_address",
    "http://hooks.example/": "not_https",
    "ftp://hooks.example/": "not_an_address",
    "file:///etc/passwd": "not_an_address",
    "gopher://hooks.example/": "not_an_address",
    "": "not_an_address",
    "https://nobody.example/": "unknown_host",
    "https://hooks.example/" + "a" * 2000: "not_an_address",
}


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_leads_into_the_house_is_refused(names, address):
    with pytest.raises(BadAddress) as refused:
        check_address(address)
    assert str(refused.value) == HOSTILE[address]


@pytest.mark.parametrize(
    "address", [one for one, why in HOSTILE.items() if why != "unknown_host" and "mixed" not in one]
)
def test_what_slipped_past_the_form_is_refused_again_when_it_is_called(names, address):
    with pytest.raises(Failure) as refused:
        post(Call(address, b"{}"))
    assert (refused.value.code, refused.value.is_final) == (HOSTILE[address], True)


def test_a_public_address_is_fine(names):
    check_address("https://hooks.example/services/T0/B0/x?y=1")
    check_address("https://hooks.example:8443/x")
    check_address("https://8.8.8.8/x")


def test_a_name_that_means_something_else_a_moment_later_is_refused(names):
    names["turning.example"] = [PUBLIC, "127.0.0.1"]
    check_address("https://turning.example/x")
    with pytest.raises(Failure) as refused:
        post(Call("https://turning.example/x", b"{}"))
    assert refused.value.code == "private_address"


def test_only_servers_on_the_list_are_called_where_there_is_one(names, settings):
    settings.CALLS_ALLOWED_HOSTS = ["hooks.example", ".slack.example"]
    names["a.slack.example"] = [PUBLIC]
    check_address("https://hooks.example/x")
    check_address("https://a.slack.example/x")
    for address in ("https://8.8.8.8/", "https://xhooks.example/", "https://xslack.example/"):
        with pytest.raises(BadAddress, match="host_not_allowed"):
            check_address(address)


def test_a_name_server_that_is_away_for_a_moment_stands_in_nobodys_way(monkeypatch):
    def away(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    check_address("https://hooks.example/x")


def test_an_open_network_is_called_without_tls_and_the_call_carries_nothing_of_ours(opened, httpserver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    httpserver.expect_request("/hook").respond_with_data("ok", headers={"Set-Cookie": "a=b"})
    check_address(httpserver.url_for("/hook"))
    answers = [post(Call(httpserver.url_for("/hook"), b"{}", {"X-Our": "1"})) for _ in range(2)]
    assert [(answer.status, answer.text) for answer in answers] == [(200, "ok")] * 2
    headers = httpserver.log[1][0].headers
    assert (headers["User-Agent"], headers["X-Our"], "Cookie" in headers) == ("okrplanner", "1", False)


def test_an_open_network_opens_no_other(opened, names):
    for address in ("https://10.0.0.1/", "http://10.0.0.1/", "https://[::1]/"):
        with pytest.raises(BadAddress, match="private_address"):
            check_address(address)
    with pytest.raises(BadAddress, match="not_https"):
        check_address("http://hooks.example/")


def test_nobody_is_followed_to_another_address(opened, httpserver):
    httpserver.expect_request("/hook").respond_with_data("", status=302, headers={"Location": "/other"})
    httpserver.expect_request("/other").respond_with_data("secret")
    assert post(Call(httpserver.url_for("/hook"), b"{}")).status == 302
    assert [request.path for request, _answer in httpserver.log] == ["/hook"]


def test_of_a_big_answer_only_the_beginning_is_read(opened, httpserver):
    httpserver.expect_request("/hook").respond_with_data("x" * 5_000_000)
    assert len(post(Call(httpserver.url_for("/hook"), b"{}")).text) == calling.MOST_BYTES


@pytest.fixture
def dripping(monkeypatch):
    """A server that takes a call and then says a letter now and again, for ever."""
    monkeypatch.setattr(calling, "LONGEST", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    server.close()


def test_a_server_that_never_finishes_is_left_after_a_while(opened, dripping):
    began = time.monotonic()
    with pytest.raises(Failure) as failed:
        post(Call(dripping, b"{}"))
    assert (failed.value.code, failed.value.is_final) == ("timeout", False)
    assert time.monotonic() - began < 5


def test_a_closed_door_is_a_passing_failure(opened):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Failure) as failed:
        post(Call(f"http://127.0.0.1:{port}/", b"{}"))
    assert (failed.value.code, failed.value.is_final) == ("unreachable", False)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "999999"}, calling.LONGEST_PAUSE),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "１０"}, None),
        ({"X-RateLimit-Reset": "1"}, 1.0),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_with_care(headers, pause):
    assert calling.pause_of({name.lower(): value for name, value in headers.items()}) == pause
