"""Files that go out must run nothing in whoever's spreadsheet opens them."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.exports import csv_response, safe_cell

DANGEROUS = "=+-@|%\t\r＝＋－＠｜％"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "==1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "|calc",
        "%0A",
        "\t=1",
        "\r=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM",
        "  =1",
        "\u3000=1",
        "\ufeff=1",
        "\x00=1",
        " \ufeff \x00=1",
        "-",
        "+81-3-1234-5678",
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text(text):
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["-5", "+3", "-1,200", "-0.5", "−5", "12%", "-12.5%", "%", "％", "朝の一杯", "a=b", "1+1", ""]
)
def test_numbers_and_ordinary_words_stay_as_they_are(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0, "0"), (Decimal("1E+3"), "1000"), (Decimal("-1.50"), "-1.5")]
)
def test_numbers_are_written_in_full(value, text):
    assert safe_cell(value) == text


@given(st.text())
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text):
    cell = safe_cell(text)
    first = cell.lstrip(" \u3000\ufeff\x00")[:1]
    assert (
        first not in DANGEROUS
        or cell in ("", "%", "％")
        or cell.strip("-+−%").replace(",", "").replace(".", "").isdecimal()
    )


def test_a_file_has_a_mark_a_name_and_its_rows():
    answer = csv_response("北海道/の一杯", ["目標", "値"], [["a,b", Decimal("1.0")], ['"', "二行\nある"]])
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    assert "%2F" not in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows == [["目標", "値"], ["a,b", "1"], ['"', "二行\nある"]]


@pytest.mark.parametrize("name", ["！？", "", "..", "///", "「」", "."])
def test_a_name_of_signs_alone_still_makes_a_file(name):
    answer = csv_response(name, ["値"], [])
    assert answer["Content-Disposition"] == 'attachment; filename="okrplanner.csv"'
