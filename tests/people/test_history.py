"""Every write leaves an event, whichever way it came."""

import pytest
from django.db import ProgrammingError, connection, transaction

from people.history import told
from people.models import AuditEvent, Door, Membership, Team, User


def newest(table: str) -> AuditEvent:
    return AuditEvent.objects.filter(table=table).first()


def test_an_update_keeps_what_changed_and_who_did_it(cast):
    with told(Door.PAGE, user=cast.admin.user_id, address="/o/hokuto/"):
        Team.objects.filter(pk=cast.sales.pk).update(name="営業本部")
    event = newest("people_team")
    assert (event.act, event.before, event.after) == ("update", {"name": "法人営業"}, {"name": "営業本部"})
    assert (event.user, event.door, event.address) == (cast.admin.user, "page", "/o/hokuto/")
    assert event.organization == cast.organization


def test_raw_sql_and_bulk_changes_are_seen_too(cast):
    before = AuditEvent.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_membership SET role = 'member' WHERE role = 'manager'")
        cursor.execute("UPDATE people_membership SET version = version + 1")
    assert AuditEvent.objects.count() == before + 1
    assert newest("people_membership").after == {"role": "member"}


def test_a_person_of_several_organizations_has_a_history_in_each(cast):
    Membership.objects.create(organization=cast.stranger.organization, user=cast.admin.user)
    User.objects.filter(pk=cast.admin.user_id).update(name="小林 彩花", password="secret")
    events = AuditEvent.objects.filter(table="people_user", row=cast.admin.user_id, act="update")
    assert {event.organization_id for event in events} == {cast.organization.pk, cast.stranger.organization_id}
    assert all(event.after == {"name": "小林 彩花", "password": "•••"} for event in events)


def test_who_joins_a_team_is_kept(cast):
    cast.member.teams.add(cast.online)
    assert newest("people_membership_teams").after["team_id"] == cast.online.pk


def test_the_history_cannot_be_changed(cast):
    for act in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(door="api")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    assert AuditEvent.objects.exists()
