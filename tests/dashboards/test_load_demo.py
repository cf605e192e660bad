"""The example company: always there as it should be, and nobody else's."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count
from django.test import override_settings

from dashboards.demo.scale import load_large
from dashboards.demo.tables import TABLES, fingerprint
from dashboards.queries.places import place_of
from funnel.models import ContributionReport, RoomMessage
from objectives.formulas.pace import zone
from objectives.models import (
    CheckIn,
    Cycle,
    KeyResult,
    KeyResultScore,
    Objective,
    ObjectiveState,
)
from people.models import AuditEvent, Door, Membership, Organization, Role, SearchEntry, User
from tests.cast import make_cast

TODAY = date(2026, 5, 20)
MONDAY, SUNDAY, HOLIDAY = date(2026, 5, 18), date(2026, 5, 24), date(2026, 5, 4)
FIRST_OF_YEAR = date(2027, 4, 1)
PASSWORD = "try-okr-planner"


def load(today: date = TODAY, **options) -> str:
    out = StringIO()
    call_command("load_demo", today=today, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def progress(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """What is said while the company of today is made, where none was: it takes a while, so it is made once."""
    clock = tmp_path_factory.mktemp("clock") / "clock"
    clock.write_text("2026-05-20T10:00:00+09:00")
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(CLOCK_FILE=str(clock), PASSWORD_HASHERS=hashers),
        transaction.atomic(),
    ):
        yield load()
        transaction.set_rollback(True)


@pytest.fixture
def organization(progress, db, move_clock) -> Organization:
    """The company of today, whatever another test did with it."""
    move_clock("2026-05-20T10:00:00+09:00")
    return Organization.objects.get(slug="demo")


@pytest.fixture
def on(progress, db, move_clock):
    """Load the example company on another day, the clock standing at that day's morning."""

    def load_on(today: date) -> Organization:
        move_clock(f"{today.isoformat()}T10:00:00+09:00")
        if today != TODAY:
            load(today, verbosity=0)
        return Organization.objects.get(slug="demo")

    return load_on


def member_of(organization: Organization, email: str) -> Membership:
    return organization.memberships.get(user__email=email)


@pytest.mark.parametrize("today", [MONDAY, TODAY, SUNDAY, FIRST_OF_YEAR], ids=str)
def test_on_any_day_one_check_in_is_overdue_three_are_owed_and_landings_lie_around_the_band(on, today):
    organization = on(today)
    check_work_with_partners(organization, today)
    scores = KeyResultScore.objects.filter(key_result__objective__organization=organization)
    assert scores.filter(due_on__lt=today).count() == 1
    assert scores.filter(health="overdue").count() == 1
    assert KeyResult.objects.owed_by(member_of(organization, "member@demo.example")).count() == 3
    assert scores.filter(health="measure_first", key_result__objective__state=ObjectiveState.ACTIVE).count() == 1
    assert scores.filter(health="not_started", key_result__objective__state=ObjectiveState.ACTIVE).count() == 1
    last = CheckIn.objects.filter(key_result__objective__organization=organization).order_by("-date").first()
    assert today - timedelta(days=7) < last.date < today
    current = Cycle.objects.filter(organization=organization).current_on(today)
    zones = [
        zone(objective.scored.landing, objective.kind)
        for objective in Objective.objects.in_cycle(current).select_related("scored")
    ]
    assert zones.count("below") >= 3
    assert zones.count("in") >= 6
    assert zones.count("above") >= 2


def test_on_a_public_holiday_the_same_is_owed(on):
    organization = on(HOLIDAY)
    scores = KeyResultScore.objects.filter(key_result__objective__organization=organization)
    assert scores.filter(due_on__lt=HOLIDAY).count() == 1
    assert KeyResult.objects.owed_by(member_of(organization, "member@demo.example")).count() == 3


def test_loading_again_leaves_every_row_as_it_is_but_at_the_inn_that_was_tried_out_and_the_new_password_reaches_all(
    organization, settings, monkeypatch
):
    inn = Organization.objects.get(slug="demo-inn")
    before, before_at_inn = fingerprint(organization), fingerprint(inn)
    Objective.objects.filter(organization=inn).update(title="書きかえた")
    of_company = CheckIn.objects.filter(key_result__objective__organization=organization)
    ids = set(of_company.values_list("pk", flat=True))
    settings.EMBEDDED = False
    monkeypatch.setenv("DEMO_PASSWORD", "a password of our own")
    assert load(verbosity=0) == ""
    organization.refresh_from_db()
    inn.refresh_from_db()
    assert (fingerprint(organization), fingerprint(inn)) == (before, before_at_inn)
    assert set(of_company.values_list("pk", flat=True)) == ids
    accounts = User.objects.filter(email__in=[f"{name}@demo.example" for name in (*Role.values, "consultant")])
    assert accounts.count() == len(Role.values) + 1
    assert all(user.check_password("a password of our own") for user in accounts)


def test_its_history_reads_like_a_companys(organization):
    events = AuditEvent.objects.filter(organization=organization)
    names = {person.user_id: person.pk for person in organization.memberships.all()}
    now = datetime.fromisoformat("2026-05-20T10:00:00+09:00")
    assert not events.filter(at__gt=now).exists()
    assert not events.exclude(door__in=[Door.PAGE, Door.COMMAND]).exists()
    for check_in in events.filter(table="objectives_checkin", act="insert"):
        assert names[check_in.user_id] == check_in.after["author_id"]
        assert check_in.at == datetime.fromisoformat(check_in.after["created_at"])
    drafted = events.filter(table="objectives_objective", act="insert")
    assert drafted.count() == Objective.objects.filter(organization=organization).count()
    assert all(names[draft.user_id] == draft.after["owner_id"] for draft in drafted)
    moved = events.filter(table="objectives_keyresult", act="update", after__has_key="target_value")
    reasons = events.filter(table="objectives_targetchange", at__in=[event.at for event in moved])
    assert {event.user_id for event in moved} == {event.user_id for event in reasons}
    assert moved.count() == reasons.count() == 2


def test_loading_again_takes_back_what_was_tried_out(organization):
    before = fingerprint(organization)
    objective = Objective.objects.filter(organization=organization).first()
    Objective.objects.filter(pk=objective.pk).update(title="書きかえた")
    CheckIn.objects.filter(key_result__objective__organization=organization, corrected_by=None).first().delete()
    load(verbosity=0)
    organization.refresh_from_db()
    assert fingerprint(organization) == before


def check_work_with_partners(organization: Organization, today: date) -> None:
    """The consultant owes check-ins in both organizations, and the agency had a bad month."""
    places = [place_of(one) for one in Membership.objects.filter(user__email="consultant@demo.example")]
    roles = {place.membership.organization.slug: place.membership.role for place in places}
    assert roles == {"demo": Role.PARTNER, "demo-inn": Role.MANAGER}
    assert all(place.owed for place in places)
    reports = ContributionReport.objects.filter(organization=organization).order_by("month")
    assert [report.content["own"] < 0 for report in reports][:3] == [False, True, False]
    assert all(report.issued_at.date() < today for report in reports)
    assert not RoomMessage.objects.filter(organization=organization, created_at__date__gte=today).exists()


def test_another_day_moves_the_company_and_no_other(organization, move_clock):
    cast = make_cast()
    cast.objective()
    before = fingerprint(organization)
    others = fingerprint(cast.organization), fingerprint(cast.stranger.organization)
    move_clock("2026-06-03T10:00:00+09:00")
    load(date(2026, 6, 3))
    organization.refresh_from_db()
    assert fingerprint(organization) != before
    assert (fingerprint(cast.organization), fingerprint(cast.stranger.organization)) == others
    assert organization.memberships.count() == 12
    assert Cycle.objects.filter(organization=organization).current_on(date(2026, 6, 3)).start == date(2026, 4, 20)
    assert User.objects.filter(email__endswith="@demo.example").count() == 16


@pytest.mark.parametrize("slug", ["demo", "demo-inn"])
def test_an_organization_of_another_company_that_bears_the_name_is_not_touched(organization, move_clock, slug):
    Organization.objects.filter(slug=slug).update(slug="the-example")
    cast = make_cast()
    cast.organization.slug = slug
    cast.organization.save()
    cast.objective()
    before = fingerprint(cast.organization), fingerprint(organization)
    with pytest.raises(CommandError, match=slug):
        load()
    assert (fingerprint(cast.organization), fingerprint(organization)) == before


def test_elsewhere_than_embedded_a_password_must_be_given(organization, settings, monkeypatch):
    before = fingerprint(organization)
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        load()
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        load()
    assert fingerprint(organization) == before


def test_progress_is_told_on_the_way(progress):
    assert "FY2026 Q1" in progress


def test_a_large_organization_is_made_beside_it(organization):
    load(scale=120, verbosity=0)
    large = Organization.objects.get(slug="demo-120")
    assert large.objectives.count() == 120
    assert KeyResult.objects.filter(objective__organization=large).count() == 480
    counts = (
        CheckIn.objects.filter(key_result__objective__organization=large).values("key_result").annotate(n=Count("id"))
    )
    assert set(counts.values_list("n", flat=True)) == {13}
    assert counts.count() == 480
    assert not KeyResultScore.objects.filter(key_result__objective__organization=large, score=None).exists()
    assert not Objective.objects.filter(organization=large, scored=None).exists()
    assert Membership.objects.filter(organization=large, user__email="executive@demo.example").exists()
    deepest = Objective.objects.filter(
        organization=large,
        parents__parent_objective__parents__parent_objective__parents__parent_objective__parents__link="contributes",
    )
    assert deepest.exists()
    assert not AuditEvent.objects.filter(organization=large, table="objectives_objective").exists()
    load_large(120, TODAY, lambda line: None)
    assert Objective.objects.filter(organization__slug="demo-120").count() == 120


def test_a_size_beyond_reason_is_refused(db):
    with pytest.raises(CommandError, match="--scale"):
        load(scale=0)


def test_every_table_of_an_organization_is_known_to_the_example():
    """A new table with rows of an organization must be emptied and compared too."""
    ours = {"people", "funnel", "objectives", "dashboards"}
    forgotten = [
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours
        and model not in {*TABLES, AuditEvent, SearchEntry}
        and not model._meta.proxy
        and any(
            field.is_relation
            and field.many_to_one | bool(field.one_to_one)
            and field.related_model in {*TABLES, Organization}
            for field in model._meta.concrete_fields
        )
    ]
    assert forgotten == []
