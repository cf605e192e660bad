"""`manage.py create_api_token`: a token from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from people.models import APIToken


def made(*arguments):
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_token_stands_alone_on_the_last_line_and_works(cast):
    secret = made("Member@Hokuto.example", "--organization", "hokuto")[-1]
    client = Client(headers={"authorization": f"Bearer {secret}"})
    key_result = cast.objective().key_results.first()
    address = f"/api/v1/o/hokuto/key-results/{key_result.pk}/check-ins/"
    assert client.post(address, {"value": 1}, content_type="application/json").status_code == 201
    token = APIToken.objects.get()
    assert (token.membership, token.is_read_only, token.expires_at) == (cast.member, False, None)


def test_a_token_that_may_only_read_for_some_days(cast):
    lines = made("member@hokuto.example", "--organization=hokuto", "--read-only", "--days=30", "--name=BI")
    assert "may only read, until 2026-06-19 10:00 (Asia/Tokyo)" in lines[0]
    token = APIToken.objects.get()
    assert (token.name, token.is_read_only, token.beginning) == ("BI", True, lines[-1][:10])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["member@hokuto.example", "--organization=nowhere"], "There is no organization nowhere."),
        (["nobody@hokuto.example", "--organization=hokuto"], "nobody@hokuto.example is no member of hokuto."),
        (["stranger@minami.example", "--organization=hokuto"], "stranger@minami.example is no member of hokuto."),
        (["member@hokuto.example", "--organization=hokuto", "--days=0"], "--days takes a number from 1 to 3650."),
        (["member@hokuto.example", "--organization=hokuto", "--name="], "This field cannot be blank."),
        (["member@hokuto.example"], "Error: the following arguments are required: --organization"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(cast, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        made(*arguments)
    assert not APIToken.objects.exists()


def test_somebody_who_left_gets_none(cast):
    type(cast.member).objects.filter(pk=cast.member.pk).update(left_on="2026-05-19")
    with pytest.raises(CommandError, match="is no member"):
        made("member@hokuto.example", "--organization=hokuto")
