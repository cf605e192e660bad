"""Whatever people call things, it stays a name: on pages, in figures, in mails and in tables."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils.html import escape

from funnel.models import KGI, KPI, Scenario
from objectives import services
from objectives.models import KeyResult, NotDoing, Objective
from people import letters
from people.models import Membership, Organization, Team, Unit, User
from tests.authorization import TABLE, World, kept_world
from tests.cast import Cast
from tests.test_authorization import ADDRESSES, kinds_of, numbers_of, path_of, taken_back

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
QUOTES = "' onfocus=alert(1) autofocus x='"
TEMPLATE = "{{7*7}}{% now 'Y' %}"
FORMULA = "=cmd|'/c calc'!A1"
ALL = f"{FORMULA} {SCRIPT}{IMAGE}{QUOTES}{TEMPLATE}"
EVALUATED = re.compile(r"A1 [^<>]{0,120}49(20\d\d)")


class Reader(HTMLParser):
    """Reads a page as a browser does, and writes down what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        told = dict(attrs)
        self.runs += [f"<{tag} {name}=…>" for name in told if name.startswith("on")]
        if told.get("src") == "x" or (told.get("href") or "").startswith("javascript:"):
            self.runs.append(str(self.get_starttag_text()))

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and data.strip().startswith("alert"):
            self.runs.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def runs_in(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.runs


def test_the_reader_sees_what_would_run():
    assert len(runs_in(f"<p title=\"{IMAGE}\">{SCRIPT}</p><b title='{QUOTES}'><a href='javascript:x'>")) == 5
    assert runs_in(f'<p title="{escape(ALL)}">{escape(ALL)}</p>') == []


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    with django_db_blocker.unblock(), kept_world(tmp_path_factory.mktemp("clock") / "clock") as world:
        give_nasty_names(world.cast)
        yield world


@pytest.fixture
def hostile_world(kept, db) -> World:
    """Everything that has a name is called something nasty."""
    return kept


def give_nasty_names(cast: Cast) -> None:
    Objective.objects.filter(organization=cast.organization).update(title=ALL, why=ALL)
    KeyResult.objects.filter(objective__organization=cast.organization).update(title=ALL, unit=SCRIPT[:20])
    KGI.objects.filter(organization=cast.organization).update(name=ALL[:120], unit=IMAGE[:20])
    kpis = KPI.objects.filter(kgi__organization=cast.organization)
    kpis.update(name=ALL[:120], source=ALL[:200], definition=ALL, note=ALL, reference_source=ALL[:200])
    kpis.filter(formula="").update(must_hit=F("challenge"), current=F("challenge") / 2)
    kpis.filter(formula="").update(low=F("current"), likely=F("current"), high=F("challenge"))
    Scenario.objects.filter(kgi__organization=cast.organization).update(name=ALL[:120], note=ALL)
    NotDoing.objects.filter(cycle__organization=cast.organization).update(text=ALL)
    Team.objects.filter(organization=cast.organization, parent=None).update(name=SCRIPT + IMAGE)
    for number, team in enumerate(Team.objects.filter(organization=cast.organization).exclude(parent=None)):
        Team.objects.filter(pk=team.pk).update(name=f"{FORMULA}{IMAGE}{number}")
    for number, member in enumerate(Membership.objects.filter(organization=cast.organization)):
        User.objects.filter(pk=member.user_id).update(name=f"{FORMULA}{SCRIPT}{number}", reading=IMAGE)
    Organization.objects.filter(pk=cast.organization.pk).update(name=f"{TEMPLATE}{SCRIPT}{IMAGE}")
    Unit.objects.filter(organization=cast.organization).update(name=SCRIPT[:20])
    for cycle in cast.organization.cycles.all():
        cast.organization.cycles.filter(pk=cycle.pk).update(name=f"{cycle.pk}{IMAGE}")
    for key_result in KeyResult.objects.filter(objective__organization=cast.organization, dropped_at=None):
        services.record_check_in(
            key_result, author=cast.admin, value=Decimal(7), confidence=3, obstacle=ALL, next_step=ALL, going_well=ALL
        )


def pages_of(world: World) -> list[tuple[str, str]]:
    found = []
    for name, address in ADDRESSES.items():
        line = TABLE[name]
        if "GET" in line.who:
            for kind in kinds_of(line)[:2]:
                if kind != "elsewhere":
                    found.append((name, path_of(address, line, "hokuto", numbers_of(line, world, kind))))
    return found


def test_no_page_lets_a_name_become_more_than_a_name(hostile_world, sign_in):
    client = sign_in(hostile_world.cast.admin)
    seen = 0
    for name, path in pages_of(hostile_world):
        if name == "account_logout":
            continue
        with taken_back():
            answer = client.get(path)
        if answer.headers["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            assert runs_in(page) == [], path
            assert not EVALUATED.search(page), path
            seen += "alert(1)" in page
        elif answer.headers["Content-Type"].startswith("application/json"):
            json.loads(answer.getvalue())
    assert seen > 25


def test_a_refused_form_shows_what_was_typed_and_no_more(hostile_world, sign_in):
    cast = hostile_world.cast
    client = sign_in(cast.admin)
    key_result = hostile_world.rows["key_result"]["own"]["pk"]
    for path, typed in (
        (cast.url("plan/objectives/new/"), {"title": ALL * 3, "why": ALL, "owner": ALL}),
        (cast.url("kgis/new/"), {"name": ALL * 3, "unit": IMAGE, "challenge_value": SCRIPT}),
        (cast.url(f"key-results/{key_result}/check-ins/"), {"value": SCRIPT + IMAGE, "obstacle": ALL}),
        (cast.url("cycles/new/"), {"name": IMAGE * 9, "start": QUOTES, "end": SCRIPT}),
        (cast.url("settings/"), {"name": SCRIPT, "time_zone": IMAGE}),
        (cast.url("library/templates/new/"), {"title": ALL * 3, "rows-TOTAL_FORMS": SCRIPT, "rows-0-title": IMAGE}),
    ):
        answer = client.post(path, typed)
        assert answer.status_code == 422, path
        assert runs_in(answer.content.decode()) == [], path
    for path in ("plan/?q=", "library/?q=", "objectives/?q=", "settings/?q=", "search/?q=", "settings/members/?q="):
        assert runs_in(client.get(cast.url(path), {"q": SCRIPT + IMAGE}).content.decode()) == [], path
    answer = Client().post("/accounts/login/", {"login": f"{IMAGE}@example.com", "password": "x", "next": IMAGE})
    assert runs_in(answer.content.decode()) == []


def test_figures_carry_names_as_text(hostile_world, sign_in):
    """Plotly would make a link or an image of a label that looks like one."""
    page = sign_in(hostile_world.cast.admin).get(hostile_world.cast.url("company/")).content.decode()
    figures = re.findall(r'<script id="[^"]+" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert figures
    assert any("alert(1)" in figure for figure in figures)
    for figure in figures:
        assert not any(sign in json.dumps(labels_in(json.loads(figure))) for sign in ("<script", "<img"))


def labels_in(value):
    """Every text of a figure, at any depth."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in labels_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in labels_in(each)]
    return [value] if isinstance(value, str) else []


def test_no_cell_of_a_table_is_run_by_a_spreadsheet(hostile_world, sign_in):
    client = sign_in(hostile_world.cast.admin)
    numbers = {noun: rows["own"]["pk"] for noun, rows in hostile_world.rows.items() if "own" in rows}
    for path in (
        "objectives/{objective}/?key_result={key_result}&download=csv",
        "objectives/?download=csv",
        "settings/members/?download=csv",
        "kgis/{kgi}/consistency/?download=csv",
        "kgis/{kgi}/levers/?download=csv",
        "kgis/{kgi}/scenarios/?download=csv",
        "kgis/{kgi}/likelihood/?download=csv",
        "kgis/{kgi}/plan-and-actual/?download=csv",
        "kgis/{kgi}/plan-and-actual/readings/?download=csv",
    ):
        answer = client.get(hostile_world.cast.url(path.format(**numbers)))
        assert answer["Content-Type"].startswith("text/csv"), path
        assert "\n" not in answer["Content-Disposition"]
        body = answer.getvalue().decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
        assert any("cmd|" in cell or "alert" in cell for cell in cells), path
        for cell in cells:
            assert re.fullmatch(r"[-+]?[\d.,]+%?|[%％]", cell) or not re.match(r"\s*[=+@|%＝＋＠-]", cell), cell


def test_every_export_goes_through_the_one_that_makes_cells_safe():
    """Nobody writes a table of their own beside `people/exports.py`; lines of a file that was read are no export."""
    from tests.test_architecture import APPS, ROOT, modules

    writers = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in modules(app)
        if re.search(r'csv\.writer|content_type="text/csv', path.read_text(), re.MULTILINE)
    ]
    assert writers == ["people/exports.py", "funnel/formulas/lead_sheets.py"]
    assert "HttpResponse" not in (ROOT / "funnel/formulas/lead_sheets.py").read_text()


def test_mails_carry_names_as_text_and_no_name_steers_them(hostile_world, mailoutbox):
    organization = hostile_world.cast.organization
    Organization.objects.filter(pk=organization.pk).update(name="Evil\nBcc: victim@c.example\r\n<b>Corp</b>")
    letters.send_waiting()
    (letter,) = [letter for letter in mail.outbox if letter.recipients() == ["new@hokuto.example"]]
    assert "\n" not in letter.subject
    message = letter.message()
    assert message["Bcc"] is None
    for content, kind in getattr(letter, "alternatives", []):
        assert kind == "text/html"
        assert "<b>Corp" not in content
        assert runs_in(content) == []
