"""What stands in a comment: people named with @, addresses, and plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

AT = re.compile(r"(?<![A-Za-z0-9_.+\-])[@＠]")
LINK = re.compile(r"https?://[^\s<>\"'、。「」（）【】]+", re.IGNORECASE)
ENDS_A_SENTENCE = ".,;:!?)]}"


@dataclass(frozen=True)
class Mention:
    """The place of an @ with the name behind it, and whom the name can mean: one person where it is clear."""

    start: int
    end: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A piece of a text; `person` or `link` says what else it is."""

    text: str
    person: int | None = None
    link: str = ""


def compact(name: str) -> str:
    """A name as it is compared: width, case and spaces do not matter.

    >>> compact("山本　翔"), compact("Ｊane Doe")
    ('山本翔', 'janedoe')
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def mentions(text: str, names: Mapping[str, Sequence[int]]) -> Iterator[Mention]:
    """Where people are named with @, the longest name that fits; `names` are compact, with whom each can mean.

    >>> names = {"山本翔": [1], "山本": [2], "jan": [3]}
    >>> text = "@山本 翔さん、＠山本です"
    >>> [(found.people, text[found.start : found.end]) for found in mentions(text, names)]
    [((1,), '@山本 翔'), ((2,), '＠山本')]
    >>> list(mentions("mail@jan and @janitor", names))
    []
    """
    longest = max(map(len, names), default=0)
    for at in AT.finditer(text):
        found = longest_name(text, at.end(), names, longest)
        if found is not None:
            end, people = found
            yield Mention(at.start(), end, tuple(people))


def longest_name(
    text: str, begin: int, names: Mapping[str, Sequence[int]], longest: int
) -> tuple[int, Sequence[int]] | None:
    best = None
    so_far = ""
    for place in range(begin, len(text)):
        letter = text[place]
        if letter in "\r\n" or (letter.isspace() and (not so_far or text[place - 1].isspace())):
            break
        so_far += compact(letter)
        if len(so_far) > longest:
            break
        if so_far in names and not letter.isspace() and not goes_on(text, place):
            best = place + 1, names[so_far]
    return best


def goes_on(text: str, place: int) -> bool:
    """Whether a word of Latin letters goes on after this place: a name is no part of a longer word."""
    return (
        text[place].isascii()
        and text[place].isalnum()
        and text[place + 1 : place + 2].isalnum()
        and (text[place + 1].isascii())
    )


def parts(text: str, names: Mapping[str, Sequence[int]]) -> list[Part]:
    """A text cut into plain words, people named with @ and addresses.

    >>> [part.link or part.text for part in parts("見て https://a.example/x。@山本", {"山本": [2]})]
    ['見て ', 'https://a.example/x', '。', '@山本']
    """
    found: list[Part] = []
    done = 0
    for mention in mentions(text, names):
        if len(mention.people) == 1:
            found += with_links(text[done : mention.start])
            found.append(Part(text[mention.start : mention.end], person=mention.people[0]))
            done = mention.end
    return found + with_links(text[done:])


def with_links(text: str) -> list[Part]:
    found: list[Part] = []
    done = 0
    for link in LINK.finditer(text):
        address = link[0].rstrip(ENDS_A_SENTENCE)
        if len(address) <= len("https://"):
            continue
        found += [Part(text[done : link.start()])] if link.start() > done else []
        found.append(Part(address, link=address))
        done = link.start() + len(address)
    return found + ([Part(text[done:])] if done < len(text) else [])
