"""The pages of customer journeys: begun, filled in cell by cell, looked through for what is missing."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from funnel.models import KPI, Content, Journey, TouchPoint
from funnel.services.contents import add_content
from funnel.services.journeys import EMPTY, Cell, add_journey, add_phase, remove_touch_point, write_cells
from objectives.services.actions import add_action, finish_action
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db


def begun(cast, *names, **fields):
    journey = add_journey(Journey(**{"name": "総務の担当者"} | fields), by=cast.manager, start=EMPTY)[0]
    return journey, [add_phase(journey, name=name) for name in names]


def put(journey, phase, **texts):
    write_cells(journey, [Cell(phase.pk, name, text) for name, text in texts.items()])


def cells(client, cast, journey, *changes, versions=()):
    sent = {
        "cell": [name for name, _text, _was in changes],
        "text": [text for _name, text, _was in changes],
        "was": [was for _name, _text, was in changes],
        "version": list(versions),
    }
    return client.post(cast.url(f"journeys/{journey.pk}/cells/"), sent)


def act(cast, point, title="配る", **fields):
    row = add_action(team=cast.sales, title=title, owner=cast.member, due_on=None, by=cast.manager, **fields)
    type(row).objects.filter(pk=row.pk).update(touch_point=point)
    return row


def test_a_journey_is_begun_copied_renamed_put_away_and_brought_back(cast, sign_in):
    client = sign_in(cast.manager)
    assert cast.url("journeys/new/") in client.get(cast.url("journeys/")).text
    key = uuid.uuid4()
    sent = {"name": "総務の担当者", "customer": "30人の設計事務所", "start": "usual", "submission_key": key}
    assert client.post(cast.url("journeys/new/"), sent | {"name": ""}).status_code == 422
    for _twice in range(2):
        answer = client.post(cast.url("journeys/new/"), sent)
    journey = Journey.objects.get()
    assert answer.url == cast.url(f"journeys/{journey.pk}/")
    page = client.get(answer.url).text
    assert page.count('data-name="thinks"') == 5
    copied = client.get(cast.url(f"journeys/new/?copy={journey.pk}")).context["form"]
    assert (copied["source"].value(), copied["start"].value()) == (journey.pk, "copy")
    refused = client.post(cast.url("journeys/new/"), {"name": "写し", "start": "copy"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["source"])

    edit = cast.url(f"journeys/{journey.pk}/edit/")
    assert client.post(edit, {"name": "人事の担当者", "version": 1}).status_code == 302
    stale = client.post(edit, {"name": "別の名前", "version": 1})
    assert stale.status_code == 422
    assert stale.context["form"]["name"].value() == "別の名前"
    for _twice in range(2):
        assert client.post(cast.url(f"journeys/{journey.pk}/retire/")).status_code == 302
    assert client.get(cast.url(f"journeys/{journey.pk}/")).status_code == 404
    assert "人事の担当者" in client.get(cast.url("journeys/")).text
    assert client.post(cast.url(f"journeys/{journey.pk}/restore/")).status_code == 302
    assert client.get(cast.url(f"journeys/{journey.pk}/changes/")).status_code == 200


def test_cells_are_written_and_what_cannot_be_keeps_what_was_typed(cast, sign_in):
    journey, (first, second) = begun(cast, "認知", "検討")
    client = sign_in(cast.manager)
    a, b = first.pk, second.pk
    answer = cells(client, cast, journey, (f"{a}-thinks", "高そうだ", ""), (f"{b}-online", "料金表", ""))
    assert answer.status_code == 200
    assert 'data-text="#1 料金表"' in answer.text
    assert 'id="journey-findings"' in answer.text
    other = sign_in(cast.admin)
    cells(other, cast, journey, (f"{a}-thinks", "手間だろうか", "高そうだ"), versions=[f"{a}:2"])
    late = cells(client, cast, journey, (f"{a}-thinks", "続くだろうか", "高そうだ"), versions=[f"{a}:2", f"{b}:2"])
    assert late.status_code == 422
    assert 'data-typed="続くだろうか"' in late.text
    assert 'data-text="手間だろうか"' in late.text
    long = cells(client, cast, journey, (f"{b}-name", "長" * 61, "検討"), (f"{b}-wants", "納期", ""))
    assert long.status_code == 422
    second.refresh_from_db()
    assert (second.name, second.wants) == ("検討", "納期")
    for odd in ("x", f"{a}-nothing", f"{10**17}-thinks", "²-thinks", f"{a}"):
        assert cells(client, cast, journey, (odd, "?\x00", "")).status_code in {200, 422}
    assert cells(sign_in(cast.member), cast, journey, (f"{a}-thinks", "?", "")).status_code == 403
    assert cells(sign_in(cast.stranger), cast, journey, (f"{a}-thinks", "?", "")).status_code == 404
    assert cells(sign_in(cast.partner), cast, journey, (f"{a}-thinks", "?", "")).status_code == 404


def test_a_phase_has_a_form_that_does_the_same_without_a_script(cast, sign_in):
    journey, (phase, other) = begun(cast, "認知", "検討")
    client = sign_in(cast.manager)
    address = cast.url(f"journeys/phases/{phase.pk}/")
    form = client.get(address).context["form"]
    sent = {
        "name": "認知",
        "thinks": "誰に聞こうか",
        "online": "検索\nSNS",
        "offline": "",
        "wants": "",
        "condition": "問い合わせる",
        "version": form["version"].value(),
    }
    assert client.post(address, sent).status_code == 302
    phase.refresh_from_db()
    assert (phase.thinks, phase.condition, phase.touch_points.count()) == ("誰に聞こうか", "問い合わせる", 2)
    stale = client.post(address, sent | {"thinks": "別の言葉"})
    assert stale.status_code == 422
    assert stale.context["form"]["thinks"].value() == "別の言葉"
    assert [saved for _label, saved in stale.context["present"]] == ["誰に聞こうか", "#1 検索\n#2 SNS"]
    phase.refresh_from_db()
    assert phase.thinks == "誰に聞こうか"
    wrong = client.post(address, sent | {"name": "", "version": phase.version})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["name"])

    added = client.post(cast.url(f"journeys/{journey.pk}/phases/"), {"name": "継続"})
    assert added.status_code == 302
    assert client.post(cast.url(f"journeys/{journey.pk}/phases/"), {"name": " "}).status_code == 422
    assert client.post(cast.url(f"journeys/phases/{phase.pk}/move/"), {"by": "1"}).status_code == 302
    asked = client.get(cast.url(f"journeys/phases/{phase.pk}/remove/")).text
    assert "#1 検索" in asked
    assert client.post(cast.url(f"journeys/phases/{phase.pk}/remove/"), {"move_to": other.pk}).status_code == 302
    assert TouchPoint.objects.filter(phase=other).count() == 2
    assert client.post(cast.url(f"journeys/phases/{phase.pk}/restore/")).status_code == 302


def test_the_page_says_what_is_missing_and_where_to_mend_it(cast, sign_in):
    kgi = make_kgi(cast)
    goal = {"kgi": kgi, "current": Decimal(10), "challenge": Decimal(20)}
    visits = KPI.objects.create(key="visits_of_site", name="訪問", **goal)
    leads = KPI.objects.create(key="leads_of_site", name="引き合い", **goal)
    KPI.objects.create(kgi=kgi, key="price", name="単価", current=Decimal(5), challenge=Decimal(5))
    KPI.objects.create(key="orders_made", name="受注", formula="visits_of_site", **goal)
    journey, (first, _second) = begun(cast, "認知", "検討", kgi=kgi)
    client = sign_in(cast.manager)
    address = cast.url(f"journeys/{journey.pk}/")
    assert client.get(address).context["picture"].point_count == 0
    put(journey, first, online="検索\nSNS\nメール")
    search, social, mail = TouchPoint.objects.order_by("number")
    TouchPoint.objects.filter(pk=search.pk).update(kpi=visits)
    late = add_content(Content(touch_point=search, title="記事", publish_on=date(2026, 5, 19)), by=cast.manager)[0]
    act(cast, social)
    finish_action(act(cast, mail, "終わった配信"), by=cast.manager)

    found = client.get(address).context["findings"]
    assert [lever.name for lever in found.unserved] == ["引き合い"]
    assert found.unserved[0].way == "10 → 20"
    assert [point.row for point in found.bare] == [mail]
    assert [line.row for line in found.late] == [late]
    assert found.without_condition == [first]
    page = client.get(address).text
    assert "1-1" in page
    assert "2-A1" in page

    serve = cast.url(f"journeys/{journey.pk}/levers/")
    assert client.post(serve, {"touch_point": social.pk, "kpi": leads.pk}).status_code == 302
    assert client.get(address).context["findings"].unserved == []
    assert client.post(serve, {"touch_point": "x", "kpi": "²"}).status_code == 302
    reader = sign_in(cast.member)
    assert "data-edit" not in reader.get(address).text
    # What was removed counts no more.
    remove_touch_point(mail)
    assert client.get(address).context["findings"].bare == []


def test_the_file_has_phases_as_columns_and_runs_no_formula(cast, sign_in):
    journey, (first, _second) = begun(cast, "認知", "=1+1")
    put(journey, first, thinks="=HYPERLINK(1)", online="検索")
    text = sign_in(cast.member).get(cast.url(f"journeys/{journey.pk}/?download=csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0].endswith(",認知,'=1+1")
    assert "'=HYPERLINK(1)" in text
    assert "#1 検索" in text


def test_a_touch_point_has_a_page_on_which_it_is_changed_and_content_is_written_down(cast, sign_in):
    journey, (first, second) = begun(cast, "認知", "検討")
    put(journey, first, online="検索\nSNS")
    point = TouchPoint.objects.get(number=1)
    client = sign_in(cast.manager)
    address = cast.url(f"journeys/touch-points/{point.pk}/")
    assert client.get(address).status_code == 200
    sent = {"name": "検索広告", "medium": "offline", "phase": second.pk, "kpi": "", "version": point.version}
    assert client.post(address, sent | {"name": ""}).status_code == 422
    assert client.post(address, sent).status_code == 302
    stale = client.post(address, sent | {"name": "別の名前"})
    assert (stale.status_code, stale.context["form"]["name"].value()) == (422, "別の名前")
    written = {"title": "導入事例", "format": "case", "submission_key": uuid.uuid4()}
    for person in (cast.member, cast.member):
        assert sign_in(person).post(f"{address}contents/", written | {"owner": cast.member.pk}).status_code == 302
    assert sign_in(cast.member).post(f"{address}contents/", {"title": ""}).status_code == 422
    given = {"title": "渡したい", "format": "case", "owner": cast.colleague.pk}
    refused = sign_in(cast.member).post(f"{address}contents/", given)
    assert list(refused.context["content_form"].errors) == ["owner"]
    assert Content.objects.get().owner == cast.member
    assert "1-1" in sign_in(cast.colleague).get(address).text
    for act_on in ("move", "remove", "remove", "restore", "restore"):
        assert client.post(f"{address}{act_on}/").status_code == 302
    assert client.get(address).status_code == 200


def test_pages_take_the_same_number_of_queries_however_much_is_in_them(cast, sign_in, django_assert_max_num_queries):
    kgi = make_kgi(cast)
    lever = KPI.objects.create(kgi=kgi, key="visits_of_site", name="訪問", current=Decimal(1), challenge=Decimal(9))
    journey, phases = begun(cast, *"一二三四五", kgi=kgi)
    for phase in phases:
        put(journey, phase, online="\n".join(f"接点 {n}" for n in range(8)), offline="展示会\n電話")
    TouchPoint.objects.update(kpi=lever)
    for point in TouchPoint.objects.all()[:20]:
        add_content(Content(touch_point=point, title="記事", owner=cast.member), by=cast.manager)
        act(cast, point)
    for number in range(5):
        begun(cast, "一", name=f"旅 {number}")
    client = sign_in(cast.manager)
    one = TouchPoint.objects.first()
    for path, most in (
        ("journeys/", 12),
        (f"journeys/{journey.pk}/", 18),
        (f"journeys/touch-points/{one.pk}/", 24),
        ("contents/", 24),
    ):
        client.get(cast.url(path))
        with django_assert_max_num_queries(most):
            assert client.get(cast.url(path)).status_code == 200
