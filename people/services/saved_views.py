"""Pages with their filters and sorting, kept under a name."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from people.models import Membership, SavedView, ViewedPage
from people.refusals import Refusal
from people.services.keys import made_before

MOST_VIEWS = 50
LONGEST_QUERY = 1000
KEPT = {
    ViewedPage.COMPANY: ("obstacles", "movers"),
    ViewedPage.MAP: ("q", "team", "kind", "level", "health", "by", "shape", "colour", "size", "root"),
    ViewedPage.DEPARTMENTS: ("view", "reading", "team", "q"),
    ViewedPage.OBJECTIVES: ("q", "team", "level", "health", "zone", "sort", "idle", "mine"),
}
"""What of a page's address is kept. Neither the cycle nor the place in a list: a view is for every quarter."""


def kept_of(page: str, query: str) -> str:
    """What of `query`, as it stands behind the question mark, a view of this page keeps; in one order, so that two
    addresses that show the same are the same.

    >>> kept_of("objectives", "cycle=4&sort=score&page=2&evil=//x.example&q=")
    'sort=score'
    """
    asked = QueryDict(query[: 4 * LONGEST_QUERY], mutable=False)
    kept = QueryDict(mutable=True)
    for name in KEPT[ViewedPage(page)]:
        values = [value.replace("\x00", "") for value in asked.getlist(name) if value.strip("\x00 ")]
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def address_of(view: SavedView, slug: str) -> str:
    """Where the view is: always a page of the organization, whatever its query says."""
    return reverse(view.page, args=[slug]) + (f"?{view.query}" if view.query else "")


@transaction.atomic
def save_view(
    membership: Membership,
    *,
    page: str,
    name: str,
    query: str,
    is_shared: bool = False,
    submission_key: uuid.UUID | None = None,
) -> SavedView:
    """Keep the filters of a page under a name, for oneself or for everybody.

    A `submission_key` used before answers the first. Raises `Refusal`: `nothing_to_keep` where nothing is filtered or
    sorted, `too_long`, `name_taken`, `too_many_views`, `partner` for one who would share; `ValidationError` for a name
    that is none.
    """
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    first, submission_key = made_before(SavedView, membership, submission_key)
    if first is not None:
        return first
    if not (kept := kept_of(page, query)):
        raise Refusal("nothing_to_keep", _("Nothing is filtered or sorted here yet."))
    if len(kept) > LONGEST_QUERY:
        raise Refusal("too_long", _("These filters are too long to be kept."))
    if membership.saved_views.count() >= MOST_VIEWS:
        raise Refusal("too_many_views", _("You keep %(most)s views. Delete one of them first.") % {"most": MOST_VIEWS})
    view = SavedView(
        organization_id=membership.organization_id,
        membership=membership,
        page=page,
        name=name,
        query=kept,
        is_shared=is_shared,
        submission_key=submission_key,
    )
    return written(view, by=membership)


@transaction.atomic
def change_view(view: SavedView, *, by: Membership, name: str, is_shared: bool) -> SavedView:
    """Give a view another name, and say whether everybody has it. Refuses as `save_view` does."""
    Membership.objects.select_for_update(no_key=True).get(pk=view.membership_id)
    held = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
    held.name, held.is_shared = name, is_shared
    return written(held, by=by)


def written(view: SavedView, *, by: Membership) -> SavedView:
    if view.is_shared and by.is_partner:
        raise Refusal.of_field("is_shared", "partner", _("A partner keeps views for themselves."))
    same = SavedView.objects.filter(membership=view.membership_id, page=view.page, name=view.name)
    if same.exclude(pk=view.pk).exists():
        raise Refusal.of_field("name", "name_taken", _("You have a view of this name already."))
    view.full_clean()
    view.save()
    return view


@transaction.atomic
def delete_view(view: SavedView) -> dict[str, Any]:
    """Delete a view; answers what `restore_view` needs to bring it back. Deleting it twice is harmless."""
    remembered = {
        "id": view.pk,
        "organization_id": view.organization_id,
        "membership_id": view.membership_id,
        "page": view.page,
        "name": view.name,
        "query": view.query,
        "is_shared": view.is_shared,
        "submission_key": str(view.submission_key),
    }
    SavedView.objects.filter(pk=view.pk).delete()
    return remembered


@transaction.atomic
def restore_view(remembered: dict[str, Any]) -> SavedView:
    """Bring a deleted view back as it was; twice is harmless. Raises `Refusal` `name_taken`."""
    maker = Membership.objects.select_for_update(no_key=True).get(pk=remembered["membership_id"])
    present = SavedView.objects.filter(pk=remembered["id"]).first()
    return present or written(SavedView(**remembered), by=maker)
