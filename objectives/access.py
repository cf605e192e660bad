"""Which cycle a page speaks of."""

from django.http import Http404, HttpRequest

from objectives.models import Cycle
from people.models import Membership


def choose_cycle(request: HttpRequest, membership: Membership) -> Cycle | None:
    """The cycle named by `?cycle=`, else the one people work in today; 404 for one that does not exist here."""
    if not hasattr(request, "cycle"):
        cycles = Cycle.objects.visible_to(membership)
        asked = request.GET.get("cycle", "")
        if asked:
            chosen = cycles.filter(pk=asked).first() if asked.isascii() and asked.isdigit() else None
            if chosen is None:
                raise Http404
        else:
            chosen = cycles.current_on(membership.organization.today)
        request.cycle = chosen  # type: ignore[attr-defined]
    return request.cycle  # type: ignore[attr-defined]
