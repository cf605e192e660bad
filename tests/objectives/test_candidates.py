"""Choosing a partner: candidates compared by what they ask, each rater's own impression, the decision and after it."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from funnel.models import Candidate, CandidateRating, CandidateState
from objectives.formulas.candidates import CODES, FEWEST, NO, PROMPTS, WARNING, YES, standing
from objectives.sentences.candidates import WORDINGS
from objectives.services.candidates import (
    add_candidate,
    connect_candidate,
    decide_candidate,
    rate_candidate,
    reopen_candidate,
    save_candidate,
)
from people.models import Membership
from people.refusals import Refusal

GOOD = {"unit_price": 2, "main_target": 2, "profit": 2, "delivery": 1, "business": 2}
POOR = {"unit_price": 0, "main_target": 0, "profit": 0, "delivery": 0, "price_only": 2}


def considered(cast, name="はたけ広告社", **fields):
    return add_candidate(Candidate(name=name, **fields), by=cast.manager)[0]


def rate(candidate, by, answers=GOOD, **more):
    return rate_candidate(candidate, by=by, answers=answers, notes=more.pop("notes", {}), **more)


def at(cast, candidate, path=""):
    return cast.url(f"partners/candidates/{candidate.pk}/{path}")


def sheet(answers=GOOD, **more):
    return {f"answer_{code}": str(answer) for code, answer in answers.items()} | {"version": "0"} | more


def refused(code, act, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    assert caught.value.code == code


# What several answers come to

ANSWERS = st.dictionaries(st.sampled_from(sorted(CODES)), st.integers(0, 2))


@given(st.lists(ANSWERS, max_size=5))
def test_a_share_lies_between_nothing_and_all_and_is_silent_while_too_little_is_known(ratings):
    found = standing(ratings)
    known = set().union(*ratings) if ratings else set()
    assert (found.share is None) == (len(known) < FEWEST)
    assert found.share is None or 0 <= found.share <= 1
    assert 0 <= found.points <= found.possible
    assert found.asked <= found.askable <= 4
    assert found.raters == sum(bool(each) for each in ratings)


@given(st.lists(ANSWERS, min_size=1, max_size=4), st.sampled_from([each.code for each in PROMPTS]))
def test_a_yes_in_place_of_a_no_never_lowers_the_share_unless_it_is_a_warning_sign(ratings, code):
    warned = next(each.group == WARNING for each in PROMPTS if each.code == code)
    no, yes = (standing([{**ratings[0], code: answer}, *ratings[1:]]) for answer in (NO, YES))
    if no.share is not None:
        assert no.share == yes.share if warned else no.share <= yes.share
    assert len(no.warnings) <= len(yes.warnings)


@given(st.lists(ANSWERS, max_size=5), st.randoms())
def test_the_order_of_the_raters_does_not_count(ratings, random):
    shuffled = random.sample(ratings, len(ratings))
    one, other = standing(ratings), standing(shuffled)
    assert (one.share, one.asked, one.raters) == (other.share, other.asked, other.raters)
    assert [each.prompt for each in one.disputed] == [each.prompt for each in other.disputed]


def test_every_prompt_is_worded():
    assert set(WORDINGS) == CODES


# Writing candidates


def test_who_plans_adds_a_candidate_once_however_often_the_form_is_sent(cast, sign_in):
    client = sign_in(cast.manager)
    address = cast.url("partners/candidates/new/")
    sent = {"name": "  はたけ\n広告社 ", "purpose": "問い合わせ", "note": "展示会", "submission_key": uuid.uuid4()}
    pages = {client.post(address, sent).url for _twice in range(2)}
    made = Candidate.objects.get()
    assert pages == {at(cast, made)}
    assert (made.name, made.created_by, made.state) == ("はたけ 広告社", cast.manager, CandidateState.OPEN)


def test_a_candidate_without_a_name_is_refused_beside_the_field(cast, sign_in):
    answer = sign_in(cast.manager).post(cast.url("partners/candidates/new/"), {"name": " ", "note": "残る言葉"})
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert "残る言葉" in answer.content.decode()
    refused("name_missing", add_candidate, Candidate(name="　"), by=cast.manager)
    assert not Candidate.objects.exists()


def test_a_changed_candidate_is_written_and_a_stale_one_is_not(cast, sign_in):
    made, client = considered(cast), sign_in(cast.executive)
    sent = {"name": "はたけ", "purpose": "", "note": "", "version": 1}
    assert [client.post(at(cast, made, "edit/"), sent).status_code for _twice in range(2)] == [302, 302]
    stale = client.post(at(cast, made, "edit/"), sent | {"name": "別の名前"})
    assert stale.status_code == 422
    made.refresh_from_db()
    assert (made.name, made.version) == ("はたけ", 2)


# Rating


def test_everybody_inside_writes_their_own_sheet_and_it_is_kept_once(cast, sign_in):
    made = considered(cast)
    for person in (cast.member, cast.colleague):
        client = sign_in(person)
        sent = sheet(note_profit="粗利を\u3000聞かれた", questions="月額は？\n利益は？", impression="よく聞く人")
        for _twice in range(2):
            assert client.post(at(cast, made, "rate/"), sent).status_code == 302
    mine = CandidateRating.objects.get(membership=cast.member)
    assert (mine.answers, mine.version) == (GOOD, 1)
    assert mine.notes == {"profit": "粗利を 聞かれた"}
    assert mine.questions.split() == ["月額は？", "利益は？"]
    assert made.ratings.count() == 2


def test_a_sheet_changes_only_its_writers_own_row(cast, sign_in):
    made = considered(cast)
    others = rate(made, cast.colleague)
    sign_in(cast.member).post(at(cast, made, "rate/"), sheet(POOR, membership=cast.colleague.pk))
    others.refresh_from_db()
    assert others.answers == GOOD
    assert made.ratings.get(membership=cast.member).answers == POOR


def test_an_answer_that_is_none_is_refused_and_what_was_typed_stays(cast, sign_in):
    made = considered(cast)
    for wrong in ({"answer_profit": "3"}, {"answer_profit": "はい"}, {"note_profit": "長" * 301}, {"questions": "\0"}):
        answer = sign_in(cast.member).post(at(cast, made, "rate/"), sheet(impression="残る印象") | wrong)
        assert answer.status_code == 422
        assert "残る印象" in answer.content.decode()
    refused("unknown_answer", rate, made, cast.member, {"profit": 3})
    refused("unknown_answer", rate, made, cast.member, {"profit": True})
    refused("unknown_answer", rate, made, cast.member, {"likes": 2})
    refused("unknown_answer", rate, made, cast.member, notes={"likes": "x"})
    refused("partner", rate, made, cast.partner)
    assert not CandidateRating.objects.exists()


def test_a_sheet_written_in_another_window_meanwhile_is_not_written_over(cast, sign_in):
    made, client = considered(cast), sign_in(cast.member)
    client.post(at(cast, made, "rate/"), sheet())
    late = client.post(at(cast, made, "rate/"), sheet(POOR))
    assert late.status_code == 422
    assert made.ratings.get().answers == GOOD
    again = sheet(POOR, version=late.context["form"]["version"].value())
    assert client.post(at(cast, made, "rate/"), again).status_code == 302
    assert made.ratings.get().answers == POOR


@pytest.mark.parametrize("path", ["", "{pk}/", "?download=csv", "?sort=understanding"])
def test_what_others_noticed_is_shown_once_ones_own_sheet_is_written(cast, sign_in, path):
    made = considered(cast)
    rate(made, cast.colleague, POOR, notes={"price_only": "隠れた言葉"}, questions="隠れた質問")
    address = cast.url("partners/candidates/" + path.format(pk=made.pk))
    client = sign_in(cast.member)
    told = "" if path else "注意したい点1件"
    before = client.get(address, headers={"accept-language": "ja"}).content.decode()
    for word in ("隠れた言葉", "隠れた質問", "注意したい点1件"):
        assert word not in before
    assert "10%" not in before
    rate(made, cast.member, {})
    after = client.get(address, headers={"accept-language": "ja"}).content.decode()
    assert after != before
    assert told in after
    if path == "{pk}/":
        assert "隠れた言葉" in after
        assert "隠れた質問" in after


def test_once_it_is_decided_everybody_inside_reads_all_and_nobody_writes(cast, sign_in):
    made = considered(cast)
    rate(made, cast.colleague, POOR, notes={"price_only": "見積もりだけ"})
    decide_candidate(made, state="declined", reason="質問がなかった", by=cast.manager)
    client = sign_in(cast.member)
    assert "見積もりだけ" in client.get(at(cast, made)).content.decode()
    assert client.get(at(cast, made, "rate/")).status_code == 302
    answer = client.post(at(cast, made, "rate/"), sheet(impression="遅れた印象"))
    assert answer.status_code == 422
    assert "遅れた印象" in answer.content.decode()
    refused("decided", rate, made, cast.member)
    reopen_candidate(made, by=cast.manager)
    assert rate(made, cast.member).version == 1


def test_a_person_who_left_keeps_what_they_noticed(cast, sign_in):
    made = considered(cast)
    rate(made, cast.colleague, notes={"profit": "去った人の言葉"})
    rate(made, cast.manager, {})
    Membership.objects.filter(pk=cast.colleague.pk).update(left_on=cast.organization.today)
    page = sign_in(cast.manager).get(at(cast, made)).content.decode()
    assert "去った人の言葉" in page
    assert cast.colleague.user.name in page


# Deciding


def test_a_decision_is_made_repeated_changed_and_taken_back(cast, sign_in):
    made, client = considered(cast), sign_in(cast.manager)
    no_reason = client.post(at(cast, made, "decide/"), {"state": "declined", "reason": " ", "version": 1})
    assert no_reason.status_code == 422
    assert "reason" in no_reason.context["decide"].errors
    assert client.post(at(cast, made, "decide/"), {"state": "maybe", "version": 1}).status_code == 422
    sent = {"state": "declined", "reason": "質問がない", "version": 1}
    assert [client.post(at(cast, made, "decide/"), sent).status_code for _twice in range(2)] == [302, 302]
    made.refresh_from_db()
    assert (made.state, made.reason, made.decided_by, made.version) == ("declined", "質問がない", cast.manager, 2)
    assert client.post(at(cast, made, "decide/"), {"state": "chosen", "version": 1}).status_code == 422
    assert client.post(at(cast, made, "decide/"), {"act": "reopen", "version": 1}).status_code == 422
    for _twice in range(2):
        assert client.post(at(cast, made, "decide/"), {"act": "reopen", "version": 2}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.reason, made.decided_by, made.version) == ("open", "", None, 3)
    refused("unknown_state", decide_candidate, made, state="open", reason="", by=cast.manager)


def test_a_chosen_company_is_connected_with_a_partner_whose_page_leads_back(cast, sign_in):
    made, client = considered(cast, name="選んだ会社"), sign_in(cast.manager)
    refused("not_chosen", connect_candidate, made, partner=cast.partner, by=cast.manager)
    decide_candidate(made, state="chosen", reason="", by=cast.manager)
    for stranger in (cast.member, cast.stranger):
        assert client.post(at(cast, made, "connect/"), {"partner": stranger.pk, "version": 2}).status_code == 422
        refused("not_a_partner", connect_candidate, made, partner=stranger, by=cast.manager)
    for _twice in range(2):
        assert client.post(at(cast, made, "connect/"), {"partner": cast.partner.pk, "version": 2}).status_code == 302
    made.refresh_from_db()
    assert (made.membership, made.version) == (cast.partner, 3)
    page = client.get(cast.url(f"partners/{cast.partner.pk}/")).content.decode()
    assert at(cast, made) in page
    assert client.post(at(cast, made, "connect/"), {"partner": "", "version": 2}).status_code == 422
    assert client.post(at(cast, made, "connect/"), {"partner": "", "version": 3}).status_code == 302
    made.refresh_from_db()
    assert made.membership is None


def test_a_partner_who_has_left_is_nobody_to_be_connected_with(cast):
    made = considered(cast)
    decide_candidate(made, state="chosen", reason="", by=cast.manager)
    Membership.objects.filter(pk=cast.partner.pk).update(left_on=cast.organization.today)
    refused("not_a_partner", connect_candidate, made, partner=cast.partner, by=cast.manager)


def test_the_way_to_an_invitation_brings_role_and_name_along(cast, sign_in):
    made, client = considered(cast, name="A&B 広告"), sign_in(cast.admin)
    decide_candidate(made, state="chosen", reason="", by=cast.admin)
    assert "settings/invitations/?role=partner&amp;name=A%26B%20" in client.get(at(cast, made)).content.decode()
    form = client.get(cast.url("settings/invitations/"), {"role": "partner", "name": made.name}).context["one"]
    assert (form["role"].value(), form["name"].value()) == ("partner", made.name)
    form = client.get(cast.url("settings/invitations/"), {"role": "owner", "name": "\0"}).context["one"]
    assert (form["role"].value(), form["name"].value()) == ("member", None)


# Who may


def test_members_read_and_rate_but_do_not_add_change_or_decide(cast, sign_in):
    made, client = considered(cast), sign_in(cast.member)
    for path in ("new/", f"{made.pk}/edit/"):
        assert client.get(cast.url(f"partners/candidates/{path}")).status_code == 403
        assert client.post(cast.url(f"partners/candidates/{path}"), {"name": "x"}).status_code == 403
    for path in ("decide/", "connect/"):
        assert client.post(at(cast, made, path), {"version": 1}).status_code == 403
    for path in ("", "sheet/", f"{made.pk}/", f"{made.pk}/rate/", f"{made.pk}/changes/"):
        assert client.get(cast.url(f"partners/candidates/{path}")).status_code == 200


def test_partners_and_strangers_find_nothing_of_it_anywhere(cast, sign_in):
    made = considered(cast, name="秘密の候補")
    rate(made, cast.manager)
    decide_candidate(made, state="chosen", reason="", by=cast.manager)
    connect_candidate(made, partner=cast.partner, by=cast.manager)
    of_one = (f"{made.pk}/{part}" for part in ("", "edit/", "rate/", "changes/"))
    read = ("", "?download=csv", "new/", "sheet/", *of_one)
    for person in (cast.partner, cast.stranger):
        client = sign_in(person)
        assert {client.get(cast.url(f"partners/candidates/{path}")).status_code for path in read} == {404}
        acts = ("edit/", "rate/", "decide/", "connect/")
        assert {client.post(at(cast, made, path), {"version": 1}).status_code for path in acts} == {404}
    client = sign_in(cast.partner)
    for path in ("room/", "search/?q=秘密", "", "settings/"):
        assert "秘密の候補" not in client.get(cast.url(path), follow=True).content.decode()
    assert not Candidate.objects.visible_to(cast.partner).exists()
    assert not CandidateRating.objects.visible_to(cast.partner).exists()


def test_one_organization_finds_nothing_of_anothers_candidates(cast, sign_in):
    theirs = add_candidate(Candidate(name="よその候補"), by=cast.stranger)[0]
    client = sign_in(cast.manager)
    assert client.get(at(cast, theirs)).status_code == 404
    assert "よその候補" not in client.get(cast.url("partners/candidates/")).content.decode()
    again = Candidate(name="x", submission_key=theirs.submission_key)
    refused("submission_key_used", add_candidate, again, by=cast.admin)


# The list


def names(answer):
    return [row.candidate.name for row in answer.context["page"]]


def test_the_list_is_searched_and_sorted_and_keeps_what_is_hidden_out_of_its_order(cast, sign_in):
    poor, good = considered(cast, "ぽ社"), considered(cast, "ぐ社", purpose="ＳＮＳの運用")
    hidden, gone = considered(cast, "か社"), considered(cast, "決まった社")
    rate(poor, cast.manager, POOR)
    rate(good, cast.manager, GOOD)
    rate(hidden, cast.member, dict.fromkeys(CODES, YES))
    decide_candidate(gone, state="declined", reason="遠い", by=cast.manager)
    client, address = sign_in(cast.manager), cast.url("partners/candidates/")
    assert names(client.get(address)) == ["か社", "ぐ社", "ぽ社", "決まった社"]
    assert names(client.get(address, {"sort": "understanding"})) == ["ぐ社", "ぽ社", "か社", "決まった社"]
    assert names(client.get(address, {"sort": "warnings"})) == ["ぐ社", "ぽ社", "か社", "決まった社"]
    assert names(client.get(address, {"sort": "name"}))[0] == "か社"
    assert names(client.get(address, {"q": "sns"})) == ["ぐ社"]
    assert names(client.get(address, {"q": "どこにもない"})) == []
    assert client.get(address, {"q": "\0", "sort": "x", "page": "²"}).status_code == 200
    part = client.get(address, headers={"hx-request": "true", "hx-target": "rows"}).content.decode()
    assert "<html" not in part


def test_the_file_says_what_the_reader_may_know_and_runs_nothing(cast, sign_in):
    rate(considered(cast, "=1+1"), cast.manager, POOR)
    hidden = considered(cast, "か社")
    rate(hidden, cast.member, GOOD)
    answer = sign_in(cast.manager).get(cast.url("partners/candidates/?download=csv"))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("か社,")
    assert lines[1].rstrip(",").endswith(",1")
    assert lines[2].startswith("'=1+1,")
    assert len({line.count(",") for line in lines}) == 1


def test_the_first_page_teaches_and_offers_the_sheet(cast, sign_in):
    page = sign_in(cast.member).get(cast.url("partners/candidates/")).content.decode()
    assert cast.url("partners/candidates/sheet/") in page
    assert cast.url("partners/candidates/new/") not in page
    assert cast.url("partners/candidates/") in sign_in(cast.member).get(cast.url("partners/")).content.decode()


def test_lists_and_pages_cost_the_same_however_many_rate(cast, sign_in, django_assert_max_num_queries):
    made = considered(cast)
    client = sign_in(cast.manager)
    rate(made, cast.manager)
    counts = []
    for number in range(2):
        for path in ("", f"{made.pk}/"):
            cache.clear()
            with django_assert_max_num_queries(20) as asked:
                assert client.get(cast.url(f"partners/candidates/{path}")).status_code == 200
            counts.append(len(asked))
        for each in (cast.member, cast.colleague, cast.executive, cast.admin):
            rate(made, each, POOR, notes={"profit": "x"})
            rate(considered(cast, f"社 {number} {each.pk}"), each)
    assert counts[:2] == counts[2:]


def test_the_history_of_a_candidate_tells_its_changes_and_no_ratings(cast, sign_in):
    made = considered(cast)
    rate(made, cast.colleague, POOR, notes={"profit": "隠れた言葉"})
    save_candidate(Candidate.objects.get(pk=made.pk), by=cast.manager)
    decide_candidate(made, state="declined", reason="遠すぎる", by=cast.manager)
    page = sign_in(cast.member).get(at(cast, made, "changes/")).content.decode()
    assert "遠すぎる" in page
    assert "隠れた言葉" not in page


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_send_ones_first_sheet_at_once_leave_one(cast):
    from django.db import connection

    made, said = considered(cast), []

    def send(answers):
        try:
            rate(made, cast.member, answers, expected_version=0)
            said.append("kept")
        except Refusal as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(answers,)) for answers in (GOOD, POOR)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["kept", "stale"]
    assert made.ratings.count() == 1


# Other programs


def test_a_program_adds_rates_and_decides_and_learns_no_more_than_its_person(cast, sign_in):
    client, place = sign_in(cast.manager), "/api/v1/o/hokuto/candidates/"
    key = str(uuid.uuid4())
    send = {"content_type": "application/json"}
    made = [client.post(place, {"name": "はたけ", "submission_key": key}, **send).json() for _twice in range(2)]
    assert made[0]["id"] == made[1]["id"]
    one = f"{place}{made[0]['id']}/"
    rate(Candidate.objects.get(), cast.colleague, POOR, notes={"profit": "隠れた言葉"})
    hidden = client.get(one)
    assert (hidden.json()["standing"], hidden.json()["ratings"]) == (None, None)
    assert "隠れた言葉" not in client.get(place).content.decode()
    assert client.post(f"{one}rate/", {"answers": {"profit": 5}}, **send).status_code == 400
    assert client.post(f"{one}rate/", {"answers": {"likes": 2}}, **send).json()["code"] == "unknown_answer"
    told = client.post(f"{one}rate/", {"answers": GOOD, "version": 0}, **send).json()
    assert told["standing"]["raters"] == len(told["ratings"]) == 2
    assert set(told["standing"]["disputed"]) == {"unit_price", "main_target", "profit"}
    assert client.post(f"{one}rate/", {"answers": POOR, "version": 0}, **send).status_code == 409
    assert client.patch(one, {"state": "declined"}, **send).json()["code"] == "reason_missing"
    assert client.patch(one, {"reason": "遠い"}, **send).json()["code"] == "unknown_state"
    chosen = client.patch(one, {"state": "chosen", "partner": cast.partner.pk}, **send).json()
    assert (chosen["state"], chosen["partner"]) == ("chosen", cast.partner.pk)
    assert client.post(f"{one}rate/", {"answers": POOR}, **send).json()["code"] == "decided"
    assert client.patch(one, {"partner": cast.member.pk}, **send).status_code == 400
    assert sign_in(cast.member).patch(one, {"name": "x"}, **send).status_code == 403
    partner = sign_in(cast.partner)
    assert partner.get(place).json()["count"] == 0
    assert partner.get(one).status_code == 404
    assert partner.post(f"{one}rate/", {"answers": GOOD}, **send).status_code == 404
