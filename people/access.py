"""Fetch or refuse: a stranger meets 404, a reader who may not write meets 403."""

from typing import Any, NoReturn, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest

from people.models import APIToken, Membership

Row = TypeVar("Row", bound=models.Model)
TEAMS_OF = Membership.teams.through.objects.filter(membership=models.OuterRef("pk")).order_by("team").values("team")


def read_id(text: Any) -> int | None:
    """The number of a row as an address or a form names it, None for anything else.

    ASCII digits, 18 at most: neither `²` nor digits without end ever reach `int()` or the database.
    """
    text = str(text or "")
    return int(text) if len(text) <= 18 and text.isascii() and text.isdigit() else None


def get_membership(request: HttpRequest, slug: str) -> Membership:
    """The signed-in person's place in the organization, or 404, whether it is unknown or merely not theirs.

    A program with a token has the place of the token and no other, wherever else its person belongs.
    """
    memberships = Membership.objects.active()
    token = getattr(request, "auth", None)
    if isinstance(token, APIToken):
        memberships = memberships.filter(pk=token.membership_id)
    found = list(
        memberships.filter(user=request.user.pk, organization__slug=slug)
        .select_related("organization")
        .annotate(teams_read=ArraySubquery(TEAMS_OF))
        .order_by()[:1]
    )
    if not found:
        raise Http404
    membership = found[0]
    membership.user = request.user  # type: ignore[assignment]
    request.membership = membership  # type: ignore[attr-defined]
    return membership


def get_insider(request: HttpRequest, slug: str) -> Membership:
    """The membership of somebody inside, or 404: there are pages that partners do not have."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    return membership


def get_visible(rows: models.QuerySet[Row] | models.Manager[Row], membership: Membership, **lookup: Any) -> Row:
    """The one row the membership may see, or 404."""
    row = rows.visible_to(membership).filter(**lookup).first()  # type: ignore[union-attr]
    if row is None:
        raise Http404
    return row


def get_editable(rows: models.QuerySet[Row] | models.Manager[Row], membership: Membership, **lookup: Any) -> Row:
    """The one row the membership may change: 404 where it may not even see it, 403 where it may only read."""
    row = get_visible(rows, membership, **lookup)
    if not rows.editable_by(membership).filter(pk=row.pk).exists():  # type: ignore[union-attr]
        refuse()
    return row


def get_within_reach(rows: models.QuerySet[Row] | models.Manager[Row], membership: Membership, **lookup: Any) -> Row:
    """The one row the membership may change or bring back: one that was put away has left everybody else's sight."""
    row = rows.within_reach_of(membership).filter(**lookup).first()  # type: ignore[union-attr]
    return row if row is not None else get_editable(rows, membership, **lookup)


def refuse() -> NoReturn:
    """Answer 403: the page exists and may be read, but not changed by this person."""
    raise PermissionDenied
