"""The signature drawing: progress, landing, pace and targets on a scale of 0 to 1, as inline SVG.

x is in per cent of the scale and y in pixels, without a viewBox, so one drawing fits any width undistorted; a mark is
a nested `<svg>` drawn round its own zero. Only attributes, no styles, so the content security policy holds. Written as
text in Python because a list shows a hundred of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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
    pace_depth: int
    dot: float
    numbers: int | None = None
    words: int | None = None
    trail_y: float = 0
    trail_step: float = 0

    @property
    def bottom(self) -> int:
        return self.y + self.thickness

    @property
    def top(self) -> int:
        """Where the band begins."""
        return self.y - self.reach

    @property
    def middle(self) -> float:
        return self.y + self.thickness / 2


SIZES = {
    "row": Size(26, 9, 7, 5, 4.2, 2.5, 4.5, 3, 2, 4, 1.4, trail_y=24),
    "card": Size(52, 14, 12, 7, 5.5, 3, 5.5, 4, 5, 5, 1.9, numbers=50, trail_y=37),
    "hero": Size(168, 96, 20, 10, 8, 4, 7, 5, 84, 6, 2.5, numbers=140, words=156, trail_y=14, trail_step=9),
    "stage": Size(226, 116, 38, 16, 13, 6, 10, 8, 98, 9, 3.5, numbers=190, words=212, trail_y=14, trail_step=10.75),
}


def at(place: float) -> str:
    """A place on the scale as an SVG length: 0.506 is "50.6%"."""
    return f"{place * 100:.1f}".removesuffix(".0") + "%"


def px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@register.simple_tag
def stretch_bar(bar: Bar, size: str = "row", label: str = "") -> SafeString:
    """Draw a bar at one of the sizes row, card, hero, stage. `label` replaces the sentence read aloud."""
    box = SIZES[size]
    must = within(1.0 if bar.committed else bar.must_hit)
    pace = None if bar.closed else within(bar.pace)
    parts = draw_scale(bar, box)
    parts += draw_trail(bar, box)
    parts += draw_value(bar, box)
    parts += draw_targets(bar, box, must)
    if pace is not None:
        tip = box.pace_top + box.pace_depth
        triangle = f"M-{box.pace} {box.pace_top}h{2 * box.pace}l-{box.pace} {box.pace_depth}z"
        parts.append(
            f'<svg x="{at(pace)}" class="pace-at"><path class="pace" d="M0 {tip}V{box.bottom}" fill="none"/>'
            f'<path class="pace" stroke="none" d="{triangle}"/></svg>'
        )
    if (landing := shown_landing(bar)) is not None:
        r = px(box.landing)
        diamond = f"M0 {px(box.middle - box.landing)}l{r} {r}-{r} {r}-{r}-{r}z"
        parts.append(f'<svg x="{at(landing)}" class="landing-at"><path class="landing" d="{diamond}"/></svg>')
    if box.numbers is not None:
        parts += draw_words(bar, box, must, pace)
    spoken = escape(label or sentence(bar))
    return mark_safe(  # noqa: S308 (numbers of our own, and the label escaped)
        f'<span class="stretch-bar" data-size="{size}" data-zone="{bar.zone}">'
        f'<svg role="img" aria-label="{spoken}" height="{box.height}">{"".join(parts)}</svg></span>'
    )


# A goal as it should be, for the page one signs in on.
EXAMPLE = Bar.of(
    progress=0.5,
    score=0.5,
    landing=0.648,
    pace=0.77,
    must_hit=0.34,
    trail=(0.03, 0.07, 0.12, 0.17, 0.24, 0.3, 0.37, 0.44),
)


@register.simple_tag
def example_bar(size: str = "row") -> SafeString:
    """The drawing of a goal on its way into the band."""
    return stretch_bar(EXAMPLE, size)


def within(value: float | None) -> float | None:
    """The nearest place on the scale."""
    return None if value is None else min(max(value, 0.0), 1.0)


def has_band(bar: Bar) -> bool:
    return not bar.committed and bar.zone != "plain"


def shown_landing(bar: Bar) -> float | None:
    """Where the landing's mark stands: nowhere once closed, past the challenge, or when it would lie below 0."""
    if bar.closed or bar.progress is None or bar.progress > 1 or bar.landing is None or bar.landing < 0:
        return None
    return min(bar.landing, 1.0)


def draw_scale(bar: Bar, box: Size) -> list[str]:
    track = f'<rect class="track" width="100%" y="{box.y}" height="{box.thickness}"/>'
    end = f'<line class="end" x1="0" x2="0" y1="{box.top + 1}" y2="{box.bottom + box.reach - 1}"/>'
    if not has_band(bar):
        return [track, end]
    band = f'x="{at(bar.band_lower)}" width="{at(bar.band_upper - bar.band_lower)}"'
    soft = f'<rect class="band soft" {band} y="8" height="{box.top - 8}"/>' if box.words is not None else ""
    return [
        soft,
        f'<rect class="band" {band} y="{box.top}" height="{box.thickness + 2 * box.reach}"/>',
        track,
        f'<rect class="band" {band} y="{box.y}" height="{box.thickness}"/>',
        end,
    ]


def draw_value(bar: Bar, box: Size) -> list[str]:
    """The bar itself, an arrow where it leaves the scale, and the dotted way to the landing."""
    progress = bar.progress
    if progress is None:
        return []
    half = px(box.thickness / 2)
    if progress < 0:
        return [f'<svg x="0%" class="under"><path class="beyond" d="M-2 {box.y}h-4l-5 {half} 5 {half}h4z"/></svg>']
    drawn = [f'<rect class="value" width="{at(min(progress, 1.0))}" y="{box.y}" height="{box.thickness}"/>']
    if progress > 1:
        arrow = f"M4 {box.y}h3l5 {half}-5 {half}h-3z"
        drawn.append(f'<svg x="100%" class="over"><path class="beyond" d="{arrow}"/></svg>')
    landing = shown_landing(bar)
    if landing is not None and landing - progress > 0.002:
        y = px(box.middle)
        drawn.append(f'<line class="lead" x1="{at(progress)}" x2="{at(landing)}" y1="{y}" y2="{y}"/>')
    return drawn


def draw_targets(bar: Bar, box: Size, must: float | None) -> list[str]:
    """Must-hit as a solid tick, challenge as an open one."""
    drawn = []
    tall = box.thickness + 2 * box.reach
    if must is not None:
        tick = f'x="{px(-box.must / 2)}" y="{box.top + 1}" width="{px(box.must)}" height="{tall - 2}"'
        drawn.append(f'<svg x="{at(must)}" class="must-at"><rect class="must" {tick}/></svg>')
    if not bar.committed:
        tick = f'x="{px(-box.challenge / 2)}" y="{box.top + 2}" width="{px(box.challenge)}" height="{tall - 4}"'
        drawn.append(f'<svg x="100%" class="challenge-at"><rect class="challenge" {tick}/></svg>')
    return drawn


@register.simple_tag
def volume_bar(value: Any, challenge: Any, must_hit: Any = None, name: str = "", size: str = "row") -> SafeString:
    """A volume on its way to the challenge, as a plain bar; nothing where there is no target above 0 to measure by."""
    goal = challenge if challenge is not None else must_hit
    if goal is None or goal <= 0:
        return mark_safe("")
    share = None if value is None else float(value) / float(goal)
    must = float(must_hit) / float(goal) if must_hit is not None and challenge is not None else None
    bar = Bar.plain(share, must_hit=must)
    said = sentence(bar)
    return stretch_bar(bar, size, _("%(name)s: %(sentence)s") % {"name": name, "sentence": said} if name else said)


def draw_trail(bar: Bar, box: Size) -> list[str]:
    """Dots of the last eight weeks; a week without a check-in is a gap, and in the tall sizes breaks the line."""
    tall = box.words is not None
    missing = TRAIL_LENGTH - len(bar.trail)
    faint, strong = (0.42, 0.95) if tall else (0.38, 0.90)
    lines: list[str] = []
    dots: list[str] = []
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
        lines.append(trail_line(before, (min(max(bar.progress, 0.0), 1.0), box.y)))
    return lines + dots


def trail_line(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f'<line class="trail-line" x1="{at(start[0])}" y1="{px(start[1])}" x2="{at(end[0])}" y2="{px(end[1])}"/>'


def draw_words(bar: Bar, box: Size, must: float | None, pace: float | None) -> list[str]:
    """Numbers under the scale and, in the tall sizes, words; a word that would touch another is left to the legend."""
    marks = [(0.0, "0"), (1.0, "1.0")]
    if has_band(bar):
        marks[1:1] = [(place, f"{place:g}") for place in (bar.band_lower, bar.band_upper)]
    drawn = []
    for place, text in marks:
        anchor = ' text-anchor="middle"' if place else ""
        drawn.append(f'<text x="{at(place)}" y="{box.numbers}"{anchor}>{text}</text>')
    if box.words is None:
        return drawn

    def word(place: float, text: str, more: str = 'class="wide" text-anchor="middle"') -> None:
        drawn.append(f'<text x="{at(place)}" y="{box.words}" {more}>{escape(text)}</text>')

    taken = [1.0]
    word(1.0, _("Must-hit") if bar.committed else _("Challenge"), 'text-anchor="end" dx="6"')
    if has_band(bar):
        taken.append((bar.band_lower + bar.band_upper) / 2)
        word(taken[-1], _("Stretch band"), 'class="band-label" text-anchor="middle"')
    if pace is not None and all(abs(pace - other) > 0.1 for other in taken):
        taken.append(pace)
        word(pace, _("%(percent)s%% elapsed") % {"percent": round(pace * 100)})
    if not bar.committed and must is not None and must > 0.03 and all(abs(must - other) > 0.1 for other in taken):
        word(must, _("Must-hit"))
    return drawn + draw_first_week(bar, box)


def draw_first_week(bar: Bar, box: Size) -> list[str]:
    """How long ago the trail begins, beside its first dot."""
    for index, value in enumerate(bar.trail):
        if value is not None:
            weeks = len(bar.trail) - index
            ago = ngettext("%(weeks)d week ago", "%(weeks)d weeks ago", weeks) % {"weeks": weeks}
            y = px(box.trail_y + box.trail_step * (TRAIL_LENGTH - weeks) - 9)
            place = min(max(value, 0.0), 1.0)
            side = 'text-anchor="end" dx="-7"' if place > 0.8 else 'dx="7"'
            return [f'<text x="{at(place)}" y="{y}" {side}>{escape(ago)}</text>']
    return []


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
