"""The way in, the switches and what every answer carries."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from objectives import services
from objectives.models import Cycle, KeyResult, ObjectiveShare
from objectives.queries.frame import read_frame
from okrplanner.context import masthead
from people.models import User
from tests.cast import PASSWORD


def test_a_visitor_is_led_to_the_door_and_back(cast):
    answer = Client().get(cast.url("this-week/"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/o/hokuto/this-week/")


def test_signing_in_leads_to_this_week(cast):
    client = Client()
    answer = client.post("/accounts/login/", {"login": "MEMBER@hokuto.example ", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/o/hokuto/this-week/"


def test_somebody_without_an_organization_is_told_so(db, client, settings):
    client.force_login(User.objects.create_user("alone@example.com", PASSWORD, name="Alone"))
    assert client.get("/").status_code == 200


def test_who_left_is_a_stranger(cast, sign_in, move_clock):
    client = sign_in(cast.member)
    cast.member.left_on = cast.organization.today
    cast.member.save()
    assert client.get(cast.url("this-week/")).status_code == 404


@pytest.mark.parametrize(("theme", "kept"), [("dark", "dark"), ("light", "light"), ("purple", "")])
def test_the_theme_is_kept_on_the_device(client, db, theme, kept):
    answer = client.post("/theme/", {"theme": theme, "next": "https://elsewhere.example/"})
    assert (answer["Location"], answer.cookies["theme"].value) == ("/", kept)


def test_the_language_follows_the_browser_and_the_switch(client, db):
    assert b'lang="en"' in client.get("/accounts/login/", headers={"accept-language": "en-GB"}).content
    assert b'lang="ja"' in client.get("/accounts/login/", headers={"accept-language": "ja"}).content
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert b'lang="en"' in client.get("/accounts/login/", headers={"accept-language": "ja"}).content


def test_errors_speak_the_readers_language(cast, sign_in):
    assert "何もありません" in sign_in(cast.member).get("/nowhere/").content.decode()
    answer = sign_in(cast.member, language="en").get(cast.url("objectives/99999999999999999999/"))
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.parametrize("query", ["cycle=x", "cycle=99999999999999999999999", "cycle=%00", "cycle=-1", "cycle=１"])
def test_an_unknown_cycle_is_not_found(cast, sign_in, query):
    assert sign_in(cast.member).get(cast.url(f"plan/?{query}")).status_code == 404


def test_every_answer_carries_a_strict_policy(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_health_is_told_without_signing_in(client, db):
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code in {200, 503}


def test_a_page_and_its_fragment_are_kept_apart(client, db):
    answer = client.get("/accounts/login/")
    assert "HX-Request" in answer["Vary"]
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("asked", ["x", "999999", "9" * 5000, "²"])
def test_a_refusal_is_a_page_whatever_cycle_is_asked_for(cast, sign_in, asked):
    company = cast.objective(team=cast.company, level="company")
    path = cast.url(f"objectives/{company.pk}/edit/?cycle={asked}")
    assert sign_in(cast.member).get(path).status_code == 403
    assert sign_in(cast.stranger).get(path).status_code == 404


def test_the_frame_says_what_is_owed_and_which_cycles_there_are_as_the_rules_do(cast):
    mine, proposed = cast.objective(), cast.objective(state="proposed")
    of_mine, of_theirs = mine.key_results.all()
    KeyResult.objects.filter(pk=of_mine.pk).update(owner=None)
    KeyResult.objects.filter(pk=of_theirs.pk).update(owner=cast.colleague)
    ObjectiveShare.objects.create(objective=mine, membership=cast.partner)
    KeyResult.objects.filter(objective=proposed).update(owner=cast.partner)
    owed = set()
    for person in (cast.admin, cast.executive, cast.manager, cast.member, cast.colleague, cast.partner):
        frame = read_frame(person)
        assert frame.owed == KeyResult.objects.owed_by(person).count()
        assert frame.cycles == list(Cycle.objects.visible_to(person))
        owed.add(frame.owed)
    assert owed >= {0, 1}


def test_the_frame_is_written_for_each_person_anew(cast, sign_in):
    pages = {
        person: sign_in(person).get(cast.url("cycles/?from=<b>&x")).content.decode()
        for person in (cast.member, cast.colleague)
    }
    tokens = set()
    for person, page in pages.items():
        assert f"<b>{person.user.name}</b>" in page
        assert 'name="next" value="/o/hokuto/cycles/?from=%3Cb%3E&amp;x"' in page
        tokens |= set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
    assert all(len(token) == 64 for token in tokens)
    assert len(tokens) >= 2


def test_a_write_in_between_is_seen_by_the_frame(cast, sign_in, rf):
    objective = cast.objective()
    request = rf.post("/")
    request.membership = cast.member
    owed = masthead(request)["owed_count"]
    for key_result in objective.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(40))
    assert masthead(request)["owed_count"] < owed
