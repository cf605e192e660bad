"""Conditions of a fit: what they ask, what is refused, and that the database judges as the formula does."""

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.fits import (
    FIELDS,
    NUMBERS,
    OF_NUMBERS,
    OF_WORDS,
    ConditionRefused,
    case_sql,
    fit_of,
    read_conditions,
)
from funnel.formulas.leads import company_known_as, known_as


def one(field, asks, value=None):
    return read_conditions([{"field": field, "is": asks, "value": value}])[0]


@pytest.mark.parametrize(
    ("condition", "lead", "holds"),
    [
        (("industry", "contains", ["製造", "ｼｽﾃﾑ"]), {"industry": "システム開発"}, True),
        (("industry", "contains", ["製造"]), {"industry": ""}, False),
        (("region", "one_of", ["東京都", "神奈川県"]), {"region": "神奈川県 "}, True),
        (("region", "equals", "東京都"), {"region": "東京都港区"}, False),
        (("source", "equals", "ｗｅｂ"), {"source": "Web"}, True),
        (("employees", "at_least", "100"), {"employees": 100}, True),
        (("employees", "at_least", "100"), {"employees": None}, False),
        (("employees", "at_most", 99), {"employees": 100}, False),
        (("revenue", "equals", "300000000"), {"revenue": Decimal("300000000.000000")}, True),
        (("employees", "empty"), {"employees": None}, True),
        (("role", "empty"), {"role": "部長"}, False),
        (("role", "empty"), {}, True),
    ],
)
def test_a_condition_holds_or_not(condition, lead, holds):
    assert one(*condition).holds(lead) is holds


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"field": "phone", "is": "equals", "value": "1"}, "field"),
        ({"field": "employees", "is": "contains", "value": "1"}, "is"),
        ({"field": "industry", "is": "at_least", "value": "1"}, "is"),
        ({"field": "industry", "is": "contains", "value": [" "]}, "value_missing"),
        ({"field": "industry", "is": "contains", "value": None}, "value_missing"),
        ({"field": "industry", "is": "equals", "value": ["a", "b"]}, "value_missing"),
        ({"field": "industry", "is": "contains", "value": "x" * 101}, "value_too_long"),
        ({"field": "industry", "is": "contains", "value": "\x00"}, "value_too_long"),
        ({"field": "employees", "is": "at_least", "value": "many"}, "not_a_number"),
        ({"field": "employees", "is": "at_least", "value": "NaN"}, "not_a_number"),
        ({"field": "employees", "is": "at_least", "value": True}, "not_a_number"),
        ({"field": "employees", "is": "at_least", "value": ""}, "value_missing"),
        ("industry", "field"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused_with_its_place(condition, code):
    with pytest.raises(ConditionRefused) as refused:
        read_conditions([{"field": "role", "is": "empty"}, condition])
    assert (refused.value.place, refused.value.code) == (1, code)


def test_conditions_are_kept_as_they_are_read():
    kept = [
        {"field": "industry", "is": "contains", "value": ["製造", "工業"]},
        {"field": "region", "is": "equals", "value": "東京都"},
        {"field": "employees", "is": "at_least", "value": "100"},
        {"field": "role", "is": "empty", "value": None},
    ]
    assert [condition.written() for condition in read_conditions(kept)] == kept


def test_a_is_asked_before_b_and_a_fit_without_conditions_is_nobodys():
    rules = {"A": read_conditions([]), "B": [one("industry", "contains", "製造")]}
    assert fit_of({"industry": "製造"}, rules) == "B"
    assert fit_of({"industry": "小売"}, rules) == "C"


LETTERS = "abcABCＡｂ製造業ｼﾞｽﾃﾑ㈱①éÉÖöσΣ株 　%_\\'\"ー・IİıßſK"
words = st.text(LETTERS, min_size=1, max_size=6).filter(lambda text: bool(text.strip()))
numbers = st.integers(0, 500)
conditions = st.one_of(
    st.builds(
        lambda field, asks, value: {"field": field, "is": asks, "value": value[:1] if asks == "equals" else value},
        st.sampled_from([field for field in FIELDS if field not in NUMBERS]),
        st.sampled_from(OF_WORDS),
        st.lists(words, min_size=1, max_size=3),
    ),
    st.builds(
        lambda field, asks, value: {"field": field, "is": asks, "value": value},
        st.sampled_from(NUMBERS),
        st.sampled_from(OF_NUMBERS),
        numbers,
    ),
)
known = st.fixed_dictionaries(
    {field: st.one_of(st.none(), numbers) if field in NUMBERS else st.just("") | words for field in FIELDS}
)
JUDGE = (
    "SELECT {case} FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (industry text, region text, source text, "
    "role text, company text, employees bigint, revenue numeric)) WITH ORDINALITY AS lead(industry, region, source, "
    "role, company, employees, revenue, place) ORDER BY place"
)


@pytest.mark.django_db
@settings(max_examples=150)
@given(st.lists(conditions, max_size=4), st.lists(conditions, max_size=4), st.lists(known, min_size=1, max_size=30))
def test_the_database_judges_as_the_formula_does(a, b, leads):
    import json

    rules = {"A": read_conditions(a), "B": read_conditions(b)}
    case, values = case_sql(rules, "lead")
    with connection.cursor() as cursor:
        cursor.execute(JUDGE.format(case=case), [*values, json.dumps(leads)])
        told = [fit for (fit,) in cursor.fetchall()]
    assert told == [fit_of(lead, rules) for lead in leads]


@given(st.text(LETTERS, min_size=1, max_size=12), st.sampled_from(["株式会社{}", "{}㈱", "{} 株式会社", "（株）{}"]))
def test_the_form_of_a_company_says_nothing_about_which_it_is(name, form):
    core = "青葉" + name.replace("株", "").replace("㈱", "").strip() + "商事"
    assert company_known_as(form.format(core)) == company_known_as(core)


def test_leads_are_known_by_their_address_or_by_company_and_contact():
    assert known_as(company="A", email=" Hana@Example.com") == known_as(company="B", email="hana@example.com")
    assert known_as(company="㈱青葉", contact="山田　太郎") == known_as(company="青葉 株式会社", contact="山田太郎")
    assert known_as(company="青葉", contact="山田") != known_as(company="青葉", contact="田中")
    assert len(known_as(company="あ" * 200, contact="い" * 200)) == 300
