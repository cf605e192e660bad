"""What opens something or says who somebody is is written down nowhere."""

import pytest

from people.masking import masked, without_secrets


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/start/Zm9vYmFyYmF6/", "/start/…/"),
        ("/invitations/accept/Zm9vYmFyYmF6/", "/invitations/accept/…/"),
        ("/accounts/password/reset/key/1-abcdefgh/", "/accounts/password/reset/key/…/"),
        ("/o/demo/key-results/42/", "/o/demo/key-results/42/"),
        ("/unsubscribe/WzEsInJlbWluZGVyIl0:1a/", "/unsubscribe/…/"),
        ("/calendar/Zm9vYmFyYmF6-_Zm9vYmFyYmF6.ics", "/calendar/….ics"),
        ("/o/demo/settings/me/calendar/12345678/end/", "/o/demo/settings/me/calendar/12345678/end/"),
        ("/o/demo/start/", "/o/demo/start/"),
        ("/o/demo/start/objective/", "/o/demo/start/objective/"),
    ],
)
def test_a_one_time_key_in_an_address_is_left_out(path, written):
    assert without_secrets(path) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Not found: /start/Zm9vYmFyYmF6/ by nobody", "Not found: /start/…/ by nobody"),
        ("GET /o/demo/search/?q=payroll&page=2 HTTP/1.1", "GET /o/demo/search/?… HTTP/1.1"),
        ("connecting to redis://:s3cret@redis:6379/0", "connecting to redis://…@redis:6379/0"),
        ("postgresql://okr:p%40ss@db.example/okr", "postgresql://…@db.example/okr"),
        ("Authorization: Bearer okr_0123456789abcdef", "Authorization: Bearer …"),
        ("mail to tanaka.ichiro@sample.example failed", "mail to …@… failed"),
        ("DETAIL:  Key (email)=(tanaka@sample.example) already exists.", "DETAIL:  Key (email)= …"),
        (
            "DETAIL:  Failing row contains (7, pbkdf2_sha256$1, null).\nstatement",
            "DETAIL:  Failing row contains …\nstatement",
        ),
        ("Is this a question? No=answer", "Is this a question? No=answer"),
        ('  File "/app/people/services/start.py", line 7', '  File "/app/people/services/start.py", line 7'),
    ],
)
def test_a_message_is_written_without_what_it_held(text, written):
    assert masked(text) == written
