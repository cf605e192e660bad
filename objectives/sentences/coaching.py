"""Beginnings of answers to an obstacle: open questions and offers of support, and a better way to say what hurts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from objectives.models import ObstacleKind


def prompts_for(kind: str) -> list[str]:
    """Four to six beginnings that fit the sort of obstacle: questions first, then what one could do oneself."""
    return [_("What would let you take one step forward?"), *of_kind(kind), _("Thank you for saying it early. ")]


def of_kind(kind: str) -> list[str]:
    match kind:
        case ObstacleKind.DECISION:
            return [
                _("What do you need decided, and by when?"),
                _("Shall I take it to those who decide this week?"),
                _("Up to this much you may decide yourself: "),
            ]
        case ObstacleKind.OTHER_TEAM:
            return [
                _("With whom would a short talk help most?"),
                _("Shall I speak to the other team's lead?"),
                _("Shall the three of us sit down for fifteen minutes?"),
            ]
        case ObstacleKind.PEOPLE:
            return [
                _("What could we stop or put off, so that you have time for it?"),
                _("Which part could somebody else take over?"),
                _("I could free these hours for you: "),
            ]
        case ObstacleKind.MONEY:
            return [
                _("How far would a smaller trial bring us?"),
                _("What would it bring, if we had it?"),
                _("Shall we write the request for the budget together?"),
            ]
        case ObstacleKind.KNOWLEDGE:
            return [
                _("What have you found out so far?"),
                _("Who here has done something like it before?"),
                _("Shall we look at it together for half an hour?"),
            ]
        case ObstacleKind.TOOLS:
            return [
                _("What would be enough for the time being?"),
                _("Shall I ask those who look after the system?"),
                _("Until then we could do without it like this: "),
            ]
        case ObstacleKind.CUSTOMER:
            return [
                _("What do customers say in their own words?"),
                _("Shall I come along to the next visit?"),
                _("What could we try with two or three customers first?"),
            ]
        case ObstacleKind.OUTSIDE:
            return [
                _("What are they waiting for from our side?"),
                _("Shall I get in touch with them myself?"),
                _("Whom else could we ask, if it takes longer?"),
            ]
    return [
        _("Where exactly does it get stuck?"),
        _("What have you tried, and what did it show?"),
        _("What can I take off your hands?"),
        _("Shall I get in touch with them myself?"),
    ]


def remark_on(tone: str) -> str:
    """A gentle word on an answer that sounds like blame or an order, with a better way to say it; else empty."""
    match tone:
        case "blame":
            return _(
                "This may sound like blame. Asked openly, people tell more: “What would let you take one step forward?”"
            )
        case "order":
            return _("This may sound like an order. An offer often moves more: “What can I take off your hands?”")
    return ""


def age_words(days: int) -> str:
    """How long it has been in the way, as people say it."""
    if days == 0:
        return _("since today")
    if days == 1:
        return _("since yesterday")
    if days < 7:
        return _("for %(days)s days") % {"days": days}
    if days < 30:
        weeks = days // 7
        return _("for a week") if weeks == 1 else _("for %(weeks)s weeks") % {"weeks": weeks}
    months = days // 30
    return _("for a month") if months == 1 else _("for %(months)s months") % {"months": months}
