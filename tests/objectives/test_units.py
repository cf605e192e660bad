"""The catalogue of units: what forms offer, and which numbers are questioned."""

import pytest

from objectives import services
from objectives.models import Kind, Limit
from people.models import Better, Organization, Unit
from people.services import create_organization
from people.services.units import restore_unit, retire_unit, seed_units


@pytest.fixture
def catalogue(cast):
    seed_units(cast.organization, language="ja")
    return {unit.name: unit for unit in cast.organization.units.all()}


TYPED = {"name": "冊", "better": "higher", "minimum": "", "maximum": ""}


def test_a_new_organization_has_the_units_of_its_language(db):
    first = create_organization(name="北灯", slug="kitahi", admin_email="a@kitahi.example").organization
    assert {"%", "円", "位", "NPS"} <= set(first.units.values_list("name", flat=True))
    abroad = Organization.objects.create(name="Aurora", slug="aurora", currency="EUR")
    seed_units(abroad, language="en")
    names = list(abroad.units.values_list("name", flat=True))
    assert names[:3] == ["%", "€", "points"]
    assert "円" not in names
    seed_units(abroad, language="ja")
    assert abroad.units.count() == len(names), "filled once"


def test_everybody_inside_reads_the_catalogue_and_only_administrators_write_it(cast, catalogue, sign_in):
    for who in (cast.admin, cast.executive, cast.manager, cast.member):
        page = sign_in(who, language="en").get(cast.url("settings/units/"))
        assert page.status_code == 200
        assert ("Add a unit" in page.text) == (who == cast.admin)
        assert "NPS" in page.text


@pytest.mark.parametrize(("who", "status"), [("manager", 403), ("member", 403), ("partner", 403), ("stranger", 404)])
def test_readers_and_strangers_change_no_unit(cast, catalogue, sign_in, who, status):
    client = sign_in(getattr(cast, who))
    one = cast.url(f"settings/units/{catalogue['位'].pk}/")
    for address in (cast.url("settings/units/"), one, f"{one}retire/", f"{one}restore/"):
        assert client.post(address, TYPED).status_code == status
    assert Unit.objects.get(pk=catalogue["位"].pk).retired_on is None
    assert not Unit.objects.filter(name="冊").exists()


def test_a_unit_of_another_organization_is_not_found(cast, catalogue, sign_in):
    other = Unit.objects.create(organization=cast.stranger.organization, name="頭")
    for path in ("", "retire/", "restore/"):
        assert sign_in(cast.admin).post(cast.url(f"settings/units/{other.pk}/{path}"), TYPED).status_code == 404


def test_a_unit_is_added_once(cast, catalogue, sign_in):
    client = sign_in(cast.admin)
    assert client.post(cast.url("settings/units/"), TYPED | {"name": " ｋｇ "}).status_code == 302
    unit = cast.organization.units.get(name="kg")
    assert (unit.better, unit.position) == (Better.HIGHER, len(catalogue))
    again = client.post(cast.url("settings/units/"), TYPED | {"name": "KG"})
    assert again.status_code == 422
    assert list(again.context["form"].errors) == ["name"]


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "長" * 21}, "name"),
        ({"better": "sideways"}, "better"),
        ({"minimum": "100", "maximum": "−100"}, "maximum"),
        ({"minimum": "ten"}, "minimum"),
    ],
)
def test_bad_input_is_said_beside_its_field(cast, catalogue, sign_in, typed, where):
    page = sign_in(cast.admin).post(cast.url("settings/units/"), TYPED | typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [where]


def test_a_unit_is_edited_and_what_another_administrator_did_meanwhile_is_not_written_over(cast, catalogue, sign_in):
    client, address = sign_in(cast.admin), cast.url(f"settings/units/{catalogue['点'].pk}/")
    typed = {"name": "点", "better": "higher", "minimum": "0", "maximum": "１００", "version": "1"}
    assert client.post(address, typed).status_code == 302
    unit = Unit.objects.get(pk=catalogue["点"].pk)
    assert (unit.minimum, unit.maximum, unit.version) == (0, 100, 2)
    assert client.post(address, typed).status_code == 302, "the same again is harmless"
    late = client.post(address, typed | {"maximum": "10"})
    assert late.status_code == 422
    unit.refresh_from_db()
    assert unit.maximum == 100
    assert client.post(address, {"version": late.context["form"]["version"].value()} | typed).status_code == 302


def test_a_unit_is_retired_and_brought_back(cast, catalogue, sign_in):
    client, one = sign_in(cast.admin, language="en"), cast.url(f"settings/units/{catalogue['本'].pk}/")
    for _turn in range(2):
        page = client.post(f"{one}retire/", follow=True)
        assert f"{one}restore/" in page.text, "the toast can undo it"
        assert cast.organization.units.offered().filter(name="本").count() == 0
    refused = client.post(cast.url("settings/units/"), TYPED | {"name": "本"})
    assert "Bring it back instead" in refused.text
    for _turn in range(2):
        assert client.post(f"{one}restore/").status_code == 302
    assert cast.organization.units.offered().filter(name="本").exists()


def test_forms_offer_what_the_catalogue_offers(cast, catalogue, sign_in):
    retire_unit(catalogue["社"])
    objective = cast.objective()
    key_result = sign_in(cast.admin).get(cast.url(f"objectives/{objective.pk}/key-results/new/?kind=reach"))
    kgi = sign_in(cast.admin).get(cast.url("kgis/new/"))
    for page in (key_result, kgi):
        assert '<option value="NPS">' in page.text
        assert '<option value="社">' not in page.text
    restore_unit(catalogue["社"])


def edit_page(cast, sign_in, **fields):
    key_result = cast.key_result(cast.objective(), **fields)
    return sign_in(cast.admin, language="en").get(cast.url(f"key-results/{key_result.pk}/edit/")).text


def test_a_rank_that_is_to_grow_is_questioned(cast, catalogue, sign_in):
    assert "Less is usually better" in edit_page(cast, sign_in, unit="位", start_value=3, target_value=12)


def test_a_keep_the_wrong_way_round_is_questioned(cast, catalogue, sign_in):
    page = edit_page(
        cast, sign_in, kind=Kind.KEEP, unit="日", start_value=None, target_value=30, limit=Limit.MIN, period="week"
    )
    assert "Less is usually better" in page


def test_a_number_off_its_scale_is_questioned_and_saved(cast, catalogue, sign_in):
    objective = cast.objective()
    typed = {
        "kind": "reach",
        "title": "推奨度",
        "unit": "ＮＰＳ",
        "start_value": "32",
        "target_value": "120",
        "measure_type": "result",
        "combine": "score",
        "reason": "推奨度も見る",
    }
    client = sign_in(cast.admin, language="en")
    page = client.post(cast.url(f"objectives/{objective.pk}/key-results/new/"), typed, follow=True)
    assert "lies outside the scale of" in page.text
    assert objective.key_results.filter(title="推奨度", target_value=120).exists()


@pytest.mark.parametrize(
    "fields", [{"unit": "%", "target_value": 300}, {"unit": "位", "start_value": 12, "target_value": 3}]
)
def test_what_suits_its_unit_is_not_questioned(cast, catalogue, sign_in, fields):
    page = edit_page(cast, sign_in, **fields)
    assert "usually better" not in page
    assert "outside the scale" not in page


def test_a_check_in_off_the_scale_is_questioned_not_refused(cast, catalogue, sign_in):
    key_result = cast.key_result(cast.objective(), unit="NPS", start_value=32, target_value=50)
    client = sign_in(cast.admin, language="en")
    address = cast.url(f"key-results/{key_result.pk}/check-ins/")
    assert "outside the scale of NPS, −100 to 100" in client.get(address, {"preview": "1", "value": "120"}).text
    assert "outside the scale" not in client.get(address, {"preview": "1", "value": "45"}).text
    services.record_check_in(key_result, author=cast.admin, value=120)
    assert key_result.check_ins.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_catalogue(
    cast, catalogue, sign_in, django_assert_max_num_queries
):
    client = sign_in(cast.admin)
    client.get(cast.url("settings/units/"))
    Unit.objects.bulk_create(Unit(organization=cast.organization, name=f"単位 {n}") for n in range(60))
    with django_assert_max_num_queries(14):
        client.get(cast.url("settings/units/"))
