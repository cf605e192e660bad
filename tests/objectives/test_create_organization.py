"""From an empty installation to the first administrator."""

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from objectives.models import Cycle
from people.models import Membership, Organization, Team

PASSWORD = "ゆきどけの豆を焙る 2026"


def create(*arguments):
    said = StringIO()
    call_command("create_organization", *arguments, stdout=said)
    return said.getvalue().strip().splitlines()


def test_the_first_administrator_chooses_a_password_and_is_in(db, move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    link = create("峠の茶屋", "--slug", "toge", "--admin", "Okami@Toge.example", "--admin-name", "女将")[-1]
    client = Client()
    form = client.get(urlsplit(link).path, follow=True)
    sent = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(form.redirect_chain[-1][0], sent)
    client = Client()
    client.post("/accounts/login/", {"login": "okami@toge.example", "password": PASSWORD})
    for page in ("this-week/", "plan/", "objectives/", "kgis/", "company/", "settings/", "cycles/"):
        assert client.get(f"/o/toge/{page}").status_code == 200
    assert Client().get(urlsplit(link).path, follow=True).status_code == 200
    assert (Team.objects.get().name, Cycle.objects.get().name) == ("峠の茶屋", "FY2026 Q1")


def test_somebody_known_keeps_the_account(cast):
    create("Second Company", "--admin", cast.member.user.email)
    assert Membership.objects.filter(user=cast.member.user).count() == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("峠の茶屋", "--admin", "a@b.example"),
        ("Tea", "--slug", "no blanks", "--admin", "a@b.example"),
        ("Tea", "--admin", "nobody"),
        ("Tea", "--slug", "hokuto", "--admin", "a@b.example"),
    ],
)
def test_what_makes_no_organization_is_refused_and_leaves_nothing(cast, arguments):
    before = Organization.objects.count()
    with pytest.raises(CommandError):
        create(*arguments)
    assert Organization.objects.count() == before


def test_colleagues_are_added_one_by_one(cast):
    said = StringIO()
    arguments = ["new@hokuto.example", "--organization", "hokuto", "--role", "manager", "--team", "法人営業"]
    call_command("add_member", *arguments, stdout=said)
    added = Membership.objects.get(user__email="new@hokuto.example")
    assert (added.role, added.team_ids) == ("manager", [cast.sales.pk])
    assert "/accounts/password/reset/key/" in said.getvalue()
    with pytest.raises(CommandError):
        call_command("add_member", *arguments)
    with pytest.raises(CommandError, match="営業所"):
        call_command("add_member", "x@hokuto.example", "--organization", "hokuto", "--team", "営業所")
