"""This week: what I owe, one after the other."""

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import CheckIn, KeyResult
from tests.cast import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def week(cast, sign_in, move_clock):
    """The member owes three check-ins of an objective active since the cycle began; the page is read in English."""
    move_clock("2026-04-06T09:00:00+09:00")
    objective = cast.objective(key_results=3)
    move_clock(NOW)
    cast.key_results = list(objective.key_results.all())
    cast.client = sign_in(cast.member, language="en")
    return cast


def report(cast, key_result, value=10, author=None, day=None, **said):
    return services.record_check_in(
        KeyResult.objects.get(pk=key_result.pk),
        author=author or cast.member,
        value=Decimal(value),
        date=day,
        **said,
    )[0]


def sent(value="12", **more):
    return {"value": value, "date": "2026-05-20", "submission_key": str(uuid.uuid4()), "from": "week"} | more


def open_title(page) -> str:
    return re.search(r'<h2 id="kr-title"[^>]*>(.*?)</h2>', page.content.decode()).group(1)


def test_the_title_says_how_many_check_ins_are_owed(week):
    page = week.client.get(week.url("this-week/"))
    assert page.status_code == 200
    assert "3 check-ins to go." in page.content.decode()


def test_the_one_owed_longest_lies_on_the_sheet(week, move_clock):
    first, second, third = week.key_results
    move_clock("2026-05-06T09:00:00+09:00")
    report(week, third)
    move_clock("2026-05-13T09:00:00+09:00")
    report(week, first)
    report(week, second)
    move_clock("2026-05-20T10:00:00+09:00")
    page = week.client.get(week.url("this-week/"))
    assert open_title(page) == third.title
    assert "5 days late" in page.content.decode()


def test_another_one_can_be_opened_first(week):
    third = week.key_results[2]
    page = week.client.get(week.url(f"this-week/?key_result={third.pk}"))
    assert open_title(page) == third.title


@pytest.mark.parametrize("nonsense", ["0", "999999", "x", "９", "1" * 40, "-1"])
def test_an_unknown_choice_opens_the_first(week, nonsense):
    page = week.client.get(week.url("this-week/"), {"key_result": nonsense})
    assert open_title(page) == week.key_results[0].title


def test_later_leads_to_the_following_one_and_from_the_last_back_to_the_first(week):
    first, _, third = week.key_results
    page = week.client.get(week.url(f"this-week/?key_result={third.pk}"))
    assert f'name="following" value="{first.pk}"' in page.content.decode()


def test_saving_with_htmx_answers_the_next_sheet_and_what_changes_round_it(week):
    first, second, _ = week.key_results
    answer = week.client.post(
        week.url(f"key-results/{first.pk}/check-ins/"), sent(following=str(second.pk)), headers=HTMX
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<!doctype" not in text.lower()
    assert open_title(answer) == second.title
    assert "2 check-ins to go." in text
    assert 'id="queue" hx-swap-oob="true"' in text
    assert "1 of 3 done" in text
    assert CheckIn.objects.get().value == 12


def test_what_was_put_off_is_not_pushed_forward_again(week):
    first, second, third = week.key_results
    answer = week.client.post(
        week.url(f"key-results/{second.pk}/check-ins/"), sent(following=str(third.pk)), headers=HTMX
    )
    assert open_title(answer) == third.title
    answer = week.client.post(
        week.url(f"key-results/{third.pk}/check-ins/"), sent(following=str(first.pk)), headers=HTMX
    )
    assert open_title(answer) == first.title


def test_without_a_script_saving_leads_back_to_the_week_with_a_word(week):
    first, second, _ = week.key_results
    answer = week.client.post(week.url(f"key-results/{first.pk}/check-ins/"), sent(), follow=True)
    saved = CheckIn.objects.get()
    assert answer.redirect_chain == [(week.url(f"this-week/?saved={saved.pk}"), 302)]
    assert f"Saved: “{first.title}”." in answer.content.decode()
    assert f"?corrects={saved.pk}&amp;from=week" in answer.content.decode()
    assert open_title(answer) == second.title


def test_without_a_script_too_what_was_put_off_comes_last(week):
    _, second, third = week.key_results
    form = sent(following=str(third.pk))
    answer = week.client.post(week.url(f"key-results/{second.pk}/check-ins/"), form, follow=True)
    assert open_title(answer) == third.title


def test_the_browser_gets_the_sheets_that_follow_for_when_the_connection_is_gone(week):
    first, second, third = week.key_results
    sheets = week.client.get(week.url("this-week/?sheets=1")).content.decode()
    assert re.findall(r'data-sheet="(\d+)"', sheets) == [str(second.pk), str(third.pk)]
    assert len(set(re.findall(r'name="submission_key" value="([^"]+)"', sheets))) == 2
    assert f'data-draft="check-in-{week.member.pk}-{second.pk}"' in sheets
    assert f"/key-results/{first.pk}/check-ins/" not in sheets


def test_sending_the_same_sheet_twice_saves_once_and_answers_alike(week):
    first, second, _ = week.key_results
    form = sent()
    answers = [week.client.post(week.url(f"key-results/{first.pk}/check-ins/"), form, headers=HTMX) for _ in range(2)]
    assert [open_title(answer) for answer in answers] == [second.title] * 2
    assert CheckIn.objects.count() == 1


def test_a_refused_sheet_stays_open_with_what_was_typed(week):
    first = week.key_results[0]
    answer = week.client.post(
        week.url(f"key-results/{first.pk}/check-ins/"), sent("lots", obstacle="人が足りない"), headers=HTMX
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert open_title(answer) == first.title
    assert 'value="lots"' in text
    assert "人が足りない" in text
    assert "This is not a number" in text
    assert CheckIn.objects.count() == 0


def test_when_all_are_in_the_page_says_so_calmly(week):
    for key_result in week.key_results:
        report(week, key_result)
    page = week.client.get(week.url("this-week/")).content.decode()
    assert "All check-ins are in." in page
    assert "That is all for this week." in page
    assert "3 of 3 done" in page


def test_what_is_done_can_be_corrected(week):
    saved = report(week, week.key_results[0])
    page = week.client.get(week.url("this-week/")).content.decode()
    assert f"key-results/{saved.key_result_id}/check-ins/?corrects={saved.pk}&amp;from=week" in page


def test_a_correction_takes_the_place_of_what_it_corrects(week):
    first = week.key_results[0]
    wrong = report(week, first, 900)
    right = report(week, first, 9, corrects=wrong)
    page = week.client.get(week.url("this-week/")).content.decode()
    assert f"?corrects={right.pk}" in page
    assert f"?corrects={wrong.pk}" not in page
    assert "1 of 3 done" in page


def test_who_owns_no_key_result_learns_what_the_page_is_for(cast, sign_in):
    page = sign_in(cast.colleague, language="en").get(cast.url("this-week/")).content.decode()
    assert "No key result of yours yet." in page
    assert "Here you report on your key results, once a week" in page


def test_the_page_stands_without_any_cycle(cast, sign_in):
    cast.cycle.delete()
    cast.closed_cycle.delete()
    assert sign_in(cast.member).get(cast.url("this-week/")).status_code == 200


def test_after_this_weeks_check_in_nothing_more_is_due(cast, sign_in, move_clock):
    objective = cast.objective(key_results=2)
    move_clock("2026-07-01T10:00:00+09:00")
    for key_result in objective.key_results.all():
        report(cast, key_result)
    move_clock("2026-07-05T10:00:00+09:00")
    page = sign_in(cast.member, language="en").get(cast.url("this-week/")).content.decode()
    assert "All check-ins are in." in page


def test_obstacles_of_others_are_shown_newest_first_until_they_are_over(week, move_clock):
    other = week.objective(team=week.online, owner=week.colleague, key_results=0, state="draft")
    rows = [week.key_result(other, title=f"他 {n}", owner=week.colleague) for n in range(3)]
    services.change_state(other, to="active", by=week.admin)
    report(week, rows[0], author=week.colleague, day=date(2026, 5, 18), obstacle="英訳が進まない")
    report(week, rows[1], author=week.colleague, day=date(2026, 5, 19), obstacle="在庫がない")
    report(week, rows[2], author=week.colleague, day=date(2026, 5, 11), obstacle="もう済んだこと")
    over = rows[2].obstacles.get().pk
    report(week, rows[2], author=week.colleague, day=date(2026, 5, 18), solved=[over])
    report(week, week.key_results[0], obstacle="自分の障害")
    page = week.client.get(week.url("this-week/")).content.decode()
    assert page.index("在庫がない") < page.index("英訳が進まない")
    assert "もう済んだこと" not in page
    assert "自分の障害" not in page.split("week-side")[1]


def test_the_band_counts_the_company_and_ones_own_teams(week):
    for key_result in week.key_results:
        report(week, key_result, 30)
    week.objective(team=week.online, owner=week.colleague)
    side = week.client.get(week.url("this-week/")).content.decode().split("week-side")[1]
    company, own = (
        [int(n) for n in re.findall(r'<dd class="num">(\d+)</dd>', part)] for part in side.split("band-counts")[1:]
    )
    assert company == [0, 1, 0, 1]
    assert own == [0, 1, 0, 0]


def test_a_partner_reads_one_count_of_what_is_shared_and_none_of_a_team(cast, sign_in):
    for team, owner in ((cast.sales, cast.manager), (cast.online, cast.colleague)):
        cast.objective(team=team, owner=owner).shares.create(membership=cast.partner)
    cast.sales.members.add(cast.partner)
    page = sign_in(cast.partner, language="en").get(cast.url("this-week/")).content.decode()
    assert "Shared with you" in page
    assert page.count("band-counts") == 1
    assert "Nobody has reported an obstacle" not in page


def test_a_partner_sees_only_what_is_shared(cast, sign_in):
    cast.objective(title="社内だけの目標", key_results=2)
    page = sign_in(cast.partner, language="en").get(cast.url("this-week/"))
    assert page.status_code == 200
    assert "社内だけの目標" not in page.content.decode()


def test_a_stranger_does_not_find_the_page(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url("this-week/")).status_code == 404


def test_who_is_not_signed_in_is_led_to_the_door(cast, client):
    answer = client.get(cast.url("this-week/"))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_the_page_cannot_be_written_to(week):
    assert week.client.post(week.url("this-week/")).status_code == 405


def test_queries_do_not_grow_with_what_is_owed(cast, sign_in):
    client = sign_in(cast.member)

    def count() -> int:
        client.get(cast.url("this-week/"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(cast.url("this-week/")).status_code == 200
        return len(seen)

    first = cast.objective(key_results=3)
    report(cast, first.key_results.first(), obstacle="在庫", author=cast.manager)
    report(cast, first.key_results.last())
    few = count()
    for number in range(9):
        objective = cast.objective(key_results=3, title=f"目標 {number}")
        report(cast, objective.key_results.first(), obstacle="在庫", author=cast.manager)
        report(cast, objective.key_results.last())
    assert count() == few
    assert few <= 24
