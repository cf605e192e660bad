"""How long a file of 50,000 leads takes, beside writing the same rows with nothing else; and finding one afterwards.

    python -m benchmarks.import_leads demo [50000]

In the organization named; a matrix is made for it and taken away again. The floor inserts the same leads and moves in
statements of a thousand rows, without reading, judging, looking for duplicates, or batches that remember themselves;
the history's trigger writes in both.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import uuid
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from funnel.formulas.lead_sheets import read_lead_file  # noqa: E402
from funnel.imports import work  # noqa: E402
from funnel.models import Lead, LeadImport, LeadMove, Matrix  # noqa: E402
from funnel.queries.leads import Wanted, facets_of, leads_wanted  # noqa: E402
from funnel.services.lead_imports import begin_import, map_import  # noqa: E402
from funnel.services.matrices import add_matrix, save_fit_rule  # noqa: E402
from people import clock  # noqa: E402
from people.models import Membership, Role  # noqa: E402

HEADINGS = "会社名,担当者,メール,電話,業種,都道府県,従業員数,売上高,流入元,ステータス,管理番号"
INDUSTRIES = ("製造", "物流", "情報通信", "宿泊", "医療")
STAGES = ("潜在", "準顕在", "顕在化", "アポ獲得", "案件化")


def file_of(lines: int) -> bytes:
    rows = (
        f"青葉{number}商事株式会社,例野{number},person{number}@example.com,03-0000-{number % 10_000:04},"
        f"{INDUSTRIES[number % 5]},東京都,{number % 900},{number % 50}億円,セミナー,{STAGES[number % 5]},N{number}"
        for number in range(lines)
    )
    return "\r\n".join([HEADINGS, *rows]).encode("cp932")


def made(by: Membership) -> Matrix:
    today = by.organization.today
    matrix = Matrix(name=f"benchmark {uuid.uuid4()}", starts_on=today, ends_on=today + timedelta(days=90))
    matrix, _new = add_matrix(matrix, by=by)
    conditions = [{"field": "employees", "is": "at_least", "value": 100}]
    save_fit_rule(matrix, fit="A", conditions=conditions, by=by)
    return matrix


def imported(matrix: Matrix, content: bytes, by: Membership) -> tuple[float, float, LeadImport]:
    """Seconds for taking the file in and for reading it, and what became of it."""
    began = time.perf_counter()
    row = begin_import(matrix, read_lead_file(content), filename="leads.csv", by=by, submission_key=uuid.uuid4())
    taken = time.perf_counter() - began
    with transaction.atomic():
        map_import(row, mapping=row.mapping, stages={}, duplicates="update", send=False)
        LeadImport.objects.filter(pk=row.pk).update(state="running")
    row = LeadImport.objects.select_related("matrix__organization").get(pk=row.pk)
    began = time.perf_counter()
    work.read_on(row, until=float("inf"))
    return taken, time.perf_counter() - began, LeadImport.objects.get(pk=row.pk)


def floor(source: Matrix, target: Matrix) -> float:
    """Seconds for writing the same leads and moves, and nothing else."""
    leads = list(Lead.objects.filter(matrix=source).order_by("id"))
    stage = target.stages.all()[0]
    for lead in leads:
        lead.pk, lead.matrix, lead.stage, lead.submission_key = None, target, stage, uuid.uuid4()
        lead._state.adding = True
    began = time.perf_counter()
    for at in range(0, len(leads), 1_000):
        with transaction.atomic():
            some = Lead.objects.bulk_create(leads[at : at + 1_000])
            LeadMove.objects.bulk_create(
                LeadMove(matrix=target, lead=lead, to_stage=stage, to_fit=lead.fit, date=lead.since) for lead in some
            )
    return time.perf_counter() - began


def timed(what, times: int = 7) -> float:
    taken = []
    for _time in range(times):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[times // 2] * 1_000


def main(slug: str, lines: int = 50_000) -> None:
    people = Membership.objects.filter(organization__slug=slug, role=Role.ADMIN, left_on=None)
    by = people.select_related("organization").order_by("id")[0]
    content = file_of(lines)
    matrix, beside = made(by), made(by)
    try:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken, read, row = imported(matrix, content, by)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        again = imported(matrix, content, by)
        least = floor(matrix, beside)
        print("| file of leads | taken in | read | floor | ratio | again, nothing new | memory |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        print(
            f"| {lines:,} lines, {len(content) / 1e6:.1f} MB, {row.added:,} new | {taken:.1f} s | {read:.1f} s "
            f"| {least:.1f} s | {read / least:.2f} | {again[1]:.1f} s | {(most - before) / 1024:.0f} MB |"
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE funnel_lead")
        print("\n| list of leads | median |\n|---|---:|")
        for name, wanted in (
            ("first page, with its count", Wanted()),
            ("searched: 青葉4999", Wanted(search="青葉4999")),
            ("searched: nothing fits", Wanted(search="どこにもない")),
            ("narrowed to a fit, newest first", Wanted(fit="A", sort="newest")),
        ):
            rows = leads_wanted(by, matrix, wanted)
            print(f"| {name} | {timed(lambda rows=rows: (rows.count(), list(rows[:50]))):.1f} ms |")
        print(f"| what it can be narrowed to | {timed(lambda: facets_of(by, matrix)):.1f} ms |")
    finally:
        LeadImport.objects.filter(matrix__in=[matrix, beside]).delete()
        with connection.cursor() as cursor:
            for table in ("funnel_leadmove", "funnel_lead"):
                cursor.execute(f"DELETE FROM {table} WHERE matrix_id = ANY(%s)", [[matrix.pk, beside.pk]])
        Matrix.objects.filter(pk__in=[matrix.pk, beside.pk]).update(retired_at=clock.now())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
