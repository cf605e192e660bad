"""Files of leads: read as people have them, named column by column, and written by the worker once."""

import io
import zipfile
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from funnel import tasks
from funnel.formulas.lead_sheets import gather, guess, read_lead_file, text_lines
from funnel.formulas.sheets import SheetRefused
from funnel.imports import work
from funnel.models import Duplicates, Lead, LeadImport, LeadImportState, LeadMove
from funnel.services.lead_imports import begin_import, drop_import, map_import
from funnel.services.matrices import retire_matrix
from people.refusals import Refusal
from tests.funnel.matrix import judged_matrix, make_lead, make_matrix, stage

pytestmark = pytest.mark.django_db

HEADINGS = ["会社名", "担当者", "メールアドレス", "業種", "従業員数", "ステータス", "営業担当", "獲得日"]
LINES = [
    ["株式会社青葉精機", "例野 花子", "hana@example.com", "精密機器製造", "１２０名", "顕在化", "", "2026/5/1"],
    ["みなと物流", "", "", "物流", "約80", "商談中", "", ""],
]


def csv_of(*rows):
    return "\r\n".join(",".join(row) for row in rows)


def workbook_of(*rows):
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def sent(matrix, by, text, *, duplicates=Duplicates.UPDATE, stages=None):
    row = begin_import(matrix, gather(text_lines(text)), filename="", by=by, submission_key=uuid4())
    return map_import(row, mapping=row.mapping, stages=stages or {}, duplicates=duplicates, send=True)


def retire(matrix):
    retire_matrix(matrix, by=matrix.created_by)


def read(row):
    tasks.import_leads()
    return LeadImport.objects.get(pk=row.pk)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_file_is_read_in_every_encoding_of_excel(encoding):
    sheet = read_lead_file(csv_of(HEADINGS, *LINES).encode(encoding))
    assert [column.heading for column in sheet.columns] == HEADINGS
    assert sheet.columns[0].first == ("株式会社青葉精機", "みなと物流")
    assert sheet.lines == 2


def test_a_workbook_is_read_with_its_typed_cells():
    sheet = read_lead_file(
        workbook_of([], ["企業名", "従業員数", "登録日", "備考"], ["青葉", 120.0, datetime(2026, 4, 1), None], [None])
    )
    assert [column.first for column in sheet.columns] == [("青葉",), ("120",), ("2026-04-01",), ("",)]
    assert guess([column.heading for column in sheet.columns]) == ["company", "employees", "since", "note"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        ("会社名".encode(), "no_lines"),
        (b"PK\x03\x04broken", "broken_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
        (b"\xff\x00\xff\x81", "unknown_encoding"),
        (b"a\n" + b"b\n" * 50_001, "too_many_lines"),
        (b"a," * 61 + b"z\nb", "too_many_columns"),
        (b"x" * 20_000_001, "too_large"),
    ],
)
def test_a_file_that_holds_no_leads_is_refused_by_its_reason(content, code):
    with pytest.raises(SheetRefused) as refused:
        read_lead_file(content)
    assert refused.value.code == code


def test_a_workbook_with_a_row_behind_the_last_one_of_excel_is_read_without_what_lies_between():
    given, made = io.BytesIO(workbook_of(["会社名"], ["青葉"], ["遠方"])), io.BytesIO()
    with zipfile.ZipFile(given) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'r="3"', b'r="900000000"').replace(b"A3", b"A900000000"))
    assert read_lead_file(made.getvalue()).lines == 1


def test_a_file_becomes_leads_judged_placed_and_counted(cast):
    matrix = judged_matrix(cast)
    LINES[0][6] = cast.member.user.email
    row = read(sent(matrix, cast.manager, csv_of(HEADINGS, *LINES), stages={"商談中": stage(matrix, "案件化").pk}))
    assert (row.state, row.added, row.wrong, row.done, row.content) == (LeadImportState.DONE, 2, [], 2, None)
    first, second = Lead.objects.order_by("id")
    assert (first.fit, first.employees, first.stage.name, first.since, first.owner) == (
        "A",
        120,
        "顕在化",
        date(2026, 5, 1),
        cast.member,
    )
    assert (second.fit, second.stage.name) == ("C", "案件化")
    assert LeadMove.objects.filter(from_stage=None).count() == 2
    assert row.headings[0] == {"heading": "会社名"}


def test_lines_that_cannot_be_taken_are_listed_each_with_its_reason(cast):
    matrix = make_matrix(cast.manager)
    rows = [
        ["", "誰か", "", "", "", "", "", ""],
        ["A社", "", "not an address", "", "", "", "", ""],
        ["B社", "", "", "", "many", "", "", ""],
        ["C社", "", "", "", "", "知らない段階", "", ""],
        ["D社", "", "", "", "", "", "知らない人", ""],
        ["E社", "", "", "", "", "", "", "2027-01-01"],
        ["あ" * 201, "", "", "", "", "", "", ""],
        ["正しい社", "", "", "", "", "", "", ""],
    ]
    row = read(sent(matrix, cast.manager, csv_of(HEADINGS, *rows)))
    assert [code for _number, code, _field in row.wrong] == [
        "company_missing",
        "bad_email",
        "bad_number",
        "stage_unknown",
        "owner_unknown",
        "bad_date",
        "too_long",
    ]
    assert [number for number, _code, _field in row.wrong] == [2, 3, 4, 5, 6, 7, 8]
    assert row.added == 1


def test_the_same_file_twice_changes_nothing_and_the_same_line_twice_is_one_lead(cast):
    matrix = judged_matrix(cast)
    text = csv_of(["会社名", "メール"], ["青葉", "a@example.com"], ["青葉㈱", "A@EXAMPLE.COM"], ["青葉", ""])
    first = read(sent(matrix, cast.manager, text))
    assert (first.added, first.changed, first.unchanged) == (2, 1, 0)
    again = read(sent(matrix, cast.manager, text, duplicates=Duplicates.FILL))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert Lead.objects.count() == 2
    assert LeadMove.objects.count() == 2


@pytest.mark.parametrize(
    ("duplicates", "industry", "region", "now"),
    [
        (Duplicates.UPDATE, "製造業", "東京都", "受注"),
        (Duplicates.FILL, "物流", "東京都", "潜在"),
        (Duplicates.SKIP, "物流", "", "潜在"),
    ],
)
def test_a_lead_that_is_there_is_written_over_filled_in_or_left(cast, duplicates, industry, region, now):
    matrix = judged_matrix(cast)
    lead = make_lead(matrix, cast.manager, "青葉", industry="物流")
    text = csv_of(["会社名", "業種", "都道府県", "ステータス"], ["青葉株式会社", "製造業", "東京都", "受注"])
    read(sent(matrix, cast.manager, text, duplicates=duplicates))
    lead.refresh_from_db()
    assert (lead.industry, lead.region, lead.stage.name) == (industry, region, now)
    assert lead.moves.count() == (2 if now == "受注" else 1)


def test_a_contact_who_had_no_address_gets_it_and_stays_one_lead(cast):
    matrix = make_matrix(cast.manager)
    lead = make_lead(matrix, cast.manager, "青葉", contact="例野花子")
    row = read(
        sent(matrix, cast.manager, csv_of(["会社名", "氏名", "メール"], ["青葉", "例野 花子", "hana@example.com"]))
    )
    lead.refresh_from_db()
    assert (row.changed, lead.email, lead.known_as) == (1, "hana@example.com", "@hana@example.com")


def test_a_killed_worker_goes_on_where_it_stood_and_doubles_nothing(cast, monkeypatch):
    matrix = make_matrix(cast.manager)
    monkeypatch.setattr(work, "AT_ONCE", 10)
    row = sent(matrix, cast.manager, csv_of(["会社名"], *[[f"会社{number}"] for number in range(35)]))
    written = work.write_lines

    def dies(*args, **kwargs):
        if Lead.objects.count() == 20:
            raise KeyboardInterrupt
        return written(*args, **kwargs)

    monkeypatch.setattr(work, "write_lines", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.import_leads()
    stood = LeadImport.objects.get(pk=row.pk)
    assert (stood.state, stood.done, stood.added) == (LeadImportState.RUNNING, 20, 20)
    monkeypatch.setattr(work, "write_lines", written)
    row = read(row)
    assert (row.state, row.added, row.unchanged) == (LeadImportState.DONE, 35, 0)
    assert Lead.objects.count() == 35
    tasks.import_leads()
    assert Lead.objects.count() == 35


def test_a_file_that_ends_its_worker_again_and_again_is_given_up(cast):
    matrix = make_matrix(cast.manager)
    row = sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"]))
    LeadImport.objects.filter(pk=row.pk).update(tries=work.MOST_TRIES, state=LeadImportState.RUNNING)
    row = read(row)
    assert (row.state, row.content) == (LeadImportState.FAILED, None)


def test_whoever_may_not_change_the_matrix_any_more_brings_nothing_in(cast):
    matrix = make_matrix(cast.manager)
    row = sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"]))
    cast.manager.role = "member"
    cast.manager.save()
    row = read(row)
    assert (row.state, row.wrong) == (LeadImportState.FAILED, [[0, "gone", ""]])
    assert not Lead.objects.exists()


def test_a_matrix_retired_meanwhile_takes_no_line(cast, monkeypatch):
    matrix = make_matrix(cast.manager)
    row = sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"]))
    monkeypatch.setattr(work, "reader_of", lambda *given, real=work.reader_of: (retire(matrix), real(*given))[1])
    row = read(row)
    assert (row.state, row.wrong) == (LeadImportState.FAILED, [[0, "gone", ""]])
    assert not Lead.objects.exists()


def test_two_leads_may_pass_a_name_on_in_one_file(cast):
    matrix = make_matrix(cast.manager)
    for number in (1, 2):
        make_lead(matrix, cast.manager, f"{number}社", email=f"{number}@example.com", reference=f"R{number}")
    heading = ["管理番号", "会社名", "メール"]
    for lines in ((["R2", "2社", "3@example.com"], ["R1", "1社", "2@example.com"]),
                  (["R1", "1社", "4@example.com"], ["R2", "2社", "2@example.com"])):  # fmt: skip
        row = read(sent(matrix, cast.manager, csv_of(heading, *lines)))
        assert (row.state, row.changed, row.wrong) == (LeadImportState.DONE, 2, [])
    assert set(Lead.objects.values_list("reference", "email", "known_as")) == {
        ("R1", "4@example.com", "@4@example.com"),
        ("R2", "2@example.com", "@2@example.com"),
    }


def test_columns_are_named_once_and_one_of_them_is_the_company(cast):
    matrix = make_matrix(cast.manager)
    row = begin_import(matrix, gather(text_lines("a,b\n1,2")), filename="", by=cast.manager, submission_key=uuid4())
    for mapping, code in (
        (["note", "note"], "mapping"),
        (["note", ""], "company_missing"),
        (["x", "company"], "mapping"),
    ):
        with pytest.raises(Refusal) as refused:
            map_import(row, mapping=mapping, stages={}, duplicates="update", send=True)
        assert refused.value.code == code
    sent_row = map_import(row, mapping=["company", ""], stages={}, duplicates="skip", send=True)
    again = map_import(row, mapping=["", "company"], stages={}, duplicates="update", send=True)
    assert (sent_row.mapping, again.mapping) == (["company", ""], ["company", ""])


def test_old_files_are_let_go_of_and_a_dropped_one_is_gone(cast, move_clock):
    matrix = make_matrix(cast.manager)
    drop_import(sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"])))
    begin_import(matrix, gather(text_lines("a\n1")), filename="", by=cast.manager, submission_key=uuid4())
    done = read(sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"])))
    move_clock("2026-05-22T10:00:00+09:00")
    tasks.forget_lead_imports()
    assert list(LeadImport.objects.values_list("pk", flat=True)) == [done.pk]
    move_clock("2026-05-28T10:00:00+09:00")
    tasks.forget_lead_imports()
    assert not LeadImport.objects.exists()


def test_a_thousand_lines_cost_few_queries(cast, django_assert_max_num_queries):
    matrix = judged_matrix(cast)
    row = sent(matrix, cast.manager, csv_of(["会社名"], *[[f"会社{number}"] for number in range(1_000)]))
    with django_assert_max_num_queries(30):
        row = read(row)
    assert row.added == 1_000


# The pages


def address(cast, matrix, tail=""):
    return cast.url(f"matrix/{matrix.pk}/leads/import/{tail}")


def test_a_file_is_chosen_looked_at_and_brought_in(cast, sign_in):
    matrix = judged_matrix(cast)
    client = sign_in(cast.manager)
    file = SimpleUploadedFile("名簿.csv", csv_of(HEADINGS, *LINES).encode("cp932"))
    opened = client.post(address(cast, matrix), {"file": file, "submission_key": str(uuid4())})
    assert opened.status_code == 302
    shown = client.get(opened.url)
    page = shown.content.decode()
    assert "商談中" in page
    assert "例野 花子" in page
    row = LeadImport.objects.get()
    typed = {f"column-{at}": meaning for at, meaning in enumerate(row.mapping)} | {"duplicates": "update"}
    looked = client.post(opened.url, typed | {"stage-商談中": stage(matrix, "案件化").pk})
    assert looked.status_code == 200
    assert client.post(opened.url, typed | {"send": "1", "stage-商談中": stage(matrix, "案件化").pk}).status_code == 302
    assert "progress" in client.get(opened.url).content.decode()
    tasks.import_leads()
    assert "2" in client.get(opened.url).content.decode()
    assert Lead.objects.count() == 2
    wrong = client.get(f"{opened.url}wrong/")
    assert wrong.status_code == 200


def test_a_file_that_cannot_be_read_is_said_beside_the_field(cast, sign_in):
    matrix = make_matrix(cast.manager)
    client = sign_in(cast.manager)
    answer = client.post(address(cast, matrix), {"file": SimpleUploadedFile("x.xls", b"\xd0\xcf\x11\xe0")})
    assert (answer.status_code, "xlsx" in answer.content.decode()) == (422, True)
    assert client.post(address(cast, matrix), {}).status_code == 422


def test_only_planners_bring_files_in_and_nobody_sees_anothers(cast, sign_in):
    matrix = make_matrix(cast.manager)
    row = sent(matrix, cast.manager, csv_of(["会社名"], ["青葉"]))
    for person, status in ((cast.member, 403), (cast.partner, 404), (cast.stranger, 404)):
        assert sign_in(person).get(address(cast, matrix)).status_code == status
    assert sign_in(cast.admin).get(address(cast, matrix, f"{row.pk}/")).status_code == 404
