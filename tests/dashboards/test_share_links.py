"""Share links: who makes and ends them, whom they open to, and what the page behind them does not say."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.presenters.sharing import without_ways_in
from objectives import rollup
from people.live import raise_version
from people.models import AuditEvent, Membership, Role, ShareLink
from people.services.keys import end_key, reopen_key
from people.services.share_links import MOST_LINKS, make_share_link
from tests.dashboards.test_company import company, report, revenue  # noqa: F401

PAGE = "company/shares/"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://okr.example"


def form(**fields):
    return {"name": "取引銀行", "days": "14", "language": "ja", **fields}


def address_on(page):
    found = re.search(r'value="(https://okr.example/share/[^"]+/)"', page.content.decode())
    return found and found[1]


def open_link(client, secret, **more):
    return client.get(f"/share/{secret}/", **more)


def test_a_link_is_made_shown_once_ended_and_opened_again(cast, sign_in, client):
    mine = sign_in(cast.member)
    key = mine.get(cast.url(PAGE)).context["form"]["submission_key"].value()
    for _twice in range(2):
        assert mine.post(cast.url(PAGE), form(submission_key=key)).status_code == 302
    shown = mine.get(cast.url(PAGE))
    address = address_on(shown)
    assert "no-store" in shown["Cache-Control"]
    assert address_on(mine.get(cast.url(PAGE))) is None
    link = ShareLink.objects.get()
    assert (link.name, str(link.expires_at.date())) == ("取引銀行", "2026-06-03")
    path = address.removeprefix("https://okr.example")
    assert path.split("/")[2] not in str(list(AuditEvent.objects.values()))
    assert client.get(path).status_code == 200
    assert ShareLink.objects.get().last_used_at is not None
    for act, status in (("end", 404), ("end", 404), ("restore", 200), ("restore", 200)):
        assert mine.post(cast.url(f"{PAGE}{link.pk}/{act}/")).status_code == 302
        assert client.get(path).status_code == status


@pytest.mark.parametrize("wrong", [{"name": ""}, {"days": "0"}, {"days": "91"}, {"days": "x"}, {"language": "xx"}])
def test_what_is_no_link_is_refused_and_kept(cast, sign_in, wrong):
    page = sign_in(cast.member).post(cast.url(PAGE), form(**wrong))
    assert page.status_code == 422
    assert not ShareLink.objects.exists()
    if "name" not in wrong:
        assert 'value="取引銀行"' in page.content.decode()


def test_nobody_has_more_links_than_they_can_look_after(cast, sign_in):
    for _one in range(MOST_LINKS):
        link, _secret = make_share_link(cast.member, name="銀行", days=1)
    page = sign_in(cast.member, language="en").post(cast.url(PAGE), form())
    assert page.status_code == 422
    assert f"{MOST_LINKS} share links are in use" in page.content.decode()
    end_key(link)
    assert sign_in(cast.member).post(cast.url(PAGE), form()).status_code == 302


def test_partners_share_nothing_others_end_their_own_and_administrators_all(cast, sign_in):
    link, _secret = make_share_link(cast.member, name="取引銀行の融資課", days=14)
    end = cast.url(f"{PAGE}{link.pk}/end/")
    partner = sign_in(cast.partner)
    assert [partner.get(cast.url(PAGE)).status_code, partner.post(cast.url(PAGE), form()).status_code] == [403, 403]
    assert sign_in(cast.executive).post(end).status_code == 404
    assert "取引銀行の融資課" not in sign_in(cast.executive).get(cast.url(PAGE)).content.decode()
    assert sign_in(cast.stranger).post(end).status_code == 404  # an administrator elsewhere
    assert sign_in(cast.stranger).get(cast.url(PAGE)).status_code == 404
    admin = sign_in(cast.admin)
    assert "取引銀行の融資課" in admin.get(cast.url(PAGE)).content.decode()
    assert admin.post(end).status_code == 302
    assert not ShareLink.objects.good().exists()


def test_every_link_that_opens_nothing_answers_alike(cast, client, move_clock):
    secrets = [make_share_link(cast.member, name="銀行", days=7)[1] for _one in range(2)]
    assert [open_link(client, secret).status_code for secret in secrets] == [200, 200]
    end_key(ShareLink.objects.latest("id"))
    ended = open_link(client, secrets[1])
    unknown = open_link(client, "x" * 43)
    assert (ended.status_code, unknown.status_code) == (404, 404)
    cast.member.left_on = cast.organization.today
    cast.member.save()
    left = open_link(client, secrets[0])
    Membership.objects.update(left_on=None)
    Membership.objects.filter(pk=cast.member.pk).update(role=Role.PARTNER)
    fallen = open_link(client, secrets[0])
    Membership.objects.filter(pk=cast.member.pk).update(role=Role.MEMBER)
    assert open_link(client, secrets[0]).status_code == 200
    move_clock("2026-05-27T10:00:01+09:00")
    expired = open_link(client, secrets[0])
    assert client.get(f"/share/{secrets[0]}/version/").status_code == 404
    plain = {
        re.sub(r'"X-CSRFToken": "\w+"', "", page.content.decode()) for page in (ended, unknown, left, fallen, expired)
    }
    assert len(plain) == 1
    reopen_key(ShareLink.objects.latest("id"))
    assert open_link(client, secrets[1]).status_code == 404


def test_the_page_says_the_numbers_and_neither_persons_nor_obstacles_nor_ways_in(company, client, sign_in):  # noqa: F811
    revenue(company)
    _link, secret = make_share_link(company.executive, name="銀行", days=14, language="ja")
    inside = sign_in(company.executive).get(company.url("company/")).content.decode()
    assert "見積の承認に6日かかる" in inside
    page = open_link(client, secret)
    text = page.content.decode()
    assert "札幌の味を全国へ" in text
    assert company.sales.name in text
    assert "年間売上" in text
    people = Membership.objects.filter(organization=company.organization).values_list("user__name", "user__email")
    assert [word for pair in people for word in pair if word in text] == []
    assert "見積の承認に6日かかる" not in text
    assert "すべての障害" in inside
    assert "すべての障害" not in text
    assert "/o/" not in text
    assert "<form" not in text
    assert not page.cookies
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    # Somebody signed in beside it sees the same, whatever cycle the address asks for.
    for reader in (sign_in(company.stranger), sign_in(company.admin)):
        other = open_link(reader, f"{secret}", data={"cycle": company.closed_cycle.pk})
        assert other.status_code == 200
        assert "FY2026 Q1" in other.content.decode()
        assert "/o/" not in other.content.decode()


def test_it_shows_what_its_maker_may_see_in_its_own_language(company, client):  # noqa: F811
    _link, secret = make_share_link(company.member, name="bank", days=14, language="en")
    text = open_link(client, secret, headers={"accept-language": "ja"}).content.decode()
    assert '<html lang="en"' in text
    assert "札幌の味を全国へ" in text


def test_it_is_live_for_one_query_and_no_session(company, client):  # noqa: F811
    _link, secret = make_share_link(company.executive, name="bank", days=14)
    address = f"/share/{secret}/version/"
    assert f'data-live="{address}"' in open_link(client, secret).content.decode()
    tag = {"if-none-match": client.get(address)["ETag"]}
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address, headers=tag).status_code == 304
    assert len(asked) == 1
    report(company, company.sold, 60)
    rollup.drain()
    assert client.get(address, headers=tag).status_code == 200
    raise_version(company.organization.pk)


def test_what_leads_inside_is_taken_out_of_any_page():
    page = (
        '<a class="word" href="/o/x/objectives/1/">目標</a><a href="#shifted">下</a>'
        '<a class="button" href="/o/x/">行く</a>'
        '<form method="post" action="/o/x/"><button>消す</button></form><td hx-get="/o/x/?a=1" hx-target="#b">1</td>'
        '<script id="map" type="application/json">{"data":[{"labels":["\\u003Cb"],"customdata":["/o/x/1/"]}]}</script>'
    )
    assert without_ways_in(page) == (
        '<span>目標</span><a href="#shifted">下</a><td>1</td>'
        '<script id="map" type="application/json">{"data":[{"labels":["\\u003Cb"]}]}</script>'
    )
