"""How the objective is worded: one can picture it, say it in one breath, and it holds no number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.draft import OBJECTIVE, Draft, Finding, Severity
from objectives.formulas.drafting.rewriting import picture_of, picture_within, where_it_belongs, without_number
from objectives.formulas.drafting.text import JA, language_of, level, tidy
from objectives.formulas.drafting.vocabulary.objectives import (
    ABSTRACT_EN,
    ABSTRACT_JA,
    BETTER_EN,
    BETTER_JA,
    CARES_JA,
    HEADING_NOUNS_EN,
    HEADING_NOUNS_JA,
    MORE_OR_LESS_EN,
    MORE_OR_LESS_JA,
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
    r"推進|断行する|年|年にする|年とする|元年|活動|施策|取り組み|プロジェクト))?[。!！]*$"
)
_HEADING_JA = re.compile(rf"(?P<word>{HEADING_NOUNS_JA})[。!！]*$")
_CARE_JA = re.compile(rf"^.{{0,18}}?(?P<word>{CARES_JA})[。!！]*$")
_BETTER_JA = re.compile(rf"(?P<word>{BETTER_JA})")
_BETTER_EN = re.compile(rf"(?P<word>{BETTER_EN})")
_MORE_JA = re.compile(
    rf"^(?:[^をがはに、]{{0,8}}の|[一-龥]{{2,6}})?(?P<word>(?:{ABSTRACT_JA}|[一-龥]{{1,4}}力)(?:を|の)?{MORE_OR_LESS_JA})[。!！]*$"
)
_EFFORT_EN = re.compile(
    rf"^(?:we will |to |continue to |further |(?:use|utilise|utilize|apply) .{{2,30}}? to )?(?P<word>{VAGUE_VERBS})\b"
)
_EFFORT_NOUN_EN = re.compile(rf"(?P<word>{VAGUE_ENGLISH_NOUNS})s?[.!]*$")
_HEADING_EN = re.compile(rf"^(?:[\w\-]+ ){{0,3}}(?P<word>{HEADING_NOUNS_EN})[.!]*$")
_HEADINGS_EN = re.compile(
    rf"^[\w\-]+(?: [\w\-]+)? (?:and|&) (?:[\w\-]+ )?(?P<word>{HEADING_NOUNS_EN}|{ABSTRACT_EN}|"
    rf"{VAGUE_ENGLISH_NOUNS})[.!]*$"
)
_MORE_EN = re.compile(rf"^(?:we will |to )?(?P<word>{MORE_OR_LESS_EN}) (?:[\w\-']+ ){{0,3}}{ABSTRACT_EN}[.!]*$")
_VAGUE_SHAPES_JA = (_EFFORT_JA, _MORE_JA, _HEADING_JA, _CARE_JA, _BETTER_JA)
_VAGUE_SHAPES_EN = (_EFFORT_EN, _EFFORT_NOUN_EN, _HEADING_EN, _HEADINGS_EN, _MORE_EN, _BETTER_EN)
_SEPARATED_JA = re.compile(r"[・、,/／&＆]|(?:と)(?=[^ぁ-ん])")
_KANA = re.compile(r"[ぁ-ん]")


def objective_has_number(draft: Draft) -> Iterable[Finding]:
    """An objective is a picture that moves people; the number belongs in a key result or the KGI."""
    amounts = find_amounts(tidy(draft.title))
    if not amounts:
        return
    first = amounts[0]
    moved = where_it_belongs(draft.title)
    evidence = {"amount": tidy(first.text)} | ({"key_result": moved} if moved else {})
    yield Finding(
        "objective_has_number",
        OBJECTIVE,
        Severity.WARN,
        evidence,
        suggestion=_pictured(without_number(draft.title)),
        about="title",
        case="to_key_result" if moved else "",
    )


def _pictured(title: str) -> str:
    """A better version that is not vague in turn: else the picture it stands for, if there is one."""
    return picture_of(title) if title and (vague_word_in(title) or shape_of(title)) else title


def objective_vague(draft: Draft) -> Iterable[Finding]:
    """An effort (強化, improve), a list of nouns, a task or a slogan: nobody can see when it is reached."""
    word = vague_word_in(draft.title)
    case = "" if word else shape_of(draft.title)
    if word or case:
        suggestion = "" if case in ("task", "slogan") else picture_of(draft.title)
        severity = Severity.HINT if case else Severity.WARN
        evidence = {"word": word} if word else {}
        yield Finding("objective_vague", OBJECTIVE, severity, evidence, suggestion, "title", case)


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
    is_japanese = language_of(title) == JA
    searched = title if is_japanese else level(title)
    shapes = _VAGUE_SHAPES_JA if is_japanese else _VAGUE_SHAPES_EN
    found = next((found for shape in shapes if (found := shape.search(searched))), None)
    if found is None or re.search(STATE_JA if is_japanese else STATE_EN, _told_besides(found, is_japanese)):
        return ""
    return title[found.start("word") : found.end("word")]


def _told_besides(found: re.Match[str], is_japanese: bool) -> str:
    """Where a state could stand: in Japanese before the effort, in English anywhere."""
    return found.string[: found.start("word")] if is_japanese else found.string


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
    if re.search(SLOGANS_JA, title) and not re.search(rf"{STATE_JA}|なる$|へ$", title) and len(title) <= 25:
        return "slogan"
    found = re.search(rf"{TASKS_JA}$", title)
    is_of_others = re.search(r"が[^を]*$|お客|顧客", title)
    return "task" if found and not is_of_others and "、" not in title else ""


def _shape_en(title: str) -> str:
    if re.search(SLOGANS_EN, title) and len(title.split()) <= 8:
        return "slogan"
    words = title.split()
    is_list = len(re.findall(r",|&| and ", title)) >= 2 and len(words) <= 6
    if (
        is_list
        and not re.search(r"\b(?:one|two|no|every|each|an?|the|our)\b", title)
        and all(re.fullmatch(r"[a-z\-]+,?|&", word) for word in words)
        and title.count(",") >= 1
    ):
        return "nouns"
    return "task" if re.match(rf"{TASKS_EN} (?:a|an|the|our|new|all|\d+)\b", title) and len(words) <= 9 else ""


def objective_too_long(draft: Draft) -> Iterable[Finding]:
    """What cannot be said in one breath is not remembered in the middle of a week."""
    title = tidy(draft.title)
    language = language_of(title)
    length = len(title) if language == JA else len(title.split())
    longest = LONGEST_JA if language == JA else LONGEST_EN
    if length > longest:
        suggestion = picture_within(title, longest=longest)
        if find_amounts(suggestion) or vague_word_in(suggestion):
            suggestion = ""
        case = "characters" if language == JA else "words"
        evidence = {"length": length, "longest": longest}
        yield Finding("objective_too_long", OBJECTIVE, Severity.HINT, evidence, suggestion, "title", case)
