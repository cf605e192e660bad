"""Finding known words in a text without blanks: at each place the longest one that fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from objectives.formulas.likeness.spelling import folded

SHORT = 3


class Lexicon:
    """Words in groups, each found wherever it stands; a Latin word only as a whole word, its plural too.

    >>> lexicon = Lexicon({"order": "受注 order", "win rate": "受注率 win_rate"})
    >>> [found[2] for found in lexicon.found_in("受注率と受注、win-rate of orders in the border")]
    ['win rate', 'order', 'win rate', 'order']
    """

    def __init__(self, groups: Mapping[str, str]):
        starts: dict[str, dict[str, str]] = defaultdict(dict)
        for group, words in groups.items():
            for word in words.split():
                for spelled in spellings(folded(word)):
                    starts[spelled[0]].setdefault(spelled, group)
        self.starts = {start: sorted(words.items(), key=lambda at: -len(at[0])) for start, words in starts.items()}

    def found_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where each word begins and ends, and its group; none overlaps another."""
        place = 0
        while place < len(text):
            for word, group in self.starts.get(text[place], ()):
                if text.startswith(word, place) and stands_alone(text, place, place + len(word)):
                    yield place, place + len(word), group
                    place += len(word)
                    break
            else:
                place += 1


def spellings(word: str) -> set[str]:
    """A Latin word's plurals, and its parts with a blank, a hyphen or nothing between them."""
    if not word[0].isascii():
        return {word}
    word = word.replace("_", " ")
    joints = {word, word.replace("-", " "), word.replace("-", ""), word.replace(" ", "-")}
    return {joint + ending for joint in joints for ending in ("", "s", "es")}


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin word is no part of another; nor a short one in katakana: ロス means nothing in クロスセル."""
    first = text[start]
    if first.isascii():
        return not (is_latin(text[start - 1 : start]) or is_latin(text[end : end + 1]))
    if end - start <= SHORT and all(map(is_katakana, text[start:end])):
        return not (is_katakana(text[start - 1 : start]) or is_katakana(text[end : end + 1]))
    return True


def is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def is_katakana(character: str) -> bool:
    return "ァ" <= character <= "ヺ" or character == "ー"
