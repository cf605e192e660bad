"""Where something will end, in words: the range, the chances, and what little it may rest on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from funnel.formulas.numbers import Number, format_amount
from funnel.models import KGI
from objectives.formulas.reporting import legible
from objectives.models import Health, KeyResult, KeyResultForecast, Kind
from objectives.queries.forecasts import Landing

FEW = 2
"""Up to so many check-ins it is mostly what similar key results did that speaks."""
NARROW = 5.0
"""A range narrower than this is said with a decimal more."""


def chance(probability: float) -> str:
    """Whole per cent, and never 0 or 100 where the other could happen."""
    if 0 < probability < 0.01:
        return "<1%"
    if 0.99 < probability < 1:
        return ">99%"
    return f"{round(probability * 100)}%"


def outlook(probability: float) -> str:
    """The chance of a target of the whole company: of what is still to come nothing is certain or out of the question.

    >>> outlook(0.0), outlook(0.47), outlook(1.0)
    ('<1%', '47%', '>99%')
    """
    return chance(min(max(probability, 0.001), 0.999))


def outlook_words(probability: float) -> str:
    """The same inside a sentence."""
    if probability > 0.99:
        return _("over 99%")
    return _("under 1%") if probability < 0.01 else outlook(probability)


def joined(*sentences: str) -> str:
    return pgettext("between sentences", " ").join(sentence for sentence in sentences if sentence)


def amount(value: Number | None, unit: str, figures: int = 3) -> str:
    return format_amount(value, unit=unit, language=get_language() or "ja", figures=figures)


@dataclass(frozen=True)
class Chance:
    """How likely something is, 0–1, and what."""

    words: str
    value: float

    @property
    def percent(self) -> str:
        return chance(self.value)


@dataclass(frozen=True)
class KeyResultEnd:
    """A key result's likely end, ready to be said; amounts are words with their unit."""

    low: str
    middle: str
    high: str
    chances: tuple[Chance, ...]
    readings: int
    has_range: bool
    is_quota: bool = False

    @property
    def line(self) -> str:
        """The one short line of a list: the range, and the chance that matters first."""
        said = [f"{one.words} {one.percent}" for one in self.chances[:1]]
        if self.has_range:
            words = {"middle": self.middle, "low": self.low, "high": self.high}
            said.insert(0, _("Forecast %(middle)s (%(low)s–%(high)s)") % words)
        return pgettext("between things listed", ", ").join(said)

    @property
    def chances_told(self) -> str:
        """“Score 0.6 or more 72%, 0.7 or more 45%.”"""
        said = pgettext("between things listed", ", ").join(f"{one.words} {one.percent}" for one in self.chances)
        return _("%(chances)s.") % {"chances": said} if said else ""

    @property
    def sentence(self) -> str:
        """Whole sentences: range, the chance of the target, and what it rests on."""
        words = {"middle": self.middle, "low": self.low, "high": self.high}
        ends = _("Eight times in ten it ends between %(low)s and %(high)s (middle %(middle)s).") % words
        if self.is_quota:
            ends = _("Eight times in ten its last period brings %(low)s to %(high)s (middle %(middle)s).") % words
        return joined(ends if self.has_range else "", self.chances_told, self.basis)

    @property
    def basis(self) -> str:
        if not self.readings:
            return _("No check-in yet: this is how similar key results ended.")
        if self.readings <= FEW:
            return _("Almost all of this comes from how similar key results ended.")
        return ngettext("It rests on %(count)s check-in.", "It rests on %(count)s check-ins.", self.readings) % {
            "count": self.readings
        }


def end_of(key_result: KeyResult, forecast: KeyResultForecast | None) -> KeyResultEnd | None:
    """What is said of a key result's end, None where nothing is: closed, or not begun."""
    scored = getattr(key_result, "scored", None)
    if forecast is None or (scored is not None and scored.health == Health.CLOSED):
        return None
    chances = chances_of(key_result, forecast)
    if forecast.p50 is None and not chances:
        return None
    width = 0.0 if forecast.p10 is None or forecast.p90 is None else float(forecast.p90 - forecast.p10)
    low, middle, high = (figure(key_result, value, width) for value in (forecast.p10, forecast.p50, forecast.p90))
    return KeyResultEnd(
        low,
        middle,
        high,
        chances,
        forecast.readings,
        has_range=forecast.p50 is not None,
        is_quota=key_result.kind == Kind.QUOTA,
    )


def chances_of(key_result: KeyResult, forecast: KeyResultForecast) -> tuple[Chance, ...]:
    """What matters of it, the easiest first; of what is expected in full only that."""
    if key_result.kind in {Kind.KEEP, Kind.QUOTA}:
        full = _("kept to the end") if key_result.kind == Kind.KEEP else _("met every time")
        # Once missed, "every time" is out of the question; it need not be said each week.
        reached = forecast.target or None
    else:
        reached = forecast.target
        full = _("target reached")
    named = [
        (_("Score 0.6 or more"), forecast.score_0_6),
        (_("0.7 or more"), forecast.score_0_7),
        (_("must-hit reached"), forecast.must_hit),
        (full, reached),
    ]
    if key_result.kind == Kind.KEEP:
        named = [named[1], named[3]]
    elif key_result.intent == "committed":
        named = named[2:]
    return tuple(Chance(words, value) for words, value in named if value is not None)


def figure(key_result: KeyResult, value: Decimal | None, width: float = 0.0) -> str:
    """An end as people say it: to the precision of the key result's own numbers; a milestone in per cent. A keep and a
    quota are said a place finer where their range is narrow.
    """
    if value is None:
        return ""
    if key_result.kind == Kind.MILESTONE:
        whole = sum(step.weight for step in key_result.steps.all())
        return amount(round(value / whole * 100) if whole else 0, "%")
    if key_result.kind in {Kind.KEEP, Kind.QUOTA}:
        places = decimals_of(key_result.aim) + (width < NARROW)
        return amount(round(value, places).normalize() if places else round(value), key_result.unit)
    return amount(legible(key_result.measure, value), key_result.unit)


def decimals_of(value: Decimal | None) -> int:
    exponent = 0 if value is None else value.normalize().as_tuple().exponent
    return max(-int(exponent), 0)


# KGIs


def landing_words(landing: Landing, kgi: KGI) -> str:
    """Where a KGI lands, in whole sentences: the range, the chances, how much of the tree is known."""
    return joined(range_words(landing, kgi), chance_words(landing), spoken_words(landing))


def range_words(landing: Landing, kgi: KGI) -> str:
    words = {
        "low": amount(landing.p10, kgi.unit),
        "high": amount(landing.p90, kgi.unit),
        "middle": amount(landing.p50, kgi.unit),
    }
    return _("Eight times in ten it lands between %(low)s and %(high)s (middle %(middle)s).") % words


def chance_words(landing: Landing) -> str:
    """The chances of the targets in one sentence; empty where it has none."""
    must, best = landing.must_hit, landing.challenge
    if must is not None and best is not None:
        return _("Must-hit is reached with a probability of %(must)s, the challenge with %(best)s.") % {
            "must": outlook_words(must),
            "best": outlook_words(best),
        }
    if must is not None:
        return _("Must-hit is reached with a probability of %(must)s.") % {"must": outlook_words(must)}
    if best is not None:
        return _("The challenge is reached with a probability of %(best)s.") % {"best": outlook_words(best)}
    return ""


def spoken_words(landing: Landing) -> str:
    """How many of the levers it rests on."""
    if landing.spoken >= landing.levers:
        return ""
    if not landing.spoken:
        return _("No lever has been read yet: this is the plan's own word.")
    return ngettext(
        "%(spoken)s of %(levers)s lever is known by check-ins or readings; the others are taken as planned.",
        "%(spoken)s of %(levers)s levers are known by check-ins or readings; the others are taken as planned.",
        landing.levers,
    ) % {"spoken": landing.spoken, "levers": landing.levers}


def ago_words(landing: Landing, kgi: KGI) -> str:
    """How it was four weeks ago; empty where nothing was said then."""
    if landing.ago is None:
        return ""
    was = amount(landing.ago.p50, kgi.unit)
    if landing.ago.must_hit is None or landing.must_hit is None:
        return _("Four weeks ago the middle was %(was)s.") % {"was": was}
    return _("Four weeks ago the middle was %(was)s, and must-hit had a probability of %(chance)s.") % {
        "was": was,
        "chance": outlook_words(landing.ago.must_hit),
    }


def target_chances(landing: Landing, kgi: KGI) -> list[tuple[str, str, str]]:
    """The KGI's targets, each with its amount and the chance of reaching it."""
    named = [
        (_("Reaches must-hit"), kgi.must_hit_value, landing.must_hit),
        (_("Reaches the challenge"), kgi.challenge_value, landing.challenge),
    ]
    return [
        (words, amount(value, kgi.unit), outlook(likely))
        for words, value, likely in named
        if value is not None and likely is not None
    ]
