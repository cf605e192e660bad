"""What was changed on a row, by whom and from where, in words people understand; and the way back."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from funnel.models import KGI, KPI, KGIShare, KPIShare, PartnerLever
from funnel.services import record_actual, save_kgi
from objectives import services
from objectives.models import Alignment, KeyResult, Link, NotDoing, Objective, ObjectiveShare, Step
from objectives.queries.changes import describe, events_of
from objectives.queries.changes.naming import ROWS, fields_of, is_silent, label_of, tables
from people.clock import now
from people.history import tell, told
from people.models import AuditEvent, Door, Team, User
from people.services import make_token


@pytest.fixture
def objective(cast) -> Objective:
    with told(Door.PAGE, user=cast.manager.user_id, address="/o/hokuto/plan/"):
        return cast.objective(title="午後の一杯を届ける")


def changes_of(cast, row, reader=None) -> list[str]:
    """The changes as lines: sentence, title and differences."""
    with override("ja"):
        told_of = describe(events_of(row, reader or cast.admin), reader or cast.admin)
    return [
        " ".join(
            [change.sentence, change.title]
            + [f"{each.label}={each.before or ''}→{each.after or ''}" for each in change.differences]
        )
        for change in told_of
    ]


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def edit(objective: Objective, **fields) -> Objective:
    objective = Objective.objects.select_related("cycle", "organization").get(pk=objective.pk)
    for name, value in fields.items():
        setattr(objective, name, value)
    return services.save_objective(objective)


def test_every_table_and_column_that_is_kept_has_a_name(db):
    assert set(ROWS) == set(tables())
    with override("ja"):
        nameless = [
            f"{table}.{column}"
            for table in tables()
            for column in fields_of(table)
            if not all(is_silent(table, column, act) for act in AuditEvent.Act.values)
            and label_of(table, column) == column
        ]
    unseen = {"version", "last_login", "scored_on", "done_on", "nonce", "token_hash", "last_used_at", "tries", "try_at"}
    unseen |= {"content", "likeness", "found_at", "gone_at", "last_sent_at", "failing_since"}
    unseen |= {"current", "talked", "agenda", "known_as", "words"}
    assert [name for name in nameless if name.split(".")[1] not in unseen] == []


def test_the_page_says_who_when_by_which_door_and_what_it_was_before(cast, sign_in, objective, move_clock):
    move_clock("2026-05-21T08:05:00+09:00")
    with told(Door.PAGE, user=cast.executive.user_id, address="/o/hokuto/"):
        edit(objective, title="午後の二杯目を届ける", owner=cast.member)
    page = text_of(sign_in(cast.member).get(cast.url(f"objectives/{objective.pk}/changes/")))
    for words in (
        "中村 大輔",
        "2026年5月21日(木) 08:05",
        "画面から",
        "午後の一杯を届ける",
        "山本 翔",
        "伊藤 遥",
        "担当",
    ):
        assert words in page
    assert page.index("目標を変更") < page.index("目標を追加")
    english = text_of(sign_in(cast.member, language="en").get(cast.url(f"objectives/{objective.pk}/changes/")))
    for words in ("Changed: objective", "from a page", "Thu 21 May 2026 08:05", "Owner"):
        assert words in english


def test_an_objective_shows_what_happened_to_all_that_belongs_to_it(cast, objective):
    other = cast.objective(title="選ばれる焙煎所になる")
    key_result = objective.key_results.first()
    alignment = services.align(objective, to=other, weight=0.5)
    services.unalign(alignment)
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    key_result.target_value = Decimal(150)
    services.save_key_result(key_result, by=cast.manager, reason="市場が思ったより広い")
    lines = changes_of(cast, objective)
    for line in (
        "主要な結果を変更 結果 1 挑戦目標=100件→150件",
        "つながりを削除 午後の一杯を届ける → 選ばれる焙煎所になる",
        "目標の共有を追加 午後の一杯を届ける – Mori Agency",
        "目標値の変更の記録を追加 結果 1",
    ):
        assert [found for found in lines if found.startswith(line)], line
    assert [line for line in lines if "理由=→市場が思ったより広い" in line and "挑戦目標（変更後）=→150件" in line]
    assert [line for line in changes_of(cast, other) if line.startswith("つながりを追加")]


def test_the_sharing_of_one_kpi_says_which_and_with_whom(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="売上", unit="円", owner=cast.executive)
    kpi = KPI.objects.create(kgi=kgi, key="win", name="受注率", is_rate=True)
    share = KPIShare.objects.create(kpi=kpi, membership=cast.partner)
    assert changes_of(cast, share)[0].endswith(f"受注率 – {cast.partner.user.name}")


def test_what_was_agreed_with_a_partner_is_told_to_those_who_plan(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="法人の売上", owner=cast.manager)
    visits = KPI.objects.create(kgi=kgi, key="visits", name="サイトへの訪問")
    lever = PartnerLever.objects.create(
        kpi=visits, membership=cast.partner, start_value=Decimal(900), began_on=date(2026, 5, 1), portion=Decimal("0.7")
    )
    lever.portion = Decimal("0.5")
    lever.save()
    for row in (kgi, cast.partner):
        lines = changes_of(cast, row, cast.manager)
        assert any("サイトへの訪問" in line and cast.partner.user.name in line for line in lines), lines
    assert not any("サイトへの訪問" in line for line in changes_of(cast, cast.partner, cast.member))
    KGIShare.objects.create(kgi=kgi, membership=cast.partner)
    assert not any("サイトへの訪問 –" in line for line in changes_of(cast, kgi, cast.partner))


def test_removed_steps_are_still_told(cast):
    objective = cast.objective(key_results=0, state="draft")
    steps = [Step(title="候補を挙げる"), Step(title="試飲会をひらく")]
    key_result = cast.key_result(objective, kind="milestone", unit="", start_value=None, target_value=None, steps=steps)
    kept = list(key_result.steps.all())
    services.save_key_result(key_result, by=cast.manager, steps=kept[:1])
    assert "ステップを削除 新しい定期便の契約 – 試飲会をひらく 重み=1→" in changes_of(cast, key_result)
    assert "ステップを削除 新しい定期便の契約 – 試飲会をひらく 重み=1→" in changes_of(cast, objective)


def test_amounts_rates_days_and_choices_read_as_on_every_page(cast):
    kgi = save_kgi(KGI(organization=cast.organization, name="年間売上", owner=cast.executive))
    kgi.must_hit_value, kgi.period_end = Decimal(450_000_000), date(2027, 3, 31)
    save_kgi(kgi)
    KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", unit="%", is_rate=True, current=Decimal("0.2"))
    KPI.objects.filter(kgi=kgi, key="win_rate").update(current=Decimal("0.263"))
    record_actual(kgi, date=date(2026, 4, 30), value=Decimal(30_000_000), recorded_by=cast.executive)
    lines = changes_of(cast, kgi)
    assert "KGIを変更 年間売上 終了日=–→2027-03-31 必達目標=–→4.5億円" in lines
    assert "KPIを変更 受注率 いま=20%→26.3%" in lines
    assert [line for line in lines if line.startswith("KPIの実績を追加") and "値=→3,000万円" in line]
    kgi.must_hit_value = Decimal(450_000_001)
    save_kgi(kgi)
    assert "KGIを変更 年間売上 必達目標=¥450,000,000→¥450,000,001" in changes_of(cast, kgi)


def test_cycles_teams_members_and_check_ins_have_their_pages(cast, sign_in, objective):
    key_result = objective.key_results.first()
    check_in, _new = services.record_check_in(key_result, author=cast.member, value=Decimal(12), confidence=7)
    corrected, _new = services.record_check_in(key_result, author=cast.member, value=Decimal(21), corrects=check_in)
    NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引きで取る契約", written_by=cast.manager)
    cast.member.teams.add(cast.online)
    Team.objects.filter(pk=cast.sales.pk).update(name="法人営業部")
    client = sign_in(cast.colleague)
    expected = {
        f"cycles/{cast.cycle.pk}/changes/": "値引きで取る契約",
        f"teams/{cast.sales.pk}/changes/": "法人営業部",
        f"members/{cast.member.pk}/changes/": "オンライン店",
        f"check-ins/{check_in.pk}/changes/": "12件",
        f"check-ins/{corrected.pk}/changes/": "21件",
        f"key-results/{key_result.pk}/changes/": "結果 1",
    }
    for path, words in expected.items():
        answer = client.get(cast.url(path))
        assert answer.status_code == 200
        assert words in text_of(answer), path


def test_a_person_reads_their_own_account_and_tokens_and_others_do_not(cast):
    User.objects.filter(pk=cast.member.user_id).update(email="new@hokuto.example")
    line = "アカウントを変更 山本 翔 メールアドレス=member@hokuto.example→new@hokuto.example"
    assert line in changes_of(cast, cast.member)
    assert line in changes_of(cast, cast.member, cast.member)
    assert line not in changes_of(cast, cast.member, cast.colleague)


def test_what_a_person_had_erased_is_told_as_that(cast):
    User.objects.filter(pk=cast.member.user_id).update(name="退職者", email="gone@hokuto.example", erased_at=now())
    with override("ja"):
        told_of = describe(events_of(cast.member, cast.admin), cast.admin)
    said = repr([(each.title, each.differences, each.before, each.after, each.who) for each in told_of])
    assert "山本" not in said
    assert "member@hokuto.example" not in said
    assert "（消去済み）" in said


def test_strangers_meet_no_history(cast, sign_in, objective):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    key_result = objective.key_results.first()
    check_in, _new = services.record_check_in(key_result, author=cast.member, value=Decimal(12))
    client = sign_in(cast.stranger)
    for noun, pk in (
        ("objectives", objective.pk),
        ("key-results", key_result.pk),
        ("kgis", kgi.pk),
        ("cycles", cast.cycle.pk),
        ("teams", cast.sales.pk),
        ("members", cast.member.pk),
        ("check-ins", check_in.pk),
    ):
        assert client.get(cast.url(f"{noun}/{pk}/changes/")).status_code == 404
        own = f"/o/minami/{noun}/{pk}/changes/"
        assert client.get(own).status_code == 404, own


def test_a_partner_reads_only_what_is_shared_and_no_name_of_anything_else(cast, sign_in, objective):
    hidden = cast.objective(title="秘密の上位目標")
    kgi = KGI.objects.create(organization=cast.organization, name="秘密の売上")
    services.align(objective, to=hidden)
    edit(objective, kgi=kgi, title="午後の二杯目を届ける")
    client = sign_in(cast.partner)
    address = cast.url(f"objectives/{objective.pk}/changes/")
    assert client.get(address).status_code == 404
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    page = text_of(client.get(address))
    assert "午後の二杯目を届ける" in page
    assert "共有されていないもの" in page
    assert "秘密" not in page
    assert client.get(cast.url(f"objectives/{hidden.pk}/changes/")).status_code == 404
    assert client.get(cast.url(f"kgis/{kgi.pk}/changes/")).status_code == 404
    assert client.get(cast.url(f"members/{cast.member.pk}/changes/")).status_code == 404
    KGIShare.objects.create(kgi=kgi, membership=cast.partner)
    assert client.get(cast.url(f"kgis/{kgi.pk}/changes/")).status_code == 200
    assert client.post(address, {"put_back": "1"}).status_code == 403


def test_what_a_colleague_calls_a_program_is_not_told_to_partners(cast, sign_in, objective):
    token, _secret = make_token(cast.manager, name="商談管理との連携")
    with told(Door.API):
        tell(user=cast.manager.user_id, token=token.pk)
        edit(objective, title="午後の二杯目を届ける")
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    for reader, is_told in ((cast.member, True), (cast.partner, False)):
        page = text_of(sign_in(reader).get(cast.url(f"objectives/{objective.pk}/changes/")))
        assert "APIから" in page
        assert ("商談管理との連携" in page) is is_told


@pytest.mark.parametrize(("noun", "who"), [("team", "sales"), ("member", "colleague")])
def test_the_history_leads_back_to_the_row_it_is_about(cast, sign_in, noun, who):
    page = reverse(noun, args=["hokuto", getattr(cast, who).pk])
    history = reverse(f"{noun}_changes", args=["hokuto", getattr(cast, who).pk])
    assert f'href="{page}"' in text_of(sign_in(cast.member).get(history))


def test_more_changes_ask_no_more_of_the_database(cast, sign_in, objective):
    client = sign_in(cast.admin)
    address = cast.url(f"objectives/{objective.pk}/changes/")
    edit(objective, title="一", owner=cast.member)
    cast.key_result(objective, title="先の結果")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(12):
        owner = (cast.member, cast.manager, cast.admin)[number % 3]
        edit(objective, title=f"午後の{number + 2}杯目", owner=owner)
        cast.key_result(objective, title=f"次の結果 {number}") if number < 2 else None
    with CaptureQueriesContext(connection) as many:
        assert "午後の13杯目" in text_of(client.get(address))
    assert len(many) == len(few)


def test_older_changes_follow_on_the_next_page(cast, sign_in, objective):
    for number in range(60):
        edit(objective, title=f"午後の{number}杯目")
    client = sign_in(cast.member)
    address = cast.url(f"objectives/{objective.pk}/changes/")
    first = text_of(client.get(address))
    assert "午後の59杯目" in first
    assert "午後の1杯目" not in first
    older = first.split('href="?older=')[1].split('"')[0]
    second = text_of(client.get(address, {"older": older}))
    assert "午後の1杯目" in second
    assert "午後の58杯目" in first
    assert "午後の58杯目" not in second
    assert client.get(address, {"older": "x-1"}).status_code == 200


def test_the_objective_shows_its_last_changes(cast, sign_in, objective):
    edit(objective, title="午後の二杯目を届ける")
    client = sign_in(cast.member)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/")))
    address = cast.url(f"objectives/{objective.pk}/changes/")
    assert f'hx-get="{address}"' in page
    assert f'href="{address}"' in page
    part = client.get(address, headers={"HX-Request": "true", "HX-Target": "recent-changes"})
    assert "午後の一杯を届ける" in text_of(part)
    assert b"<html" not in part.content


def newest(table: str, **columns) -> AuditEvent:
    return AuditEvent.objects.filter(table=table, act="update", after__has_keys=list(columns) or []).first()


def put_back(client, cast, row: str, event: AuditEvent, **more):
    return client.post(cast.url(f"{row}/changes/"), {"put_back": event.pk, **more})


def test_an_edit_of_an_objective_is_put_back(cast, sign_in, objective):
    edit(objective, title="まちがえた題", owner=cast.member)
    event = newest("objectives_objective", title=1)
    client = sign_in(cast.manager)
    row = f"objectives/{objective.pk}"
    page = text_of(client.get(cast.url(f"{row}/changes/")))
    assert f"?put_back={event.pk}#put-back" in page
    asked = text_of(client.get(cast.url(f"{row}/changes/"), {"put_back": event.pk}))
    assert "この変更を元に戻しますか" in asked
    answer = put_back(client, cast, row, event)
    assert answer.status_code == 302
    objective.refresh_from_db()
    assert (objective.title, objective.owner) == ("午後の一杯を届ける", cast.manager)
    assert f"?put_back={event.pk}#put-back" not in text_of(client.get(cast.url(f"{row}/changes/")))
    again = put_back(client, cast, row, event)
    assert again.status_code == 422
    assert "すでに元の内容に戻っています。" in text_of(again)


def test_an_edit_that_was_followed_by_another_is_not_put_back(cast, sign_in, objective):
    edit(objective, title="まちがえた題")
    event = newest("objectives_objective", title=1)
    edit(objective, title="正しい題")
    client = sign_in(cast.manager)
    row = f"objectives/{objective.pk}"
    assert "その後にもう一度変更されています。" in text_of(
        client.get(cast.url(f"{row}/changes/"), {"put_back": event.pk})
    )
    answer = put_back(client, cast, row, event)
    assert answer.status_code == 422
    assert "その後にもう一度変更されています。" in text_of(answer)
    objective.refresh_from_db()
    assert objective.title == "正しい題"


def test_what_is_put_back_obeys_the_rules_of_today(cast, sign_in, objective):
    edit(objective, title="まちがえた題")
    event = newest("objectives_objective", title=1)
    cast.cycle.state = "closed"
    cast.cycle.save()
    answer = put_back(sign_in(cast.manager), cast, f"objectives/{objective.pk}", event)
    assert answer.status_code == 422
    assert "締め" in text_of(answer) or "閉じ" in text_of(answer)
    objective.refresh_from_db()
    assert objective.title == "まちがえた題"


def test_a_target_is_put_back_with_a_reason_to_its_last_digit(cast, sign_in):
    objective = cast.objective(state="draft", key_results=1)
    exact = Decimal("123456789012345.123457")
    key_result = cast.key_result(objective, title="売上", unit="円", target_value=exact)
    services.change_state(objective, to="active", by=cast.admin)
    key_result = KeyResult.objects.get(pk=key_result.pk)
    key_result.target_value = Decimal(5)
    services.save_key_result(key_result, by=cast.manager, reason="打ちまちがい")
    event = newest("objectives_keyresult", target_value=1)
    client = sign_in(cast.manager)
    row = f"key-results/{key_result.pk}"
    refused = put_back(client, cast, row, event)
    assert refused.status_code == 422
    assert "なぜ" in text_of(refused) or "理由" in text_of(refused)
    answer = put_back(client, cast, row, event, reason="元の値が正しい")
    assert answer.status_code == 302, text_of(answer)
    key_result.refresh_from_db()
    assert key_result.target_value == exact
    assert key_result.target_changes.last().reason == "元の値が正しい"


def test_an_edit_of_a_kgi_is_put_back_by_those_who_plan(cast, sign_in):
    kgi = save_kgi(KGI(organization=cast.organization, name="年間売上", challenge_value=Decimal(900_000_000)))
    kgi.challenge_value, kgi.why = None, "書きまちがい"
    save_kgi(kgi)
    event = newest("funnel_kgi", challenge_value=1)
    assert put_back(sign_in(cast.member), cast, f"kgis/{kgi.pk}", event).status_code == 403
    assert put_back(sign_in(cast.stranger), cast, f"kgis/{kgi.pk}", event).status_code == 404
    assert put_back(sign_in(cast.manager), cast, f"kgis/{kgi.pk}", event).status_code == 302
    kgi.refresh_from_db()
    assert (kgi.challenge_value, kgi.why) == (Decimal(900_000_000), "")


def test_a_reader_is_offered_nothing_and_refused(cast, sign_in, objective):
    edit(objective, title="まちがえた題")
    event = newest("objectives_objective", title=1)
    client = sign_in(cast.colleague)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))
    assert "put_back" not in page
    assert client.get(cast.url(f"objectives/{objective.pk}/changes/"), {"put_back": event.pk}).status_code == 403
    assert put_back(client, cast, f"objectives/{objective.pk}", event).status_code == 403


@pytest.mark.parametrize("asked", ["", "0", "x", "９", "9" * 30])
def test_a_change_that_is_none_of_the_row_is_not_put_back(cast, sign_in, objective, asked):
    client = sign_in(cast.manager)
    answer = client.post(cast.url(f"objectives/{objective.pk}/changes/"), {"put_back": asked})
    assert answer.status_code == 404
    other = cast.objective(title="ほか")
    edit(other, title="ほかの題")
    event = newest("objectives_objective", title=1)
    assert put_back(client, cast, f"objectives/{objective.pk}", event).status_code == 404


def button_of(page: str, label: str) -> str:
    """Where the form with this button sends to."""
    (form,) = [part for part in page.split("<form")[1:] if label in part.split("</form>")[0]]
    return form.split('action="')[1].split('"')[0].replace("&amp;", "&")


def test_what_was_dropped_comes_back_from_the_history(cast, sign_in, objective):
    key_result = cast.key_result(objective, title="三つめの結果")
    services.drop_key_result(key_result, reason="数えられない", by=cast.manager)
    client = sign_in(cast.manager)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))
    assert client.post(button_of(page, "計画に戻す")).status_code == 302
    key_result.refresh_from_db()
    assert key_result.dropped_at is None
    services.drop_objective(objective, reason="来期へ", by=cast.manager)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))
    assert client.post(button_of(page, "計画に戻す")).status_code == 302
    objective.refresh_from_db()
    assert objective.dropped_at is None
    assert "計画に戻す</button>" not in text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))


def test_a_connection_taken_away_is_made_again_as_it_was(cast, sign_in, objective):
    other = cast.objective(title="選ばれる焙煎所になる", team=cast.company, level="company", owner=cast.executive)
    services.unalign(services.align(objective, to=other, link=Link.CONTRIBUTES, weight=0.3))
    services.unalign(services.align(objective, to=other, link=Link.CONTRIBUTES, weight=0.7))
    client = sign_in(cast.manager)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))
    assert client.post(button_of(page, "もう一度つなぐ")).status_code == 302
    made = Alignment.objects.get(child=objective)
    assert (made.parent_objective, made.weight, made.link) == (other, 0.7, "contributes")
    assert "もう一度つなぐ" not in text_of(client.get(cast.url(f"objectives/{objective.pk}/changes/")))
    assert "もう一度つなぐ" not in text_of(sign_in(cast.colleague).get(cast.url(f"objectives/{objective.pk}/changes/")))


def test_what_a_team_will_not_do_is_written_again(cast, sign_in):
    wont = NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="値引きで取る契約")
    client = sign_in(cast.manager)
    client.post(cast.url(f"plan/not-doing/{wont.pk}/remove/"))
    page = text_of(client.get(cast.url(f"cycles/{cast.cycle.pk}/changes/")))
    assert client.post(button_of(page, "もう一度書く")).status_code == 302
    assert NotDoing.objects.filter(cycle=cast.cycle, team=cast.sales, text="値引きで取る契約").exists()
    assert "もう一度書く" not in text_of(client.get(cast.url(f"cycles/{cast.cycle.pk}/changes/")))


def test_a_dropped_key_result_is_listed_on_its_objective_and_comes_back_from_there(cast, sign_in, objective):
    key_result = cast.key_result(objective, title="三つめの結果")
    services.drop_key_result(key_result, reason="数えられない", by=cast.manager)
    for reader in (cast.colleague, cast.partner):
        ObjectiveShare.objects.get_or_create(objective=objective, membership=cast.partner)
        page = text_of(sign_in(reader).get(cast.url(f"objectives/{objective.pk}/")))
        assert ("数えられない" in page) == (reader is cast.colleague)
        assert "計画に戻す" not in page
    client = sign_in(cast.manager)
    page = text_of(client.get(cast.url(f"objectives/{objective.pk}/")))
    assert client.post(button_of(page, "計画に戻す")).status_code == 302
    key_result.refresh_from_db()
    assert key_result.dropped_at is None
