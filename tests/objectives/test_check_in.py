"""Reporting on one key result: the form, its preview, corrections and the record."""

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import CheckIn, KeyResult, ObjectiveShare, Step
from people.models import Cadence
from people.refusals import Refusal
from tests.cast import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(cast, sign_in, move_clock):
    """An active objective of sales, with the member at the desk, in English."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.goal = cast.objective(key_results=2)
    cast.measured = cast.goal.key_results.first()
    move_clock(NOW)
    cast.client = sign_in(cast.member, language="en")
    return cast


def address(cast, key_result=None, query="") -> str:
    return cast.url(f"key-results/{(key_result or cast.measured).pk}/check-ins/{query}")


def sent(value="12", **more):
    return {"value": value, "date": "2026-05-20", "submission_key": str(uuid.uuid4())} | more


def report(cast, value, day=None, key_result=None, **said):
    key_result = KeyResult.objects.get(pk=(key_result or cast.measured).pk)
    return services.record_check_in(key_result, author=cast.member, value=Decimal(value), date=day, **said)[0]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def preview(cast, value, key_result=None, **more):
    return cast.client.get(address(cast, key_result), {"preview": "1", "value": value} | more, headers=HTMX)


def another(cast, kind, **fields):
    key_result = cast.key_result(cast.goal, kind=kind, title="もう一つ", **fields)
    return KeyResult.objects.get(pk=key_result.pk)


# Saving


def test_a_check_in_is_saved_and_leads_back_to_its_record(desk):
    form = sent("４０．５", confidence="7", going_well="朝の動画", obstacle="人手", next_step="撮影")
    answer = desk.client.post(address(desk), form, follow=True)
    saved = CheckIn.objects.get()
    assert answer.redirect_chain == [(address(desk, query=f"?saved={saved.pk}"), 302)]
    assert f"Saved: “{desk.measured.title}”." in answer.content.decode()
    assert (saved.value, saved.confidence, saved.author) == (Decimal("40.5"), 7, desk.member)
    assert (saved.going_well, saved.obstacle, saved.next_step) == ("朝の動画", "人手", "撮影")
    assert "1 check-in so far" in answer.content.decode()


def test_what_was_in_the_way_is_listed_only_where_something_was(desk):
    assert "Was in the way" not in text_of(desk.client.get(address(desk)))
    report(desk, 12, obstacle="人手が足りない")
    assert "Was in the way Solved? 人手が足りない" in text_of(desk.client.get(address(desk)))


def test_the_score_is_new_at_once(desk):
    desk.client.post(address(desk), sent("40"))
    assert KeyResult.objects.get(pk=desk.measured.pk).scored.progress == pytest.approx(0.4)


def test_confidence_and_words_may_be_left_out(desk):
    assert desk.client.post(address(desk), sent("40")).status_code == 302
    assert CheckIn.objects.get().confidence is None


def test_a_key_result_that_went_meanwhile_is_refused_in_words(desk):
    seen = KeyResult.objects.get(pk=desk.measured.pk)
    KeyResult.objects.filter(pk=seen.pk).delete()
    with pytest.raises(Refusal) as refused:
        services.record_check_in(seen, author=desk.member, value=Decimal(40))
    assert refused.value.code == "gone"


def test_sending_a_form_twice_saves_it_once(desk):
    form = sent("40")
    answers = [desk.client.post(address(desk), form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert CheckIn.objects.count() == 1


def test_a_milestone_is_reported_by_ticking_its_steps(desk):
    steps = [Step(title="棚卸し"), Step(title="案", weight=Decimal(3))]
    milestone = another(desk, "milestone", steps=steps, start_value=None, target_value=None)
    first = milestone.steps.first()
    form = sent() | {"steps_done": [first.pk]}
    del form["value"]
    assert desk.client.post(address(desk, milestone), form).status_code == 302
    assert KeyResult.objects.get(pk=milestone.pk).scored.progress == pytest.approx(0.25)
    page = desk.client.get(address(desk, milestone)).content.decode()
    assert re.search(rf'value="{first.pk}"[^>]*checked', page)
    assert "1 step done" in page


# Refusing


@pytest.mark.parametrize("typed", ["", "abc", "NaN", "∞", "1_000", "1e999", "9" * 99, "45%", "1,2,3", "\x00", "12人"])
def test_a_value_that_is_no_number_is_refused_with_all_that_was_typed(desk, typed):
    answer = desk.client.post(address(desk), sent(typed, confidence="4", obstacle="人が足りない"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "人が足りない" in page
    assert re.search(r'value="4"[^>]*checked', page)
    assert 'aria-invalid="true"' in page
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-05-21", "This day has not come yet."),
        ("2026-04-05", "This day lies outside the cycle."),
        ("yesterday", "Enter a valid date."),
        ("", "This field is required."),
        ("99999-01-01", "Enter a valid date."),
    ],
)
def test_a_day_that_cannot_be_is_refused_beside_its_field(desk, day, sentence):
    answer = desk.client.post(address(desk), sent(date=day))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("confidence", ["11", "-1", "3.5", "x"])
def test_a_confidence_outside_0_to_10_is_refused(desk, confidence):
    answer = desk.client.post(address(desk), sent(confidence=confidence))
    assert answer.status_code == 422
    assert "Confidence is a whole number from 0 to 10." in answer.content.decode()


def test_words_too_long_are_refused_and_kept(desk):
    answer = desk.client.post(address(desk), sent(obstacle="長" * 2001))
    assert answer.status_code == 422
    assert "長" * 2001 in answer.content.decode()


def test_a_submission_key_that_is_none_is_refused(desk):
    assert desk.client.post(address(desk), sent(submission_key="again")).status_code == 422


def test_a_foreign_step_is_refused(desk):
    steps = [Step(title="棚卸し")]
    milestone = another(desk, "milestone", steps=steps, start_value=None, target_value=None)
    answer = desk.client.post(address(desk, milestone), sent() | {"steps_done": ["999999"]})
    assert answer.status_code == 422
    assert "One of these steps no longer exists." in answer.content.decode()


def test_a_closed_cycle_takes_no_check_in_and_says_so(desk):
    services.change_cycle_state(desk.cycle, to="closed", by=desk.admin)
    sentence = "This cycle is closed. Check-ins are no longer taken."
    page = desk.client.get(address(desk))
    assert sentence in page.content.decode()
    assert 'name="value"' not in page.content.decode()
    answer = desk.client.post(address(desk), sent("40", obstacle="まだ書ける"))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "まだ書ける" in answer.content.decode()


def test_a_draft_takes_no_check_in_yet(desk):
    draft = desk.objective(state="draft")
    key_result = draft.key_results.first()
    sentence = "This objective is not active yet. Check-ins begin when it is."
    assert sentence in desk.client.get(address(desk, key_result)).content.decode()
    answer = desk.client.post(address(desk, key_result), sent())
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_reader_sees_the_record_and_may_not_write(desk, sign_in):
    report(desk, 10, obstacle="人手")
    reader = sign_in(desk.colleague, language="en")
    page = reader.get(address(desk))
    assert page.status_code == 200
    assert "人手" in page.content.decode()
    assert 'name="value"' not in page.content.decode()
    assert reader.post(address(desk), sent()).status_code == 403
    assert reader.get(address(desk), {"preview": "1", "value": "3"}).status_code == 403


def test_a_partner_writes_where_the_share_says_so(desk, sign_in):
    partner = sign_in(desk.partner)
    assert partner.get(address(desk)).status_code == 404
    share = ObjectiveShare.objects.create(objective=desk.goal, membership=desk.partner, may_write=False)
    assert partner.get(address(desk)).status_code == 200
    assert partner.post(address(desk), sent()).status_code == 403
    share.may_write = True
    share.save()
    assert partner.post(address(desk), sent()).status_code == 302


def test_a_stranger_finds_nothing(desk, sign_in):
    stranger = sign_in(desk.stranger)
    assert stranger.get(address(desk)).status_code == 404
    assert stranger.post(address(desk), sent()).status_code == 404


def test_a_key_result_that_is_not_there_is_not_found(desk):
    assert desk.client.get(desk.url("key-results/999999/check-ins/")).status_code == 404
    assert desk.client.get(desk.url(f"key-results/{'9' * 18}/check-ins/")).status_code == 404


# Correcting


def test_a_correction_opens_with_what_was_said(desk):
    wrong = report(desk, 720, date(2026, 5, 13), confidence=6, next_step="撮影する")
    page = desk.client.get(address(desk, query=f"?corrects={wrong.pk}")).content.decode()
    assert 'value="720"' in page
    assert 'value="2026-05-13"' in page
    assert "撮影する" in page
    assert "You are correcting the check-in of Wed 13 May." in page


def test_a_corrected_check_in_stays_visible_and_counts_no_more(desk):
    wrong = report(desk, 720, date(2026, 5, 13))
    form = sent("72", date="2026-05-13", corrects=str(wrong.pk))
    assert desk.client.post(address(desk), form).status_code == 302
    assert KeyResult.objects.get(pk=desk.measured.pk).scored.progress == pytest.approx(0.72)
    page = desk.client.get(address(desk)).content.decode()
    assert re.search(r"<s>\s*720", page)
    assert "it no longer counts" in page


def test_correcting_what_was_corrected_leads_to_the_newer_one(desk):
    wrong = report(desk, 720)
    right = report(desk, 72, corrects=wrong)
    answer = desk.client.get(address(desk, query=f"?corrects={wrong.pk}"))
    assert answer.status_code == 302
    assert answer["Location"] == address(desk, query=f"?corrects={right.pk}")
    from_week = desk.client.get(address(desk, query=f"?corrects={wrong.pk}&from=week"))
    assert from_week["Location"] == address(desk, query=f"?corrects={right.pk}&from=week")
    again = desk.client.post(address(desk), sent("71", corrects=str(wrong.pk)))
    assert again.status_code == 422
    assert "has been corrected already" in again.content.decode()


def test_a_preview_that_comes_after_the_correction_leads_nowhere(desk):
    """Followed to the newer check-in, the browser would leave the way that saving had begun."""
    wrong = report(desk, 27)
    report(desk, 72, corrects=wrong)
    answer = desk.client.get(address(desk), {"corrects": wrong.pk, "preview": "1", "value": "72"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("nonsense", ["0", "x", "９", "9" * 40, "-3"])
def test_a_correction_of_nothing_is_not_found(desk, nonsense):
    assert desk.client.get(address(desk), {"corrects": nonsense}).status_code == 404
    assert desk.client.post(address(desk), sent(corrects=nonsense)).status_code == 404


def test_a_check_in_of_another_key_result_cannot_be_corrected_here(desk):
    other = desk.goal.key_results.last()
    elsewhere = report(desk, 5, key_result=other)
    assert desk.client.get(address(desk), {"corrects": elsewhere.pk}).status_code == 404


# Preview


def test_the_preview_says_what_the_value_would_do_and_saves_nothing(desk):
    report(desk, 29, date(2026, 5, 13))
    answer = preview(desk, "30")
    words = text_of(answer)
    assert answer.status_code == 200
    assert "+1件 on last time." in words.replace("1 件", "1件")
    assert "Progress 0.29 → 0.30." in words
    assert "With this value" in words
    assert "0.61 In band" in words
    assert CheckIn.objects.count() == 1


def test_the_preview_reads_back_what_was_typed_in_words(desk):
    assert "Read as 3,200" in text_of(preview(desk, "３，２００"))


def test_the_preview_says_gently_what_is_no_number(desk):
    answer = preview(desk, "abc")
    assert answer.status_code == 200
    assert "This is not a number" in text_of(answer)


def test_an_empty_preview_is_silent(desk):
    words = text_of(preview(desk, ""))
    assert "With this value" not in words
    assert "number" not in words


def test_a_wild_jump_is_questioned_with_what_was_likely_meant(desk):
    report(desk, 29, date(2026, 5, 13))
    asked = preview(desk, "300")
    assert "You typed 300 件. Did you mean 30 件?" in text_of(asked).replace("300件", "300 件").replace("30件", "30 件")
    assert 'data-fill="30"' in asked.content.decode()
    assert "Did you mean" not in text_of(preview(desk, "32"))


@pytest.mark.parametrize("way", ["week", ""])
def test_a_slip_that_was_saved_comes_back_as_a_question_and_is_mended_in_one_step(desk, way):
    report(desk, 29, date(2026, 5, 13))
    form = sent("300", confidence="6", next_step="撮影") | {"from": way}
    page = desk.client.post(address(desk), form, follow=True).content.decode()
    assert "Did you mean" in page
    question = page.split('id="just-saved"')[1].split("</form>")[0]
    mended = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', question))
    del mended["csrfmiddlewaretoken"]
    assert desk.client.post(address(desk), mended).status_code == 302
    wrong, right = CheckIn.objects.order_by("pk")[1:]
    assert (wrong.value, right.value, right.corrects_id) == (300, 30, wrong.pk)
    assert (right.confidence, right.next_step) == (6, "撮影")
    assert "Did you mean" not in desk.client.get(address(desk), {"saved": wrong.pk}).content.decode()


def test_nobody_else_is_asked_about_what_somebody_saved(desk, sign_in):
    report(desk, 29, date(2026, 5, 13))
    slip = report(desk, 300)
    assert "Did you mean" in desk.client.get(address(desk), {"saved": slip.pk}).content.decode()
    manager = sign_in(desk.manager, language="en")
    assert "Did you mean" not in manager.get(address(desk), {"saved": slip.pk}).content.decode()


def test_what_was_kept_without_a_connection_is_sent_once_and_answered_briefly(desk):
    form = sent("40") | {"from": "kept", "person": str(desk.member.pk)}
    answers = [desk.client.post(address(desk), form) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert CheckIn.objects.count() == 1


def test_what_was_kept_and_is_refused_later_says_why_in_a_sentence(desk):
    services.change_cycle_state(desk.cycle, to="closed", by=desk.admin)
    answer = desk.client.post(address(desk), sent("40") | {"from": "kept", "person": str(desk.member.pk)})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "This cycle is closed. Check-ins are no longer taken."


def test_what_somebody_kept_is_not_sent_in_the_name_of_who_came_after(desk, sign_in):
    form = sent("40") | {"from": "kept", "person": str(desk.member.pk)}
    assert sign_in(desk.admin).post(address(desk), form).status_code == 403
    assert CheckIn.objects.count() == 0


def test_other_words_sent_again_under_the_same_key_are_not_lost_in_silence(desk):
    first = sent("40")
    desk.client.post(address(desk), first)
    again = desk.client.post(address(desk), first | {"value": "41"}, follow=True).content.decode()
    assert "It had arrived before; what you changed since can be corrected." in again
    assert CheckIn.objects.get().value == 40


def test_only_who_reported_before_is_asked_for_what_came_since(desk):
    customers = another(desk, "cumulative", target_value=Decimal(30))
    first = text_of(desk.client.get(address(desk, customers)))
    assert "Added since the cycle began" in first
    assert "Everything since the cycle began; 0 is an answer too." in first
    report(desk, 4, date(2026, 5, 13), key_result=customers)
    next_time = text_of(desk.client.get(address(desk, customers)))
    assert "Added since 13 May" in next_time
    assert "Only what came on top; 0 is an answer too." in next_time
    assert "since the cycle began" not in next_time


def test_a_total_typed_where_only_the_rest_is_asked_is_questioned(desk):
    customers = another(desk, "cumulative", target_value=Decimal(30))
    report(desk, 8, date(2026, 5, 13), key_result=customers)
    assert "Is it only what was added?" in text_of(preview(desk, "31", customers))


def test_the_preview_of_a_correction_leaves_the_corrected_one_out(desk):
    customers = another(desk, "cumulative", target_value=Decimal(30))
    report(desk, 8, date(2026, 5, 6), key_result=customers)
    wrong = report(desk, 20, date(2026, 5, 13), key_result=customers)
    words = text_of(preview(desk, "4", customers, corrects=str(wrong.pk), date="2026-05-13"))
    assert "→ 0.40." in words


def test_the_preview_of_a_milestone_follows_the_ticks(desk):
    steps = [Step(title="棚卸し"), Step(title="案")]
    milestone = another(desk, "milestone", steps=steps, start_value=None, target_value=None)
    answer = desk.client.get(
        address(desk, milestone), {"preview": "1", "steps_done": milestone.steps.first().pk}, headers=HTMX
    )
    assert "Progress 0.50." in text_of(answer)


def test_the_preview_agrees_with_what_saving_makes_of_it(desk):
    kinds = [
        another(desk, "cumulative", target_value=Decimal(30)),
        another(desk, "average", start_value=Decimal(10), target_value=Decimal(2)),
    ]
    for key_result in kinds:
        report(desk, 4, date(2026, 5, 6), key_result=key_result)
        foreseen = re.search(r"→ ([\d.]+)\.(?=\D|$)", text_of(preview(desk, "5", key_result))).group(1)
        report(desk, 5, key_result=key_result)
        stored = KeyResult.objects.get(pk=key_result.pk).scored.progress
        assert float(foreseen) == pytest.approx(stored, abs=0.005)


# The page


@pytest.mark.parametrize(
    ("kind", "fields", "label"),
    [
        ("reach", {}, "Value now"),
        ("cumulative", {}, "Added since the cycle began"),
        ("quota", {"quota": Decimal(20), "period": "month"}, "How many since the cycle began"),
        ("average", {}, "This week’s reading"),
        ("keep", {"limit": "max"}, "This week’s reading"),
        ("coverage", {"population": Decimal(50)}, "Done so far, of 50 件"),
    ],
)
def test_the_label_says_what_kind_of_number_is_asked(desk, kind, fields, label):
    page = desk.client.get(address(desk, another(desk, kind, **fields)))
    assert page.status_code == 200
    assert f">{label}<" in page.content.decode()


@pytest.mark.parametrize(
    ("kind", "fields", "earlier", "help_line", "typed", "read_back"),
    [
        ("reach", {}, 29, "", "32", "+3 件 on last time."),
        ("cumulative", {"target_value": Decimal(30)}, 4, "Only what came on top", "3", "In all 4 → 7 件 of 30 件."),
        (
            "quota",
            {"quota": Decimal(20), "period": "month"},
            12,
            "This month so far 12 of 20 件.",
            "3",
            "This month 12 → 15 件 of 20 件.",
        ),
        (
            "average",
            {"start_value": Decimal(40), "target_value": Decimal(30)},
            36,
            "the mean is calculated",
            "34",
            "Mean 36 → 35 件.",
        ),
        ("keep", {"limit": "min", "target_value": Decimal(95)}, 96, "To stay at 95 件 or more.", "97", "Kept: 95 件"),
        ("keep", {"limit": "max", "target_value": Decimal(3)}, 2, "To stay at 3 件 or less.", "4", "Not kept:"),
        ("coverage", {"population": Decimal(50)}, 20, "", "23", "23 件 of 50 件. +3 件 on last time."),
    ],
)
def test_each_kind_is_asked_for_and_read_back_in_its_own_words(
    desk, kind, fields, earlier, help_line, typed, read_back
):
    key_result = another(desk, kind, **fields)
    report(desk, earlier, date(2026, 5, 13), key_result=key_result)

    def spaced(answer) -> str:
        return re.sub(r"(\d)件", r"\1 件", text_of(answer))

    assert help_line in spaced(desk.client.get(address(desk, key_result)))
    assert read_back in spaced(preview(desk, typed, key_result))


def test_a_team_that_reports_every_two_weeks_is_asked_for_the_reading_of_both(desk):
    Cadence.objects.create(team=desk.sales, check_in_weeks=2)
    kept = another(desk, "keep", limit="min", target_value=Decimal(95))
    assert "The reading of these two weeks" in desk.client.get(address(desk, kept)).content.decode()


def test_last_value_pace_and_promise_stand_beside_the_field(desk):
    report(desk, 29, date(2026, 5, 13), next_step="撮影の相談をする")
    words = text_of(desk.client.get(address(desk)))
    assert re.search(r"Last time 13 May ?29", words)
    assert re.search(r"Where today should be ?50 ?件 or more", words)
    assert "撮影の相談をする" in words


def test_a_falling_measure_says_or_less(desk):
    rank = another(desk, "reach", start_value=Decimal(12), target_value=Decimal(3), unit="位")
    assert "7 位 or less" in text_of(desk.client.get(address(desk, rank))).replace("7位", "7 位")


def test_what_was_written_by_others_is_shown_as_text(desk):
    report(desk, 10, obstacle="<script>alert(1)</script>")
    page = desk.client.get(address(desk)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_record_is_paged(desk):
    for day in range(23):
        report(desk, day, date(2026, 4, 20))
    page = desk.client.get(address(desk)).content.decode()
    assert page.count("log-value") == 20
    rest = desk.client.get(address(desk, query="?page=2")).content.decode()
    assert rest.count("log-value") == 3
    assert desk.client.get(address(desk, query="?page=x")).status_code == 200


def test_queries_do_not_grow_with_the_record(desk):
    def count() -> int:
        desk.client.get(address(desk))
        with CaptureQueriesContext(connection) as seen:
            assert desk.client.get(address(desk)).status_code == 200
        return len(seen)

    wrong = report(desk, 1)
    report(desk, 2, corrects=wrong)
    few = count()
    for value in range(16):
        report(desk, value)
    assert count() == few
    assert few <= 22
