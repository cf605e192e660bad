"""Every write leaves an event, whichever way it came."""

from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from people.history import tell, told, without_secrets
from people.models import APIToken, AuditEvent, Door, Invitation, Membership, Team, User
from people.models.doors import hash_of


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


def test_rows_made_and_changed_in_bulk_leave_one_event_each(cast):
    made = Team.objects.bulk_create(
        Team(organization=cast.organization, parent=cast.company, name=f"第{number}課") for number in range(3)
    )
    for team in made:
        team.name += "（東）"
    Team.objects.bulk_update(made, ["name"])
    events = AuditEvent.objects.filter(table="people_team", row__in=[team.pk for team in made])
    assert sorted(event.act for event in events) == ["insert"] * 3 + ["update"] * 3
    assert {event.after["name"] for event in events.filter(act="update")} == {f"第{n}課（東）" for n in range(3)}


def test_what_goes_with_a_removed_row_leaves_events_too(cast):
    unit = Invitation.objects.create(
        organization=cast.organization, email="new@hokuto.example", team=cast.online, nonce="n", token_hash="h"
    )
    cast.colleague.teams.clear()
    with told(Door.PAGE, user=cast.admin.user_id):
        cast.online.delete()
    assert newest("people_team").act == "delete"
    assert newest("people_team").before["name"] == "オンライン店"
    emptied = newest("people_invitation")
    assert (emptied.act, emptied.row, emptied.after) == ("update", unit.pk, {"team_id": None})
    membership = cast.member
    placed = membership.teams.through.objects.get(membership=membership)
    membership.delete()
    gone = newest("people_membership_teams")
    assert (gone.act, gone.row) == ("delete", placed.pk)


def test_what_is_taken_back_leaves_no_event(cast):
    before = AuditEvent.objects.count()
    with transaction.atomic():
        Team.objects.filter(pk=cast.sales.pk).update(name="営業本部")
        assert AuditEvent.objects.count() == before + 1
        transaction.set_rollback(True)
    assert AuditEvent.objects.count() == before


def test_a_write_that_changes_nothing_leaves_no_event(cast):
    before = AuditEvent.objects.count()
    cast.sales.save()
    assert AuditEvent.objects.count() == before


def test_a_person_of_several_organizations_has_a_history_in_each(cast):
    Membership.objects.create(organization=cast.stranger.organization, user=cast.admin.user)
    User.objects.filter(pk=cast.admin.user_id).update(name="小林 彩花", password="secret")
    events = AuditEvent.objects.filter(table="people_user", row=cast.admin.user_id, act="update")
    assert {event.organization_id for event in events} == {cast.organization.pk, cast.stranger.organization_id}
    assert all(event.after == {"name": "小林 彩花", "password": "•••"} for event in events)


def test_who_joins_a_team_is_kept(cast):
    cast.member.teams.add(cast.online)
    assert newest("people_membership_teams").after["team_id"] == cast.online.pk


def test_one_told_inside_another_holds_only_while_it_lasts(cast):
    with told(Door.PAGE, user=cast.admin.user_id, address="/o/hokuto/"):
        with told(Door.TASK, address="objectives.tasks.sweep"):
            Team.objects.filter(pk=cast.sales.pk).update(name="一")
        inner = newest("people_team")
        Team.objects.filter(pk=cast.sales.pk).update(name="二")
        outer = newest("people_team")
    assert (inner.door, inner.user, inner.address) == ("task", None, "objectives.tasks.sweep")
    assert (outer.door, outer.user, outer.address) == ("page", cast.admin.user, "/o/hokuto/")


def test_what_becomes_known_on_the_way_is_added(cast):
    with told(Door.API, address="/api/v1/o/hokuto/teams/"):
        tell(user=cast.member.user_id, token=7)
        Team.objects.filter(pk=cast.sales.pk).update(name="営業本部")
    event = newest("people_team")
    assert (event.user, event.token, event.door) == (cast.member.user, 7, "api")


def test_a_command_that_lasts_gives_each_write_its_own_moment_and_a_page_one_to_all(cast, move_clock):
    moments = {}
    for door in (Door.COMMAND, Door.PAGE):
        move_clock("2026-05-20T10:00:00+09:00")
        with told(door):
            Team.objects.filter(pk=cast.sales.pk).update(name="一")
            move_clock("2026-05-20T11:00:00+09:00")
            Team.objects.filter(pk=cast.sales.pk).update(name="二")
        last, first = AuditEvent.objects.filter(table="people_team")[:2]
        moments[door] = last.at - first.at
        Team.objects.filter(pk=cast.sales.pk).update(name="三")
    assert moments[Door.COMMAND].total_seconds() == 3600
    assert moments[Door.PAGE].total_seconds() == 0


def test_a_moment_that_is_told_is_kept_to_the_microsecond(cast):
    moment = datetime(2026, 4, 2, 3, 4, 5, 678901, tzinfo=UTC)
    with told(Door.PAGE, at=moment):
        Team.objects.filter(pk=cast.sales.pk).update(name="営業本部")
    assert newest("people_team").at == moment


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/accounts/password/reset/key/4-c8k2-0123456789abcdef/", "/accounts/password/reset/key/…/"),
        ("/start/0123456789abcdef/", "/start/…/"),
        ("/invitations/accept/0123456789abcdef/", "/invitations/accept/…/"),
        ("/o/hokuto/objectives/12/", "/o/hokuto/objectives/12/"),
    ],
)
def test_keys_in_an_address_are_not_kept(cast, address, kept):
    assert without_secrets(address) == kept
    with told(Door.PAGE, address=address):
        Team.objects.filter(pk=cast.sales.pk).update(name="営業本部")
    assert newest("people_team").address == kept


def test_no_secret_of_any_row_is_kept(cast):
    User.objects.create_user("secret@hokuto.example", "a password nobody knows", name="S")
    secrets = [hash_of("one"), hash_of("two"), "the-nonce-of-an-invitation"]
    token = APIToken.objects.create(membership=cast.admin, name="BI", beginning="okr_1234", token_hash=secrets[0])
    APIToken.objects.filter(pk=token.pk).update(token_hash=secrets[1])
    Invitation.objects.create(
        organization=cast.organization, email="new@hokuto.example", nonce=secrets[2], token_hash=hash_of("three")
    )
    cast.member.user.set_password("another one entirely")
    cast.member.user.save()
    secrets += [hash_of("three"), *User.objects.values_list("password", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(event::text, '\n') FROM people_auditevent event")
        (kept,) = cursor.fetchone()
    assert "BI" in kept
    assert "new@hokuto.example" in kept
    assert [secret for secret in secrets if secret in kept] == []


def test_the_history_cannot_be_changed_or_removed(cast):
    for act in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(door="api")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    event = AuditEvent.objects.first()
    event.door = "api"
    for act in (event.save, event.delete):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    assert AuditEvent.objects.exists()


def test_the_history_cannot_be_emptied(cast):
    # The setting is as everywhere but in tests, which empty all tables.
    empty = "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL pgtrigger.ignore = '{}'; TRUNCATE people_auditevent"
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="only be added to"), transaction.atomic():
        cursor.execute(empty)
    assert AuditEvent.objects.exists()


@pytest.mark.parametrize("address", ["/o/minami/settings/me/", "/api/v1/o/minami/members/1/"])
def test_what_is_written_about_a_person_elsewhere_names_nobody_from_there(cast, address):
    both = Membership.objects.create(organization=cast.stranger.organization, user=cast.member.user)
    for who in (cast.stranger, both):
        with told(Door.PAGE, user=who.user_id, address=address):
            User.objects.filter(pk=cast.member.user_id).update(reading=f"よみ {who.pk}")
    events = AuditEvent.objects.filter(table="people_user", act="update").order_by("id")
    here = events.filter(organization=cast.organization)
    there = events.filter(organization=cast.stranger.organization)
    assert [(event.user_id, event.address) for event in here] == [(None, ""), (both.user_id, "")]
    assert [(event.user_id, event.address) for event in there] == [
        (cast.stranger.user_id, address),
        (both.user_id, address),
    ]
