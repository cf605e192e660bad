"""A name that looks like a script stays a name where it counts: in a real browser, in the charts too."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

ADMIN = "admin@demo.example"
NASTY = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1><a href=javascript:alert(1)>名前</a>"

RENAME = """
from funnel.models import KGI
from objectives.models import KeyResult, Objective
from people.models import User
for model, field in ((Objective, "title"), (KeyResult, "title"), (KGI, "name"), (User, "name")):
    model.objects.update(**{field: %s[: model._meta.get_field(field).max_length]})
"""
GIVE_BACK = """
import json
from django.apps import apps
for label, field, names in json.loads(%r):
    for pk, name in names:
        apps.get_model(label).objects.filter(pk=pk).update(**{field: name})
"""
NAMED = {
    "objectives_objective": ("objectives.Objective", "title"),
    "objectives_keyresult": ("objectives.KeyResult", "title"),
    "funnel_kgi": ("funnel.KGI", "name"),
    "people_user": ("people.User", "name"),
}


@pytest.fixture
def nasty_names(company):
    """Everything goes by a nasty name, for the length of one test."""
    before = [
        (label, field, company.rows(f"SELECT id, {field} FROM {table}"))  # noqa: S608
        for table, (label, field) in NAMED.items()
    ]
    made = company.manage("shell", "-v0", "-c", RENAME % repr(NASTY))
    assert made.returncode == 0, made.stderr
    yield
    made = company.manage("shell", "-v0", "-c", GIVE_BACK % json.dumps(before))
    assert made.returncode == 0, made.stderr


def test_no_name_runs_in_a_browser(visitor, company, nasty_names):
    page = visitor(ADMIN)
    (objective,) = company.rows("SELECT min(id) FROM objectives_objective WHERE state = 'active'")[0]
    (kgi,) = company.rows("SELECT min(id) FROM funnel_kgi WHERE dropped_at IS NULL")[0]
    places = ["this-week/", "plan/", "objectives/", f"objectives/{objective}/", "kgis/", f"kgis/{kgi}/", "company/"]
    for path in [*places, f"kgis/{kgi}/funnel/", "settings/members/", "search/?q=script"]:
        page.goto(f"/o/demo/{path}")
        page.wait_for_load_state("networkidle")
        expect(page.locator("h1")).to_have_count(1)
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("img[src='x']").count() == 0, path
        assert page.locator("a[href^='javascript']").count() == 0, path
    page.goto("/o/demo/company/")
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.locator(".js-plotly-plot a[*|href]").count() == 0
    assert page.evaluate("window.hacked") is None
