"""Every message of an organization, for administrators: what went, what waits, what failed and why."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from people.access import get_membership, refuse
from people.letters import is_mail_sent
from people.models import Delivery
from people.queries.deliveries import STATES, in_state, told
from people.views.channels import show

PER_PAGE = 50


@require_safe
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    """Filtered by state and by topic, newest first."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    state = request.GET.get("state", "")
    rows = Delivery.objects.visible_to(membership).select_related("membership__user", "channel")
    page = Paginator(in_state(rows, state).order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    names = [_("Failed"), _("Waiting"), _("Sent"), _("Not needed any more")]
    shown = {
        "page": page,
        "rows": [told(row) for row in page],
        "state": state if state in STATES else "",
        "states": [("", _("All")), *zip(STATES, names, strict=True)],
        "is_mail_sent": is_mail_sent(),
    }
    return show(request, membership, "people/deliveries.html", shown)
