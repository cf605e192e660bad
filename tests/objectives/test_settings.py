"""The organization's settings, and the mail nobody sent."""

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection

from objectives import rollup
from objectives.models import PendingRollUp
from objectives.services.cycles import state_of
from people.models import Organization

TYPED = {
    "name": "北灯珈琲店",
    "time_zone": "Asia/Tokyo",
    "currency": "JPY",
    "fiscal_year_start": "1",
    "check_in_weekday": "4",
    "holidays": "JP",
    "band_lower": "0.6",
    "band_upper": "0.7",
}


def seen(cast):
    return {"seen": state_of(cast.organization)}


def test_an_administrator_changes_the_settings(cast, sign_in):
    assert sign_in(cast.admin).post(cast.url("settings/"), TYPED | seen(cast)).status_code == 302
    organization = Organization.objects.get(pk=cast.organization.pk)
    assert (organization.name, organization.fiscal_year_start) == ("北灯珈琲店", 1)
    assert not PendingRollUp.objects.exists()


def test_another_currency_is_offered_as_a_unit_and_as_what_a_new_kgi_counts(cast, sign_in):
    client = sign_in(cast.admin)
    assert client.post(cast.url("settings/"), TYPED | seen(cast) | {"currency": "EUR"}).status_code == 302
    assert cast.organization.units.offered().filter(name="€").exists()
    assert client.get(cast.url("kgis/new/")).context["form"]["unit"].value() == "€"


def test_settings_another_administrator_saved_meanwhile_are_not_written_over(cast, sign_in):
    client = sign_in(cast.admin, language="en")
    seen = client.get(cast.url("settings/")).context["form"]["seen"].value()
    assert client.post(cast.url("settings/"), TYPED | {"seen": seen, "band_lower": "0.5"}).status_code == 302
    for out_of_date in (seen, ""):
        response = client.post(cast.url("settings/"), TYPED | {"seen": out_of_date})
        assert response.status_code == 422
        assert "Someone changed this in the meantime." in response.content.decode()
    assert Organization.objects.get(pk=cast.organization.pk).band_lower == 0.5
    again = TYPED | {"seen": response.context["form"]["seen"].value()}
    assert client.post(cast.url("settings/"), again).status_code == 302
    assert Organization.objects.get(pk=cast.organization.pk).band_lower == 0.6


@pytest.mark.parametrize(
    "fields",
    [{"band_lower": "０．５"}, {"check_in_weekday": "0"}, {"holidays": ""}, {"time_zone": "America/New_York"}],
)
def test_band_weekday_holidays_and_zone_are_recorded_for_the_worker(cast, sign_in, fields):
    cast.objective()
    rollup.drain()
    sign_in(cast.admin).post(cast.url("settings/"), TYPED | seen(cast) | fields)
    assert PendingRollUp.objects.filter(objective=None).exists()
    rollup.drain()
    assert not PendingRollUp.objects.exists()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"currency": "QQQ"}, "currency"),
        ({"fiscal_year_start": "13"}, "fiscal_year_start"),
        ({"check_in_weekday": "7"}, "check_in_weekday"),
        ({"band_lower": "0"}, "band_lower"),
        ({"band_lower": "0.8"}, "band_upper"),
        ({"band_upper": "1"}, "band_upper"),
        ({"band_upper": "NaN"}, "band_upper"),
        ({"band_upper": ""}, "band_upper"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_nothing_is_saved(cast, sign_in, fields, where):
    response = sign_in(cast.admin).post(cast.url("settings/"), TYPED | seen(cast) | fields)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [where]
    assert Organization.objects.get(pk=cast.organization.pk).name == "北灯珈琲"


@pytest.mark.parametrize("who", ["executive", "manager", "member"])
def test_others_read_them_without_a_form(cast, sign_in, who):
    client = sign_in(getattr(cast, who), language="en")
    text = client.get(cast.url("settings/")).content.decode()
    assert "Asia/Tokyo" in text
    assert "April" in text
    assert 'name="band_lower"' not in text
    assert client.post(cast.url("settings/"), TYPED).status_code == 403


def test_a_stranger_does_not_find_them(cast, sign_in):
    assert sign_in(cast.stranger).get(cast.url("settings/")).status_code == 404


def test_a_partner_learns_nothing_of_the_people(cast, sign_in):
    text = sign_in(cast.partner).get(cast.url("settings/")).content.decode()
    assert "佐藤 美咲" not in text
    assert "オンライン店" not in text
    assert "Mori Agency" in text


# The mail that was written to files


@pytest.fixture
def mail(settings, tmp_path: Path):
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


def write_mail(*subjects: str) -> None:
    letters = [
        EmailMessage(subject, "こんにちは\n<script>alert(1)</script>", "from@okr.example", ["to@okr.example"])
        for subject in subjects
    ]
    get_connection().send_messages(letters)


def test_an_administrator_reads_the_mail_as_text(cast, sign_in, mail):
    write_mail("ようこその手紙", "パスワードの再設定")
    client = sign_in(cast.admin)
    text = client.get(cast.url("settings/")).content.decode()
    for word in ("ようこその手紙", "パスワードの再設定", "to@okr.example", "こんにちは", "&lt;script&gt;"):
        assert word in text
    assert "<script>alert" not in text


def test_a_mail_bears_the_time_of_the_organization(cast, sign_in, mail):
    mail.mkdir()
    (mail / "1.log").write_bytes(b"Subject: hi\nDate: Fri, 20 Nov 2026 14:57:00 -0000\n\nbody")
    assert "2026年11月20日(金) 23:57" in sign_in(cast.admin).get(cast.url("settings/")).content.decode()


def test_nobody_else_reads_the_mail(cast, sign_in, mail):
    write_mail("ようこその手紙")
    for who in (cast.executive, cast.manager, cast.member, cast.partner):
        assert "ようこその手紙" not in sign_in(who).get(cast.url("settings/")).content.decode()


def test_where_mail_is_really_sent_none_is_shown(cast, sign_in, mail, settings):
    write_mail("ようこその手紙")
    settings.EMBEDDED = False
    settings.SECURE_SSL_REDIRECT = False
    assert "ようこその手紙" not in sign_in(cast.admin).get(cast.url("settings/")).content.decode()


def test_files_that_are_no_mail_are_no_error(cast, sign_in, mail):
    mail.mkdir()
    (mail / "1.log").write_bytes(b"\xff\xfe\x00 nothing")
    (mail / "2.log").write_bytes(b"Content-Type: text/plain; charset=unheard-of\n\nbody")
    (mail / "3.log").write_bytes(b"Date: some day\nSubject: =?utf-8?b?broken\n\n")
    assert sign_in(cast.admin).get(cast.url("settings/")).status_code == 200
