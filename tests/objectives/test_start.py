"""From a one-time link to a plan: the link, the five steps, leaving and coming back, and who may."""

import re
import threading
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from funnel.models import KGI
from objectives.models import Cycle, CycleState, KeyResult, Kind, Level, Objective, ObjectiveState
from objectives.services import start as services
from okrplanner.embedded.prepare import begin_link
from people import clock
from people.models import Invitation, Membership, Organization, StartLink, Team, User
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services import Founder, make_start_link
from tests.cast import PASSWORD

NEW_PASSWORD = "ゆきどけの豆を焙る 2026"
NOW = "2026-11-20T10:00:00+09:00"
ME = {"person": "女将", "email": "okami@toge.example", "password": NEW_PASSWORD}
NUMBERS = {
    "name": "2026年度の売上",
    "revenue_must_hit": "1億",
    "revenue_challenge": "２億円",
    "unit_price": "120万",
    "win_rate": "20",
    "deal_rate": "10%",
    "cv_rate": "1",
}
CALENDAR = {
    "fiscal_year_start": "4",
    "check_in_weekday": "0",
    "time_zone": "Asia/Tokyo",
    "currency": "JPY",
    "with_year": "on",
}
STEPS = ("calendar", "teams", "kgi", "objective")


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "ja"})


@pytest.fixture
def link(db, move_clock):
    move_clock(NOW)
    return f"/start/{make_start_link()}/"


@pytest.fixture
def founder(visitor, link):
    """Somebody who has just named the company, before step 2."""
    answer = visitor.post(link, {"name": "峠の茶屋", "slug": "toge", **ME})
    assert answer["Location"] == "/o/toge/start/calendar/"
    return visitor


def setup_step():
    return Organization.objects.get(slug="toge").setup_step


def take(client, step, typed, *, to):
    answer = client.post(f"/o/toge/start/{step}/", typed)
    assert answer.status_code == 302, re.findall(r'class="error".*?</p>', answer.content.decode(), re.DOTALL)
    assert answer["Location"] == f"/o/toge/start/{to}/"


def objective_form(client):
    """What the page of the last step would send as it stands."""
    page = client.get("/o/toge/start/objective/").content.decode()
    typed = {}
    for tag in re.findall(r"<input[^>]*>", page.split("<main", 1)[1]):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and not ('type="checkbox"' in tag and " checked" not in tag):
            typed[name[1]] = value[1] if value else "on" if "checkbox" in tag else ""
    owner = str(Membership.objects.get(organization__slug="toge").pk)
    owners = dict.fromkeys(re.findall(r'<select name="([^"]+-owner)"', page), owner)
    return typed | {"title": "はじめての人に、また来たいと思ってもらう", "why": ""} | owners


# The link


def test_a_command_makes_the_link_and_prints_it_alone_on_its_last_line(db, move_clock, settings):
    move_clock(NOW)
    said = StringIO()
    call_command("create_start_link", "--site", "https://okr.example/", stdout=said)
    printed = said.getvalue().splitlines()[-1]
    secret = re.fullmatch(r"https://okr\.example/start/([\w-]{43})/", printed)[1]
    kept = StartLink.objects.get()
    assert kept.token_hash == hash_of(secret)
    assert kept.expires_at == clock.now() + timedelta(days=14)
    call_command("create_start_link", stdout=said)
    assert said.getvalue().splitlines()[-1].startswith(f"{settings.SITE_URL}/start/")
    assert StartLink.objects.count() == 1


def test_each_start_prints_a_new_link_until_somebody_has_begun(db, move_clock, settings):
    move_clock(NOW)
    Organization.objects.create(name="例", slug=settings.EXAMPLE_SLUGS[0])
    first, second = begin_link(), begin_link()
    assert [Client().get(link.removeprefix(settings.SITE_URL)).status_code for link in (first, second)] == [404, 200]
    Organization.objects.create(name="峠の茶屋", slug="toge")
    assert begin_link() is None


def test_the_page_opens_without_signing_in_and_speaks_both_languages(link):
    for language, words in (("ja", "この四半期の目標へ"), ("en", "this quarter's goals")):
        page = Client(headers={"accept-language": language}).get(link)
        assert page.status_code == 200
        assert words in page.content.decode()
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]


def test_naming_company_and_oneself_makes_both_and_signs_in(visitor, link):
    before = visitor.session.session_key
    answer = visitor.post(link, {"name": "峠の茶屋", "slug": "Toge-", **ME, "email": "Okami＠toge.example"})
    assert answer.status_code == 302
    organization = Organization.objects.get()
    assert (organization.name, organization.slug, organization.setup_step) == ("峠の茶屋", "toge-", "calendar")
    membership = Membership.objects.get()
    assert (membership.role, [team.name for team in membership.teams.all()]) == ("admin", ["峠の茶屋"])
    assert get_user(visitor) == membership.user
    assert (membership.user.email, membership.user.name) == ("okami@toge.example", "女将")
    assert membership.user.check_password(NEW_PASSWORD)
    assert visitor.session.session_key != before
    assert Cycle.objects.get().name == "FY2026 Q3"


def test_a_japanese_name_has_an_address_proposed_and_a_latin_one_makes_its_own(visitor, link):
    proposed = re.search(r'name="slug" value="(company-[a-z2-9]{4})"', visitor.get(link).content.decode())
    assert proposed
    visitor.post(link, {"name": "峠の茶屋", "slug": "", **ME})
    assert re.fullmatch(r"company-[a-z2-9]{4}", Organization.objects.get().slug)
    second = f"/start/{make_start_link()}/"
    Client().post(second, {"name": "Acme & Sons Ltd.", "slug": "", **ME, "email": "b@acme.example"})
    assert Organization.objects.filter(slug="acme-sons-ltd").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"slug": "not/possible"}, "slug"),
        ({"slug": "あ"}, "slug"),
        ({"person": " "}, "person"),
        ({"email": "nobody"}, "email"),
        ({"email": "admin@demo.example"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "okami@toge.example"}, "password"),
        ({"password": ""}, "password"),
        ({"name": "a\0b"}, "name"),
    ],
)
def test_what_makes_no_company_is_said_beside_the_field_and_the_rest_stays(visitor, link, changes, field):
    typed = {"name": "峠の茶屋", "slug": "toge", **ME} | changes
    answer = visitor.post(link, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page
    kept = {"name", "slug", "person", "email"} - {field}
    assert all(f'value="{typed[name]}"' in page for name in kept)
    assert not Organization.objects.exists()
    assert visitor.post(link, {"name": "峠の茶屋", "slug": "toge", **ME}).status_code == 302


@pytest.mark.parametrize("slug", ["hokuto", "demo", "demo-inn"])
def test_an_address_that_is_taken_is_said(cast, visitor, slug):
    link = f"/start/{make_start_link()}/"
    answer = visitor.post(link, {"name": "北灯", "slug": slug, **ME})
    assert answer.status_code == 422
    assert not User.objects.filter(email=ME["email"]).exists()


def test_who_has_an_account_gives_its_password(cast, visitor):
    link = f"/start/{make_start_link()}/"
    typed = {"name": "二つ目", "slug": "second", "person": "", "email": cast.member.user.email}
    wrong = visitor.post(link, typed | {"password": "not the password"})
    assert wrong.status_code == 422
    assert "/accounts/password/reset/" in wrong.content.decode()
    assert visitor.post(link, typed | {"password": PASSWORD}).status_code == 302
    assert get_user(visitor) == cast.member.user
    assert Membership.objects.get(organization__slug="second").user == cast.member.user


def test_who_is_signed_in_only_names_the_company(cast, sign_in):
    client = sign_in(cast.member)
    link = f"/start/{make_start_link()}/"
    assert "山本 翔" in client.get(link).content.decode()
    assert client.post(link, {"name": "二つ目", "slug": "second"})["Location"] == "/o/second/start/calendar/"
    assert Membership.objects.get(organization__slug="second").user == cast.member.user


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_used_link_says_so_and_names_the_way_in(founder, link, is_signed_in):
    client = founder if is_signed_in else Client()
    answer = client.get(link)
    assert answer.status_code == 410
    assert ('href="/"' if is_signed_in else "/accounts/login/") in answer.content.decode()
    assert client.post(link, {"name": "x", "slug": "x", **ME, "email": "e@x.example"}).status_code == 410
    assert Organization.objects.count() == 1


def test_the_same_form_sent_twice_goes_on(link):
    typed = {"name": "峠の茶屋", "slug": "toge", **ME}
    assert Client().post(link, typed).status_code == 302
    other = Client()
    assert other.post(link, typed)["Location"] == "/"
    assert get_user(other).email == ME["email"]
    assert Organization.objects.count() == 1


def test_an_expired_or_unknown_link_makes_nothing(visitor, link, move_clock):
    move_clock("2026-12-05T10:00:00+09:00")
    for address, status in ((link, 410), ("/start/unknown/", 404), ("/start/%00/", 404)):
        answer = visitor.post(address, {"name": "峠の茶屋", "slug": "toge", **ME})
        assert answer.status_code == status
        assert "create_start_link" in answer.content.decode()
    assert not Organization.objects.exists()


def test_two_browsers_with_one_link_make_one_company(transactional_db, move_clock):
    move_clock(NOW)
    make_start_link()
    row = StartLink.objects.get()
    refusals = []

    def come_too():
        try:
            services.found(row, Founder("b@x.example", "B", NEW_PASSWORD), name="B", slug="b")
        except Refusal as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    second = threading.Thread(target=come_too, daemon=True)
    with transaction.atomic():
        services.found(row, Founder("a@x.example", "A", NEW_PASSWORD), name="A", slug="a")
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(10)
    assert refusals == ["link_used"]
    assert list(User.objects.values_list("email", flat=True)) == ["a@x.example"]


# The steps


def test_five_steps_lead_to_a_plan_that_has_begun(founder):
    take(founder, "calendar", CALENDAR, to="teams")
    organization = Organization.objects.get()
    assert (organization.check_in_weekday, organization.setup_step) == (0, "teams")
    assert set(Cycle.objects.values_list("name", "state")) == {("FY2026 Q3", "active"), ("FY2026", "active")}
    assert Cycle.objects.get(is_first=True).name == "FY2026 Q3"

    take(founder, "teams", {"teams": "営業本部\n　法人営業\n製造", "people": "hana@toge.example, 法人営業"}, to="kgi")
    tree = {team.name: team.parent.name for team in Team.objects.exclude(parent=None).select_related("parent")}
    assert tree == {"営業本部": "峠の茶屋", "法人営業": "営業本部", "製造": "峠の茶屋"}
    assert Invitation.objects.get().team.name == "法人営業"

    take(founder, "kgi", NUMBERS, to="objective")
    kgi = KGI.objects.get()
    assert (kgi.name, kgi.must_hit_value, kgi.challenge_value) == ("2026年度の売上", 100_000_000, 200_000_000)
    assert (str(kgi.period_start), str(kgi.period_end)) == ("2026-04-01", "2027-03-31")

    take(founder, "objective", objective_form(founder) | {"act": "begin"}, to="done")
    objective = Objective.objects.get()
    assert (objective.state, objective.level, objective.kgi) == (ObjectiveState.ACTIVE, Level.COMPANY, kgi)
    assert (objective.owner.user.email, objective.cycle.name) == ("okami@toge.example", "FY2026 Q3")
    rows = {row.kpi.key: (row.kind, row.must_hit_value, row.target_value) for row in KeyResult.objects.all()}
    assert rows == {
        "orders": (Kind.CUMULATIVE, 21, 42),
        "deals": (Kind.CUMULATIVE, 105, 209),
        "cvs": (Kind.CUMULATIVE, 1042, 2084),
    }
    assert setup_step() == ""
    done = founder.get("/o/toge/start/done/").content.decode()
    for words in ("計画ができました", "2億円", "はじめての人に", "FY2026 Q3"):
        assert words in done
    assert founder.get("/o/toge/this-week/").status_code == 200


def test_a_draft_may_stay_a_draft(founder):
    for step in STEPS[:2]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    take(founder, "kgi", NUMBERS, to="objective")
    take(founder, "objective", objective_form(founder) | {"act": "draft"}, to="done")
    assert Objective.objects.get().state == ObjectiveState.DRAFT


def test_every_step_may_be_left_for_later(founder):
    for step, to in zip(STEPS, [*STEPS[1:], "done"], strict=True):
        take(founder, step, {"act": "later"}, to=to)
        assert setup_step() == ("" if to == "done" else to)
    page = founder.get("/o/toge/start/done/").content.decode()
    assert "土台ができました" in page
    assert "/o/toge/kgis/new/" in page
    assert Cycle.objects.get().name == "FY2026 Q3"


def test_must_hit_alone_and_rates_nobody_knows_are_enough(founder):
    for step in STEPS[:2]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    take(founder, "kgi", NUMBERS | {"revenue_challenge": "", "deal_rate": "", "cv_rate": ""}, to="objective")
    take(founder, "objective", objective_form(founder) | {"act": "begin"}, to="done")
    rows = {row.kpi.key: (row.must_hit_value, row.target_value) for row in KeyResult.objects.all()}
    assert rows == {"deals": (None, 105), "cvs": (None, 105), "orders": (None, 21)}


def test_without_a_kgi_the_objective_is_kept_as_a_draft(founder):
    for step in STEPS[:3]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    page = founder.get("/o/toge/start/objective/").content.decode()
    assert 'value="begin"' not in page
    take(
        founder,
        "objective",
        {"title": "常連の顔を覚える", "submission_key": str(uuid.uuid4()), "act": "draft"},
        to="done",
    )
    assert (Objective.objects.get().state, KeyResult.objects.count()) == (ObjectiveState.DRAFT, 0)


def test_who_comes_back_goes_on_where_they_were(founder):
    assert founder.get("/")["Location"] == "/o/toge/start/"
    assert founder.get("/o/toge/start/")["Location"] == "/o/toge/start/calendar/"
    take(founder, "calendar", CALENDAR, to="teams")
    assert founder.get("/o/toge/start/")["Location"] == "/o/toge/start/teams/"
    assert "/o/toge/start/" in founder.get("/o/toge/this-week/").content.decode()
    assert founder.get("/o/toge/start/objective/")["Location"] == "/o/toge/start/teams/"
    for step in STEPS[1:]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    assert founder.get("/")["Location"] == "/o/toge/this-week/"
    assert founder.get("/o/toge/start/calendar/")["Location"] == "/o/toge/start/done/"


def test_going_back_changes_what_is_there_instead_of_making_more(founder):
    take(founder, "calendar", CALENDAR, to="teams")
    take(founder, "teams", {"teams": "営業\n製造"}, to="kgi")
    take(founder, "kgi", NUMBERS, to="objective")
    take(founder, "calendar", CALENDAR | {"fiscal_year_start": "1", "with_year": ""}, to="teams")
    assert list(Cycle.objects.values_list("name", flat=True)) == ["FY2026 Q4"]
    page = founder.get("/o/toge/start/teams/").content.decode()
    assert ">\n営業\n製造</textarea>" in page
    take(founder, "teams", {"teams": "営業 > 東京"}, to="kgi")
    assert set(Team.objects.exclude(parent=None).values_list("name", flat=True)) == {"営業", "東京"}
    page = founder.get("/o/toge/start/kgi/").content.decode()
    assert 'value="1億"' in page
    assert 'value="120万"' in page
    take(founder, "kgi", NUMBERS | {"revenue_challenge": ""}, to="objective")
    assert KGI.objects.get().challenge_value is None
    assert setup_step() == "objective"


def test_a_team_that_somebody_is_invited_into_stays(founder):
    take(founder, "calendar", CALENDAR, to="teams")
    take(founder, "teams", {"teams": "営業\n製造", "people": "a@toge.example, 製造"}, to="kgi")
    take(founder, "teams", {"teams": "営業"}, to="kgi")
    assert Team.objects.filter(name="製造").exists()


def test_the_company_itself_may_stand_at_the_top_of_the_outline(founder):
    take(founder, "calendar", CALENDAR, to="teams")
    take(founder, "teams", {"teams": "峠の茶屋\n\t営業"}, to="kgi")
    assert Team.objects.get(name="営業").parent.is_company


@pytest.mark.parametrize(
    ("step", "typed", "field"),
    [
        ("calendar", CALENDAR | {"fiscal_year_start": "13"}, "fiscal_year_start"),
        ("calendar", CALENDAR | {"time_zone": "Mars/Olympus"}, "time_zone"),
        ("teams", {"teams": " > ".join("abcdefghi")}, "teams"),
        ("teams", {"teams": "あ" * 101}, "teams"),
        ("teams", {"teams": "営業", "people": "a@toge.example, 製造, 製造部, x"}, "people"),
        ("kgi", NUMBERS | {"revenue_must_hit": "", "revenue_challenge": ""}, "revenue_must_hit"),
        ("kgi", NUMBERS | {"revenue_challenge": "9,000万"}, "revenue_challenge"),
        ("kgi", NUMBERS | {"unit_price": ""}, "unit_price"),
        ("kgi", NUMBERS | {"win_rate": "120"}, "win_rate"),
        ("kgi", NUMBERS | {"deal_rate": "many"}, "deal_rate"),
        ("objective", {"title": ""}, "title"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_changes_nothing(founder, step, typed, field):
    for before in STEPS[: STEPS.index(step)]:
        founder.post(f"/o/toge/start/{before}/", {"act": "later"})
    answer = founder.post(f"/o/toge/start/{step}/", typed)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert setup_step() == step
    assert not KGI.objects.exists()
    assert not Invitation.objects.exists()


def test_beginning_with_one_key_result_is_refused_and_nothing_is_saved(founder):
    for step in STEPS[:2]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    take(founder, "kgi", NUMBERS, to="objective")
    typed = objective_form(founder)
    one_pick = {name: value for name, value in typed.items() if name not in {"cvs-pick", "orders-pick"}}
    answer = founder.post("/o/toge/start/objective/", one_pick | {"act": "begin"})
    assert answer.status_code == 422
    assert typed["title"] in answer.content.decode()
    assert not Objective.objects.exists()
    wrong = founder.post("/o/toge/start/objective/", typed | {"deals-target_value": "lots", "act": "draft"})
    assert wrong.status_code == 422
    assert not Objective.objects.exists()


@pytest.mark.parametrize("step", STEPS)
def test_a_step_sent_twice_makes_one_of_everything(founder, step):
    typed = {
        "calendar": CALENDAR,
        "teams": {"teams": "営業", "people": "a@toge.example", "submission_key": str(uuid.uuid4())},
        "kgi": NUMBERS | {"submission_key": str(uuid.uuid4())},
    }
    for before in STEPS[: STEPS.index(step)]:
        founder.post(f"/o/toge/start/{before}/", typed[before])
    sent = typed[step] if step != "objective" else objective_form(founder) | {"act": "begin"}
    locations = {founder.post(f"/o/toge/start/{step}/", sent)["Location"] for _time in range(2)}
    assert len(locations) == 1
    assert Cycle.objects.filter(state=CycleState.ACTIVE).count() <= 2
    assert Team.objects.count() <= 2
    assert Invitation.objects.count() <= 1
    assert KGI.objects.count() <= 1
    assert Objective.objects.count() <= 1


def test_answers_come_while_one_types_and_nothing_is_saved(founder):
    founder.post("/o/toge/start/calendar/", {"act": "later"})
    htmx = {"HX-Request": "true"}
    teams = founder.post("/o/toge/start/teams/", {"teams": "営業\n　東京"}, headers=htmx).content.decode()
    assert 'data-depth="2"><span>東京' in teams
    founder.post("/o/toge/start/teams/", {"act": "later"})
    answer = founder.post("/o/toge/start/kgi/", NUMBERS, headers=htmx).content.decode()
    for words in ("833,334", "208,334", "417", "105", "FY2026 Q3"):
        assert words in answer
    half = founder.post("/o/toge/start/kgi/", {"revenue_must_hit": "1億"}, headers=htmx)
    assert half.status_code == 200
    without_script = founder.post("/o/toge/start/kgi/", NUMBERS | {"answer": "1"})
    assert "833,334" in without_script.content.decode()
    assert not KGI.objects.exists()
    assert Team.objects.count() == 1


def test_a_step_without_an_answer_of_its_own_is_shown_whole_to_htmx_too(founder):
    for step in STEPS[:-1]:
        founder.post(f"/o/toge/start/{step}/", {"act": "later"})
    page = founder.get("/o/toge/start/objective/", headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert 'name="title"' in page.content.decode()


def test_the_calendar_is_said_in_words_while_one_chooses(founder):
    answer = founder.post(
        "/o/toge/start/calendar/", CALENDAR | {"fiscal_year_start": "1"}, headers={"HX-Request": "true"}
    )
    assert "FY2026 Q4：10月1日〜12月31日" in answer.content.decode()
    assert Organization.objects.get().fiscal_year_start == 4


def test_only_administrators_take_the_steps_and_strangers_find_nothing(cast, sign_in):
    Organization.objects.filter(pk=cast.organization.pk).update(setup_step="calendar")
    for step in ("", "calendar/", "teams/", "kgi/", "objective/", "done/"):
        for person in (cast.executive, cast.manager, cast.member, cast.partner):
            assert sign_in(person).get(cast.url(f"start/{step}")).status_code == 403
        assert sign_in(cast.stranger).get(cast.url(f"start/{step}")).status_code == 404
    assert sign_in(cast.member).post(cast.url("start/calendar/"), {"act": "later"}).status_code == 403
    assert sign_in(cast.member).get("/")["Location"] == cast.url("this-week/")
    with pytest.raises(PermissionDenied):
        services.skip_step("calendar", by=cast.member)
    cast.organization.refresh_from_db()
    assert cast.organization.setup_step == "calendar"


def test_the_example_company_offers_ones_own_on_this_machine_only(cast, sign_in, settings):
    client = sign_in(cast.member)
    address = cast.url("start/own/")
    assert client.post(address).status_code == 404
    assert address not in client.get(cast.url("this-week/")).content.decode()
    settings.EXAMPLE_SLUGS = (cast.organization.slug,)
    for page in ("this-week/", "company/", "objectives/"):
        assert address in client.get(cast.url(page)).content.decode()
    printed = StartLink.objects.create(token_hash=hash_of("printed"))
    answer = client.post(address)
    assert re.fullmatch(r"/start/[\w-]{43}/", answer["Location"])
    assert client.get(answer["Location"]).status_code == 200
    assert StartLink.objects.filter(pk=printed.pk).exists()
    assert sign_in(cast.stranger).post(address).status_code == 404
    settings.EMBEDDED = False
    assert client.post(address).status_code == 404
    assert address not in client.get(cast.url("this-week/")).content.decode()


def test_somebody_of_the_example_company_makes_an_account_of_their_own(cast, sign_in, settings):
    settings.EXAMPLE_DOMAIN = "hokuto.example"
    client = sign_in(cast.member)
    link = f"/start/{make_start_link()}/"
    assert 'name="password"' in client.get(link).content.decode()
    assert client.post(link, {"name": "峠の茶屋", "slug": "toge", **ME}).status_code == 302
    assert get_user(client).email == ME["email"]


def test_who_belongs_nowhere_is_told_what_to_do(db, client):
    user = User.objects.create_user("alone@x.example", PASSWORD, name="独")
    client.force_login(user)
    page = client.get("/").content.decode()
    assert "alone@x.example" in page
