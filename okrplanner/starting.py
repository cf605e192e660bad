"""What a deployment must not start with. Each refusal is one sentence that names the variable and says what to do."""

import ipaddress
import re
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50
FEWEST_DIFFERENT = 10
NEVER_SECRET = ("insecure", "changeme", "replaceme", "secretkey", "yoursecret", "password", "placeholder", "example")
NO = {"", "0", "false", "no", "off", "f", "n"}
MOST_PROXIES = 10
HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
ORIGIN = re.compile(r"https?://(\*\.)?[^\s/*@?#]+", re.IGNORECASE)


def refuse_unsafe(
    environ: Mapping[str, str],
    *,
    secret: str,
    hosts: list[str],
    origins: list[str],
    proxies: int,
    behind_proxy: bool,
) -> None:
    """Raises `ImproperlyConfigured` where a deployment would be open, or where a setting cannot mean what it says."""
    if environ.get("DEBUG", "").strip().lower() not in NO:
        raise ImproperlyConfigured("DEBUG is set: a deployment never shows its insides. Remove DEBUG.")
    if why := weakness(secret):
        raise ImproperlyConfigured(
            f"SECRET_KEY {why}. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    for host in hosts:
        if "*" in host or not host.strip("."):
            raise ImproperlyConfigured(f"ALLOWED_HOSTS names {host!r}, which is every host: name your own hosts.")
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS names {host!r}: give host names without scheme, port or path, such as okr.example.com."
            )
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ImproperlyConfigured(
                f"CSRF_TRUSTED_ORIGINS names {origin!r}: give scheme and host, such as https://okr.example.com."
            )
    if not 0 <= proxies <= MOST_PROXIES:
        raise ImproperlyConfigured(f"TRUSTED_PROXY_COUNT must be from 0 to {MOST_PROXIES}, not {proxies}.")
    if behind_proxy and proxies == 0:
        raise ImproperlyConfigured(
            "TRUSTED_PROXY_COUNT is 0 although BEHIND_TLS_PROXY says that a proxy stands in front: "
            "count it, or everybody shares its address when sign-ins are limited."
        )


def weakness(secret: str) -> str:
    """Why a secret could be guessed, to follow its name in a sentence; nothing if it could not."""
    letters = re.sub(r"[^a-z]", "", secret.lower())
    if any(word in letters for word in NEVER_SECRET):
        return "is an example's, not yours"
    if len(secret) < SHORTEST_SECRET:
        return f"is too short: {SHORTEST_SECRET} characters at least, it has {len(secret)}"
    if len(set(secret)) < FEWEST_DIFFERENT or secret in (secret + secret)[1:-1]:
        return "repeats itself and could be guessed"
    return ""


def networks(name: str, words: Iterable[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks a setting names, like `10.0.0.0/8`; raises `ImproperlyConfigured` with the setting's name."""
    try:
        return [ipaddress.ip_network(word) for word in words if word]
    except ValueError as reason:
        raise ImproperlyConfigured(f"{name} takes networks like 10.0.0.0/8: {reason}.") from None


def stop(reason: ImproperlyConfigured) -> NoReturn:
    """End a program at its start with the sentence alone."""
    sys.exit(f"Not started: {reason}")
