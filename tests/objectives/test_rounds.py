"""Check-ins, the calendar and the worker meet at the same rows, and nothing is lost or stuck."""

import threading
import time
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from objectives import rollup, services, tasks
from objectives.models import Combine, KeyResultScore, Kind, Link, PendingRollUp, Period
from people.models import Organization, Team
from people.refusals import Refusal
from tests.cast import NOW, TODAY, make_cast, person


class Beside(threading.Thread):
    """Runs an act in a transaction of its own and keeps what it raised."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.failure = act, None

    def run(self):
        try:
            self.act()
        except Exception as failure:
            self.failure = failure
        finally:
            connection.close()


@pytest.fixture
def real_cast(transactional_db, move_clock):
    move_clock(NOW)
    return make_cast()


def quota(cast, objective):
    return cast.key_result(
        objective, kind=Kind.QUOTA, start_value=None, target_value=None, quota=Decimal(20), period=Period.MONTH
    )


def test_a_check_in_waits_for_who_rescores_its_objective(real_cast):
    """Otherwise the rescoring, which has read already, would write over what the check-in wrote."""
    objective = real_cast.objective()
    key_result = quota(real_cast, objective)
    reporting = Beside(lambda: services.record_check_in(key_result, author=real_cast.member, value=Decimal(5)))
    with transaction.atomic():
        rollup.hold([objective.pk])
        reporting.start()
        reporting.join(timeout=0.5)
        assert reporting.is_alive()
        rollup.rescore_key_results(real_cast.organization, [key_result.pk], TODAY)
    reporting.join(timeout=10)
    assert reporting.failure is None
    assert KeyResultScore.objects.get(pk=key_result.pk).own_value == 5


def test_without_holding_it_the_check_in_does_not_wait(real_cast):
    """The negative control of the test above."""
    key_result = quota(real_cast, real_cast.objective())
    reporting = Beside(lambda: services.record_check_in(key_result, author=real_cast.member, value=Decimal(5)))
    with transaction.atomic():
        reporting.start()
        reporting.join(timeout=10)
        assert not reporting.is_alive()


def test_midnight_and_check_ins_never_stop_each_other(real_cast):
    objective = real_cast.objective(key_results=3)
    counted = quota(real_cast, objective)
    above = real_cast.objective(title="会社", team=real_cast.company, level="company")
    services.align(objective, to=above)
    rows = [*objective.key_results.exclude(pk=counted.pk), counted]
    enough = time.monotonic() + 3
    made = []

    def report():
        while time.monotonic() < enough:
            for row in rows:
                services.record_check_in(row, author=real_cast.member, value=Decimal(1))
            made.append(1)

    def midnight():
        while time.monotonic() < enough:
            KeyResultScore.objects.update(pace=0)
            Organization.objects.filter(pk=real_cast.organization.pk).update(scored_on=TODAY - timedelta(days=1))
            rollup.score_calendar(real_cast.organization.pk)
            rollup.drain()

    together = [Beside(report), Beside(report), Beside(midnight)]
    for one in together:
        one.start()
    for one in together:
        one.join(timeout=60)
    assert [one.failure for one in together] == [None, None, None]
    assert made
    assert KeyResultScore.objects.get(pk=counted.pk).own_value == len(made)
    rollup.drain()
    assert not PendingRollUp.objects.exists()


def test_closing_a_cycle_and_checking_in_never_stop_each_other(real_cast):
    objective = real_cast.objective()
    key_result = objective.key_results.first()

    def report():
        for _turn in range(20):
            with suppress(Refusal):  # while it is closed
                services.record_check_in(key_result, author=real_cast.member, value=Decimal(1))

    def open_and_close():
        for turn in range(20):
            services.change_cycle_state(real_cast.cycle, to=("closed", "active")[turn % 2], by=real_cast.admin)

    together = [Beside(report), Beside(open_and_close)]
    for one in together:
        one.start()
    for one in together:
        one.join(timeout=60)
    assert [one.failure for one in together] == [None, None]


def test_one_organizations_trouble_is_not_the_others(cast, settings, caplog):
    # A time zone that no longer exists: whatever asks this organization for its today fails.
    broken = Organization.objects.create(name="壊れた会社", slug="broken")
    Organization.objects.filter(pk=broken.pk).update(time_zone="Mars/Olympus")
    root = Team.objects.create(organization=broken, name="壊れた会社")
    person(broken, "誰か", "someone@broken.example", "admin", root)
    PendingRollUp.objects.create(organization=broken)
    objective = cast.objective()
    assert PendingRollUp.objects.filter(organization=cast.organization).exists()
    tasks.sweep()
    assert "could not be" in caplog.text
    assert not PendingRollUp.objects.filter(organization=cast.organization).exists()
    assert PendingRollUp.objects.filter(organization=broken).exists()
    assert objective.snapshots.filter(date=TODAY).exists()
    cast.organization.refresh_from_db()
    assert cast.organization.scored_on == TODAY


def test_a_sum_is_owed_until_somebody_carries_it(cast):
    above = cast.objective(title="会社", team=cast.company, level="company")
    total = cast.key_result(above, combine=Combine.SUM)
    assert KeyResultScore.objects.get(pk=total.pk).due_on == date(2026, 5, 22)
    child = cast.objective()
    alignment = services.align(child, to=total, link=Link.CONTRIBUTES)
    rollup.drain()
    assert KeyResultScore.objects.get(pk=total.pk).due_on is None
    services.unalign(alignment)
    rollup.drain()
    assert KeyResultScore.objects.get(pk=total.pk).due_on == date(2026, 5, 22)
