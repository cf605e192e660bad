"""Several cycles as the page shows them: drawings, tables of the same numbers, and ways to what they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures
from dashboards.figures import across as drawing
from dashboards.formulas.goal_setting import Skill
from dashboards.formulas.reliability import Reliability
from dashboards.presenters import across_words as words
from dashboards.presenters.carrying import band_of
from dashboards.presenters.departments import safe, unit_name
from dashboards.presenters.distribution import bin_name
from dashboards.queries.across import AT_FIRST, MOST_AT_ALL, Across, Chosen, CycleEnds, Ends, UnitSkill
from dashboards.queries.branches import Branch, Unit
from dashboards.queries.foretold import Foretold
from dashboards.sentences import zone_name
from people.models import Membership

KINDS = {False: "quarters", True: "years"}
MOST_SHOWN = 6
"""So many teams' habits are seen at once; what is more waits folded."""


@dataclass(frozen=True)
class Ways:
    """The addresses of the page with what differs from where one is, and of what it speaks of."""

    slug: str
    chosen: Chosen
    team: int | None
    last: int

    def page(self, **changed: Any) -> str:
        """This page; None leaves something out."""
        kind = KINDS[self.chosen.is_long] if len(self.chosen.kinds) > 1 else None
        asked = {"kind": kind, "team": self.team, "last": self.last if self.last != AT_FIRST else None} | changed
        kept = [(name, value) for name, value in asked.items() if value is not None]
        address = reverse("across_cycles", args=[self.slug])
        return f"{address}?{urlencode(kept)}" if kept else address

    def goals(self, cycle: int, **asked: Any) -> str:
        named = {"cycle": cycle, **{name: value for name, value in asked.items() if value is not None}}
        return f"{reverse('objectives', args=[self.slug])}?{urlencode(named)}"

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """The kinds of cycle there are, where there are two."""
        if len(self.chosen.kinds) < 2:
            return []
        names = {False: _("Quarters"), True: _("Years")}
        return [
            {
                "name": names[long],
                "address": self.page(kind=KINDS[long], last=None),
                "is_current": long == self.chosen.is_long,
            }
            for long in (False, True)
        ]

    @property
    def older(self) -> str:
        """Where older cycles are looked at too, "" where there are none."""
        more = min(self.last + AT_FIRST, MOST_AT_ALL)
        return self.page(last=more) if self.chosen.older and more > self.last else ""


def cycle_rows(seen: Across, membership: Membership, ways: Ways) -> list[dict[str, Any]]:
    """Every cycle with its strip and its figures, the latest first."""
    band = band_of(membership)
    tallest = [
        tallest_of([each.aspirational for each in seen.ends]),
        tallest_of([each.committed for each in seen.ends]),
    ]
    has = [any(each.aspirational.total for each in seen.ends), any(each.committed.total for each in seen.ends)]
    rows = []
    for each in seen.ends:
        lanes = []
        for ends, most, is_committed, is_there in zip(
            (each.aspirational, each.committed), tallest, (False, True), has, strict=True
        ):
            if is_there:
                median = None if is_committed else ends.median
                lanes.append(drawing.Lane(ends.piles, said_of(ends, is_committed), most, is_committed, median))
        rows.append(
            {
                "cycle": each.cycle,
                "is_over": each.is_over,
                "ends": each,
                "bold": figures_of(each.aspirational),
                "sure": figures_of(each.committed),
                "changed": words.changed_words(each.changed, each.graded),
                "address": ways.goals(each.cycle.pk, team=ways.team),
                "drawn": safe(drawing.strip(lanes, band, is_over=each.is_over, label=label_of(each))),
            }
        )
    return rows


def axis_of(membership: Membership) -> SafeString:
    return safe(drawing.strip_axis(band_of(membership), label=_("Scale from 0 to 1")))


def tallest_of(ends: Sequence[Ends]) -> int:
    return max((sum(zones.values()) for each in ends for zones in each.piles.values()), default=0)


def said_of(ends: Ends, is_committed: bool) -> dict[int, str]:
    """What pointing at one twentieth of the scale says."""
    kind = "committed" if is_committed else "aspirational"
    said = {}
    for bin_, zones in ends.piles.items():
        parts = [f"{zone_name(zone, kind)} {count}" for zone, count in zones.items() if count]
        count = sum(zones.values())
        goals = ngettext("%(count)s objective", "%(count)s objectives", count) % {"count": count}
        said[bin_] = f"{bin_name(bin_)}　{goals}　{' · '.join(parts)}"
    return said


def figures_of(ends: Ends) -> dict[str, Any]:
    return {
        "told": ends.told,
        "none": ends.counts["none"],
        "median": ends.median,
        "shares": {zone: words.percent(ends.share(zone)) for zone in figures.ZONES},
        "counts": ends.counts,
    }


def label_of(each: CycleEnds) -> str:
    said = [
        words.ends_words(ends, committed=is_committed, is_over=each.is_over)
        for ends, is_committed in ((each.aspirational, False), (each.committed, True))
        if ends.told
    ]
    return f"{each.cycle.name}: {' '.join(said) or zone_name('none')}"


def bin_table(seen: Across) -> dict[str, Any]:
    """The strips as a table: every twentieth that holds any, cycle by cycle."""
    held = sorted({bin_ for each in seen.ends for ends in (each.aspirational, each.committed) for bin_ in ends.piles})
    rows = []
    for each in seen.ends:
        for ends, kind in ((each.aspirational, _("Aspirational")), (each.committed, _("Committed"))):
            if ends.total:
                counts = [sum(ends.piles.get(bin_, {}).values()) for bin_ in held]
                rows.append(
                    {"cycle": each.cycle, "is_over": each.is_over, "kind": kind, "ends": ends, "counts": counts}
                )
    return {"heads": [bin_name(bin_) for bin_ in held], "rows": rows}


def squares(seen: Across) -> list[dict[str, Any]]:
    """What was said at each point of the way against what came, as squares."""
    names = [_("A quarter in"), _("Half-way"), _("Three quarters in")]
    rows = []
    for name, found in zip(names, seen.confidences, strict=True):
        dots = dots_of(found, [words.scale_words(cell) for cell in found.cells])
        label = f"{name}: " + (" · ".join(dot.words for dot in dots) or _("nobody said how sure they were"))
        rows.append(
            {
                "name": name,
                "found": found,
                "brier": words.brier_words(found) if not found.is_few else "",
                "few": words.few_words(found.cases) if found.is_few else "",
                "drawn": safe(drawing.square(dots, label=label, said=_("said"), came=_("came true"))),
            }
        )
    return rows


def confidence_table(seen: Across) -> list[dict[str, Any]]:
    if not seen.confidences:
        return []
    return [
        {
            "name": words.scale_words(cells[0]),
            "cells": [{"words": words.share_words(cell), "is_few": cell.is_few} for cell in cells],
        }
        for cells in zip(*(found.cells for found in seen.confidences), strict=True)
    ]


def dots_of(found: Reliability, scales: Sequence[str]) -> list[drawing.Dot]:
    return [
        drawing.Dot(cell.said, cell.share, cell.cases, cell.is_few, words.cell_words(cell, scale))
        for cell, scale in zip(found.cells, scales, strict=True)
        if cell.share is not None
    ]


def forecast_square(found: Foretold) -> dict[str, Any]:
    scales = [words.chance_words(cell) for cell in found.told.cells]
    dots = dots_of(found.told, scales)
    label = " · ".join(dot.words for dot in dots) or _("no forecast to look at")
    return {
        "found": found,
        "brier": words.brier_words(found.told) if not found.told.is_few else "",
        "drawn": safe(drawing.square(dots, label=label, said=_("said"), came=_("came true"))),
        "rows": [
            {"name": scale, "said": words.percent(cell.said) if cell.cases else "–", "words": words.share_words(cell)}
            for scale, cell in zip(scales, found.told.cells, strict=True)
        ],
    }


def unit_rows(seen: Across, ways: Ways) -> list[dict[str, Any]]:
    """Every unit with its small lines, in the organization's order."""
    return [unit_row(row, seen, ways) for row in seen.units]


def unit_row(row: UnitSkill, seen: Across, ways: Ways) -> dict[str, Any]:
    name = unit_name(row.unit)
    said = [words.skill_words(skill, cycle.name) for skill, cycle in zip(row.skills, seen.over, strict=True)]
    points = [drawing.Point(skill.share, skill.is_few, each) for skill, each in zip(row.skills, said, strict=True)]
    last = next((skill for skill in reversed(row.skills) if skill.ended), Skill())
    return {
        "name": name,
        "address": into(row.unit, seen, ways),
        "drawn": safe(drawing.small_line(points, label=f"{name}: {'; '.join(said)}")),
        "last": last,
        "share": "" if last.is_few else words.percent(last.share),
        "apart": words.apart_words(last),
        "cells": [
            {"share": words.percent(skill.share), "skill": skill, "apart": words.apart_words(skill)}
            for skill in row.skills
        ],
    }


def into(unit: Unit, seen: Across, ways: Ways) -> str:
    """Where a unit's name leads: to the teams below it, to its objectives of the last cycle where there are none."""
    if unit.opens and not unit.is_own:
        return ways.page(team=unit.pk)
    return ways.goals(seen.over[-1].pk, team=unit.pk)


def skills_of_all(seen: Across) -> list[Skill]:
    """All units of the branch as one, cycle by cycle: each team belongs to one of them."""
    return [
        Skill(sum(row.skills[number].ended for row in seen.units), sum(row.skills[number].well for row in seen.units))
        for number in range(len(seen.over))
    ]


ZONE_OF = {"too_ambitious": "below", "too_easy": "above"}


def habit_rows(seen: Across, ways: Ways) -> list[dict[str, Any]]:
    """Each team's habits with the cycles that show them, each leading to the goals it speaks of."""
    return [
        {
            "name": row.name,
            "habits": [
                {
                    "code": habit.code,
                    "words": words.habit_words(habit.code),
                    "evidence": words.evidence_words(len(habit.shown), habit.judged),
                    "cycles": [
                        {
                            "name": cycle.name,
                            "address": ways.goals(cycle.pk, team=row.team, zone=ZONE_OF.get(habit.code)),
                        }
                        for cycle in cycles
                    ],
                }
                for habit, cycles in row.habits
            ],
        }
        for row in seen.habits
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A team one may look at from here, by its depth below the highest there is; `pk` is "" for the company."""

    pk: int | str
    name: str
    depth: int

    @property
    def indent(self) -> str:
        return "　" * self.depth


def team_choices(branch: Branch) -> list[Choice]:
    """The teams one may look at from here: those above, the chosen one, and those below it."""
    above = [
        Choice("" if place.is_company else place.pk, place.name, depth) for depth, place in enumerate(branch.trail)
    ]
    top = branch.top.pk if branch.top is not None else None
    below = [unit for unit in branch.units if not unit.is_own and unit.pk != top]
    return above + [Choice(unit.pk, unit.name, len(above)) for unit in below]
