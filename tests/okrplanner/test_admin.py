"""Django's own admin pages: not there unless turned on, and then for staff alone, behind the same door."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.urls import NoReverseMatch, reverse

from okrplanner.embedded.places import CHECKOUT

# Runs in a process of its own: which apps there are is decided once. It works on the test's own database.
VISIT = """
import json, re, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
call_command("check")
call_command("migrate", "admin", verbosity=0)
from people.models import AuditEvent, Membership, Organization
User = get_user_model()
staff = User.objects.create_superuser("staff@house.example", "correct horse battery", name="管理 係")
member = User.objects.create_user("member@house.example", "correct horse battery", name="一般 人")
organization = Organization.objects.create(name="家", slug="house")
place = Membership.objects.create(organization=organization, user=member)
event = AuditEvent.objects.order_by("pk").last()
told = {}

def client(user):
    one = Client(headers={"accept-language": "en"})
    if user:
        one.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return one

def see(name, answer):
    text = answer.content.decode()
    told[name] = {
        "status": answer.status_code,
        "location": answer.headers.get("location", ""),
        "inline": re.findall(r"<style|<script(?![^>]*(?:src=|type=.application/json))| style=| on[a-z]+=", text),
        "csp": answer.headers.get("content-security-policy", ""),
        "hash": staff.password in text or "md5$" in text or "pbkdf2" in text,
        "text": text[:0],
    }
    return answer

see("nobody", client(None).get("/admin/"))
see("door", client(None).get("/admin/login/"))
see("member", client(member).get("/admin/login/"))
see("member's way", client(member).get("/admin/"))
one = client(staff)
addresses = {
    "home": "/admin/",
    "users": "/admin/people/user/",
    "user": f"/admin/people/user/{member.pk}/change/",
    "organizations": "/admin/people/organization/",
    "organization": f"/admin/people/organization/{organization.pk}/change/",
    "memberships": "/admin/people/membership/",
    "membership": f"/admin/people/membership/{place.pk}/change/",
    "events": "/admin/people/auditevent/",
    "event": f"/admin/people/auditevent/{event.pk}/change/",
    "heartbeats": "/admin/people/heartbeat/",
    "password": "/admin/password_change/",
}
for name, address in addresses.items():
    see(name, one.get(address))
for name, address in {
    "add user": "/admin/people/user/add/",
    "delete user": f"/admin/people/user/{member.pk}/delete/",
    "add event": "/admin/people/auditevent/add/",
    "delete event": f"/admin/people/auditevent/{event.pk}/delete/",
}.items():
    see(name, one.get(address))
see("change event", one.post(f"/admin/people/auditevent/{event.pk}/change/", {"act": "delete"}))
typed = {"is_active": "on", "is_staff": "on", "name": "x"}
see("make staff", one.post(f"/admin/people/user/{member.pk}/change/", typed))
member.refresh_from_db()
told["changed"] = [member.is_staff, member.name]
event.refresh_from_db()
told["act"] = event.act
print("TOLD" + json.dumps(told))
"""


def test_without_being_turned_on_it_is_not_there(cast, sign_in):
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
    cast.admin.user.is_staff = cast.admin.user.is_superuser = True
    cast.admin.user.save()
    assert sign_in(cast.admin).get("/admin/").status_code == 404


@pytest.fixture
def told(transactional_db, tmp_path) -> dict:
    """What visits to the admin pages were answered where `ADMIN=1`."""
    name = connection.settings_dict["NAME"]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    ran = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=CHECKOUT,
        env=os.environ | {"ADMIN": "1", "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "okrplanner.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS django_admin_log")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'admin'")
    assert ran.returncode == 0, ran.stderr
    return json.loads(re.search("TOLD(.*)", ran.stdout)[1])


def test_staff_read_and_nobody_else_comes_in(told):
    for name in ("nobody", "door"):
        assert told[name]["status"] == 302
    assert told["door"]["location"].startswith("/accounts/login/")
    assert told["member"]["status"] == 403
    assert told["member's way"]["location"].startswith("/admin/login/")
    pages = ("home", "users", "user", "organizations", "organization", "memberships", "membership", "events", "event")
    for name in (*pages, "heartbeats"):
        assert told[name]["status"] == 200, name
        assert told[name]["inline"] == [], f"{name} would be stopped by the policy"
        assert "script-src 'self'" in told[name]["csp"]
        assert not told[name]["hash"], f"{name} shows a password's hash"
    assert told["password"]["location"] == "/accounts/password/change/"
    for name in ("add user", "delete user", "add event", "delete event", "change event"):
        assert told[name]["status"] == 403, name
    assert told["act"] != "delete"
    assert told["changed"] == [True, "一般 人"], "who is staff is decided here, a name is not"
