"""Reads a line of minutes as it is typed while people talk: a decision, a next step, an action, or a note.

Nothing is guessed: a name that fits two people, or a task that nobody is named for, is left open, to be asked. The
rules stand beside the words that trigger them; days are read by `spoken_days`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from objectives.formulas.spoken_days import SpokenDay, days_in

NOTE, DECISION, ACTION, NEXT_STEP = "note", "decision", "action", "next_step"


@dataclass(frozen=True)
class Person:
    """Somebody who may be named: by full name, family or given name, or its reading, also in Latin letters."""

    pk: int
    name: str
    reading: str = ""


@dataclass(frozen=True)
class Reading:
    """What a line was read as.

    `text` is the line without the mark at its beginning, `task` what is to be done, without who and by when. `owner`
    is None where nobody is named, or where the name fits several: those are the `candidates`.
    """

    kind: str
    text: str
    task: str = ""
    owner: int | None = None
    candidates: tuple[int, ...] = ()
    due: date | None = None


@dataclass(frozen=True)
class Named:
    """Where in a line whom it may name: `ids` are several where the name fits several."""

    ids: tuple[int, ...]
    start: int
    end: int
    is_called: bool = False
    """Written with @."""


# Marks at the beginning of a line

PREFIXES = {
    DECISION: r"決定(?:事項)?|決まったこと|結論|d|decision|decided|agreed",
    ACTION: r"アクション|宿題|todo|to do|ai|a|action(?: item)?|task",
    NEXT_STEP: r"次(?:の一[手歩]|回)?|つぎ|next(?: steps?)?|n",
    NOTE: r"メモ|備考|note|memo",
}
PREFIX = {kind: re.compile(rf"\s*(?:{words})\s*[::]\s*", re.IGNORECASE) for kind, words in PREFIXES.items()}
DECIDES = re.compile(
    r"(?:ことに(?:する|します|した|しました|決めた|決めました|決まった|決まりました|決定)|[にで]決め(?:た|ました)"
    r"|(?:に|で|を)決定(?:する|した|しました)?|[にで]決まり(?:ました)?|[にで]決まった|[にで]合意(?:した|しました)?"
    r"|で行(?:く|きます|こう)|でいく|でいきます)[。.!]*$"
    r"|^(?:we|it (?:was|is))\s(?:have\s)?(?:decided|agreed)\b|^(?:decided|agreed) (?:to|on|that)\b",
    re.IGNORECASE,
)

# Japanese round a name

HONORIFIC = r"(?:さん|さま|様|くん|君|氏|ちゃん|部長|課長|店長|社長|マネージャー|マネジャー)"
KANJI = re.compile(r"[一-龯々〆ヶ]")
SUBJECT_JA = re.compile(rf"{HONORIFIC}?(?:が|は|[、,，::]|\s|$)")
ASKED_JA = re.compile(rf"{HONORIFIC}?(?:に|にも)(?=.*(?:お願い|依頼|頼|して?もらう|てもらい|担当|任せ))")
CALLED_JA = re.compile(rf"{HONORIFIC}[、,]|{HONORIFIC}?(?:から(?!の)|担当)")
OTHERWISE_JA = re.compile(rf"{HONORIFIC}?(?:の|を|と|へ|も|に|・|や|、?および)")
# What was, is going on or is so, is no task.
TOLD_JA = re.compile(
    r"(?:た|だった|です|でした|ている|てる|ています|てます|ていない|ない|だ|とのこと|らしい|そう|中|休み|不在|出張|済み?)"
    r"[。.!]*$"
)
ASKS_JA = re.compile(
    r"(?:て|ください|下さい|お願い(?:します|したい)?|てほしい|て欲しい|ましょう|予定(?:です)?|担当(?:です)?)[。.!]*$"
)

# English round a name

WILL_EN = (
    r"(?:\s(?:will|shall|should|must|can|to|needs? to|has to|have to|is going to|is to|takes?|owns?|please)\b"
    r"|'ll\b|,|:|\s[-–—]\s|\s[a-z]{2,}s\b(?=.*\b(?:by|before|until|due|no later)\b))"
)
SUBJECT_EN = re.compile(WILL_EN, re.IGNORECASE)
OTHERWISE_EN = re.compile(r"(?:'s|’s)\b", re.IGNORECASE)
TOLD_EN = re.compile(
    r"^\s(?:was|were|is (?!going to|to\b)|has (?!to\b)|had|did|does|said|says|told|thinks|reports?|asks|knows|likes"
    r"|\w+ed\b)",
    re.IGNORECASE,
)
DATIVE_EN = re.compile(
    r"\b(?:to|with|from|for|about|of|asks?|tell|call|and|or|than|at|e-?mail|meet)\s(?:m(?:r|s|rs)\.?\s)?$",
    re.IGNORECASE,
)
MADE_EN = re.compile(r"\b(?:have|get|let)\s$", re.IGNORECASE)
MYSELF = re.compile(
    r"(?:^|(?<=[、,。 ]))(?:私|わたし|僕|自分)(?=[がはで、])"
    r"|\bI(?=\s(?:will|shall|should|must|can|need to|have to|am going to|take|own)\b|'ll\b|’ll\b)"
)

ROWS = {
    "": "あいうえお",
    "k": "かきくけこ",
    "s": "さしすせそ",
    "t": "たちつてと",
    "n": "なにぬねの",
    "h": "はひふへほ",
    "m": "まみむめも",
    "r": "らりるれろ",
    "g": "がぎぐげご",
    "z": "ざじずぜぞ",
    "d": "だぢづでど",
    "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
}
AS_SPOKEN = {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu"}
BESIDE = {"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ー": ""}


def syllables() -> dict[str, str]:
    """Every syllable of kana in Latin letters."""
    rows = {kana: first + vowel for first, row in ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)}
    plain = rows | AS_SPOKEN | BESIDE
    drawn: dict[str, str] = {}
    for kana, text in plain.items():
        if text.endswith("i") and len(text) > 1:
            first = text[:-1] if text in {"shi", "chi", "ji"} else f"{text[:-1]}y"
            drawn |= {kana + small: first + vowel for small, vowel in zip("ゃゅょ", "auo", strict=True)}
    return plain | drawn


LATIN = syllables()


def latin(reading: str) -> str:
    """A reading in kana as it is written in Latin letters, long vowels short.

    >>> latin("やまもと"), latin("おおにし"), latin("しょう"), latin("いっぺい")
    ('yamamoto', 'onishi', 'sho', 'ippei')
    """
    text, place = "", 0
    while place < len(reading):
        if reading[place] == "っ":
            following = LATIN.get(reading[place + 1 : place + 3]) or LATIN.get(reading[place + 1 : place + 2], "")
            text += following[:1]
            place += 1
            continue
        pair = LATIN.get(reading[place : place + 2]) if len(reading) > place + 1 else None
        text += pair or LATIN.get(reading[place], reading[place])
        place += 2 if pair else 1
    return short_vowels(text)


def short_vowels(text: str) -> str:
    """Latin letters with every long vowel written short, however it was: Ōnishi, Oonishi and Ohnishi are one."""
    text = text.lower().translate(str.maketrans("āīūēō", "aiueo"))
    return re.sub(r"oh(?![aeiou])|ou|oo", "o", text).replace("uu", "u")


def narrow(text: str) -> str:
    """With wide letters, digits and signs narrow, character by character, so that places stay what they were.

    >>> narrow("Ｄ：６／１２まで")
    'D:6/12まで'
    """
    found = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(found, text, strict=True))


@lru_cache(maxsize=64)
def names_of(people: tuple[Person, ...]) -> dict[str, tuple[int, ...]]:
    """By each way a person may be named, whom it names."""
    found: dict[str, list[int]] = {}
    for person in people:
        ways = {person.name, *person.name.split(), re.sub(r"\s", "", person.name)}
        readings = person.reading.split()
        ways |= {latin(part) for part in readings} | set(readings)
        if len(readings) == 2:
            family, given = map(latin, readings)
            ways |= {f"{given} {family}", f"{family} {given}"}
        if person.name.isascii():
            ways |= {" ".join(reversed(person.name.split()))}
        for way in {way.lower() for way in ways if way and (len(way) > 1 or KANJI.match(way))}:
            found.setdefault(way, []).append(person.pk)
    return {way: tuple(ids) for way, ids in found.items()}


def people_in(line: str, people: Sequence[Person]) -> list[Named]:
    """Whom a line names, in the order in which they stand; a longer name before a shorter one at the same place."""
    lower = line.lower()
    found: list[Named] = []
    for way, ids in names_of(tuple(people)).items():
        is_latin = way.isascii()
        place = lower.find(way)
        while place >= 0:
            end = place + len(way)
            if is_word(lower, place, end) if is_latin else is_name(line, place, end):
                is_called = place > 0 and line[place - 1] == "@"
                found.append(Named(ids, place - is_called, end, is_called))
            place = lower.find(way, end)
        if is_latin and short_vowels(lower) != lower:
            found += long_vowels(line, way, ids)
    found.sort(key=lambda each: (each.start, -each.end))
    kept: list[Named] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def long_vowels(line: str, way: str, ids: tuple[int, ...]) -> list[Named]:
    """Words of a line that are the name with its long vowels written long."""
    words = re.finditer(r"[A-Za-zāīūēōĀĪŪĒŌ]+", line)
    return [
        Named(ids, match.start(), match.end())
        for match in words
        if match[0].lower() != way and short_vowels(match[0]) == way
    ]


def is_word(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


def is_name(line: str, start: int, end: int) -> bool:
    """Whether what stands there is a name and no part of a longer word: 中村 in 田中村, 森 in 森林."""
    before, after = line[start - 1 : start], line[end:]
    if KANJI.match(before or "") or (KANJI.match(after) and not re.match(HONORIFIC, after)):
        return False
    is_sure = end - start > 1 and bool(KANJI.search(line[start:end]))
    return is_sure or bool(re.match(HONORIFIC, after)) or before == "@"


def read_line(typed: str, *, people: Iterable[Person], said_on: date, author: int | None = None) -> Reading:
    """What a typed line is: its kind, and for an action who does it and by when.

    >>> team = [Person(1, "山本 翔", "やまもと しょう"), Person(2, "佐藤 美咲", "さとう みさき")]
    >>> wednesday = date(2026, 5, 20)
    >>> read_line("山本さん 金曜までに見積もりを送る", people=team, said_on=wednesday)
    Reading(kind='action', text='山本さん 金曜までに見積もりを送る', task='見積もりを送る', owner=1, candidates=(),
            due=datetime.date(2026, 5, 22))
    >>> read_line("Yamamoto will send the quote by Friday", people=team, said_on=wednesday).task
    'Send the quote'
    >>> read_line("決定：見積は部長の承認にする", people=team, said_on=wednesday)
    Reading(kind='decision', text='見積は部長の承認にする', task='', owner=None, candidates=(), due=None)
    >>> read_line("山本さんの案件は順調", people=team, said_on=wednesday).kind
    'note'
    """
    line = narrow(typed).strip()
    words = typed.strip()
    forced = ""
    for kind, prefix in PREFIX.items():
        if match := prefix.match(line):
            forced, line, words = kind, line[match.end() :], words[match.end() :]
            break
    if forced in {DECISION, NEXT_STEP, NOTE} and line:
        return Reading(forced, words)
    people = tuple(people)
    named = people_in(line, people)
    days = days_in(line, said_on)
    owner, candidates, spans = doer(line, named, author)
    day = next((each for each in days if each.is_deadline), days[0] if days else None)
    if not forced and DECIDES.search(line) and not any(each.is_called for each in named):
        return Reading(DECISION, words)
    if not forced and not is_task(line, named, owner, candidates, day):
        return Reading(NOTE, words)
    task = what_is_done(words, [*spans, *([(day.start, day.end)] if day else [])])
    return Reading(ACTION, words, task, owner, candidates, day.day if day else None)


def is_task(
    line: str, named: list[Named], owner: int | None, candidates: tuple[int, ...], day: SpokenDay | None
) -> bool:
    """Whether somebody is to do something: called with @, or named as who does it with a day; or a deadline alone."""
    if any(each.is_called for each in named):
        return True
    told = bool(TOLD_JA.search(line)) and not ASKS_JA.search(line)
    if told:
        return False
    if owner is not None or candidates:
        return (
            day is not None or bool(ASKS_JA.search(line)) or bool(re.search(r"\b(?:will|to|please)\b|['’]ll\b", line))
        )
    return day is not None and day.is_deadline and not TOLD_OF_EN.search(line)


TOLD_OF_EN = re.compile(
    r"\b(?:was|were|is|are|has|had|have|runs?|lasts?|stays?|(?!need|proceed|feed|speed)\w+ed)\b", re.IGNORECASE
)


def doer(
    line: str, named: list[Named], author: int | None
) -> tuple[int | None, tuple[int, ...], list[tuple[int, int]]]:
    """Who is to do it, or between whom is to be chosen, and which places of the line say so."""
    myself = MYSELF.search(line)
    called = [each for each in named if each.is_called]
    if called:
        return chosen(line, called)
    bracketed = [each for each in named if in_brackets(line, each)]
    if bracketed:
        return chosen(line, bracketed)
    subjects = [each for each in named if is_subject(line, each)]
    if myself and author is not None and (not subjects or myself.start() < subjects[0].start):
        end = myself.end()
        tail = re.match(r"(?:が|は|で)?[、,]?\s*", line[end:]) if not line[end:].startswith((" ", "'", "’")) else None
        after = re.match(r"(?:\s(?:will|shall|should|must|can|need to|have to|am going to)|['’]ll)\s", line[end:])
        return author, (), [(myself.start(), end + (after.end() if after else tail.end() if tail else 0))]
    if subjects:
        joined = [subjects[0]]
        before = [each for each in named if each.start < subjects[0].start and joins(line, each, subjects[0])]
        return chosen(line, before + joined)
    return None, (), []


def chosen(line: str, named: list[Named]) -> tuple[int | None, tuple[int, ...], list[tuple[int, int]]]:
    ids = tuple(dict.fromkeys(pk for each in named for pk in each.ids))
    spans = [(each.start, each.end + after_name(line[each.end :])) for each in named]
    spans = [
        (max(0, start - 1), end + 1) if line[start - 1 : start] in "(（" and start else (start, end)
        for start, end in spans
    ]
    return (ids[0], (), spans) if len(ids) == 1 else (None, ids, spans)


def after_name(rest: str) -> int:
    """How much after a name belongs to it: さんが, に, " will"."""
    japanese = re.match(rf"{HONORIFIC}?(?:が|は|から|に(?:は)?|と|・)?[、,::]?\s*", rest)
    english = re.match(
        r"(?:\s(?:will|shall|should|must|can|to|needs? to|has to|is going to|is to|and)|['’]ll|,|:|\s[-–—])\s"
        r"(?:please\s)?",
        rest,
        re.IGNORECASE,
    )
    return max(japanese.end() if japanese else 0, english.end() if english else 0)


def in_brackets(line: str, each: Named) -> bool:
    return line[each.start - 1 : each.start] in ("(", "（") and bool(
        re.match(rf"{HONORIFIC}?\s*[)）]", line[each.end :])
    )


def is_subject(line: str, each: Named) -> bool:
    """Whether the person named there is who does it, not somebody it is done for, with or about."""
    before, after = line[: each.start], line[each.end :]
    if line[each.start : each.end].isascii():
        if OTHERWISE_EN.match(after) or TOLD_EN.match(after):
            return False
        if MADE_EN.search(before):
            return True
        if DATIVE_EN.search(before):
            return bool(re.search(r"\bask\s$", before, re.IGNORECASE)) and bool(re.match(r"\sto\b", after))
        return bool(SUBJECT_EN.match(after)) or bool(re.search(r"\b(?:owner|who)\s?:?\s$", before, re.IGNORECASE))
    if ASKED_JA.match(after) or CALLED_JA.match(after):
        return True
    if re.match(rf"{HONORIFIC}?(?:が|は|[::])", after):
        return True
    at_beginning = not before.strip() or before.rstrip().endswith(("、", "。", ",", "・", "と"))
    return at_beginning and not OTHERWISE_JA.match(after) and bool(SUBJECT_JA.match(after))


def joins(line: str, first: Named, second: Named) -> bool:
    """Whether two names stand together: 山本さんと佐藤さん, Sato and Yamamoto."""
    between = line[first.end : second.start]
    return bool(re.fullmatch(rf"{HONORIFIC}?\s?(?:と|・|、|や|and|&|,)\s?", between, re.IGNORECASE))


def what_is_done(words: str, spans: list[tuple[int, int]]) -> str:
    """A line without who does it and by when; the whole line where nothing else would be left."""
    text = words
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start].rstrip()} {text[end:].lstrip()}"
    text = re.sub(r"^[\s、,。.::・]+|[\s、,::]+$", "", text)
    text = re.sub(r"(?<=[぀-ヿ一-龯、。]) | (?=[぀-ヿ一-龯、。])", "", re.sub(r"\s{2,}", " ", text))
    text = re.sub(r"^(?:に|は|で|and|will|to|please)(?:、|\s)", "", text, flags=re.IGNORECASE)
    if len(text) < 2:
        return words
    return text[0].upper() + text[1:] if text[0].isascii() else text
