"""Words set into the room there is, counted in full-width letters."""

from __future__ import annotations

import unicodedata

from dashboards.figures.paper import plain

LETTER = 12.6


def width_of(letter: str) -> float:
    return 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.56


def shortened(text: str, room: float) -> str:
    """As much of a text as fits, with an ellipsis where it does not; `room` in full-width letters."""
    taken = 0.0
    for index, letter in enumerate(text):
        taken += width_of(letter)
        if taken > room:
            return text[: max(index - 1, 1)].rstrip() + "…"
    return text


def wrapped(text: str, room: float, most: int | None = None) -> list[str]:
    """Lines of at most `room` full-width letters, broken between words where there are any."""
    lines, line, taken = [], "", 0.0
    for word in _pieces(text):
        wide = sum(map(width_of, word))
        if line and taken + wide > room and word.strip():
            lines.append(line.rstrip())
            line, taken = "", 0.0
        line += word
        taken += wide
    lines.append(line.rstrip())
    if most is not None and len(lines) > most:
        rest = lines[most - 1] + lines[most]
        lines = [*lines[: most - 1], shortened(rest, room - 0.5) if most else ""]
    return [shortened(line, room + 2) for line in lines]


def _pieces(text: str) -> list[str]:
    """Where a line may break: after every full-width letter, and after a space."""
    pieces = [""]
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        if wide and letter not in "、。，．」』）ーっゃゅょッャュョ！？・":
            pieces.append(letter)
        else:
            pieces[-1] += letter
            if letter == " ":
                pieces.append("")
    return [piece for piece in pieces if piece]


def in_lines(text: str, width: float, most: int) -> str:
    room = width / LETTER
    return "<br>".join(plain(line) for line in wrapped(text, max(room, 2), most))


def folded(text: str, room: float) -> str:
    return "<br>".join(plain(line) for line in wrapped(text, room))
