"""What the dashboard and the weekly digest say: findings as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from dashboards import figures, queries
from funnel.formulas.numbers import format_amount, format_percent, format_score
from objectives.queries.forecasts import Landing
from objectives.sentences.forecast import outlook_words


def language() -> str:
    return "ja" if (get_language() or "ja").startswith("ja") else "en"


def zone_name(zone_: str, kind: str = "aspirational") -> str:
    if zone_ == "none":
        return _("No report")
    if kind == "committed":
        return _("Below the mark") if zone_ == "below" else _("On the mark")
    return {"below": _("Below"), "in": _("In band"), "above": _("Above")}[zone_]


def standing(zone_: str, value: float | None, kind: str = "aspirational") -> str:
    name = zone_name(zone_, kind)
    return name if value is None else f"{figures.GLYPHS[zone_]} {format_score(value)} {name}"


def finding(seen: queries.Overview) -> list[str]:
    """The page's title: where the KGI lands, then what a week did to the objectives."""
    if seen.is_closed:
        return [spread_finding(seen.spread, is_closed=True)]
    # The first KGI speaks for all, unless another has a forecast or an actual and it has none.
    best = sorted(seen.kgis, key=lambda row: (row.kgi.pk not in seen.landings, row.value is None))
    about_kgi = next((kgi_finding(row, seen.landings.get(row.kgi.pk)) for row in best), None)
    if not seen.spread.reported:
        about_goals = (
            spread_finding(seen.spread, is_closed=False) if about_kgi is None else _("Nobody has reported yet.")
        )
    elif about_kgi is None or not seen.shift.known:
        about_goals = spread_finding(seen.spread, is_closed=False)
    else:
        about_goals = shift_finding(seen.shift)
    return [sentence for sentence in (about_kgi, about_goals) if sentence]


def band_finding(seen: queries.Overview) -> str:
    """The title of the attainment: how many are in the band, and which departments changed sides of it this week."""
    fallen, come = queries.turned(list(seen.departments))
    if seen.is_closed or not seen.spread.reported or not (fallen or come):
        return spread_finding(seen.spread, is_closed=seen.is_closed)
    named = {
        "inside": seen.spread.counts["in"],
        "total": seen.spread.total,
        "name": (fallen or come)[0].name,
        "more": len(fallen or come) - 1,
    }
    if len(fallen) == 1:
        return _("%(inside)s of %(total)s objectives are in the band; %(name)s fell below it this week") % named
    if fallen:
        sentence = _(
            "%(inside)s of %(total)s objectives are in the band; %(name)s and %(more)s more fell below it this week"
        )
        return sentence % named
    if len(come) == 1:
        return _("%(inside)s of %(total)s objectives are in the band; %(name)s rose above its lower limit") % named
    sentence = _(
        "%(inside)s of %(total)s objectives are in the band; %(name)s and %(more)s more rose above its lower limit"
    )
    return sentence % named


def before_finding(board: queries.Board) -> str | None:
    """Where the objectives headed four weeks ago; None where nothing tells of it."""
    if board.before is None:
        return None
    return _("Four weeks ago %(below)s were below the band, %(inside)s in it and %(above)s above.") % {
        "below": board.before["below"],
        "inside": board.before["in"],
        "above": board.before["above"],
    }


def shift_finding(shift: queries.Shift) -> str:
    named = {"up": shift.up, "down": shift.down}
    if shift.up and shift.down:
        return _("Against the band, %(up)s rose and %(down)s fell since last week.") % named
    if shift.up:
        return (
            ngettext(
                "Against the band, %(up)s objective rose since last week and none fell.",
                "Against the band, %(up)s objectives rose since last week and none fell.",
                shift.up,
            )
            % named
        )
    if shift.down:
        return (
            ngettext(
                "Against the band, %(down)s objective fell since last week and none rose.",
                "Against the band, %(down)s objectives fell since last week and none rose.",
                shift.down,
            )
            % named
        )
    return _("No objective has changed sides of the band since last week.")


def chance(probability: float) -> str:
    """A probability as one says it: nothing is certain, and nothing is out of the question.

    >>> chance(0.784), chance(0.9999), chance(0.0)
    ('78%', '>99%', '<1%')
    """
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.01 else f"{round(probability * 100)}%"


def landing_finding(row: queries.KGIStanding, landing: Landing) -> str:
    kgi = row.kgi
    named = {"name": kgi.name, "value": format_amount(landing.p50, unit=kgi.unit, language=language())}
    if landing.must_hit is None:
        return _("%(name)s is heading for %(value)s.") % named
    named["chance"] = outlook_words(landing.must_hit)
    return _("%(name)s is heading for %(value)s; must-hit is reached with a probability of %(chance)s.") % named


def landing_words(row: queries.KGIStanding, landing: Landing) -> str:
    """The forecast in one sentence with its range, its targets and what it was, for mail and screen readers."""
    kgi = row.kgi

    def told(value: Decimal | None) -> str:
        return format_amount(value, unit=kgi.unit, language=language())

    said = [
        _("%(name)s: in four of five cases it ends between %(low)s and %(high)s.")
        % {"name": kgi.name, "low": told(landing.p10), "high": told(landing.p90)}
    ]
    for value, probability, sentence in (
        (kgi.must_hit_value, landing.must_hit, _("Must-hit %(target)s: %(chance)s.")),
        (kgi.challenge_value, landing.challenge, _("Challenge %(target)s: %(chance)s.")),
    ):
        if value is not None and probability is not None:
            said.append(sentence % {"target": told(value), "chance": outlook_words(probability)})
    if landing.ago is not None:
        said.append(_("Four weeks ago it headed for %(value)s.") % {"value": told(landing.ago.p50)})
    return " ".join(said)


def kgi_finding(row: queries.KGIStanding, landing: Landing | None = None) -> str:
    kgi = row.kgi
    if landing is not None and not row.is_reached:
        return landing_finding(row, landing)
    if row.value is None or row.read_on is None:
        return _("%(name)s: no actual is in yet.") % {"name": kgi.name}
    named = {
        "day": date_format(row.read_on, pgettext("format of a day", "j M")),
        "name": kgi.name,
        "value": format_amount(row.value, unit=kgi.unit, language=language()),
        "must_hit": format_amount(kgi.must_hit_value, unit=kgi.unit, language=language()),
    }
    if row.missing is None:
        return _("%(name)s stood at %(value)s on %(day)s.") % named
    if row.is_challenge_reached:
        return _("%(name)s has reached its challenge target.") % named
    if row.is_reached:
        return _("%(name)s has reached its must-hit target of %(must_hit)s.") % named
    named["gap"] = format_amount(abs(row.missing), unit=kgi.unit, language=language())
    return _("%(name)s stood at %(value)s on %(day)s, %(gap)s short of must-hit.") % named


def spread_finding(spread: queries.Distribution, *, is_closed: bool) -> str:
    named = {"total": spread.total, "inside": spread.counts["in"], "below": spread.counts["below"]}
    if spread.total and not spread.reported:
        sentence = ngettext(
            "Nobody has reported on the %(total)s objective yet.",
            "Nobody has reported on any of the %(total)s objectives yet.",
            spread.total,
        )
        return sentence % named
    if not spread.counts["below"]:
        return none_below(spread.total, is_closed=is_closed)
    if is_closed:
        return (
            ngettext(
                "Of %(total)s objective, %(inside)s ended in the band and %(below)s below it.",
                "Of %(total)s objectives, %(inside)s ended in the band and %(below)s below it.",
                spread.total,
            )
            % named
        )
    return (
        ngettext(
            "Of %(total)s objective, %(inside)s heads into the band and %(below)s below it.",
            "Of %(total)s objectives, %(inside)s head into the band and %(below)s below it.",
            spread.total,
        )
        % named
    )


def shared_finding(spread: queries.Distribution, *, is_closed: bool) -> str:
    """What a partner is told of the objectives shared with them, so that nobody takes them for the company."""
    named = {"total": spread.total, "inside": spread.counts["in"], "below": spread.counts["below"]}
    if not spread.reported:
        sentence = ngettext(
            "%(total)s objective is shared with you; nobody has reported on it yet.",
            "%(total)s objectives are shared with you; nobody has reported on them yet.",
            spread.total,
        )
    elif not spread.counts["below"]:
        sentence = ngettext(
            "%(total)s objective is shared with you, and it is not below the band.",
            "%(total)s objectives are shared with you, none of them below the band.",
            spread.total,
        )
    elif is_closed:
        sentence = ngettext(
            "Of %(total)s objective shared with you, %(inside)s ended in the band and %(below)s below it.",
            "Of %(total)s objectives shared with you, %(inside)s ended in the band and %(below)s below it.",
            spread.total,
        )
    else:
        sentence = ngettext(
            "Of %(total)s objective shared with you, %(inside)s heads into the band and %(below)s below it.",
            "Of %(total)s objectives shared with you, %(inside)s head into the band and %(below)s below it.",
            spread.total,
        )
    return sentence % named


def none_below(total: int, *, is_closed: bool) -> str:
    """All is well: nobody says how many zero are."""
    sentence = (
        ngettext("%(total)s objective, not below the band", "%(total)s objectives, none ended below the band", total)
        if is_closed
        else ngettext("%(total)s objective, in the band or above", "%(total)s objectives, none below the band", total)
    )
    return sentence % {"total": total}


def departments_finding(departments: Sequence[queries.Turn], objectives_below: int, *, is_closed: bool = False) -> str:
    """How many departments head below the band on average; by name only where it is one, never in an order."""
    heard = [row for row in departments if row.landing is not None]
    if not heard:
        return _("No department has reported yet.")
    below = [row for row in heard if row.zone == "below"]
    if is_closed:
        return departments_ended(below, len(heard))
    if not below:
        if not objectives_below:
            return _("On average no department is below the band.")
        return ngettext(
            "On average no department is below the band, though %(count)s objective is.",
            "On average no department is below the band, though %(count)s objectives are.",
            objectives_below,
        ) % {"count": objectives_below}
    if len(below) == 1:
        return _("On average only %(name)s is below the band, at %(value)s.") % {
            "name": below[0].name,
            "value": format_score(below[0].landing),
        }
    return _("On average %(below)s of %(total)s departments are below the band.") % {
        "below": len(below),
        "total": len(heard),
    }


def departments_ended(below: Sequence[queries.Turn], total: int) -> str:
    if not below:
        return _("On average no department ended below the band.")
    if len(below) == 1:
        named = {"name": below[0].name, "value": format_score(below[0].landing)}
        return _("On average only %(name)s ended below the band, at %(value)s.") % named
    return _("On average %(below)s of %(total)s departments ended below the band.") % {
        "below": len(below),
        "total": total,
    }


def silence_finding(silence: queries.Silence) -> str:
    """A team that said nothing for a week is not heard; a check-in a few days late is only that."""
    if silence.quiet:
        return ngettext("%(teams)s team is not being heard", "%(teams)s teams are not being heard", silence.quiet) % {
            "teams": silence.quiet
        }
    if silence.overdue:
        return ngettext("%(count)s check-in is overdue", "%(count)s check-ins are overdue", silence.overdue) % {
            "count": silence.overdue
        }
    return _("Every team is being heard")


def waiting_finding(obstacles: queries.Obstacles) -> str:
    """The title of the obstacles: how many wait for the reader, else how many there are."""
    if not obstacles.total:
        return _("Nothing is reported in the way")
    if 0 < obstacles.mine < obstacles.total:
        return ngettext(
            "Of %(total)s obstacles %(count)s is waiting for you",
            "Of %(total)s obstacles %(count)s are waiting for you",
            obstacles.mine,
        ) % {"count": obstacles.mine, "total": obstacles.total}
    if obstacles.mine:
        return ngettext(
            "%(count)s obstacle is waiting for you", "%(count)s obstacles are waiting for you", obstacles.mine
        ) % {"count": obstacles.mine}
    return ngettext(
        "%(count)s obstacle, none waiting for you", "%(count)s obstacles, none waiting for you", obstacles.total
    ) % {"count": obstacles.total}


def reported_finding(obstacles: queries.Obstacles) -> str:
    """The same for many readers at once: how many there are, and how long the first has been waiting."""
    if not obstacles.total:
        return _("Nothing is reported in the way")
    longest = max((row.days for row in obstacles.shown), default=0)
    words = ngettext(
        "%(count)s obstacle, waiting for %(days)s days",
        "%(count)s obstacles, the longest waiting for %(days)s days",
        obstacles.total,
    )
    return words % {"count": obstacles.total, "days": longest}


@dataclass(frozen=True, slots=True)
class Worry:
    """A pattern in words: what is seen, why it matters, what helps."""

    finding: str
    reason: str
    remedy: str


def pattern_words(pattern: queries.Pattern) -> Worry:
    """What the page and the digest say of a pattern; of goals and numbers, never of people."""
    named: dict[str, object] = dict(pattern.sign.numbers)
    match pattern.sign.code:
        case "kgi_flat":
            named["name"] = pattern.kgi.kgi.name if pattern.kgi else ""
            return Worry(
                _("%(count)s of %(total)s levers rise, but %(name)s hardly moves") % named,
                _("It gained less than a quarter of what an even pace brings in that time."),
                _("Look at the formula together: the lever may be the wrong one, or take longer than planned."),
            )
        case "check_ins_dying":
            shares = {name: format_percent(value) for name, value in pattern.sign.numbers.items()}
            return Worry(
                _("Check-ins are dying out: %(now)s of the key results a week, %(before)s before") % shares,
                _("What is not reported cannot be helped, and the numbers of this page grow old."),
                _("Ask what makes it a burden. Fewer key results and a fixed time in the weekly meeting help."),
            )
        case "sure_but_low":
            return Worry(
                ngettext(
                    "%(count)s key result heads for less than 0.3, though its owner is sure of it",
                    "%(count)s key results head for less than 0.3, though their owners are sure of them",
                    int(pattern.sign.numbers["count"]),
                )
                % named,
                _("The confidence is 7 or more, the pace says that less than a third of the way will be gone."),
                _("Ask what the owner knows that the number does not show yet, and what would speed it up."),
            )
        case "forecast_apart" if pattern.sign.numbers["is_over"]:
            return Worry(
                _("Of %(total)s key results, owners are much surer of %(count)s than the forecast is") % named,
                _("Both guess at the same end, and they are four tenths or more apart."),
                _("Talk about these first in the next review: what does each side not know?"),
            )
        case "forecast_apart":
            return Worry(
                _("Of %(total)s key results, owners are much less sure of %(count)s than the forecast is") % named,
                _("Both guess at the same end, and they are four tenths or more apart."),
                _("Ask what is coming that no check-in tells of yet. It may be an obstacle nobody has written down."),
            )
        case "too_ambitious":
            return Worry(
                _("%(count)s of %(total)s aspirational objectives head for 0.35 or less") % named,
                _("Where everyone ends so low, nobody believes in the targets any more."),
                _("Begin lower in the next cycle, and mix in key results that are surer."),
            )
        case "too_easy":
            return Worry(
                _("%(count)s of %(total)s aspirational objectives head for 0.95 or more") % named,
                _("What everyone reaches stretched nobody: a good end lies in the band."),
                _("Set the next targets higher, or call these goals committed."),
            )
        case "too_many":
            return Worry(
                ngettext(
                    "%(count)s team has more than five objectives",
                    "%(count)s teams have more than five objectives",
                    int(pattern.sign.numbers["count"]),
                )
                % named,
                _("With more than five, nobody knows which one comes first."),
                _("Decide what will not be done in this cycle, and write it down."),
            )
    return Worry(
        _("%(count)s of %(total)s lines of the daily log serve no key result") % named,
        _("The days go elsewhere than the goals."),
        _("Ask which key result the work serves. Where there is none, the work or the goal should change."),
    )
