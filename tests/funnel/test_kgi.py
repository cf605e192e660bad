"""Writing a KGI, reading it, changing it."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPIReading
from objectives.models import ObjectiveShare
from people.models import Membership
from tests.funnel.plans import make_kgi, plan_funnel, share

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "年間売上",
    "unit": "円",
    "period_start": "2026-04-01",
    "period_end": "2027-03-31",
    "last_year_value": "３，０００万",
    "current_value": "3300万円",
    "must_hit_value": "昨年の150%",
    "challenge_value": "3倍",
    "why": "農園と続けるため",
    "picture": "午後の一杯",
}


def write(client, cast, **changes):
    sent = TYPED | {"owner": cast.executive.pk, "submission_key": str(uuid.uuid4())} | changes
    return client.post(cast.url("kgis/new/"), {name: value for name, value in sent.items() if value is not None})


def test_the_form_opens_on_this_fiscal_year(cast, sign_in):
    form = sign_in(cast.manager).get(cast.url("kgis/new/")).context["form"]
    assert form["period_start"].value() == date(2026, 4, 1)
    assert form["period_end"].value() == date(2027, 3, 31)


def test_numbers_are_typed_as_people_say_them_and_targets_as_multiples_of_last_year(cast, sign_in):
    answer = write(sign_in(cast.manager), cast)
    kgi = KGI.objects.get()
    assert answer.status_code == 302
    assert answer.url == cast.url(f"kgis/{kgi.pk}/")
    assert kgi.organization == cast.organization
    assert kgi.owner == cast.executive
    assert (kgi.last_year_value, kgi.current_value) == (30_000_000, 33_000_000)
    assert (kgi.must_hit_value, kgi.challenge_value) == (45_000_000, 90_000_000)


def test_a_form_sent_twice_makes_one_kgi(cast, sign_in):
    client, key = sign_in(cast.manager), str(uuid.uuid4())
    first, second = (write(client, cast, submission_key=key) for _time in range(2))
    assert first.url == second.url
    assert KGI.objects.count() == 1


def test_a_form_that_another_organization_sent_makes_nothing_and_says_so(cast, sign_in):
    elsewhere = KGI.objects.create(
        organization=cast.stranger.organization, name="よその年商", submission_key=uuid.uuid4()
    )
    answer = write(sign_in(cast.manager, language="en"), cast, submission_key=str(elsewhere.submission_key))
    assert answer.status_code == 422
    assert "This form was already sent for something else." in answer.content.decode()
    assert KGI.objects.get() == elsewhere


def test_a_vague_kgi_is_saved_and_told_so(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    answer = write(client, cast, name="売上を上げる", must_hit_value="", challenge_value="", period_end="", why="")
    text = client.get(answer.url).text
    for sentence in ("The name is a wish, not a number.", "There is no target yet.", "It is not dated."):
        assert sentence in text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"current_value": "たくさん"}, "current_value", "This is not a number."),
        ({"current_value": "1e1000000"}, "current_value", "This is not a number."),
        ({"current_value": "NaN"}, "current_value", "Type a finite number."),
        ({"must_hit_value": "45%"}, "must_hit_value", "This number is not a percentage"),
        ({"last_year_value": ""}, "must_hit_value", "Type last year&#x27;s value first"),
        ({"last_year_value": "900兆", "challenge_value": "1000倍"}, "challenge_value", "This number is too large."),
        ({"period_end": "2026-03-31"}, "period_end", "The period ends before it begins."),
        ({"period_start": "0001-01-01"}, "period_start", "Type a day between 1900 and 2199."),
        ({"period_start": "いつか"}, "period_start", "Enter a valid date."),
        ({"why": "a\0b"}, "why", "Null characters are not allowed."),
        ({"name": "長" * 121}, "name", "at most 120 characters"),
        ({"owner": "999999999"}, "owner", "Nobody here goes by this name."),
        ({"submission_key": "nothing"}, "submission_key", "Enter a valid UUID."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_what_was_typed_stays(cast, sign_in, changes, field, sentence):
    answer = write(sign_in(cast.manager, language="en"), cast, **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert sentence in answer.text
    assert "農園と続けるため" in answer.text or "why" in changes
    assert not KGI.objects.exists()


def test_errors_are_said_in_japanese_to_a_japanese_reader(cast, sign_in):
    answer = write(sign_in(cast.manager), cast, name="")
    assert answer.status_code == 422
    assert "必須です" in answer.context["form"].errors["name"][0]


@pytest.mark.parametrize("role", ["member", "partner"])
def test_readers_may_not_write_one(cast, sign_in, role):
    client = sign_in(getattr(cast, role))
    assert client.get(cast.url("kgis/new/")).status_code == 403
    assert write(client, cast).status_code == 403
    kgi = make_kgi(cast)
    share(kgi, cast.partner)
    assert client.get(cast.url(f"kgis/{kgi.pk}/edit/")).status_code == 403
    assert client.post(cast.url(f"kgis/{kgi.pk}/edit/"), TYPED).status_code == 403


@pytest.mark.parametrize("path", ["", "edit/", "funnel/", "key-results/"])
def test_a_stranger_meets_404(cast, sign_in, path):
    kgi = make_kgi(cast)
    assert sign_in(cast.stranger).get(cast.url(f"kgis/{kgi.pk}/{path}")).status_code == 404
    assert sign_in(cast.stranger).get(f"/o/minami/kgis/{kgi.pk}/{path}").status_code == 404


def test_a_stranger_cannot_write_here(cast, sign_in):
    assert write(sign_in(cast.stranger), cast).status_code == 404


def test_the_page_tells_the_whole_kgi(cast, sign_in):
    kgi = make_kgi(
        cast, current_value=Decimal(33_000_000), last_year_value=Decimal(30_000_000), why="農園と続けるため",
        picture="午後の一杯", factors_likely="豆の値段", factors_hard="焙煎機の数",
    )  # fmt: skip
    plan_funnel(kgi)
    cast.objective(kgi=kgi, title="午後を支える")
    KPIReading.objects.create(
        kpi=kgi.kpis.get(key="win_rate"), date=date(2026, 5, 1), value=Decimal("0.18"), source="a"
    )
    KPIReading.objects.create(
        kpi=kgi.kpis.get(key="win_rate"), date=date(2026, 5, 8), value=Decimal("0.21"), source="b"
    )
    KPIReading.objects.create(
        kpi=kgi.kpis.get(key="visits"), date=date(2026, 4, 30), span="month", value=Decimal(7_640), source="c"
    )
    text = sign_in(cast.member).get(cast.url(f"kgis/{kgi.pk}/")).text
    for shown in (
        "農園と続けるため",
        "午後の一杯",
        "豆の値段",
        "焙煎機の数",
        "午後を支える",
        "3,000",
        "5月8日",
        cast.executive.user.name,
    ):
        assert shown in text
    assert '<b>21<span class="unit">%</span></b>' in text
    assert '<b>7,640<span class="unit">回</span></b> <span class="meta">ひと月で</span>' in text


def test_a_partner_sees_a_shared_kgi_with_only_the_objectives_shared_with_them(cast, sign_in):
    kgi, other = make_kgi(cast), make_kgi(cast, name="社外秘")
    share(kgi, cast.partner)
    shown, hidden = cast.objective(kgi=kgi, title="広告で出会う"), cast.objective(kgi=kgi, title="社内の目標")
    ObjectiveShare.objects.create(objective=shown, membership=cast.partner)
    client = sign_in(cast.partner)
    text = client.get(cast.url(f"kgis/{kgi.pk}/")).text
    assert shown.title in text
    assert hidden.title not in text
    assert client.get(cast.url(f"kgis/{other.pk}/")).status_code == 404


def test_a_partner_is_never_told_that_no_objective_serves_a_kgi_they_see(cast, sign_in):
    """Others may, which they do not see; and they make no key results."""
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    share(kgi, cast.partner)
    cast.objective(kgi=kgi, title="社内の目標")
    text = sign_in(cast.partner, language="en").get(cast.url(f"kgis/{kgi.pk}/")).text
    for untrue in (
        "No objective serves it yet",
        "stays a wish",
        "serves this KGI",
        f"kgis/{kgi.pk}/key-results/",
        "orphans/",
    ):
        assert untrue not in text


def test_the_page_costs_the_same_with_many_levers_readings_and_objectives(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.member)
    plan_funnel(kgi)
    cast.objective(kgi=kgi)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(cast.url(f"kgis/{kgi.pk}/")).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(20):
        cast.objective(kgi=kgi, title=f"目標 {number}")
        for kpi in kgi.kpis.all():
            KPIReading.objects.create(kpi=kpi, date=date(2026, 5, number + 1), value=number, source=f"{number}")
    assert queries() == few < 20


def test_an_edit_keeps_what_was_typed_and_refuses_to_overwrite_a_colleague(cast, sign_in):
    kgi = make_kgi(cast)
    client = sign_in(cast.executive, language="en")
    stale = TYPED | {"version": "1", "owner": "", "reason": "豆の値上がり"}
    assert client.post(cast.url(f"kgis/{kgi.pk}/edit/"), stale | {"name": "Revenue"}).status_code == 302
    answer = client.post(cast.url(f"kgis/{kgi.pk}/edit/"), stale | {"name": "Profit"})
    assert answer.status_code == 422
    assert "Someone changed this in the meantime." in answer.text
    assert "Profit" in answer.text
    kgi.refresh_from_db()
    assert (kgi.name, kgi.version, kgi.owner) == ("Revenue", 2, None)
    assert client.post(cast.url(f"kgis/{kgi.pk}/edit/"), answer.context["form"].data).status_code == 302


def test_an_edit_keeps_an_owner_who_has_left(cast, sign_in):
    kgi = make_kgi(cast, owner=cast.colleague)
    Membership.objects.filter(pk=cast.colleague.pk).update(left_on=date(2026, 5, 1))
    answer = sign_in(cast.manager).post(
        cast.url(f"kgis/{kgi.pk}/edit/"),
        TYPED | {"version": "1", "owner": cast.colleague.pk, "reason": "豆の値上がり"},
    )
    assert answer.status_code == 302
    kgi.refresh_from_db()
    assert kgi.owner == cast.colleague


def test_a_multiple_in_the_margin_says_what_it_is_a_multiple_of(cast, sign_in):
    kgi = make_kgi(cast, last_year_value=Decimal(50_000_000), current_value=Decimal(10_000_000))
    text = sign_in(cast.manager, language="en").get(cast.url(f"kgis/{kgi.pk}/")).text
    assert "2× last year&#x27;s needs a reason." in text
    assert "The aim is 10× of today" in text


def test_a_target_that_stood_is_moved_with_a_reason_once_the_period_has_begun(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    path = cast.url(f"kgis/{kgi.pk}/edit/")
    answer = client.post(path, TYPED | {"version": "1"})
    assert answer.status_code == 422
    assert "Say why: the period has begun" in answer.context["form"].errors["reason"][0]
    assert client.post(path, TYPED | {"version": "1", "challenge_value": "1億"}).status_code == 302
    moved = TYPED | {
        "version": "2",
        "challenge_value": "業界平均の3倍",
        "reference_value": "4000万",
        "reason": "値上がり",
    }
    assert client.post(path, moved).status_code == 302
    text = client.get(cast.url(f"kgis/{kgi.pk}/")).text
    assert "値上がり" in text
    assert cast.manager.user.name in text
    assert "Challenge ¥100M until 20 May" in text
    assert 'class="old-line"' in text


def test_before_the_period_begins_a_target_moves_without_a_word(cast, sign_in):
    kgi = make_kgi(cast, period_start=date(2026, 10, 1))
    path = cast.url(f"kgis/{kgi.pk}/edit/")
    assert sign_in(cast.manager).post(path, TYPED | {"version": "1"}).status_code == 302
