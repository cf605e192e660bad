"""A person's name is corrected, and a person who asks for it is forgotten."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.db.utils import InternalError

from objectives import services
from people import clock
from people.models import AuditEvent, Invitation, Membership, User
from people.models.doors import hash_of
from people.models.search import SearchEntry, SearchKind
from people.refusals import Refusal
from people.services.persons import correct_person, erase_person


def refused(act) -> str:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        act()
    return caught.value.code


def told_of(user: User) -> str:
    events = AuditEvent.objects.filter(table__in=["people_user", "people_invitation"])
    return repr(list(events.values_list("before", "after")))


def searched() -> str:
    """All the words people are found by."""
    return repr(list(SearchEntry.objects.filter(kind=SearchKind.PERSON).values_list("title", "words")))


def test_a_name_is_corrected_and_the_same_again_is_harmless(cast):
    for _turn in range(2):
        user = correct_person(cast.member, by=cast.admin, name=" 山本\u3000翔太 ", reading="やまもと しょうた")
        assert (user.name, user.reading) == ("山本 翔太", "やまもと しょうた")
    assert AuditEvent.objects.filter(table="people_user", row=user.pk, act="update").count() == 1
    with pytest.raises(ValidationError):
        correct_person(cast.member, by=cast.member, name=" ", reading="")


def test_who_works_for_others_too_keeps_the_name_until_they_change_it(cast):
    Membership.objects.create(organization=cast.stranger.organization, user=cast.member.user, role="member")
    assert refused(lambda: correct_person(cast.member, by=cast.admin, name="別名", reading="")) == "belongs_elsewhere"
    assert correct_person(cast.member, by=cast.member, name="別名", reading="").name == "別名"


def test_who_is_still_here_is_not_erased(cast):
    Membership.objects.create(organization=cast.stranger.organization, user=cast.member.user, role="member")
    assert refused(lambda: erase_person(cast.member.user)) == "still_here"
    services.end_membership(cast.member, by=cast.admin)
    assert refused(lambda: erase_person(cast.member.user)) == "still_here", "another organization is theirs too"


def test_nothing_is_left_that_says_who_it_was(cast):
    objective = cast.objective(owner=cast.manager)
    said, _new = services.record_check_in(
        objective.key_results.first(), author=cast.member, value=3, obstacle="人手が足りません"
    )
    user = cast.member.user
    name, address = user.name, user.email
    invitation = Invitation.objects.create(
        organization=cast.organization, email=address, name=name, token_hash=hash_of("a"), accepted_at=clock.now()
    )
    Invitation.objects.filter(pk=invitation.pk).update(failure=f"550 <{address}>: Recipient address rejected")
    EmailAddress.objects.create(user=user, email=address)
    correct_person(cast.member, by=cast.admin, name=f"{name}子", reading="やまもと")
    correct_person(cast.admin, by=cast.admin, name="小林 彩香", reading="")
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key="a", user_agent="Browser")
    assert name in searched()
    assert name in told_of(user)
    assert address in told_of(user)
    services.end_membership(cast.member, by=cast.admin, successor=cast.colleague)
    for _turn in range(2):
        erased = erase_person(user)
    assert (erased.is_active, erased.has_usable_password(), erased.reading) == (False, False, "")
    assert erased.erased_at == clock.now()
    history = told_of(user)
    for trace in (name, address, "やまもと"):
        assert trace not in history
        assert trace not in searched()
        assert trace not in repr(list(Invitation.objects.values_list("email", "name", "failure")))
        assert trace not in repr(list(User.objects.values_list("email", "name", "reading")))
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not UserSession.objects.filter(user=user).exists()
    said.refresh_from_db()
    assert (said.author.user, said.obstacle) == (erased, "人手が足りません"), "what was written stays"
    assert "小林 彩香" in history, "others are not touched"


def test_the_history_takes_no_other_change_afterwards(cast):
    services.end_membership(cast.member, by=cast.admin)
    erase_person(cast.member.user)
    for change in ({"address": "/"}, {"before": None}):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            AuditEvent.objects.update(**change)


def test_two_erased_people_can_be_told_apart_and_the_address_is_free_again(cast):
    address = cast.member.user.email
    for member in (cast.member, cast.colleague):
        services.end_membership(member, by=cast.admin)
        erase_person(member.user)
    names = User.objects.filter(pk__in=[cast.member.user_id, cast.colleague.user_id]).values_list("name", flat=True)
    assert len(set(names)) == 2
    assert User.objects.create_user(address, name="新しい人").email == address
