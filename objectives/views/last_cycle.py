"""What the cycle before taught, where the next one is planned."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.queries.last_cycle import LastCycle, last_cycle_of
from people.access import get_membership


@require_safe
def last_cycle(request: HttpRequest, slug: str) -> HttpResponse:
    """How each team's goals of the cycle before ended; asked for by the plan's board, the short of it."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    cycle = choose_cycle(request, membership)
    last = last_cycle_of(membership, cycle) if cycle is not None else LastCycle(None)
    shown = {"cycle": cycle, "last": last, "finding": finding(last, membership.organization.today)}
    is_part = request.htmx and request.htmx.target == "last-cycle"  # type: ignore[attr-defined]
    return render(request, "objectives/_last_cycle.html" if is_part else "objectives/last_cycle.html", shown)


def finding(last: LastCycle, today: date) -> list[str]:
    """How the cycle before ended, or is going to, in one sentence, in parts between which a line may break."""
    if last.before is None or not last.teams:
        return [_("There is no cycle before this one to learn from.")]
    zones = last.zones
    count = zones["in"] + zones["above"]
    # Translators: “|” marks where the title may break into two lines.
    if today <= last.before.end and any(not ending.bar.closed for ending in last.endings):
        sentence = ngettext(
            "%(cycle)s goes on: |%(count)s of %(total)s objective is heading for the band.",
            "%(cycle)s goes on: |%(count)s of %(total)s objectives are heading for the band.",
            len(last.endings),
        )
    else:
        sentence = ngettext(
            "%(cycle)s: |%(count)s of %(total)s objective reached the band.",
            "%(cycle)s: |%(count)s of %(total)s objectives reached the band.",
            len(last.endings),
        )
    values = {"cycle": last.before.name, "count": count, "total": len(last.endings)}
    return [part % values for part in sentence.split("|")]
