"""`manage.py reseal`: secrets move to the present key before an old one is let go."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import Channel, ChannelKind


def test_secrets_move_to_the_present_key_and_lost_ones_are_left_and_counted(cast, settings):
    made = {"organization": cast.organization, "kind": ChannelKind.SLACK, "name": "x"}
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    channel = Channel.objects.create(**made, address="https://hooks.example/a", token="t")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    out = StringIO()
    call_command("reseal", stdout=out)
    assert "2 secrets sealed" in out.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    channel.refresh_from_db()
    assert (channel.address, channel.token) == ("https://hooks.example/a", "t")
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(CommandError, match="2 secrets open with no key"):
        call_command("reseal", stdout=out)
    settings.SECRET_KEY = "new" * 20
    channel.refresh_from_db()
    assert channel.address == "https://hooks.example/a"
