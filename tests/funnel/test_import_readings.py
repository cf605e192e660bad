"""Actuals from a file: looked at first, then taken."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from funnel import services
from funnel.models import KPI, KPIReading
from tests.cast import TODAY
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db


@pytest.fixture
def kgi(cast):
    kgi = make_kgi(cast)
    KPI.objects.create(kgi=kgi, key="visits", name="訪問", unit="回", period="month")
    KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    return kgi


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/plan-and-actual/import/")


def send(client, cast, kgi, content, **more):
    file = {"file": SimpleUploadedFile("actuals.csv", content)} if isinstance(content, bytes) else {"text": content}
    return client.post(url(cast, kgi), file | more)


SHEET = 'レバー,2026年4月,2026-05-18,2026-W20\n訪問,"1.2万",30,"１，０００"\nwin_rate,21%,,\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_shown_before_it_is_taken_and_taking_it_twice_changes_nothing(cast, sign_in, kgi, encoding):
    client = sign_in(cast.manager)
    answer = send(client, cast, kgi, SHEET.encode(encoding))
    assert answer.status_code == 200
    assert answer.context["judgement"].counts == {"new": 4, "changed": 0, "unchanged": 0}
    assert not KPIReading.objects.exists()
    for _twice in range(2):
        assert client.post(url(cast, kgi), {"text": answer.context["text"], "confirm": "1"}).status_code == 302
    read = {(row.kpi.key, row.span, row.date): row.value for row in KPIReading.objects.select_related("kpi")}
    assert read == {
        ("visits", "month", date(2026, 4, 30)): 12_000,
        ("visits", "", date(2026, 5, 18)): 30,
        ("visits", "week", date(2026, 5, 17)): 1_000,
        ("win_rate", "month", date(2026, 4, 30)): Decimal("0.21"),
    }
    assert send(client, cast, kgi, SHEET).context["judgement"].counts["unchanged"] == 4


def test_full_width_names_are_the_same_names(cast, sign_in, kgi):
    KPI.objects.create(kgi=kgi, key="cvr", name="CV率", is_rate=True)
    judgement = send(sign_in(cast.manager), cast, kgi, "レバー,2026-04\nＣＶ率,1.5%\n").context["judgement"]
    assert (judgement.problems, judgement.counts["new"]) == ([], 1)


def test_lines_that_cannot_be_read_are_named_and_left_out(cast, sign_in, kgi):
    KPI.objects.create(kgi=kgi, key="other", name="訪問")
    sheet = "lever,key,2026-04,2027-01\nどこ,,1,\n訪問,,5,\nx,visits,たくさん,\nx,visits,,9\nx,visits,8,\nx,visits,9,\n"
    judgement = send(sign_in(cast.manager, language="en"), cast, kgi, sheet).context["judgement"]
    assert [(one.line.number, one.problem.partition(":")[0]) for one in judgement.problems] == [
        (2, "No lever of this KGI is called “どこ”."),
        (3, "More than one lever is called “訪問”. Write its key instead."),
        (4, "2026-04, “たくさん”"),
        (5, "2027-01, “9”"),
        (7, "Line 6 already says this of the same lever."),
    ]
    assert judgement.counts["new"] == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        ("訪問,1\n受注率,2", "No column has a date."),
        (b"\xff\x00\x81", "This file cannot be read."),
        ("lever,2026-04\n" + "訪問,1\n" * 1001, "more than 1,000 lines"),
        ("lever," + "2026-04," * 400 + "\n", "more than 400 columns"),
        (b"x" * 1_000_001, "too large"),
        ("", "Choose a file, or paste the table."),
    ],
)
def test_what_holds_no_readings_is_refused_with_a_sentence(cast, sign_in, kgi, content, sentence):
    answer = send(sign_in(cast.manager, language="en"), cast, kgi, content)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_file_handed_out_is_read_in_again_without_a_change(cast, sign_in, kgi):
    rate = kgi.kpis.get(key="win_rate")
    KPI.objects.filter(pk=rate.pk).update(name="=1+1")
    for span, value in (("month", "0.123456789012"), ("week", "0.5")):
        services.record_by_hand(rate, date=TODAY, span=span, value=Decimal(value), recorded_by=None)
    client = sign_in(cast.manager)
    for by in ("month", "week"):
        file = client.get(cast.url(f"kgis/{kgi.pk}/plan-and-actual/readings/?by={by}&download=csv"))
        assert file.content.startswith("\ufeff".encode())
        assert "'=1+1" in file.content.decode()
        counts = send(client, cast, kgi, file.content).context["judgement"].counts
        assert counts == {"new": 0, "changed": 0, "unchanged": 1}


def test_only_planners_read_files_in(cast, sign_in, kgi):
    for role, status in (("member", 403), ("partner", 404), ("stranger", 404)):
        assert send(sign_in(getattr(cast, role)), cast, kgi, SHEET).status_code == status
