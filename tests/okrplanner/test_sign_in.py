"""The password that is printed for everybody opens nothing from elsewhere."""

import pytest
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import reverse

from okrplanner.settings import EXAMPLE_PASSWORD
from people.models import User


def sign_in(password=EXAMPLE_PASSWORD, **meta):
    request = RequestFactory().post("/", **meta)
    return authenticate(request, email="member@demo.example", password=password)


@pytest.fixture
def example_member(db):
    return User.objects.create_user("member@demo.example", EXAMPLE_PASSWORD, name="山本 翔")


def test_on_this_machine_the_example_password_opens(example_member):
    assert sign_in() == example_member


@pytest.mark.parametrize("meta", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_from_elsewhere_it_is_wrong(example_member, meta):
    assert sign_in(**meta) is None


def test_with_production_settings_it_is_wrong_everywhere(example_member, settings):
    settings.EMBEDDED = False
    assert sign_in() is None


def test_a_password_of_ones_own_opens_everywhere(example_member, settings):
    settings.EMBEDDED = False
    example_member.set_password("correct horse battery")
    example_member.save()
    assert sign_in("correct horse battery", REMOTE_ADDR="192.0.2.7") == example_member


def test_who_is_kept_out_after_wrong_passwords_learns_for_how_long(client, example_member, move_clock):
    cache.clear()
    client.cookies["django_language"] = "en"
    move_clock("2026-05-20T10:02:00+09:00")
    for _attempt in range(6):
        answer = client.post(reverse("account_login"), {"login": "member@demo.example", "password": "wrong"})
    assert "signing in is paused. Try again in 3 minutes" in answer.content.decode()
    cache.clear()
