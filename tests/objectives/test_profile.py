"""When and how one is reminded, as one says on one's own page."""

import pytest

from people.models import Channel, ReminderPreference

WISHES = {
    "form": "reminders",
    "is_on": "on",
    "weekday": "",
    "hour": "9",
    "channel": "",
    "digest_weekday": "0",
    "digest_hour": "8",
}


def test_one_says_when_and_how_one_is_reminded(cast, sign_in):
    client, address = sign_in(cast.member), cast.url("settings/me/")
    own = Channel.objects.create(organization=cast.organization, membership=cast.member, kind="slack", name="私")
    wanted = WISHES | {"weekday": "3", "hour": "17", "channel": own.pk, "version": "0"}
    for _twice in range(2):
        assert client.post(address, wanted).status_code == 302
    kept = ReminderPreference.objects.get()
    assert (kept.weekday, kept.hour, kept.channel_id, kept.digest, kept.version) == (3, 17, own.pk, None, 1)
    late = client.post(address, WISHES | {"hour": "7", "version": "0"})
    assert late.status_code == 422
    assert ReminderPreference.objects.get().hour == 17


@pytest.mark.parametrize("wrong", [{"hour": "24"}, {"weekday": "7"}, {"channel": "other"}])
def test_what_cannot_be_is_answered_beside_the_field(cast, sign_in, wrong):
    other = Channel.objects.create(organization=cast.organization, membership=cast.manager, kind="slack", name="他人")
    sent = {name: other.pk if value == "other" else value for name, value in wrong.items()}
    response = sign_in(cast.member).post(cast.url("settings/me/"), WISHES | sent | {"version": "0"})
    assert response.status_code == 422
    assert set(response.context["reminders"].errors) == set(wrong)
    assert not ReminderPreference.objects.exists()


def test_the_digest_follows_the_role_until_one_decides(cast, sign_in):
    address = cast.url("settings/me/")
    executive = sign_in(cast.executive)
    assert executive.get(address).context["reminders"]["digest"].value() is True
    executive.post(address, WISHES | {"digest": "on", "hour": "10", "version": "0"})
    assert ReminderPreference.objects.get().digest is None
    executive.post(address, WISHES | {"hour": "10", "version": "1"})
    assert ReminderPreference.objects.get().digest is False
    assert "digest" not in sign_in(cast.partner).get(address).context["reminders"].fields
