"""Where the link in a mail leads that turns such mails off."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from people.links import read_unsubscribing
from people.models import Membership, Topic
from people.services.unsubscribing import set_mails


@csrf_exempt
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask, then turn off; a mail program that posts is answered at once. The signature says who; nobody signs in.

    Looking turns nothing off: programs that read mails before people do open every link.
    """
    read = read_unsubscribing(signed)
    rows = Membership.objects.active().select_related("organization", "user")
    membership = rows.filter(pk=read[0]).first() if read else None
    if read is None or membership is None:
        return render(request, "people/unsubscribe.html", {"membership": None}, status=404)
    topic = read[1]
    is_off = None
    if request.method == "POST":
        is_off = request.POST.get("act") != "again"
        set_mails(membership, topic, is_wanted=not is_off)
    shown = {"membership": membership, "is_digest": topic == Topic.DIGEST, "is_off": is_off}
    return render(request, "people/unsubscribe.html", shown)
