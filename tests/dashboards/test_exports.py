"""Files that the worker makes: asked for once, made once, seen and fetched by their asker alone."""

import uuid
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from openpyxl import load_workbook

from dashboards import exports
from dashboards.reports import pdf
from people import clock, waiting
from people.models import Export, Role
from people.tasks import forget_exports
from tests.cast import NOW
from tests.run.service import eventually


@pytest.fixture
def asked(cast, sign_in):
    """The member has asked for a workbook of the running quarter."""
    cast.objective()
    cast.client = sign_in(cast.member)
    cast.key = uuid.uuid4()
    return cast


def ask(cast, what="report_xlsx", key=None):
    return cast.client.post(cast.url("company/report/"), {"what": what, "submission_key": key or cast.key})


def page(cast, export, path=""):
    return cast.client.get(cast.url(f"exports/{export.pk}/{path}"))


def test_a_file_is_asked_for_made_and_fetched_by_its_asker(asked):
    answer = ask(asked)
    export = Export.objects.get()
    assert answer["Location"] == asked.url(f"exports/{export.pk}/")
    waiting = page(asked, export)
    again = f'hx-get="{asked.url(f"exports/{export.pk}/")}"'
    assert again in waiting.content.decode()
    assert page(asked, export, "download/").status_code == 404
    assert exports.make_waiting() == 1
    export.refresh_from_db()
    assert (export.state, export.done, export.total) == ("done", 4, 4)
    ready = page(asked, export)
    assert again not in ready.content.decode()
    file = page(asked, export, "download/")
    assert file.content.startswith(b"PK")
    name = f"FY2026-Q1_{asked.organization.name}_期間レポート.xlsx"
    assert file["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(name)}"
    assert (file["X-Content-Type-Options"], file["Cache-Control"]) == ("nosniff", "private, no-store")
    assert "ダウンロード" in asked.client.get(asked.url("exports/")).content.decode()


def test_asking_twice_with_one_form_makes_one_file_and_a_sixth_has_to_wait(asked):
    assert [ask(asked).status_code for _one in range(2)] == [302, 302]
    assert Export.objects.count() == 1
    for _one in range(4):
        ask(asked, key=uuid.uuid4())
    refused = ask(asked, key=uuid.uuid4())
    assert refused.status_code == 422
    assert "作成中のファイルが5件あります" in refused.content.decode()
    assert ask(asked, what="virus", key=uuid.uuid4()).status_code == 422
    assert Export.objects.count() == 5


def test_a_workbook_lists_more_objectives_than_a_page_does(asked, monkeypatch):
    monkeypatch.setattr(exports, "MOST_LISTED", 1)
    asked.objective(title="二つめの目標")
    ask(asked)
    exports.make_waiting()
    titles = [row[2].value for row in load_workbook(BytesIO(Export.objects.get().content))["目標"].iter_rows()]
    assert "二つめの目標" in titles


def test_nobody_else_sees_a_file_not_even_an_administrator(asked, sign_in):
    ask(asked)
    exports.make_waiting()
    export = Export.objects.get()
    for other in (asked.admin, asked.colleague, asked.partner, asked.stranger):
        client = sign_in(other)
        for path in ("", "download/"):
            assert client.get(asked.url(f"exports/{export.pk}/{path}")).status_code == 404


def test_what_a_killed_worker_left_is_made_again_and_what_another_makes_is_left_alone(asked, monkeypatch):
    woken: list[str] = []
    ask(asked)
    monkeypatch.setattr(waiting, "announce", woken.append)
    export = Export.objects.get()
    Export.objects.update(state="making", tries=1, done=2, total=4)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [exports.ADVISORY_LOCK])
        assert exports.make_waiting() == 0
        assert woken == []  # it would wake itself until the other has done
    eventually(lambda: exports.make_waiting() == 1)  # the other's lock goes when its connection has
    export.refresh_from_db()
    assert (export.state, export.tries) == ("done", 2)


def test_a_file_whose_making_kills_its_worker_is_given_up(asked):
    ask(asked)
    Export.objects.update(state="making", tries=3)
    assert exports.make_waiting() == 0
    export = Export.objects.get()
    assert (export.state, export.failure) == ("failed", "broken")
    assert "もう一度お試しください" in page(asked, export).content.decode()


def test_a_round_ends_before_its_task_is_ended_and_the_next_makes_what_is_left(asked, settings, monkeypatch):
    assert waiting.LONGEST_ROUND + pdf.LONGEST < settings.CELERY_TASK_TIME_LIMIT - 20  # to read and write in
    woken: list[str] = []
    monkeypatch.setattr(waiting, "LONGEST_ROUND", 0)
    ask(asked)
    ask(asked, key=uuid.uuid4())
    monkeypatch.setattr(waiting, "announce", woken.append)
    assert [exports.make_waiting() for _round in range(3)] == [1, 1, 0]
    assert woken == [exports.MAKE_EXPORTS]


def test_a_file_that_is_gone_when_it_is_made_holds_nobody_up(asked, monkeypatch):
    ask(asked)
    ask(asked, key=uuid.uuid4())
    first = Export.objects.earliest("id")
    monkeypatch.setattr(exports, "name_of", lambda report: Export.objects.filter(pk=first.pk).delete() and "x")
    assert exports.make_waiting() == 2
    assert Export.objects.get().state == "done"


def test_what_may_no_longer_be_seen_is_not_made(asked):
    ask(asked)
    asked.member.role = Role.PARTNER
    asked.member.save()
    exports.make_waiting()
    assert Export.objects.get().failure == "gone"


def test_without_a_japanese_font_the_page_says_so_and_leads_back_to_print(asked, monkeypatch):
    monkeypatch.setattr(pdf, "has_japanese_font", lambda: False)
    ask(asked, what="report_pdf")
    exports.make_waiting()
    export = Export.objects.get()
    assert export.failure == "no_font"
    said = page(asked, export).content.decode()
    assert "日本語フォントがない" in said
    assert asked.url(f"company/report/?cycle={asked.cycle.pk}") in said


def test_a_font_that_is_installed_later_is_found_by_the_worker_that_runs(tmp_path, monkeypatch):
    program = tmp_path / "fc-list"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for said, is_there in (("", False), ("echo Noto Sans CJK JP", True)):
        program.write_text(f"#!/bin/sh\n{said}\n")
        program.chmod(0o700)
        assert pdf.has_japanese_font() == is_there


def test_the_latest_thirty_files_of_a_person_are_kept(asked):
    for number in range(31):
        Export.objects.create(
            organization=asked.organization,
            membership=asked.member if number else asked.colleague,
            what="report_xlsx",
            state="failed",
            title=f"{number}",
        )
    ask(asked)
    kept = [export.title for export in Export.objects.order_by("id")]
    assert (kept[:2], len(kept)) == (["0", "2"], 31)
    assert "直近30件" in asked.client.get(asked.url("exports/")).content.decode()


def test_files_are_forgotten_after_a_week(asked, move_clock):
    ask(asked)
    Export.objects.update(created_at=clock.now() - timedelta(days=6, hours=23))
    forget_exports()
    assert Export.objects.count() == 1
    move_clock(NOW.replace("20T10", "20T12"))
    forget_exports()
    assert Export.objects.count() == 0
