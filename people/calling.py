"""Calls to other people's servers: to public addresses only, over TLS, briefly, and with nothing taken from around us.

An address that somebody typed decides whom the server calls, so it must not lead into the house: not to this machine,
the private network, or a cloud's metadata. Names are looked up once for a call, and the call goes to the very number
that was judged, so that a name cannot mean something else a moment later. `CALLS_ALLOWED_NETWORKS` opens networks of
the installation, then also without TLS; `CALLS_ALLOWED_HOSTS` closes everything but these hosts.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from people.failures import Failure

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

USER_AGENT = "okrplanner"
# Seconds for one answer of the other side, and for a whole call, however slowly it drips.
PATIENCE = 5.0
LONGEST = 10.0
LOOK_UP = 3.0
MOST_BYTES = 64 * 1024
LONGEST_ADDRESS = 2000
LONGEST_PAUSE = 6 * 3600.0

INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")


@dataclass(frozen=True)
class Call:
    """What is posted, and where."""

    address: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back: at most 64 KB of it. `pause` is how many seconds the other side asks to wait."""

    status: int
    text: str = ""
    pause: float | None = None


class BadAddress(ValueError):
    """An address that is not called; the reason is a code of `people.channels.wording`."""


# Judging an address


def check_address(address: str) -> None:
    """Whether an address may be called, as far as can be said now: the name is looked up, nobody is called.

    Raises `BadAddress`: `not_an_address`, `not_https`, `with_password`, `private_address`, `unknown_host`,
    `host_not_allowed`. A name server that does not answer in time leaves the question to the call itself.
    """
    parts = split(address)
    host = host_of(parts)
    literal = as_number(host)
    if literal is not None:
        numbers = [literal]
    else:
        numbers = look_up(host, parts.port or 443)
    for number in numbers:
        refuse_private(number)
    if parts.scheme == "http" and not (numbers and all(is_opened(number) for number in numbers)):
        raise BadAddress("not_https")


def split(address: str) -> SplitResult:
    """The parts of an address that is written as one should be."""
    if (
        not address
        or len(address) > LONGEST_ADDRESS
        or not address.isascii()
        or re.search(r"[\x00-\x20\x7f\\]", address)
    ):
        raise BadAddress("not_an_address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress("not_an_address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise BadAddress("not_an_address")
    if "@" in parts.netloc:
        raise BadAddress("with_password")
    if parts.scheme == "http" and not settings.CALLS_ALLOWED_NETWORKS:
        raise BadAddress("not_https")
    return parts


def host_of(parts: SplitResult) -> str:
    """The host, if it is one that may be asked for."""
    host = (parts.hostname or "").rstrip(".")
    if as_number(host) is None:
        labels = host.split(".")
        if not all(LABEL.match(label) for label in labels) or "%" in host:
            raise BadAddress("not_an_address")
        # `2130706433`, `0x7f.1` and `127.1` are numbers in disguise.
        if NUMBER.match(labels[-1]) or labels[-1] in INSIDE[:1]:
            raise BadAddress("private_address")
        if not settings.CALLS_ALLOWED_NETWORKS and (len(labels) == 1 or labels[-1] in INSIDE):
            raise BadAddress("private_address")
    allowed = settings.CALLS_ALLOWED_HOSTS
    if allowed and not any(host == one.lstrip(".") or (one[0] == "." and host.endswith(one)) for one in allowed):
        raise BadAddress("host_not_allowed")
    return host


def as_number(host: str) -> IP | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def look_up(host: str, port: int) -> list[IP]:
    """What a name stands for now; nothing where the name server takes too long."""
    found: list[list[IP] | BadAddress] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append([ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows])
        except socket.gaierror as reason:
            missing = reason.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
            found.append(BadAddress("unknown_host") if missing else [])
        except (OSError, UnicodeError):
            found.append(BadAddress("unknown_host"))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LOOK_UP)
    answer = found[0] if found else []
    if isinstance(answer, BadAddress):
        raise answer
    return answer


def refuse_private(number: IP) -> None:
    if is_private(number) and not is_opened(number):
        raise BadAddress("private_address")


def is_private(number: IP) -> bool:
    """Whether a number leads anywhere but to the public internet; one that carries another is as bad as that one."""
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is not None or number.is_site_local:
            return True
    return not number.is_global or number.is_reserved or number.is_multicast or number.is_loopback


def is_opened(number: IP) -> bool:
    """Whether the installation allows calls to this private number."""
    plain = (number.ipv4_mapped or number) if isinstance(number, ipaddress.IPv6Address) else number
    return any(plain.version == network.version and plain in network for network in settings.CALLS_ALLOWED_NETWORKS)


# Calling


class Guard(IPFilterAdapter):
    """Judges the number a name was resolved to once more, by our rules, and connects to that number."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            place, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        except InvalidIPAddress as refused:
            number = refused.args[0]
            if not is_opened(number):
                raise
            attributes: Any = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
            place, pool = attributes
            if self._is_https_proto:
                pool["assert_hostname"] = pool["server_hostname"] = place["host"]
            place["host"] = f"[{number}]" if number.version == 6 else str(number)
            return place, pool
        number = ipaddress.ip_address(place["host"].strip("[]"))
        if is_private(number) and not is_opened(number):
            raise InvalidIPAddress(number)
        if not self._is_https_proto and not is_opened(number):
            raise InvalidIPAddress(number)
        return place, pool


def session() -> HTTPSession:
    """A session that knows no cookies of before, no proxies or passwords of the environment, and follows nobody."""
    made = HTTPSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(PATIENCE, PATIENCE),
            user_agent_override=USER_AGENT,
        )
    )
    made.trust_env = False
    made.mount("https://", Guard(is_https_proto=True))
    made.mount("http://", Guard(is_https_proto=False))
    return made


def post(call: Call) -> Answer:
    """Post it, once, and answer what came back, whatever its status. It lasts ten seconds at most.

    Raises `Failure`: `private_address` and the other codes of `BadAddress`, `timeout`, `unreachable`, `tls`.
    """
    outcome: list[Answer | Failure] = []
    # A thread, because only so neither a slow name server nor an answer that drips can last longer.
    calling = threading.Thread(target=lambda: outcome.append(attempt(call)), daemon=True)
    calling.start()
    calling.join(LONGEST)
    answer = outcome[0] if outcome else Failure("timeout")
    if isinstance(answer, Failure):
        raise answer
    return answer


def attempt(call: Call) -> Answer | Failure:
    """What `post` answers or raises. What the libraries say is left out: it repeats the address."""
    try:
        literal = as_number(host_of(split(call.address)))
        if literal is not None:
            refuse_private(literal)
        with (
            session() as here,
            here.post(call.address, data=call.body, headers=dict(call.headers), stream=True) as response,
        ):
            return Answer(response.status_code, read(response), pause_of(response.headers))
    except BadAddress as reason:
        return Failure(str(reason), is_final=True)
    except InvalidIPAddress:
        return Failure("private_address", is_final=True)
    except requests.exceptions.SSLError:
        return Failure("tls")
    except requests.exceptions.Timeout:
        return Failure("timeout")
    except (requests.exceptions.InvalidURL, UnicodeError):
        return Failure("not_an_address", is_final=True)
    except (requests.RequestException, OSError):
        return Failure("unreachable")
    except Exception:  # a thread has nobody to tell
        return Failure("unreachable", "?")


def read(response: requests.Response) -> str:
    """The beginning of the answer, as far as it comes in time: that a message was taken, its status says."""
    began, taken = time.monotonic(), b""
    try:
        for piece in response.iter_content(4096):
            taken += piece
            if len(taken) >= MOST_BYTES or time.monotonic() - began > PATIENCE:
                break
    except requests.RequestException:
        pass
    return taken[:MOST_BYTES].decode("utf-8", errors="replace")


def pause_of(headers: Mapping[str, str]) -> float | None:
    """How long to wait before the next call: seconds, a date, or Chatwork's moment at which the count begins anew."""
    asked = headers.get("retry-after", "").strip()
    reset = headers.get("x-ratelimit-reset", "").strip()
    now = timezone.now()
    seconds: float | None = None
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        seconds = float(asked)
    elif asked:
        try:
            moment = parsedate_to_datetime(asked)
            seconds = (moment - now).total_seconds() if moment.tzinfo else None
        except (ValueError, TypeError):
            seconds = None
    elif reset.isascii() and reset.isdigit() and len(reset) < 12:
        seconds = float(reset) - now.timestamp()
    return None if seconds is None else min(max(seconds, 1.0), LONGEST_PAUSE)
