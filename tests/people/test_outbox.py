"""What is to be sent: recorded once with its cause, sent once by however many workers, tried again while it fails."""

import pytest
from django.core import mail
from django.db import transaction

from people.models import Delivery, Topic
from people.outbox import cancel, send_due, tell_people
from people.posts import Post


def say(delivery):
    return Post(subject=f"{delivery.about['what']}の件", paragraphs=("よろしくお願いします。",))


WRITERS = {Topic.REMINDER: say, Topic.OBSTACLE: say}


@pytest.fixture
def told(cast):
    def tell(*people, topic=Topic.REMINDER, occasion="2026-W21", **more):
        tell_people(people or (cast.member,), topic, occasion=occasion, about={"what": "定期便"}, **more)

    return tell


def test_a_message_is_recorded_with_its_cause_and_goes_once(cast, told):
    for _ in range(3):
        told(cast.member, cast.manager)
    assert [send_due(WRITERS), send_due(WRITERS)] == [2, 0]
    assert sorted(letter.to[0] for letter in mail.outbox) == ["manager@hokuto.example", "member@hokuto.example"]
    assert {letter.subject for letter in mail.outbox} == {"定期便の件"}


def test_what_is_cancelled_in_time_does_not_go(cast, told):
    told(cast.member, cast.manager)
    assert cancel(cast.organization, occasion="2026-W21", people=[cast.member]) == 1
    assert send_due(WRITERS) == 1
    assert [letter.to for letter in mail.outbox] == [["manager@hokuto.example"]]


def test_the_worker_is_woken_when_the_cause_is_saved_and_told_nothing_where_it_is_undone(
    cast, told, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as wakes:
        with transaction.atomic():
            told()
            transaction.set_rollback(True)
        assert not Delivery.objects.exists()
        told()
    assert len(wakes) == 1
