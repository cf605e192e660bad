"""What is said of health KPIs, the same on pages and in messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from funnel.formulas.numbers import format_amount
from objectives.formulas.health_kpis import Side, Trend
from objectives.models import HealthKPI, Period
from objectives.queries.health_kpis import HealthStanding

MOST_NAMED = 2


def amount_of(kpi: HealthKPI, value: object) -> str:
    """A value of a KPI in all its digits, with its unit."""
    return format_amount(value, unit=kpi.unit, language=get_language() or "ja", precise=True)  # type: ignore[arg-type]


def listed(words: Iterable[str]) -> str:
    """Words side by side as the reader's language sets them."""
    return ("、" if (get_language() or "ja").startswith("ja") else ", ").join(words)


def mark_of(kpi: HealthKPI) -> str:
    """The marks it is held by: ≥ 95%, ≤ 2件, 20〜45日."""
    if kpi.lower is not None and kpi.upper is not None:
        return pgettext("corridor", "%(lower)s – %(upper)s") % {
            "lower": format_amount(kpi.lower, precise=True),
            "upper": amount_of(kpi, kpi.upper),
        }
    if kpi.lower is not None:
        return f"≥ {amount_of(kpi, kpi.lower)}"
    return f"≤ {amount_of(kpi, kpi.upper)}"


def period_word(kpi: HealthKPI, first: date) -> str:
    """A week or month as one speaks of it: the week from 11 May, May 2026."""
    if kpi.period == Period.WEEK:
        day = date_format(first, pgettext("format of a day in a sentence", "j F"))
        return _("the week from %(day)s") % {"day": day}
    return date_format(first, pgettext("format of a month in a sentence", "F Y"))


def side_word(side: Side | None) -> str:
    """Where a value lies."""
    words = {
        Side.INSIDE: pgettext("corridor", "inside"),
        Side.BELOW: pgettext("corridor", "too low"),
        Side.ABOVE: pgettext("corridor", "too high"),
    }
    return pgettext("corridor", "no number yet") if side is None else words[side]


def trend_word(trend: Trend | None) -> str:
    """Where the values are going, nothing with too few readings."""
    words = {
        Trend.BETTER: pgettext("trend", "better"),
        Trend.WORSE: pgettext("trend", "worse"),
        Trend.STEADY: pgettext("trend", "steady"),
    }
    return words[trend] if trend else ""


def outside_for(standing: HealthStanding) -> str:
    """How long it has been outside in a row."""
    if standing.run == 1:
        return _("newly outside")
    if standing.kpi.period == Period.WEEK:
        sentence = _("outside for %(count)s weeks in a row")
    else:
        sentence = _("outside for %(count)s months in a row")
    return sentence % {"count": standing.run}


def board_finding(standings: Sequence[HealthStanding]) -> list[str]:
    """What a board comes to, in clauses: how many are outside, which for the longest, how many numbers are missing."""
    outside = sorted((each for each in standings if each.is_outside), key=lambda each: -each.run)
    read = [each for each in standings if each.last is not None]
    missing = sum(1 for each in standings if each.missing)
    if not read:
        return [_("No numbers have been written yet.")]
    found = []
    if outside:
        sentence = ngettext(
            "%(count)s of %(all)s KPIs is outside its corridor.",
            "%(count)s of %(all)s KPIs are outside their corridor.",
            len(outside),
        )
        found.append(sentence % {"count": len(outside), "all": len(standings)})
        longest = outside[0]
        if longest.run > 1:
            what = {"name": longest.kpi.name, "how_long": outside_for(longest)}
            found.append(_("%(name)s: %(how_long)s.") % what)
    elif len(read) == len(standings) and not missing:
        found.append(_("Everything is inside its corridor."))
    else:
        found.append(_("What has been read is inside its corridor."))
    if missing:
        sentence = ngettext(
            "The number of %(count)s KPI is missing.", "The numbers of %(count)s KPIs are missing.", missing
        )
        found.append(sentence % {"count": missing})
    return found
