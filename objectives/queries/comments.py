"""What was said about goals, check-ins and obstacles: comments, reactions, and whom they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from objectives.formulas.talk import Part, compact, parts
from objectives.models import CheckIn, Comment, KeyResult, Objective, Obstacle, Reaction, ReactionKind
from objectives.models.comments import CommentQuerySet
from objectives.models.shares import in_shared_branch
from people.models import Membership, MembershipQuerySet

SHOWN_AT_ONCE = 10
MOST_OLDER = 400
About = Objective | KeyResult | CheckIn | Obstacle


def fields_of(about: About) -> dict[str, int | None]:
    """The columns by which a comment names what it is about; every one names the objective."""
    match about:
        case Objective():
            return {"objective_id": about.pk}
        case KeyResult():
            return {"objective_id": about.objective_id, "key_result_id": about.pk}
        case CheckIn():
            return {
                "objective_id": about.key_result.objective_id,
                "key_result_id": about.key_result_id,
                "check_in_id": about.pk,
            }
    return {
        "objective_id": about.key_result.objective_id,
        "key_result_id": about.key_result_id,
        "obstacle_id": about.pk,
    }


def about_of(comment: Comment) -> About:
    """What a comment is about; it comes with its related rows."""
    return comment.obstacle or comment.check_in or comment.key_result or comment.objective


def said_about(about: About) -> CommentQuerySet:
    """All comments about just this, oldest first: those on a key result are not those on its objective."""
    places = {"key_result_id": None, "check_in_id": None, "obstacle_id": None} | fields_of(about)
    return Comment.objects.filter(**places).oldest_first()


def objective_of(about: About) -> Objective:
    match about:
        case Objective():
            return about
        case KeyResult():
            return about.objective
    return about.key_result.objective


def address_of(about: About, slug: str) -> str:
    """The page on which the comments about this stand."""
    match about:
        case Objective():
            name = "objective_comments"
        case KeyResult():
            name = "key_result_comments"
        case CheckIn():
            name = "check_in_comments"
        case Obstacle():
            name = "obstacle_comments"
    return reverse(name, args=[slug, about.pk])


def may_talk(membership: Membership, objective_id: int) -> bool:
    """Whether the person may comment, react and offer help: everybody inside, a partner where the share says so."""
    if not membership.is_partner:
        return True
    rows = Objective.objects.filter(pk=objective_id, dropped_at=None)
    return rows.filter(in_shared_branch(membership, may_write=True)).exists()


# Who can be named


def nameable(membership: Membership, objective_id: int) -> MembershipQuerySet:
    """Whom the person may name about an objective: everybody here; a partner those who take part in it."""
    rows = Membership.objects.active().filter(organization=membership.organization_id)
    if not membership.is_partner:
        return rows
    taking_part = (
        Q(objectives=objective_id)
        | Q(key_results__objective=objective_id)
        | Q(check_ins__key_result__objective=objective_id)
        | Q(comments__objective=objective_id)
    )
    return rows.filter(pk__in=Membership.objects.filter(taking_part).values("pk"))


def people_to_name(membership: Membership, objective_id: int) -> dict[int, Membership]:
    return {person.pk: person for person in nameable(membership, objective_id).select_related("user")}


def names_of(people: Iterable[Membership]) -> dict[str, list[int]]:
    """By what people are named, compact; with the address behind it everybody's name is their own."""
    found: dict[str, list[int]] = defaultdict(list)
    for person in people:
        found[compact(person.user.name)].append(person.pk)
        found[compact(f"{person.user.name} {person.user.email}")].append(person.pk)
    found.pop("", None)
    return dict(found)


def sees(person: Membership, objective_id: int) -> bool:
    return not person.is_partner or Objective.objects.visible_to(person).filter(pk=objective_id).exists()


# As it is shown


@dataclass(frozen=True)
class Toggle:
    """One word one can react with: how often it was, by whom, and whether one has said it oneself."""

    kind: str
    label: str
    names: tuple[str, ...]
    is_mine: bool

    @property
    def count(self) -> int:
        return len(self.names)


@dataclass
class Talk:
    """The comments about one thing, as one person sees them."""

    about: About
    address: str
    rows: list[Comment] = field(default_factory=list)
    older: int = 0
    count: int = 0
    may_write: bool = False

    @property
    def id(self) -> str:
        """By what the part of the page is found."""
        return f"comments-{self.about._meta.model_name}-{self.about.pk}"


def talk_about(about: About, membership: Membership, *, everything: bool = False) -> Talk:
    """The last comments about this with all that stands at them, in a constant number of queries.

    What was taken back is shown to its author alone, who can bring it back.
    """
    objective = objective_of(about)
    own = Q(withdrawn_at=None) | Q(author=membership.pk)
    rows = said_about(about).filter(own).select_related("author__user")
    most = MOST_OLDER if everything else SHOWN_AT_ONCE
    found = list(rows.reverse()[: most + 1])
    total = rows.count() if len(found) > most else len(found)
    shown = found[:most][::-1]
    may_write = may_talk(membership, objective.pk)
    dress(shown, membership, may_write=may_write)
    return Talk(
        about=about,
        address=address_of(about, membership.organization.slug),
        rows=shown,
        older=max(0, total - len(shown)),
        count=sum(1 for row in shown if row.withdrawn_at is None) + max(0, total - len(shown)),
        may_write=may_write,
    )


def dress(rows: Sequence[Comment], membership: Membership, *, may_write: bool) -> None:
    """Give each comment its text as HTML, its reactions, and whether it is the person's own."""
    named = {pk for row in rows for pk in row.mentioned}
    people = Membership.objects.filter(pk__in=named).select_related("user") if named else ()
    names_by_person = {person.pk: person for person in people}
    toggles = toggles_of("comment", [row.pk for row in rows], membership)
    for row in rows:
        row.html = as_html(row, names_by_person, membership)  # type: ignore[attr-defined]
        row.toggles = toggles[row.pk]  # type: ignore[attr-defined]
        row.is_mine = row.author_id == membership.pk  # type: ignore[attr-defined]
        row.may_react = may_write  # type: ignore[attr-defined]
        row.may_withdraw = may_write and (row.author_id == membership.pk or membership.is_admin)  # type: ignore[attr-defined]


def as_html(comment: Comment, people: Mapping[int, Membership], membership: Membership) -> SafeString:
    """The text escaped, people it names as links to what they have taken on, addresses as links; nothing else."""
    names = names_of(people[pk] for pk in comment.mentioned if pk in people)
    plan = "" if membership.is_partner else reverse("plan", args=[membership.organization.slug])
    written = "".join(html_of(part, people, plan) for part in parts(comment.text, names))
    return mark_safe(written.replace("\r\n", "\n").replace("\n", "<br>"))  # noqa: S308 (every part is escaped)


def html_of(part: Part, people: Mapping[int, Membership], plan: str) -> str:
    text = str(escape(part.text))
    if part.link:
        return f'<a href="{escape(part.link)}" rel="noopener nofollow">{text}</a>'
    if part.person is None:
        return text
    name = people[part.person].user.name
    if not plan:
        return f'<span class="mention">@{escape(name)}</span>'
    return f'<a class="mention" href="{escape(plan)}?{escape(urlencode({"q": name}))}">@{escape(name)}</a>'


def toggles_of(column: str, ids: Sequence[int], membership: Membership) -> dict[int, list[Toggle]]:
    """For each row the four words one can react with."""
    said: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    rows = (
        Reaction.objects.filter(**{f"{column}__in": ids}).order_by("created_at", "pk")
        if ids
        else Reaction.objects.none()
    )
    for pk, kind, person, name in rows.values_list(column, "kind", "membership_id", "membership__user__name"):
        said[pk, kind].append((person, name))
    return {
        pk: [
            Toggle(
                kind.value,
                str(kind.label),
                tuple(name for _person, name in said[pk, kind.value]),
                any(person == membership.pk for person, _name in said[pk, kind.value]),
            )
            for kind in ReactionKind
        ]
        for pk in ids
    }


def with_talk(rows: Iterable[CheckIn], membership: Membership) -> list[CheckIn]:
    """Check-ins of one page, each with `toggles`, `comment_count`, `comments_address`, `may_react` and `named`.

    `named` is the obstacle it raised. A constant number of queries; the check-ins come with their key results.
    """
    found = list(rows)
    ids = [row.pk for row in found]
    toggles = toggles_of("check_in", ids, membership)
    counts = dict(
        Comment.objects.standing().filter(check_in__in=ids).order_by().values_list("check_in").annotate(Count("pk"))
        if ids
        else ()
    )
    named: dict[int, Obstacle] = {}
    for obstacle in Obstacle.objects.filter(check_in__in=ids) if ids else ():
        named[obstacle.check_in_id or 0] = obstacle
    writable = talked_in(membership, {row.key_result.objective_id for row in found})
    slug = membership.organization.slug
    for row in found:
        row.toggles = toggles[row.pk]  # type: ignore[attr-defined]
        row.comment_count = counts.get(row.pk, 0)  # type: ignore[attr-defined]
        row.comments_address = reverse("check_in_comments", args=[slug, row.pk])  # type: ignore[attr-defined]
        row.may_react = row.key_result.objective_id in writable  # type: ignore[attr-defined]
        row.named = named.get(row.pk)  # type: ignore[attr-defined]
    return found


def talked_in(membership: Membership, objective_ids: set[int]) -> set[int]:
    """The objectives among these that the person may write about."""
    if not membership.is_partner or not objective_ids:
        return objective_ids
    rows = Objective.objects.filter(pk__in=objective_ids, dropped_at=None)
    return set(rows.filter(in_shared_branch(membership, may_write=True)).values_list("pk", flat=True))
