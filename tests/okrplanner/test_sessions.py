"""How long one stays signed in, what ends it, and where one is led then."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from people.models import User
from people.tasks import forget_sessions
from tests.cast import PASSWORD

NEW = "a wholly new beginning"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1"


@pytest.fixture
def enter(cast):
    """Signs the member in through the door, on a device of their own."""

    def enter(user_agent=CHROME, language="en"):
        client = Client(headers={"accept-language": language, "user-agent": user_agent})
        client.post("/accounts/login/", {"login": cast.member.user.email, "password": PASSWORD, "remember": "on"})
        assert is_in(client, cast)
        return client

    return enter


def is_in(client, cast):
    return client.get(cast.url("this-week/")).status_code == 200


@pytest.mark.parametrize(
    ("days", "still"),
    [
        (["2026-06-02", "2026-06-10"], True),
        (["2026-06-04"], False),
        (["2026-06-01", "2026-06-12", "2026-06-18"], True),
        (["2026-06-01", "2026-06-12", "2026-06-20"], False),
    ],
    ids=["used", "idle", "thirty days", "more than thirty"],
)
def test_a_session_ends_after_two_weeks_unused_and_after_thirty_days_however_busy(cast, enter, move_clock, days, still):
    client = enter()
    for day in days[:-1]:
        move_clock(f"{day}T09:00:00+09:00")
        assert is_in(client, cast)
    move_clock(f"{days[-1]}T11:00:00+09:00")
    assert is_in(client, cast) is still


def test_being_busy_writes_the_session_once_a_day(cast, enter, move_clock, django_assert_num_queries):
    client = enter()

    def written():
        return [session.session_data for session in Session.objects.all()]

    before = written()
    move_clock("2026-05-20T23:00:00+09:00")
    assert is_in(client, cast)
    assert written() == before
    move_clock("2026-05-21T11:00:00+09:00")
    assert is_in(client, cast)
    assert written() != before


def test_whoever_was_signed_out_is_told_so_and_comes_back_to_the_page(cast, enter, move_clock):
    client = enter()
    move_clock("2026-06-20T09:00:00+09:00")
    answer = client.get(cast.url("plan/?state=draft"), follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/o/hokuto/plan/%3Fstate%3Ddraft"
    assert "You were signed out here." in answer.content.decode()
    back = client.post(
        answer.redirect_chain[-1][0],
        {"login": cast.member.user.email, "password": PASSWORD, "next": "/o/hokuto/plan/?state=draft"},
    )
    assert back["Location"] == "/o/hokuto/plan/?state=draft"


def test_a_visitor_who_never_signed_in_is_not_told_of_signing_out(cast):
    answer = Client(headers={"accept-language": "en"}).get(cast.url("plan/"), follow=True)
    assert "signed out" not in answer.content.decode()


@pytest.mark.parametrize(
    ("came_from", "led_back_to"),
    [
        ("http://testserver/o/hokuto/this-week/?key_result=3", "/o/hokuto/this-week/%3Fkey_result%3D3"),
        ("https://evil.example/o/hokuto/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_too_late_leads_back_to_its_page(cast, came_from, led_back_to):
    objective = cast.objective()
    address = cast.url(f"key-results/{objective.key_results.first().pk}/check-ins/")
    answer = Client(headers={"referer": came_from}).post(address, {"value": "5"})
    assert answer["Location"] == f"/accounts/login/?next={led_back_to}"


def test_a_part_of_a_page_leads_the_whole_page_to_the_door(cast):
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/o/hokuto/plan/"}
    answer = Client(headers=headers).get(cast.url("plan/people/?q=a"))
    assert answer["HX-Redirect"] == "/accounts/login/?next=/o/hokuto/plan/"
    assert answer.content == b""


def test_a_program_whose_session_ended_is_not_signed_in(cast, enter, move_clock):
    client = enter()
    objective = cast.objective()
    address = f"/api/v1/o/hokuto/key-results/{objective.key_results.first().pk}/check-ins/"
    assert client.get(address).status_code == 200
    move_clock("2026-06-20T09:00:00+09:00")
    assert client.get(address).status_code == 401


def test_a_new_password_signs_out_every_device_this_one_too(cast, enter):
    here, there = enter(), enter(IPHONE)
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    answer = here.post("/accounts/password/change/", typed, follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/"
    assert "every device is signed out" in answer.content.decode()
    assert not is_in(here, cast)
    assert not is_in(there, cast)
    assert not UserSession.objects.exists()
    here.post("/accounts/login/", {"login": cast.member.user.email, "password": NEW})
    assert is_in(here, cast)


def test_a_password_chosen_anew_by_mail_signs_out_every_device(cast, enter):
    here, there = enter(), enter(IPHONE)
    asking = Client()
    asking.post("/accounts/password/reset/", {"email": cast.member.user.email})
    link = mail.outbox[0].body.split("http://127.0.0.1:8000", 1)[1].split()[0]
    form = asking.get(link, follow=True)
    asking.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    cast.member.user.refresh_from_db()
    assert cast.member.user.check_password(NEW)
    assert not is_in(here, cast)
    assert not is_in(there, cast)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False, erased_at="2026-05-20T00:00:00Z"),
        lambda user: (user.set_password(NEW), user.save()),
    ],
    ids=["deactivated", "erased", "by a command"],
)
def test_whatever_ends_an_account_ends_its_sessions_for_good(cast, enter, change):
    here, there = enter(), enter(IPHONE)
    other = Client()
    other.post("/accounts/login/", {"login": cast.manager.user.email, "password": PASSWORD})
    change(cast.member.user)
    assert not is_in(here, cast)
    assert not is_in(there, cast)
    User.objects.filter(pk=cast.member.user.pk).update(is_active=True, erased_at=None)
    assert not is_in(here, cast)
    assert not is_in(there, cast)
    assert is_in(other, cast)


def test_a_changed_name_ends_nothing(cast, enter):
    client = enter()
    User.objects.filter(pk=cast.member.user.pk).update(name="山本 駆")
    assert is_in(client, cast)


def test_one_sees_where_one_is_signed_in_and_ends_all_others(cast, enter):
    here, there = enter(), enter(IPHONE, language="ja")
    page = here.get("/accounts/sessions/").content.decode()
    assert "You are signed in on 2 devices." in page
    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    assert "2台の端末" in there.get("/accounts/sessions/").content.decode()
    answer = here.post("/accounts/sessions/", follow=True)
    assert "All other devices are signed out." in answer.content.decode()
    assert "on this device only" in answer.content.decode()
    assert is_in(here, cast)
    assert not is_in(there, cast)
    assert here.post("/accounts/sessions/").status_code == 302


def test_the_list_is_ones_own(cast, enter, sign_in):
    enter(IPHONE)
    page = sign_in(cast.manager, language="en").get("/accounts/sessions/").content.decode()
    assert "iPhone" not in page


def test_a_browser_cannot_write_onto_the_page_what_it_is_called(cast, enter):
    page = enter("<script>alert(1)</script>").get("/accounts/sessions/").content.decode()
    assert "alert(1)" not in page
    assert "Another device" in page


def test_signing_out_forgets_the_session_but_not_the_device(cast, enter):
    client = enter()
    client.post("/accounts/logout/")
    assert not Session.objects.exists()
    assert client.cookies["devices"].value


def test_sessions_that_are_over_are_let_go_of(cast, enter, move_clock):
    enter()
    forget_sessions()
    assert Session.objects.exists()
    assert UserSession.objects.exists()
    move_clock("2027-05-20T10:00:00+09:00")
    forget_sessions()
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(cast, enter):
    client = enter()
    client.post("/theme/", {"theme": "dark"})
    client.post("/i18n/setlang/", {"language": "en"})
    for name in ("sessionid", "csrftoken", "devices", "django_language"):
        assert client.cookies[name]["httponly"], name
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name


def test_the_door_of_a_password_page_is_the_sign_in(client, db):
    assert client.get("/accounts/sessions/")["Location"].startswith(reverse("account_login"))
