"""Words explained where they first appear on a page, and the glossary they lead to. Always loaded in templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from okrplanner.formats import language
from okrplanner.glossary import CHAPTERS, TERMS, Words
from people.models import Membership

register = template.Library()

PLACES: dict[str, str | Promise] = {
    "this_week": _("This week"),
    "plan": _("Plan"),
    "objectives": _("Objectives"),
    "kgis": "KGI",
    "company": _("Company"),
    "cycles": _("Cycles"),
}
NOT_FOR_PARTNERS = {"plan", "company"}


@register.simple_block_tag(takes_context=True)
def term(context: RequestContext, content: SafeString, slug: str) -> SafeString:
    """`{% term "pace" %}Pace{% endterm %}`: linked to the glossary where the word first appears on the page."""
    seen = seen_in(context)
    if slug in seen:
        return content
    seen.add(slug)
    return link_to(slug, content)


def seen_in(context: RequestContext) -> set[str]:
    """The words that are linked on this page already."""
    request = context.get("request")
    return request.__dict__.setdefault("terms_seen", set()) if request is not None else set()


def link_to(slug: str, content: str) -> SafeString:
    return written(language(), slug, conditional_escape(content))


@lru_cache(maxsize=1_000)
def written(_language: str, slug: str, content: SafeString) -> SafeString:
    return format_html(
        '<a class="term" href="{}#{}" title="{}">{}</a>', reverse("glossary"), slug, TERMS[slug].meaning, content
    )


@register.simple_tag(takes_context=True)
def words_here(context: RequestContext, *slugs: str) -> SafeString:
    """A line with the words of the page that stand where no link may stand, as in fields and on buttons."""
    seen = seen_in(context)
    new = [slug for slug in slugs if slug not in seen]
    if not new:
        return SafeString()
    seen.update(new)
    links = format_html_join(gettext(", "), "{}", ((link_to(slug, TERMS[slug].name(language())),) for slug in new))
    return format_html('<p class="meta words-here">{} {}</p>', gettext("Words on this page:"), links)


@dataclass(frozen=True)
class Entry:
    """A term as the reader sees it: in their language first."""

    slug: str
    name: str
    other_name: str
    meaning: Words
    example: Words
    related: list[tuple[str, str]]
    place: str
    place_name: Words


def chapters(membership: Membership | None) -> list[dict[str, Any]]:
    """The glossary in the reader's language, with the pages of their organization on which the words are met."""
    reads = language()

    def place_of(name: str) -> str:
        if membership is None or not name or (membership.is_partner and name in NOT_FOR_PARTNERS):
            return ""
        return reverse(name, args=[membership.organization.slug])

    return [
        {
            "slug": chapter.slug,
            "title": chapter.title,
            "entries": [
                Entry(
                    each.slug,
                    each.name(reads),
                    each.other_name(reads),
                    each.meaning,
                    each.example,
                    [(other, TERMS[other].name(reads)) for other in each.related],
                    place_of(each.where),
                    PLACES[each.where],
                )
                for each in chapter.terms
            ],
        }
        for chapter in CHAPTERS
    ]
