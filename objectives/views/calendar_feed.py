"""The address from which a calendar program reads: no sign-in, only the secret in it."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from objectives.presenters.calendar import calendar_file
from objectives.queries.calendar import entries_of
from people.models import CalendarFeed
from people.models.doors import hash_of
from people.services.keys import note_use


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """One person's calendar; 404 for an address that was never given out or has ended."""
    rows = CalendarFeed.objects.good().select_related("membership__organization", "membership__user")
    feed = rows.prefetch_related("membership__teams").filter(token_hash=hash_of(secret)).first()
    if feed is None:
        raise Http404
    person = feed.membership
    with translation.override(feed.language or person.user.language or settings.LANGUAGE_CODE):
        written = calendar_file(entries_of(person), person.organization)
    note_use(feed)
    etag = f'"{sha256(written).hexdigest()[:32]}"'
    answer = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="okr.ics"'
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=0, must-revalidate"
    return get_conditional_response(request, etag=etag, response=answer) or answer
