"""What every figure is made of: zones, colours as roles, the band, and people's words as Plotly may have them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

Figure = dict[str, Any]

ZONES = ("below", "in", "above")
GLYPHS = {"below": "▼", "in": "●", "above": "▲", "none": "○"}


def plain(text: str) -> str:
    """A person's words as Plotly must be given them: no tag or link of theirs survives. It draws quotes as they are."""
    return escape(text.replace("\x00", ""), quote=False)


def ink(zone: str) -> str:
    """The role in which words of a zone are written."""
    return "role:muted" if zone == "none" else f"role:{zone}-ink"


def wash(zone: str) -> str:
    return "role:well" if zone == "none" else f"role:{zone}-wash"


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch band and its word."""

    lower: float
    upper: float

    def across(self, **place: Any) -> dict[str, Any]:
        return {
            "type": "rect",
            "layer": "below",
            "fillcolor": "role:band",
            "line": {"width": 0},
            **place,
        }
