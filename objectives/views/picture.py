"""The picture of alignment: who works for what, from the company down to each person."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.models import Cycle, CycleState, Objective
from objectives.queries.alignment import FEW, Node, Picture, picture_of
from people.access import get_membership, read_id
from people.exports import csv_response
from people.models import Membership, Team

FIRST_DEPTH, DEEPEST, MORE = 2, 9, 3
MOST_NAMED = 8


@require_safe
def alignment(request: HttpRequest, slug: str) -> HttpResponse:
    """The chains of the cycle's goals, drawn to a depth, below one goal, or as far as a filter finds something."""
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    if cycle is None:
        return render(request, "objectives/alignment.html", {"picture": None})
    picture = picture_of(membership, cycle)
    team = Team.objects.visible_to(membership).filter(pk=read_id(request.GET.get("team")) or 0).first()
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    root = root_asked(request, picture)
    found = picture.found(team, words) if root is None else None
    if request.GET.get("download") == "csv":
        return as_csv(picture, cycle, picture.nodes(found=found))
    changeable = changeable_by(membership, picture)
    if "inside" in request.GET and root is not None:
        nodes = picture.nodes(root=root.pk, inside=read_id(request.GET["inside"]) or 0, depth=MORE)
        part = {"nodes": nodes, "cycle": cycle, "changeable": changeable}
        return render(request, "objectives/_alignment_tree.html", part)
    depth = depth_asked(request, picture) if found is None else DEEPEST
    as_table = request.GET.get("view") == "table"
    nodes = picture.nodes(root=root.pk if root else None, depth=None if as_table else depth, found=found)
    asked = request.GET.copy()
    asked.pop("view", None)
    asked["cycle"] = str(cycle.pk)
    missing = picture.missing() if not membership.is_partner else None
    shown: dict[str, Any] = {
        "picture": picture,
        "cycle": cycle,
        "finding": finding(picture),
        "nodes": nodes,
        "root": root,
        "team": team,
        "words": words,
        "is_filtered": found is not None,
        "found_count": len(found or ()),
        "depth": depth,
        "depths": range(1, 5),
        "deepest": DEEPEST,
        "as_table": as_table,
        "asked": asked.urlencode(),
        "missing": missing,
        "changeable": changeable,
    }
    return render(request, "objectives/alignment.html", shown)


def changeable_by(membership: Membership, picture: Picture) -> set[int]:
    """The goals in it that the reader may still change."""
    rows = Objective.objects.editable_by(membership).filter(pk__in=picture.goals)
    return set(rows.exclude(cycle__state=CycleState.CLOSED).values_list("pk", flat=True))


def root_asked(request: HttpRequest, picture: Picture) -> Objective | None:
    """The goal a branch is asked below; 404 for one that is not in the picture."""
    asked = request.GET.get("root", "")
    if not asked:
        return None
    root = picture.goals.get(read_id(asked) or 0)
    if root is None:
        raise Http404
    return root


def depth_asked(request: HttpRequest, picture: Picture) -> int:
    """How many levels are drawn: what is asked for, else all of a small plan and the first of a large one."""
    asked = read_id(request.GET.get("depth"))
    if asked:
        return min(asked, DEEPEST)
    return DEEPEST if len(picture.goals) <= FEW else FIRST_DEPTH


def finding(picture: Picture) -> list[str]:
    """How much of the plan hangs together, in parts between which a line may break."""
    if picture.membership.is_partner:
        return [_("The goals shared with you, and what contributes to them.")]
    count, reaching = picture.to_reach, picture.reaching
    # Translators: “|” marks where the title may break into two lines.
    if not picture.own:
        sentence = _("Nothing is planned for this cycle yet,| so nothing hangs together.")
    elif not count:
        sentence = _("So far only the company has objectives.")
    elif reaching == count:
        sentence = ngettext(
            "The one objective below the company’s| leads up to it.",
            "All %(count)s objectives below the company’s| lead up to one of them.",
            count,
        )
    else:
        sentence = ngettext(
            "%(reaching)s of %(count)s objective| leads up to one of the company’s.",
            "%(reaching)s of %(count)s objectives| lead up to one of the company’s.",
            count,
        )
    return [part % {"count": count, "reaching": reaching} for part in sentence.split("|")]


def as_csv(picture: Picture, cycle: Cycle, nodes: list[Node]) -> HttpResponse:
    """Every place of the picture as a line."""
    header = [
        _("Depth"),
        _("Level"),
        _("Objective"),
        _("Connected to"),
        _("At the key result"),
        _("How"),
        _("Weight"),
        _("Team"),
        _("Owner"),
        _("Cycle"),
        _("State"),
        _("Score"),
        _("Landing"),
    ]
    lines = []
    for node in nodes:
        tie, goal = node.place.tie, node.objective
        if node.key_result is not None:
            continue
        at = picture.key_results.get(tie.key_result or 0) if tie else None
        scored = getattr(goal, "scored", None)
        lines.append(
            [
                node.place.depth,
                goal.get_level_display(),
                goal.title,
                picture.goals[tie.parent].title if tie else "",
                at.title if at else "",
                (_("Contributes") if tie.link == "contributes" else _("Supports")) if tie else "",
                tie.weight if tie else None,
                goal.team.name,
                goal.owner.user.name,
                goal.cycle.name,
                goal.get_state_display(),
                None if scored is None or scored.score is None else round(scored.score, 3),
                None if scored is None or scored.landing is None else round(scored.landing, 3),
            ]
        )
    return csv_response(_("Alignment %(cycle)s") % {"cycle": cycle.name}, header, lines)
