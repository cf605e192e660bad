"""The signature drawing: progress, landing, pace and targets on a scale of 0 to 1, as inline SVG.

x is in per cent of the scale and y in pixels, without a viewBox, so one drawing fits any width undistorted; a mark is
a nested `<svg>` drawn round its own zero. Only attributes, no styles, so the content security policy holds. Written as
text in Python because a list shows a hundred of them.
"""

from __future__ import annotations

from typing import NamedTuple

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.formulas.bar import TRAIL_LENGTH, Bar
from okrplanner.formats import score, zone_word

register = template.Library()


class Size(NamedTuple):
    """Geometry of one size in pixels: the value bar, how far the band reaches, and its marks."""

    height: int
    y: int
    thickness: int
    reach: int
    landing: float
    must: float
    challenge: float
    pace: int
    pace_top: int
    dot: float
    numbers: int | None = None
    words: int | None = None
    trail_y: float = 0
    trail_step: float = 0


SIZES = {
    "row": Size(26, 9, 7, 5, 4.2, 2.5, 4.5, 3, 2, 1.4, trail_y=24),
    "card": Size(52, 14, 12, 7, 5.5, 3, 5.5, 4, 5, 1.9, numbers=50, trail_y=37),
    "hero": Size(168, 96, 20, 10, 8, 4, 7, 5, 84, 2.5, numbers=140, words=156, trail_y=14, trail_step=9),
    "stage": Size(226, 116, 38, 16, 13, 6, 10, 8, 98, 3.5, numbers=190, words=212, trail_y=14, trail_step=10.75),
}
PACE_DEPTH = {"row": 4, "card": 5, "hero": 6, "stage": 9}


def at(place: float) -> str:
    """A place on the scale as an SVG length: 0.506 is "50.6%"."""
    return f"{place * 100:.1f}".removesuffix(".0") + "%"


def px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@register.simple_tag
def stretch_bar(bar: Bar, size: str = "row", label: str = "") -> SafeString:
    """Draw a bar at one of the sizes row, card, hero, stage. `label` replaces the sentence read aloud."""
    box = SIZES[size]
    parts: list[str] = []
    add = parts.append
    y, thick, reach = box.y, box.thickness, box.reach
    bottom = y + thick
    middle = px(y + thick / 2)
    has_band = not bar.committed and bar.zone != "plain"
    tall = box.words is not None

    if has_band:
        band = f'x="{at(bar.band_lower)}" width="{at(bar.band_upper - bar.band_lower)}"'
        if tall:
            add(f'<rect class="band soft" {band} y="8" height="{y - reach - 8}"/>')
        add(f'<rect class="band" {band} y="{y - reach}" height="{thick + 2 * reach}"/>')
    add(f'<rect class="track" width="100%" y="{y}" height="{thick}"/>')
    if has_band:
        add(f'<rect class="band" {band} y="{y}" height="{thick}"/>')
    add(f'<line class="end" x1="0" x2="0" y1="{y - reach + 1}" y2="{bottom + reach - 1}"/>')

    progress = bar.progress
    if bar.trail:
        parts.extend(draw_trail(bar, box, tall))
    if progress is not None:
        if progress > 0:
            add(f'<rect class="value" width="{at(min(progress, 1))}" y="{y}" height="{thick}"/>')
        if progress < 0:
            add(f'<svg x="0%" class="under"><path class="beyond" d="M-2 {y}h-4l-5 {px(thick / 2)} 5 {px(thick / 2)}h4z"/></svg>')
        elif progress > 1:
            add(f'<svg x="100%" class="over"><path class="beyond" d="M4 {y}h3l5 {px(thick / 2)}-5 {px(thick / 2)}h-3z"/></svg>')

    landing = bar.landing
    shows_landing = not bar.closed and progress is not None and progress <= 1 and landing is not None and landing >= 0
    if shows_landing:
        end = min(landing, 1)  # type: ignore[type-var]
        if end - max(progress, 0) > 0.002:  # type: ignore[type-var,operator]
            add(f'<line class="lead" x1="{at(max(progress, 0))}" x2="{at(end)}" y1="{middle}" y2="{middle}"/>')  # type: ignore[type-var,arg-type]

    must = 1.0 if bar.committed else bar.must_hit
    if must is not None:
        must = min(max(must, 0.0), 1.0)
        add(
            f'<svg x="{at(must)}" class="must-at"><rect class="must" x="{px(-box.must / 2)}" y="{y - reach + 1}" '
            f'width="{px(box.must)}" height="{thick + 2 * reach - 2}"/></svg>'
        )
    if not bar.committed:
        add(
            f'<svg x="100%" class="challenge-at"><rect class="challenge" x="{px(-box.challenge / 2)}" '
            f'y="{y - reach + 2}" width="{px(box.challenge)}" height="{thick + 2 * reach - 4}"/></svg>'
        )
    pace = None if bar.closed or bar.pace is None else min(max(bar.pace, 0.0), 1.0)
    if pace is not None:
        depth = PACE_DEPTH[size]
        add(
            f'<svg x="{at(pace)}" class="pace-at"><path class="pace" d="M0 {box.pace_top + depth}V{bottom}" fill="none"/>'
            f'<path class="pace" stroke="none" d="M-{box.pace} {box.pace_top}h{2 * box.pace}l-{box.pace} {depth}z"/></svg>'
        )
    if shows_landing:
        r = px(box.landing)
        top = px(y + thick / 2 - box.landing)
        add(
            f'<svg x="{at(end)}" class="landing-at">'
            f'<path class="landing" d="M0 {top}l{r} {r}-{r} {r}-{r}-{r}z"/></svg>'
        )
    if box.numbers is not None:
        parts.extend(draw_words(bar, box, must, pace, has_band))
    return mark_safe(  # noqa: S308 (numbers of our own, and the label escaped)
        f'<span class="stretch-bar" data-size="{size}" data-zone="{bar.zone}">'
        f'<svg role="img" aria-label="{escape(label or sentence(bar))}" height="{box.height}">{"".join(parts)}</svg></span>'
    )


def draw_trail(bar: Bar, box: Size, tall: bool) -> list[str]:
    """Dots of the last eight weeks; a week without a check-in is a gap, and in the tall sizes breaks the line."""
    missing = TRAIL_LENGTH - len(bar.trail)
    faint, strong = (0.42, 0.95) if tall else (0.38, 0.90)
    lines, dots = [], []
    before: tuple[float, float] | None = None
    for index, value in enumerate(bar.trail, start=missing):
        if value is None:
            before = None
            continue
        place = min(max(value, -0.01), 1.02)
        row = box.trail_y + box.trail_step * index
        if before is not None and tall:
            lines.append(trail_line(before, (place, row)))
        opacity = faint + (strong - faint) * index / (TRAIL_LENGTH - 1)
        dots.append(f'<circle class="trail" cx="{at(place)}" cy="{px(row)}" r="{box.dot}" opacity="{opacity:.2f}"/>')
        before = (place, row)
    if before is not None and tall and bar.progress is not None:
        lines.append(trail_line(before, (min(max(bar.progress, 0), 1), box.y)))
    return lines + dots


def trail_line(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f'<line class="trail-line" x1="{at(start[0])}" y1="{px(start[1])}" x2="{at(end[0])}" y2="{px(end[1])}"/>'


def draw_words(bar: Bar, box: Size, must: float | None, pace: float | None, has_band: bool) -> list[str]:
    """Numbers under the scale and, in the tall sizes, words; a word that would touch another is left to the legend."""
    low, high = bar.band_lower, bar.band_upper
    words = [f'<text x="0" y="{box.numbers}">0</text>']
    if has_band:
        words += [
            f'<text x="{at(low)}" y="{box.numbers}" text-anchor="middle">{low:g}</text>',
            f'<text x="{at(high)}" y="{box.numbers}" text-anchor="middle">{high:g}</text>',
        ]
    words.append(f'<text x="100%" y="{box.numbers}" text-anchor="middle">1.0</text>')
    if box.words is None:
        return words

    taken = [1.0]
    if has_band:
        centre = (low + high) / 2
        taken.append(centre)
        words.append(
            f'<text class="band-label" x="{at(centre)}" y="{box.words}" text-anchor="middle">{escape(_("Stretch band"))}</text>'
        )
    name = _("Must-hit") if bar.committed else _("Challenge")
    words.append(f'<text x="100%" y="{box.words}" text-anchor="end" dx="6">{escape(name)}</text>')
    if pace is not None and all(abs(pace - other) > 0.1 for other in taken):
        elapsed = _("%(percent)s%% elapsed") % {"percent": round(pace * 100)}
        words.append(f'<text class="wide" x="{at(pace)}" y="{box.words}" text-anchor="middle">{escape(elapsed)}</text>')
        taken.append(pace)
    if must is not None and not bar.committed and must > 0.03 and all(abs(must - other) > 0.1 for other in taken):
        words.append(f'<text class="wide" x="{at(must)}" y="{box.words}" text-anchor="middle">{escape(_("Must-hit"))}</text>')
    first = next((i for i, value in enumerate(bar.trail) if value is not None), None)
    if first is not None:
        place = min(max(bar.trail[first] or 0.0, 0.0), 1.0)
        weeks = len(bar.trail) - first
        ago = ngettext("%(weeks)d week ago", "%(weeks)d weeks ago", weeks) % {"weeks": weeks}
        row = px(box.trail_y + box.trail_step * (TRAIL_LENGTH - weeks) - 9)
        side = 'text-anchor="end" dx="-7"' if place > 0.8 else 'dx="7"'
        words.append(f'<text x="{at(place)}" y="{row}" {side}>{escape(ago)}</text>')
    return words


def sentence(bar: Bar) -> str:
    """What a screen reader says instead of the drawing, in the reader's language."""
    if bar.zone == "plain":
        return _("%(percent)s%% of the challenge") % {"percent": round((bar.progress or 0.0) * 100)}
    if bar.progress is None:
        return _("No report yet")
    if bar.closed:
        return _("Score %(score)s (%(zone)s)") % {"score": score(bar.score), "zone": zone_word(bar.zone, bar.intent)}
    if bar.landing is None:
        return _("Progress %(progress)s") % {"progress": score(bar.progress)}
    return _("Progress %(progress)s, heading for %(landing)s (%(zone)s)") % {
        "progress": score(bar.progress),
        "landing": score(bar.landing),
        "zone": zone_word(bar.zone, bar.intent),
    }
