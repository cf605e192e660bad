"""What every answer carries in production: at every address, whatever it answers, files and error pages too."""

from __future__ import annotations

import re
import runpy

import pytest
from django.conf import settings as configuration
from django.core import mail
from django.test import Client

from okrplanner.embedded.places import CHECKOUT
from tests.authorization import TABLE, make_world
from tests.cast import NOW, PASSWORD
from tests.test_authorization import ADDRESSES, kinds_of, numbers_of, path_of, taken_back

HOST = "okr.example"
PRODUCTION = {
    "SECRET_KEY": "3Vb7pQ-x9Lk2Rm5Tz8Wn1Yc4Hd6Jf0Ga3Sb7Ne9Ku2Po5Iq8Xr1Ev4",
    "DATABASE_URL": "postgresql://someone:something@db.example:5432/okr",
    "ALLOWED_HOSTS": HOST,
    "BEHIND_TLS_PROXY": "1",
    "TRUSTED_PROXY_COUNT": "1",
}
# What makes production differ in what answers carry.
TAKEN = re.compile(
    r"SECURE_\w+|(SESSION|CSRF|LANGUAGE)_COOKIE_\w+|EMBEDDED|ALLOWED_HOSTS|SITE_URL|ALLAUTH_TRUSTED_PROXY_COUNT"
)
POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def production(monkeypatch, settings):
    """As a deployment behind a proxy answers."""
    with monkeypatch.context() as environ:
        for name in ("EMBEDDED", "SITE_URL", "DEBUG", "EMAIL_URL", "REDIS_URL", "SENTRY_DSN"):
            environ.delenv(name, raising=False)
        for name, text in PRODUCTION.items():
            environ.setenv(name, text)
        deployed = runpy.run_path(str(CHECKOUT / "okrplanner" / "settings.py"))
    for name, value in deployed.items():
        if TAKEN.fullmatch(name):
            setattr(settings, name, value)
    return deployed


def browser(user=None, **headers) -> Client:
    sent = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1", "host": HOST, **headers}
    client = Client(headers=sent, raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend=configuration.AUTHENTICATION_BACKENDS[0])
    return client


def faults_of(answer) -> list[str]:
    """What an answer lacks."""
    headers = answer.headers
    faults = []
    if {part.strip() for part in headers.get("Content-Security-Policy", "").split(";")} != POLICY:
        faults.append(f"policy {headers.get('Content-Security-Policy')!r}")
    expected = {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    faults += [f"{name} {headers.get(name)!r}" for name, value in expected.items() if headers.get(name) != value]
    # A page whose address is a secret tells it to nobody at all.
    if headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}:
        faults.append(f"Referrer-Policy {headers.get('Referrer-Policy')!r}")
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        faults.append("no Permissions-Policy")
    for name, cookie in answer.cookies.items():
        if not cookie.value:  # is taken away
            continue
        if not (cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"):
            faults.append(f"cookie {cookie.OutputString()}")
        if name.startswith("__Host-") and cookie["domain"]:
            faults.append(f"cookie {name} has a domain")
    return faults


def test_every_address_answers_with_every_header(db, move_clock, production):
    move_clock(NOW)
    world = make_world()
    wrong, statuses = [], set()
    nobody, admin = browser(None), browser(world.cast.admin.user)
    signed_in = {name: cookie.value for name, cookie in admin.cookies.items()}
    for turn, (name, address) in enumerate(ADDRESSES.items()):
        line = TABLE[name]
        path = path_of(address, line, "hokuto", numbers_of(line, world, kinds_of(line)[0]))
        # Of somebody signed in by turns: what differs from address to address is seen without, too.
        for client, method in ((nobody, "GET"), (admin, ("GET", "POST")[turn % 2])):
            client.cookies.clear()
            client.cookies.load(signed_in if client is admin else {})
            with taken_back():
                answer = client.generic(method, path)
            statuses.add(answer.status_code)
            wrong += [f"{method} {path} {answer.status_code}: {fault}" for fault in faults_of(answer)]
    assert wrong == [], "\n".join(wrong)
    assert {200, 302, 401, 404, 405} <= statuses


def test_error_pages_carry_them_too(cast, production, monkeypatch):
    client = browser(cast.member.user)
    assert faults_of(client.get("/nowhere/")) == []
    assert faults_of(client.get("/api/v1/nowhere/")) == []
    strict = Client(headers={"x-forwarded-proto": "https", "host": HOST}, enforce_csrf_checks=True)
    refused = strict.post("/accounts/login/", {"login": "a"})
    assert refused.status_code == 403
    assert faults_of(refused) == []
    wrong_host = browser(host="evil.example").get("/accounts/login/")
    assert wrong_host.status_code == 400
    assert faults_of(wrong_host) == []

    def break_down(*args):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("objectives.views.week.get_membership", break_down)
    broken = client.get(cast.url("this-week/"))
    assert broken.status_code == 500
    assert faults_of(broken) == []


def test_a_stale_form_is_answered_by_a_page_that_says_what_to_do(db):
    strict = Client(headers={"accept-language": "en"}, enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {"login": "a"})
    assert "This page was open for too long," in answer.content.decode()


def test_files_carry_them_too(production, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    for path in ("css/tokens.css", "js/app.js", "img/mark.svg"):
        answer = browser().get(f"/static/{path}")
        assert answer.status_code == 200
        assert faults_of(answer) == []


def test_plain_http_is_led_to_https_except_for_health_checks(db, production):
    answer = Client(headers={"host": HOST}).get("/accounts/login/")
    assert (answer.status_code, answer["Location"]) == (301, f"https://{HOST}/accounts/login/")
    assert Client(headers={"host": HOST}).get("/health/live").status_code == 200


def test_the_switches_are_remembered_in_cookies_like_the_others(db, production):
    assert faults_of(browser().post("/theme/", {"theme": "dark"})) == []
    assert faults_of(browser().post("/i18n/setlang/", {"language": "en"})) == []


def test_cookies_that_open_something_are_bound_to_the_host(cast, production):
    client = browser()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": cast.member.user.email, "password": PASSWORD})
    assert {"__Host-session", "__Host-csrf", "__Host-devices"} <= client.cookies.keys()
    assert client.get(cast.url("this-week/")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/password/reset/key/1-set-password/",
        "/accounts/password/reset/key/1-cabcde-0123456789/",
        f"/invitations/accept/{'a' * 64}/",
        f"/start/{'a' * 43}/",
        "/o/hokuto/settings/tokens/",
        "/o/hokuto/settings/invitations/",
        "/accounts/login/",
    ],
)
def test_pages_with_secrets_are_kept_nowhere(cast, sign_in, path):
    assert "no-store" in sign_in(cast.admin).get(path)["Cache-Control"]


def test_the_drawing_library_finds_in_place_what_the_policy_would_not_let_it_add():
    """It brings a style sheet for maps, unless an element of the sheet's name stands there already."""
    library = (configuration.PLOTLY_DIR / "plotly.min.js").read_text()
    sheets = re.findall(r'getElementById\("([0-9a-f]{64})"\)\)\{var \w+=document\.createElement\("style"\)', library)
    assert sheets
    fragment = (CHECKOUT / "templates" / "_chart_scripts.html").read_text()
    assert [sheet for sheet in sheets if f'id="{sheet}"' not in fragment] == []


# Where one is led

NASTY = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%09/evil.example\t",
    "\t//evil.example",
    " //evil.example",
    "/\r\nLocation: https://evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver:80@evil.example",
]


def leads_astray(location: str) -> bool:
    """Whether a browser that is sent there leaves the origin."""
    plain = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return not plain.startswith("/") or plain.startswith("//")


@pytest.mark.parametrize("nasty", NASTY)
def test_nobody_is_led_elsewhere(cast, sign_in, nasty):
    objective = cast.objective()
    signed_in = sign_in(cast.manager)
    asked = {"next": nasty}
    answers = [
        Client().post("/accounts/login/", {"login": cast.member.user.email, "password": PASSWORD, **asked}),
        signed_in.get("/accounts/login/", asked),
        signed_in.post("/theme/", {"theme": "dark", **asked}),
        signed_in.post("/i18n/setlang/", {"language": "en", **asked}),
        signed_in.get("/i18n/setlang/", asked),
        signed_in.post(cast.url(f"objectives/{objective.pk}/state/"), {"to": "closed", **asked}),
        signed_in.post(cast.url(f"objectives/{objective.pk}/restore/"), asked),
        Client(headers={"referer": nasty.replace("\r\n", "")}).post(cast.url("plan/not-doing/")),
        Client(headers={"hx-request": "true", "hx-current-url": nasty.replace("\r\n", "")}).get(cast.url("plan/")),
        signed_in.post("/accounts/logout/", asked),
    ]
    for answer in answers:
        location = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
        assert location is None or not leads_astray(location), location
        assert location is None or "next=https%3A//evil" not in location
    assert sum(answer.status_code == 302 for answer in answers) >= 6


def test_signing_in_leads_back_to_an_own_page(cast):
    typed = {"login": cast.member.user.email, "password": PASSWORD, "next": "/o/hokuto/plan/?team=1"}
    assert Client().post("/accounts/login/", typed)["Location"] == "/o/hokuto/plan/?team=1"


# Who a request claims to be for


@pytest.mark.parametrize(
    "host", ["evil.example", "okr.example.evil.example", "okr.example@evil.example", "okr.example:x"]
)
def test_another_host_is_refused(db, production, host):
    assert browser(host=host).post("/accounts/password/reset/", {"email": "a@b.example"}).status_code == 400


def test_links_in_mails_lead_to_the_installation_whatever_a_request_claims(cast, production):
    client = browser(**{"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
    client.post("/accounts/password/reset/", {"email": cast.member.user.email})
    assert f"https://{HOST}/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body


@pytest.mark.parametrize(
    "email", ["a@b.example\nBcc: victim@c.example", "a@b.example\r\nSubject: x", "a@b.example,c@d.example"]
)
def test_an_address_cannot_steer_a_mail(db, email):
    answer = Client().post("/accounts/password/reset/", {"email": email})
    assert answer.status_code in {200, 302}
    assert all(len(letter.recipients()) == 1 and "\n" not in letter.to[0] for letter in mail.outbox)
    assert not any("victim" in recipient for letter in mail.outbox for recipient in letter.recipients())


def test_only_readings_and_leads_are_uploaded_and_no_file_is_kept():
    """Two forms take a file, which is read and let go: no place for uploads is set."""
    assert configuration.MEDIA_ROOT == ""
    pages = [*(CHECKOUT / "templates").rglob("*.html")]
    takers = {page.name for page in pages if 'type="file"' in page.read_text() or "multipart" in page.read_text()}
    assert takers == {"import_readings.html", "import_leads.html"}
