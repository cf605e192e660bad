"""Own templates: written, made from an objective, retired and brought back."""

import uuid
from decimal import Decimal

import pytest

from objectives import services
from objectives.models import KeyResult, Kind, Step, Template, TemplateKeyResult

pytestmark = pytest.mark.django_db


def typed(*rows: dict, **fields) -> dict:
    """What a browser sends for a template with these key results."""
    data = {
        "title": "焙煎の香りが、商店街の朝をつくる",
        "why": "",
        "kind": "aspirational",
        "area": "marketing",
        "note": "朝の来店が少ないとき",
        "rows-TOTAL_FORMS": str(len(rows)),
        "rows-INITIAL_FORMS": "0",
    }
    for place, row in enumerate(rows):
        for name, value in ({"kind": "reach", "measure_type": "result"} | row).items():
            data[f"rows-{place}-{name}"] = value
    return data | {name: str(value) for name, value in fields.items()}


VISITS = {
    "title": "朝の来店",
    "unit": "人",
    "start_value": "２０",
    "target_value": "40",
    "measured_how": "レジで数える",
}
POSTS = {"title": "朝の投稿", "kind": "quota", "unit": "本", "quota": "3", "period": "week", "measure_type": "process"}
STEPS = {"title": "看板", "kind": "milestone", "steps": "下絵\n\n  色\n取り付け", "target_value": "9"}


def make(cast, *, by=None) -> Template:
    template = Template.objects.create(
        organization=cast.organization, title="焙煎の香りが、商店街の朝をつくる", written_by=by or cast.member
    )
    TemplateKeyResult.objects.create(
        template=template, title="朝の来店", unit="人", start_value=20, target_value=40, measured_how="レジで数える"
    )
    return template


def page(cast, template: Template, act: str = "") -> str:
    return cast.url(f"library/templates/{template.pk}/{act}")


def test_a_member_writes_a_template_with_each_kind_as_it_needs(cast, sign_in):
    answer = sign_in(cast.member).post(cast.url("library/templates/new/"), typed(VISITS, POSTS, STEPS))
    template = Template.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{cast.url('library/')}#set-t{template.pk}")
    assert (template.written_by, template.area, template.note) == (cast.member, "marketing", "朝の来店が少ないとき")
    visits, posts, sign = template.key_results.all()
    assert (visits.start_value, visits.target_value) == (20, 40)
    assert (posts.quota, posts.period, posts.target_value) == (3, "week", None)
    assert (sign.steps, sign.target_value) == (["下絵", "色", "取り付け"], None)


def test_the_same_form_sent_twice_makes_one_template(cast, sign_in):
    client, sent = sign_in(cast.member), typed(VISITS, submission_key=uuid.uuid4())
    for _time in range(2):
        assert client.post(cast.url("library/templates/new/"), sent).status_code == 302
    assert Template.objects.count() == TemplateKeyResult.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"title": "", "target_value": "40"}, "This field is required"),
        ({"title": "来店", "start_value": "40", "target_value": "40"}, "there would be nothing to reach"),
        ({"title": "来店", "target_value": "たくさん"}, "This is not a number"),
        ({"title": "来店", "kind": "quota", "quota": "0"}, "must be greater than 0"),
        ({"title": "来店", "kind": "worst"}, "Select a valid choice"),
        ({"title": "段", "kind": "milestone", "steps": "あ" * 201}, "200 characters at most"),
    ],
)
def test_what_could_never_be_scored_is_refused_and_what_was_typed_stays(cast, sign_in, row, said):
    answer = sign_in(cast.member, language="en").post(cast.url("library/templates/new/"), typed(VISITS, row))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "朝の来店" in answer.content.decode()
    assert not Template.objects.exists()


def test_numbers_may_be_left_to_whoever_uses_the_template(cast, sign_in):
    sign_in(cast.member).post(cast.url("library/templates/new/"), typed({"title": "推奨度", "unit": "NPS"}))
    assert TemplateKeyResult.objects.get().target_value is None


def test_a_set_of_ours_is_made_the_companys_own(cast, sign_in):
    answer = sign_in(cast.member).get(cast.url("library/templates/new/?from=sales-facts")).content.decode()
    assert "勘に頼らず、事実から次の手を選べる営業になる" in answer
    assert "1,000,000" in answer
    assert '<option value="sales" selected>' in answer


def test_adding_a_line_keeps_what_was_typed_and_saves_nothing(cast, sign_in):
    answer = sign_in(cast.member).post(cast.url("library/templates/new/"), typed(VISITS, add_row=1))
    assert answer.status_code == 200
    assert 'name="rows-1-title"' in answer.content.decode()
    assert "朝の来店" in answer.content.decode()
    assert not Template.objects.exists()


def test_an_edit_changes_lines_in_place_and_removes_those_marked(cast, sign_in):
    template = make(cast)
    kept = template.key_results.get().pk
    sent = typed(VISITS | {"target_value": "50"}, POSTS | {"DELETE": "on"}, version=1)
    assert sign_in(cast.member).post(page(cast, template), sent).status_code == 302
    row = template.key_results.get()
    assert (row.pk, row.target_value) == (kept, 50)
    template.refresh_from_db()
    assert (template.version, template.area) == (2, "marketing")


def test_who_comes_second_is_shown_what_the_first_saved(cast, sign_in):
    template = make(cast)
    client = sign_in(cast.member)
    client.post(page(cast, template), typed(VISITS | {"target_value": "50"}, version=1))
    answer = client.post(page(cast, template), typed(VISITS | {"target_value": "90"}, title="別の言葉", version=1))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "焙煎の香りが、商店街の朝をつくる" in text
    assert "KR 1" in text
    assert template.key_results.get().target_value == 50
    assert 'name="version" value="2"' in text
    # The same once more is no conflict: it stands there already.
    assert client.post(page(cast, template), typed(VISITS | {"target_value": "50"}, version=1)).status_code == 302


def test_a_template_belongs_to_who_wrote_it_and_to_administrators(cast, sign_in):
    template = make(cast)
    assert sign_in(cast.admin).get(page(cast, template)).status_code == 200
    for who, status in ((cast.manager, 403), (cast.stranger, 404), (cast.partner, 404)):
        client = sign_in(who)
        assert client.get(page(cast, template)).status_code == status
        for act in ("retire/", "restore/"):
            assert client.post(page(cast, template, act)).status_code == status


def test_an_objective_is_kept_as_a_template_once_without_its_people(cast, sign_in):
    objective = cast.objective(title="はたらく人の午後を、珈琲で支える", state="draft", key_results=1)
    cast.key_result(
        objective, title="試飲会", kind=Kind.MILESTONE, unit="", steps=[Step(title="会場"), Step(title="案内")]
    )
    dropped = cast.key_result(objective, title="やめたこと")
    services.drop_key_result(dropped, reason="不要", by=cast.admin)
    client = sign_in(cast.colleague)
    address = cast.url(f"objectives/{objective.pk}/template/")
    for _time in range(2):
        answer = client.post(address)
        template = Template.objects.get()
        assert answer["Location"] == cast.url(f"library/templates/{template.pk}/")
    assert (template.title, template.made_from, template.written_by) == (objective.title, objective, cast.colleague)
    assert [(row.title, row.target_value, row.steps) for row in template.key_results.all()] == [
        ("結果 1", Decimal(100), []),
        ("試飲会", None, ["会場", "案内"]),
    ]
    # Somebody else is led to the one that is there.
    assert sign_in(cast.member).post(address)["Location"].endswith(f"#set-t{template.pk}")
    assert sign_in(cast.stranger).post(address).status_code == 404


def test_a_retired_template_is_offered_no_more_and_can_be_brought_back(cast, sign_in):
    template, client = make(cast), sign_in(cast.member)
    for _time in range(2):
        answer = client.post(page(cast, template, "retire/"), follow=True)
    assert f"{template.pk}/restore/" in answer.content.decode()
    assert client.get(page(cast, template)).status_code == 404
    assert client.get(cast.url("library/?whose=own")).context["own"] == []
    for _time in range(2):
        client.post(page(cast, template, "restore/"))
    assert [offer.template for offer in client.get(cast.url("library/")).context["own"]] == [template]


def test_a_form_opened_before_it_was_retired_changes_nothing(cast, sign_in):
    template = make(cast)
    Template.objects.filter(pk=template.pk).update(retired_at="2026-05-20T00:00Z")
    with pytest.raises(services.templates.Refusal) as refused:
        services.templates.save_template(template, [], by=cast.member, expected_version=1)
    assert refused.value.code == "retired"


def test_a_key_result_of_the_library_fills_a_new_one_in(cast, sign_in):
    objective = cast.objective(state="draft", key_results=0)
    client = sign_in(cast.manager)
    new = cast.url(f"objectives/{objective.pk}/key-results/new/")
    answer = client.get(f"{new}?template=further-measures&row=3").content.decode()
    assert 'value="提案から受注までの平均日数"' in answer
    assert 'name="target_value" value="30"' in answer
    milestone = client.get(f"{new}?template=marketing-order&row=0").content.decode()
    assert 'value="ページと資料の一覧がそろっている"' in milestone
    assert client.get(f"{new}?template=nowhere&row=0").status_code == 200
    assert not KeyResult.objects.exists()


def test_an_administrator_finds_what_became_of_a_template_in_the_history(cast, sign_in):
    template = make(cast)
    sign_in(cast.member).post(page(cast, template), typed(VISITS | {"target_value": "50"}, version=1))
    client = sign_in(cast.admin)

    def told(words: str) -> list[str]:
        asked = {"kind": "templates", "q": words, "download": "csv"}
        file = client.get(cast.url("settings/history/"), asked)
        return b"".join(file.streaming_content).decode().splitlines()[1:]

    assert any("40" in line and "50" in line for line in told("朝の来店"))
    assert told("どこにもない言葉") == []
