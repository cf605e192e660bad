"""Where a KGI may land: the distribution as it is drawn, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from funnel.formulas.likelihood import FANTASY, SAFE, Verdict, verdict
from funnel.models import KGI, TargetColumn
from funnel.presenters.plots import Scale
from funnel.presenters.scenario_table import WORDS
from funnel.presenters.words import amount
from funnel.queries.likelihood import Likelihood

HEIGHT, TOP, BASE = 316, 56, 254
# A target further away than this many widths of the picture stands at its edge, with an arrow.
FARTHEST = 1.2
SMALLEST_SHARE = 0.005
ZONES: Mapping[Verdict, str] = {"fantasy": "below", "bold": "below", "in": "in", "sure": "above", "safe": "above"}


@dataclass(frozen=True)
class Chance:
    """A target with how likely it is: `probability` 0–1, of reaching it whichever way the KGI goes."""

    name: str
    label: str
    value: float
    probability: float
    verdict: Verdict

    @property
    def zone(self) -> str:
        return ZONES[self.verdict]

    @property
    def percent(self) -> str:
        return percent_of(self.probability)


class Landing:
    """A likelihood, ready to be drawn and said."""

    def __init__(self, kgi: KGI, told: Likelihood, names: Mapping[str, str]) -> None:
        self.kgi, self.told, self.names = kgi, told, names
        self.simulation = told.simulation
        self.lower, self.upper = float(kgi.organization.band_lower), float(kgi.organization.band_upper)
        self.chances = [self.chance(name, value) for name, value in told.targets.items()]
        self.drivers = [
            {
                "name": names[each.key],
                "share": each.share,
                "percent": percent_of(each.share),
                "width": f"{each.share * 100:.1f}%",
            }
            for each in self.simulation.drivers
            if each.share >= SMALLEST_SHARE
        ]

    def chance(self, name: str, value: float) -> Chance:
        probability = self.simulation.probability[name]
        now = self.kgi.current_value
        if now is not None and value < now:
            probability = 1 - probability
        label = str(TargetColumn(name).label)
        return Chance(name, label, value, probability, verdict(probability, self.lower, self.upper))

    @property
    def main(self) -> Chance | None:
        """The target that the plan is judged by: must-hit, else challenge."""
        return self.chances[0] if self.chances else None

    @property
    def varies(self) -> bool:
        return self.told.width > 0

    @property
    def main_percent(self) -> str:
        return f"{self.main.probability * 100:.1f}" if self.main else ""

    @property
    def band_width(self) -> str:
        return f"{(self.upper - self.lower) * 100:.1f}"

    # What it says

    def finding(self) -> list[str]:
        if self.main is None:
            return [
                _("It lands between %(low)s and %(high)s, eight times in ten.")
                % {"low": self.said(self.simulation.p10), "high": self.said(self.simulation.p90)}
            ]
        return [chance_in_words(self.main)]

    def advice(self) -> str:
        """What to do about it."""
        if self.main is None:
            return _("Give the KGI a must-hit target, and this page says how likely it is.")
        zone = {
            "lower": round(self.lower * 100),
            "upper": round(self.upper * 100),
            "fantasy": round(FANTASY * 100),
            "safe": round(SAFE * 100),
            "target": WORDS[self.main.name],
        }
        words = {
            "fantasy": _(
                "Below %(fantasy)s per cent a target is a wish, not a plan. Lower it, or find an act that lifts a "
                "lever's whole range."
            ),
            "bold": _(
                "Bolder than the zone of %(lower)s to %(upper)s per cent. One more act that lifts a lever's likely "
                "value brings it there."
            ),
            "in": _(
                "It lies in the zone of %(lower)s to %(upper)s per cent: ambitious and within reach. Keep it as it is."
            ),
            "sure": _(
                "Surer than the zone of %(lower)s to %(upper)s per cent. There is room: %(target)s may be raised."
            ),
            "safe": _(
                "Above %(safe)s per cent nobody has to stretch. Raise %(target)s, or free people for something bolder."
            ),
        }
        return words[self.main.verdict] % zone

    def spread(self) -> str:
        """Which range drives the spread, and what knowing it would bring; empty where nothing does."""
        if not self.drivers or self.told.narrowed is None:
            return ""
        sentence = _(
            "%(share)s of the spread comes from “%(name)s”. Measure that first: were it known, the range would shrink "
            "from %(wide)s to %(narrow)s."
        )
        return sentence % {
            "share": self.drivers[0]["percent"],
            "name": self.drivers[0]["name"],
            "wide": self.said(self.told.width),
            "narrow": self.said(self.told.narrowed),
        }

    def text(self) -> str:
        """The drawing, said to whoever does not see it."""
        sentence = _("In the middle it lands at %(middle)s; eight times in ten from %(low)s to %(high)s.")
        told = self.simulation
        numbers = {"middle": self.said(told.p50), "low": self.said(told.p10), "high": self.said(told.p90)}
        return " ".join([*(chance_in_words(each) for each in self.chances), sentence % numbers])

    def said(self, value: float) -> str:
        return amount(value, self.kgi.unit)

    # What is drawn

    def drawing(self) -> dict[str, Any]:
        """Bars, targets, the 80 % range and the axis, in per cent across and pixels down."""
        edges, counts = self.simulation.bins.edges, self.simulation.bins.counts
        scale, inside = self.scale(edges[0], edges[-1])
        highest = max(counts)
        main = self.main
        bars = []
        for count, begin, end in zip(counts, edges[:-1], edges[1:], strict=True):
            height = count / highest * (BASE - TOP)
            reached = main is not None and self.is_reached((begin + end) / 2, main)
            bars.append(
                {
                    "x": scale.at(begin),
                    "width": scale.wide(begin, end),
                    "y": f"{BASE - height:.1f}",
                    "height": f"{height:.1f}",
                    "reached": reached,
                }
            )
        return {
            "height": HEIGHT,
            "top": TOP - 6,
            "base": BASE,
            "bars": bars,
            "marks": [self.mark(each, scale, row, inside[each.name]) for row, each in enumerate(self.chances)],
            "ticks": [
                {"x": scale.at(tick), "value": tick, "anchor": anchor_at(scale.place(tick))} for tick in scale.ticks()
            ],
            "range": {
                "x": scale.at(self.simulation.p10),
                "end": scale.at(self.simulation.p90),
                "width": scale.wide(self.simulation.p10, self.simulation.p90),
                "middle": scale.at(self.simulation.p50),
            },
        }

    def scale(self, low: float, high: float) -> tuple[Scale, dict[str, bool]]:
        """As wide as the distribution and the targets that are near it; which those are."""
        width = high - low or abs(high) or 1.0
        near = {each.name: low - FARTHEST * width <= each.value <= high + FARTHEST * width for each in self.chances}
        shown = [each.value for each in self.chances if near[each.name]]
        begin, end = min([low, *shown]), max([high, *shown])
        return Scale(begin - width * 0.03, end + width * 0.03), near

    def is_reached(self, value: float, target: Chance) -> bool:
        now = self.kgi.current_value
        return value <= target.value if now is not None and target.value < now else value >= target.value

    def mark(self, target: Chance, scale: Scale, row: int, is_near: bool) -> dict[str, Any]:
        place = scale.place(target.value)
        beyond = "" if is_near else "→" if target.value > scale.high else "←"
        return {
            "chance": target,
            "x": f"{place:.2f}%",
            "y": 14 + row * 18,
            "near": is_near,
            "beyond": beyond,
            "anchor": "end" if place > 55 else "start",
            "dx": -6 if place > 55 else 6,
        }


def anchor_at(place: float) -> str:
    """How the words at a place are anchored, so that they stay inside."""
    return "start" if place < 6 else "end" if place > 94 else "middle"


def chance_in_words(chance: Chance) -> str:
    """“Must-hit is reached about 8 times in 10 (78%).”"""
    words = {
        "target": chance.label,
        "times": round(chance.probability * 10),
        "percent": chance.percent,
    }
    if chance.probability < 0.05:
        return _("%(target)s is hardly ever reached (%(percent)s).") % words
    if chance.probability >= 0.95:
        return _("%(target)s is reached nearly always (%(percent)s).") % words
    return _("%(target)s is reached about %(times)s times in 10 (%(percent)s).") % words


def percent_of(probability: float) -> str:
    """Whole per cent; never 0 or 100 where the other could happen."""
    if 0 < probability < 0.01:
        return "<1%"
    if 0.99 < probability < 1:
        return ">99%"
    return f"{round(probability * 100)}%"
