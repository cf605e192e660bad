"""The glossary: complete in both languages, reachable from the words on the pages."""

import re

import pytest
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override

from objectives.models import Health, Kind
from okrplanner.glossary import CHAPTERS, TERMS
from okrplanner.terms import PLACES
from okrplanner.translations import ROOT

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
TEMPLATES = [*(ROOT / "templates").rglob("*.html")]
# Every term of the domain's vocabulary, by its anchor; anchors are kept for ever, others link to them.
VOCABULARY = {
    "kgi", "kpi", "kpi-tree", "funnel", "back-calculation", "must-hit", "challenge", "objective", "key-result",
    "committed", "aspirational", "stretch-band", "check-in", "confidence", "score", "alignment", "retrospective",
    "cv", "deal", "deal-rate", "order", "win-rate", "unit-price", "mql", "nps", "ppc", "ltv", "cac", "tam", "abm",
}  # fmt: skip


def test_every_term_of_the_domain_is_explained():
    assert TERMS.keys() >= VOCABULARY
    assert TERMS.keys() >= set(Kind.values)
    assert TERMS.keys() >= {health.replace("_", "-") for health in Health.values}
    assert TERMS.keys() >= {"below", "in-band", "above"}
    assert len(TERMS) == sum(len(chapter.terms) for chapter in CHAPTERS)


@pytest.mark.parametrize("slug", TERMS)
def test_a_term_is_complete_in_both_languages(slug):
    term = TERMS[slug]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)
    assert term.ja != term.en
    assert not JAPANESE.search(term.en)
    for words in (term.meaning, term.example):
        with override("ja"):
            assert JAPANESE.search(str(words)), words
        with override("en"):
            assert not JAPANESE.search(str(words))
            assert str(words)[0].isupper() or not str(words)[0].isalpha()
    with override("ja"):
        assert str(term.meaning).endswith(("。", "）"))
    assert set(term.related) <= TERMS.keys() - {slug}
    assert term.related
    assert term.where in PLACES


def used() -> set[tuple[str, str]]:
    """Every term named in a template."""
    found = set()
    for path in TEMPLATES:
        text = path.read_text()
        for slugs in re.findall(r"{% (?:term|words_here)((?: \"[^\"]+\")+) %}", text):
            found |= {(path.name, slug) for slug in re.findall(r'"([^"]+)"', slugs)}
    return found


def test_every_term_used_on_a_page_exists():
    named = used()
    assert {slug for _path, slug in named} >= {
        "stretch-band",
        "pace",
        "confidence",
        "check-in",
        "kgi",
        "must-hit",
        "tam",
    }
    assert {(path, slug) for path, slug in named if slug not in TERMS} == set()


def test_every_template_names_its_terms_plainly():
    """A slug that is computed could not be checked above."""
    text = "".join(path.read_text() for path in TEMPLATES)
    assert len(re.findall(r"{% (?:term|words_here) ", text)) == len(
        re.findall(r"{% (?:term|words_here)(?: \"[a-z-]+\")+ %}", text)
    )


def render(source: str, request=None) -> str:
    request = request or RequestFactory().get("/")
    return Template(source).render(RequestContext(request))


def test_a_word_is_linked_only_where_it_first_appears():
    request = RequestFactory().get("/")
    source = '{% term "pace" %}<b>Pace</b>{% endterm %}'
    with override("en"):
        first, second = render(source, request), render(source, request)
    assert first.startswith(f'<a class="term" href="{reverse("glossary")}#pace" title="Where one should stand today')
    assert first.endswith("<b>Pace</b></a>")
    assert second == "<b>Pace</b>"
    assert "<a" in render(source)


def test_what_a_word_stands_on_is_escaped():
    assert "&lt;i&gt;" in Template('{% term "pace" %}{{ name }}{% endterm %}').render(
        RequestContext(RequestFactory().get("/"), {"name": "<i>"})
    )


def test_a_line_names_the_words_that_are_not_linked_yet():
    request = RequestFactory().get("/")
    with override("ja"):
        render('{% term "pace" %}ペース{% endterm %}', request)
        line = render('{% words_here "pace" "confidence" "check-in" %}', request)
        again = render('{% words_here "pace" "confidence" %}', request)
    assert re.findall(r"#([a-z-]+)", line) == ["confidence", "check-in"]
    assert again == ""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_everybody_may_read_the_glossary(db, language):
    answer = Client(headers={"accept-language": language}).get("/glossary/")
    page = answer.content.decode()
    assert answer.status_code == 200
    for slug, term in TERMS.items():
        assert f'id="{slug}"' in page
        assert term.ja in page
        assert term.en in page.replace("&amp;", "&")
    assert "masthead" in page
    assert "使う場所" not in page


def test_who_is_signed_in_keeps_the_masthead_and_is_led_to_the_pages(cast, sign_in):
    page = sign_in(cast.member).get("/glossary/").content.decode()
    assert cast.url("this-week/") in page
    assert "北灯珈琲" in page
    assert page.count(f'<a href="{cast.url("company/")}">全社') > 0


def test_a_partner_is_not_led_to_pages_that_are_closed_to_them(cast, sign_in):
    page = sign_in(cast.partner).get("/glossary/").content.decode()
    assert cast.url("company/") not in page
    assert cast.url("plan/") not in page


def test_who_belongs_to_no_organization_may_read_it_too(db, sign_in, cast):
    cast.member.left_on = cast.organization.today
    cast.member.save()
    page = sign_in(cast.member).get("/glossary/").content.decode()
    assert "北灯珈琲" not in page
    assert 'id="kgi"' in page


def test_a_page_links_a_word_once(cast, sign_in):
    cast.objective()
    for path in ("this-week/", "objectives/", "plan/", "company/", "kgis/"):
        page = sign_in(cast.member).get(cast.url(path)).content.decode()
        linked = re.findall(r'class="term" href="/glossary/#([a-z-]+)"', page)
        assert len(linked) == len(set(linked)), path
