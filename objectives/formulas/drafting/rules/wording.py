"""How the objective is worded: one can picture it, say it in one breath, and it holds no number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.draft import OBJECTIVE, Draft, Finding, Severity
from objectives.formulas.drafting.rewriting import last_clause, picture_of, where_it_belongs, without_number
from objectives.formulas.drafting.text import JA, language_of, level, tidy
from objectives.formulas.drafting.vocabulary import (
    SLOGANS_EN,
    SLOGANS_JA,
    STATE_EN,
    STATE_JA,
    TASKS_EN,
    TASKS_JA,
    VAGUE_ENGLISH_NOUNS,
    VAGUE_NOUNS,
    VAGUE_VERBS,
)

LONGEST_JA, LONGEST_EN = 45, 18

_EFFORT_JA = re.compile(
    rf"(?P<word>{VAGUE_NOUNS})"
    r"(?:(?:を|に|の)?(?:する|させる|図る|はかる|行う|進める|目指す|取り組む|努める|していく|させていく|実現する|実現|推進する|"
    r"推進|年|年にする|年とする|元年|活動|施策|取り組み|プロジェクト))?[。!！]*$"
)
_EFFORT_EN = re.compile(
    rf"^(?:we will |to |continue to |further )?(?P<word>{VAGUE_VERBS.replace('improve', 'improv(?:e|ing)')})\b",
    re.ASCII,
)
_EFFORT_NOUN_EN = re.compile(rf"(?P<word>{VAGUE_ENGLISH_NOUNS})s?[.!]*$")
_SEPARATED_JA = re.compile(r"[・、,/／&＆]|(?:と)(?=[^ぁ-ん])")
_KANA = re.compile(r"[ぁ-ん]")


def objective_has_number(draft: Draft) -> Iterable[Finding]:
    """An objective is a picture that moves people; the number belongs into a key result or the KGI."""
    amounts = find_amounts(tidy(draft.title))
    if not amounts:
        return
    first = amounts[0]
    moved = where_it_belongs(draft.title, first)
    evidence = {"amount": tidy(first.text)} | ({"key_result": moved} if moved else {})
    yield Finding(
        "objective_has_number",
        OBJECTIVE,
        Severity.WARN,
        evidence,
        suggestion=without_number(draft.title),
        about="title",
        case="to_key_result" if moved else "",
    )


def objective_vague(draft: Draft) -> Iterable[Finding]:
    """An effort (強化, improve) has no end: nobody can tell when it is reached. A state can be seen."""
    word = vague_word_in(draft.title)
    if word:
        suggestion = picture_of(draft.title)
        yield Finding("objective_vague", OBJECTIVE, Severity.WARN, {"word": word}, suggestion=suggestion, about="title")


def vague_word_in(title: str) -> str:
    """The word for an effort that stands in place of a state, else empty.

    >>> vague_word_in("営業力の強化"), vague_word_in("電話がつながらない店から、すぐ出る店へ改善する")
    ('強化', '')
    >>> vague_word_in("Improve customer satisfaction"), vague_word_in("Improve service until nobody waits")
    ('Improve', '')
    """
    title = tidy(title)
    if find_amounts(title):
        return ""
    if language_of(title) == JA:
        found = _EFFORT_JA.search(title)
        return found["word"] if found and not re.search(STATE_JA, title[: found.start()]) else ""
    searched = level(title)
    found = _EFFORT_EN.search(searched) or _EFFORT_NOUN_EN.search(searched)
    if found is None or re.search(STATE_EN, searched):
        return ""
    return title[found.start("word") : found.end("word")]


def objective_not_inspiring(draft: Draft) -> Iterable[Finding]:
    """A list of nouns, a task or a slogan gives nobody a picture of what will be different."""
    case = shape_of(draft.title)
    if case:
        suggestion = picture_of(draft.title) if case == "nouns" else ""
        yield Finding(
            "objective_not_inspiring", OBJECTIVE, Severity.HINT, suggestion=suggestion, about="title", case=case
        )


def shape_of(title: str) -> str:
    """`nouns`, `task` or `slogan` for an objective that is nothing more, else empty.

    >>> shape_of("売上・利益・品質"), shape_of("新システムを導入する"), shape_of("一丸となって頑張る")
    ('nouns', 'task', 'slogan')
    >>> shape_of("雪国で焼いた一杯を、日本じゅうの朝へ"), shape_of("Launch a new website")
    ('', 'task')
    """
    title = tidy(title).rstrip("。.!！")
    if not title or find_amounts(title) or vague_word_in(title):
        return ""
    return _shape_ja(title) if language_of(title) == JA else _shape_en(level(title))


def _shape_ja(title: str) -> str:
    parts = [part for part in _SEPARATED_JA.split(title) if part.strip()]
    if len(parts) >= 2 and not any(_KANA.search(part) for part in parts) and max(map(len, parts)) <= 10:
        return "nouns"
    if re.search(SLOGANS_JA, title) and len(title) <= 25:
        return "slogan"
    found = re.search(rf"{TASKS_JA}$", title)
    is_of_others = re.search(r"が[^を]*$|お客|顧客", title)
    return "task" if found and not is_of_others and "、" not in title else ""


def _shape_en(title: str) -> str:
    if re.search(SLOGANS_EN, title) and len(title.split()) <= 8:
        return "slogan"
    words = title.split()
    is_list = len(re.findall(r",|&| and ", title)) >= 2 and len(words) <= 6
    if is_list and all(re.fullmatch(r"[a-z\-]+,?|&", word) for word in words) and title.count(",") >= 1:
        return "nouns"
    return "task" if re.match(rf"{TASKS_EN} (?:a|an|the|our|new|all|\d+)\b", title) and len(words) <= 9 else ""


def objective_too_long(draft: Draft) -> Iterable[Finding]:
    """What cannot be said in one breath is not remembered in the middle of a week."""
    title = tidy(draft.title)
    language = language_of(title)
    length = len(title) if language == JA else len(title.split())
    longest = LONGEST_JA if language == JA else LONGEST_EN
    if length > longest:
        suggestion = last_clause(title, longest=longest)
        if find_amounts(suggestion) or vague_word_in(suggestion):
            suggestion = ""
        case = "characters" if language == JA else "words"
        evidence = {"length": length, "longest": longest}
        yield Finding("objective_too_long", OBJECTIVE, Severity.HINT, evidence, suggestion, "title", case)
