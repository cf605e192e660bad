"""The company on one page, as an executive opens it before the Monday meeting."""

import gzip
import json
import re
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from dashboards import queries
from dashboards.sentences import silence_finding, spread_finding
from funnel.models import KGI
from funnel.services import record_actual
from objectives import rollup, services
from objectives.models import KeyResult, Level, Objective, ObjectiveShare, ObjectiveState
from tests.cast import NOW, TODAY

MOST_QUERIES = 24


@pytest.fixture
def company(cast, move_clock):
    """A company goal over two departments, reported in week 5 and week 7; read in English by the executive."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.top = cast.objective(title="札幌の味を全国へ", level=Level.COMPANY, team=cast.company, owner=cast.executive)
    cast.sold = cast.objective(title="午後を珈琲で支える", team=cast.sales)
    cast.shop = cast.objective(title="朝の定番になる", team=cast.online, owner=cast.colleague)
    for child in (cast.sold, cast.shop):
        services.align(child, to=cast.top)
    move_clock(NOW)
    report(cast, cast.sold, 20, date(2026, 5, 8), obstacle="見積の承認に6日かかる")
    report(cast, cast.sold, 40, date(2026, 5, 18), obstacle="見積の承認に6日かかる")
    report(cast, cast.shop, 10, date(2026, 5, 8))
    rollup.drain()
    return cast


def report(cast, objective, value, day=TODAY, **said):
    for key_result in objective.key_results.all():
        services.record_check_in(
            KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day, **said
        )


def revenue(cast, actual=320_000_000, **fields):
    made = KGI.objects.create(
        **{
            "organization": cast.organization,
            "name": "年間売上",
            "period_start": date(2026, 4, 1),
            "period_end": date(2027, 3, 31),
            "last_year_value": 300_000_000,
            "must_hit_value": 450_000_000,
            "challenge_value": 900_000_000,
        }
        | fields
    )
    if actual is not None:
        record_actual(made, date=TODAY, value=Decimal(actual), recorded_by=cast.executive)
    return made


def page(client, cast, query="", **headers):
    return client.get(cast.url(f"company/{query}"), headers=headers)


def text_of(response):
    html = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def figure_of(response, name):
    found = re.search(
        rf'<script id="{name}" type="application/json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return json.loads(found.group(1))


def test_an_executive_sees_the_whole_company_on_one_page(company, sign_in):
    revenue(company)
    response = page(sign_in(company.executive, language="en"), company)
    assert response.status_code == 200
    text = text_of(response)
    assert "年間売上 stood at ¥320M on 20 May, ¥130M short of must-hit." in text
    assert "Of 3 objectives" in text
    assert "key results head higher" in text
    assert "見積の承認に6日かかる" in text
    assert "for 12 days" in text
    assert "On average 2 of 3 departments are below the band" in text
    assert "札幌の味を全国へ" in text
    assert "They rank nobody" in text
    assert "オンライン店" in text.split("being heard")[1]


def test_the_page_speaks_japanese_to_a_japanese_reader(company, sign_in):
    response = page(sign_in(company.executive), company)
    assert response.status_code == 200
    assert 'lang="ja"' in response.content.decode()


@pytest.mark.parametrize("role", ["admin", "executive", "manager", "member", "colleague", "partner"])
def test_every_role_may_open_it(company, sign_in, role):
    assert page(sign_in(getattr(company, role)), company).status_code == 200


def test_a_stranger_meets_404_and_nobody_without_signing_in_gets_in(company, sign_in, client):
    for path in ("company/", "company/map/"):
        assert sign_in(company.stranger).get(company.url(path)).status_code == 404
        assert client.get(company.url(path)).status_code == 302


def test_only_reading_is_offered(company, sign_in):
    for path in ("company/", "company/map/"):
        assert sign_in(company.admin).post(company.url(path)).status_code == 405


def test_a_check_in_moves_the_numbers_once_the_worker_ran(company, sign_in):
    client = sign_in(company.executive, language="en")
    before = page(client, company)
    report(company, company.shop, 60)
    rollup.drain()
    after = page(client, company)
    assert before.context["spread"].counts != after.context["spread"].counts


def test_the_chart_is_accepted_by_plotly_and_has_a_table_of_its_numbers(company, sign_in):
    response = page(sign_in(company.executive, language="en"), company)
    html = response.content.decode()
    for name in ("distribution",):
        figure = json.loads(re.sub(r"role:[a-z-]+", "#123456", json.dumps(figure_of(response, name))))
        go.Figure({"data": figure["data"], "layout": figure["layout"]})
        table = re.search(rf'data-table="{name}">.*?</table>', html, re.DOTALL).group(0)
        assert table.count("<tr>") > 1
        assert f'data-for="{name}"' in html
        assert re.search(rf'data-figure="{name}"[^>]*aria-label="[^"]+"', html)


def test_the_counts_and_departments_lead_to_just_the_objectives_they_count(company, sign_in):
    company.objective(title="下書き", state=ObjectiveState.DRAFT)
    company.objective(title="まだ誰も", team=company.online)
    client = sign_in(company.executive, language="en")
    response = page(client, company)
    html = response.content.decode().replace("&amp;", "&")
    for zone, count in response.context["spread"].counts.items():
        (address,) = set(re.findall(rf'href="([^"]*[?&]zone={zone})"', html))
        assert len(client.get(address).context["rows"]) == count
    table = html.split('id="departments"')[1].split("</section>")[0]
    for department in response.context["departments"][1:]:
        address = next(
            one for one in re.findall(r'href="([^"]+)"', table) if one.endswith(f"team={department.turn.pk}")
        )
        assert department.turn.name in text_of(client.get(address))


def test_the_page_holds_no_inline_script_style_or_handler(company, sign_in):
    html = page(sign_in(company.executive), company).content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=", html)
    assert all("application/json" in tag or " src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_what_people_write_stays_words(company, sign_in):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    Objective.objects.filter(pk=company.sold.pk).update(title=evil)
    company.sales.name = evil[:100]
    company.sales.save()
    report(company, company.sold, 40, obstacle=evil)
    revenue(company, name=evil[:120])
    response = page(sign_in(company.executive), company)
    html = response.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    hover = [words for trace in figure_of(response, "distribution")["data"] for words in trace["hovertext"]]
    assert any("&lt;" in words for words in hover)
    assert not any("<script" in words for words in hover)


def test_a_partner_sees_their_branch_and_no_name_outside_it(company, sign_in):
    ObjectiveShare.objects.create(objective=company.shop, membership=company.partner)
    text = text_of(page(sign_in(company.partner, language="en"), company))
    assert "朝の定番になる" in text
    for hidden in ("午後を珈琲で支える", "札幌の味を全国へ", "見積の承認", "法人営業"):
        assert hidden not in text


def test_a_partner_reads_sentences_about_what_is_shared_and_none_about_the_company(company, sign_in):
    for objective in (company.sold, company.shop):
        ObjectiveShare.objects.create(objective=objective, membership=company.partner)
    answer = page(sign_in(company.partner, language="en"), company)
    assert "shared with you" in answer.content.decode().split("<h1")[1].split("</h1>")[0]
    text = text_of(answer)
    for untrue in ("team is being heard", "not being heard", "department", "Signs to look at", "Meeting room"):
        assert untrue not in text, untrue


def test_a_partner_with_nothing_shared_sees_an_empty_page(company, sign_in):
    assert "Nothing is shared with you yet" in text_of(page(sign_in(company.partner, language="en"), company))


# Few and many


def test_an_empty_cycle_teaches_what_the_page_is_for(cast, sign_in):
    response = page(sign_in(cast.executive, language="en"), cast)
    assert response.status_code == 200
    text = text_of(response)
    assert "No active objective in this cycle yet" in text
    assert "For example:" in text
    assert "Go to the objectives" in text
    assert "plotly.min.js" not in response.content.decode()
    first = f"{cast.url('plan/objectives/new/')}?cycle={cast.cycle.pk}"
    assert first in response.text
    assert sign_in(cast.member).get(first).status_code == 200, "whoever sees the way in may go it"
    assert first not in page(sign_in(cast.partner), cast).text


def test_an_organization_without_a_cycle_has_a_page_and_no_map(cast, sign_in):
    cast.organization.cycles.all().delete()
    client = sign_in(cast.executive, language="en")
    assert "No cycle yet" in text_of(page(client, cast))


def test_one_objective_nobody_has_reported_on_makes_a_whole_page(cast, sign_in):
    cast.objective()
    text = text_of(page(sign_in(cast.executive, language="en"), cast))
    assert "Nobody has reported on the 1 objective yet." in text
    assert "No department has reported yet." in text


def test_drafts_are_not_counted(cast, sign_in):
    cast.objective(state=ObjectiveState.DRAFT)
    assert "No active objective" in text_of(page(sign_in(cast.executive, language="en"), cast))


def test_a_closed_cycle_shows_its_scores_and_nothing_that_is_waiting(company, sign_in):
    services.change_cycle_state(company.cycle, to="closed", by=company.admin)
    text = text_of(page(sign_in(company.executive, language="en"), company, f"?cycle={company.cycle.pk}"))
    assert "ended in the band" in text
    for waiting in ("obstacle", "being heard", "key results head"):
        assert waiting not in text


def test_another_cycle_can_be_looked_at_and_an_unknown_one_is_404(company, sign_in):
    client = sign_in(company.executive, language="en")
    assert "No active objective" in text_of(page(client, company, f"?cycle={company.closed_cycle.pk}"))
    for unknown in ("999999", "x", "-1", "9" * 40):
        assert page(client, company, f"?cycle={unknown}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_company(company, sign_in):
    revenue(company)
    client = sign_in(company.executive)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert page(client, company).status_code == 200
        return len(captured)

    cost()
    few = cost()
    for number in range(15):
        objective = company.objective(title=f"目標{number}", team=company.online, owner=company.colleague)
        services.align(objective, to=company.top)
        report(company, objective, 10 + number, date(2026, 5, 8), obstacle="障害")
        report(company, objective, 20 + number, obstacle="障害")
        revenue(company, name=f"KGI {number}")
    rollup.drain()
    assert cost() == few <= MOST_QUERIES


def test_hundreds_of_objectives_stay_a_light_page(company, sign_in):
    title = "とても長い名前の目標がここにあるので幅が足りない"
    given = {"team": company.online, "owner": company.colleague, "state": ObjectiveState.ACTIVE}
    made = company.many(400, title, **given)
    above = [company.top, *made]
    for number, child in enumerate(made):
        child.parents.create(parent_objective=above[number // 15])
    rollup.rescore_organization(company.organization, TODAY)
    response = page(sign_in(company.executive), company)
    assert response.context["spread"].total > 400
    assert len(gzip.compress(response.content)) < 60_000


# The KGI


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"actual": 450_000_000}, "has reached its must-hit target of ¥450M"),
        ({"actual": 1_000_000_000}, "has reached its challenge target"),
        ({"must_hit_value": None}, "年間売上 stood at ¥320M on 20 May."),
        ({"actual": None}, "年間売上: no actual is in yet."),
        ({"actual": None, "current_value": 310_000_000}, "None is in yet · ¥310M when planned"),
        ({"must_hit_value": None, "last_year_value": None}, "年間売上 stood at ¥320M on 20 May."),
        ({"period_start": None}, "¥130M short of must-hit"),
        ({"actual": -5, "last_year_value": -7, "unit": "%"}, "short of must-hit"),
        ({"actual": 0, "last_year_value": 0, "must_hit_value": 0, "challenge_value": 0}, "challenge target"),
    ],
)
def test_a_kgi_is_said_as_far_as_it_is_known(company, sign_in, fields, sentence):
    revenue(company, **fields)
    assert sentence in text_of(page(sign_in(company.executive, language="en"), company))


@pytest.mark.parametrize("years", [11, 100])
@pytest.mark.parametrize(
    "path",
    ["company/", "company/map/", "plan/", "kgis/", "kgis/{kgi}/", "kgis/{kgi}/funnel/", "kgis/{kgi}/key-results/"],
)
def test_a_kgi_of_many_years_opens_every_page(company, sign_in, path, years):
    kgi = revenue(company, period_start=date(2026 - years // 2, 4, 1), period_end=date(2026 + years, 3, 31))
    assert sign_in(company.admin).get(company.url(path.format(kgi=kgi.pk))).status_code == 200


@pytest.mark.parametrize(
    ("fields", "drawn"),
    [
        ({"actual": 450_000_000}, ("0.00%", "0.00%", "50.00%")),
        ({"actual": -300_000_000}, ("25.00%", "0.00%", "25.00%")),
        (
            {"actual": -5, "last_year_value": -10, "must_hit_value": 0, "challenge_value": 10},
            ("50.00%", "25.00%", "25.00%"),
        ),
        (
            {"actual": -5, "last_year_value": -10, "must_hit_value": -2, "challenge_value": 0},
            ("100.00%", "50.00%", "50.00%"),
        ),
    ],
)
def test_the_bar_of_a_kgi_begins_at_zero_on_either_side(company, sign_in, fields, drawn):
    revenue(company, **fields)
    html = page(sign_in(company.executive), company).text
    zero, at, length = drawn
    assert f'<line class="end" x1="{zero}" x2="{zero}"' in html
    assert f'<rect class="value" x="{at}" width="{length}"' in html


def test_what_was_planned_is_never_called_now_and_the_way_to_write_it_is_shown_to_planners(company, sign_in):
    kgi = revenue(company, actual=None, current_value=310_000_000)
    for role, may in (("executive", True), ("member", False)):
        response = page(sign_in(getattr(company, role), language="en"), company)
        assert "stood at" not in text_of(response)
        assert (company.url(f"kgis/{kgi.pk}/actual/") in response.text) is may


def test_a_kgi_without_a_target_or_a_day_is_a_draft_and_stays_off_the_page(company, sign_in):
    client = sign_in(company.executive, language="en")
    for fields in ({"must_hit_value": None, "challenge_value": None}, {"period_end": None}):
        draft = revenue(company, name="売上を上げる", **fields)
        assert "売上を上げる" not in text_of(page(client, company))
        for path in ("kgis/", f"kgis/{draft.pk}/"):
            assert "売上を上げる Draft" in text_of(client.get(company.url(path)))


def test_the_headline_leads_to_the_objectives_that_changed_sides(company, sign_in, move_clock):
    revenue(company)
    move_clock("2026-05-28T09:00:00+09:00")
    report(company, company.shop, 100, date(2026, 5, 28))
    rollup.drain()
    response = page(sign_in(company.executive, language="en"), company)
    assert '<a href="#shifted">Against the band, ' in response.text
    listed = response.text.split('id="shifted"')[1].split("</ul>")[0]
    assert "朝の定番になる" in listed
    assert response.context["shift"].left_out == 0


def test_all_that_moved_can_be_seen(company, sign_in):
    response = page(sign_in(company.executive, language="en"), company)
    movement = response.context["movement"]
    assert ("?cycle" in response.text.split('id="movers"')[1].split("</section>")[0]) is (movement.left_out > 0)
    everything = page(sign_in(company.executive, language="en"), company, "?movers=all").context["movement"]
    assert everything.left_out == 0
    assert len(everything.movers) >= len(movement.movers)


def test_a_check_in_a_few_days_late_is_overdue_and_not_silence():
    with override("en"):
        assert silence_finding(queries.Silence(total=1, overdue=1)) == "1 check-in is overdue"
        assert silence_finding(queries.Silence(total=2, overdue=1, quiet=1)) == "1 team is not being heard"
        assert silence_finding(queries.Silence()) == "Every team is being heard"


def test_objectives_nobody_has_reported_on_head_nowhere():
    counts = {"below": 0, "in": 0, "above": 0, "none": 2}
    with override("en"):
        silent = spread_finding(queries.Distribution(counts, (), ()), is_closed=False)
        assert silent == "Nobody has reported on any of the 2 objectives yet."
        heard = spread_finding(queries.Distribution(counts | {"in": 1, "below": 1}, (), ()), is_closed=False)
        assert heard == "Of 4 objectives, 1 head into the band and 1 below it."
        well = spread_finding(queries.Distribution(counts | {"in": 1}, (), ()), is_closed=False)
        assert well == "3 objectives, none below the band"


def goal(title, kind, value):
    zone = "not_reported" if value is None else "in" if value >= (0.95 if kind == "committed" else 0.6) else "below"
    return queries.Goal(1, title, "", 1, title, kind, "全社", value, zone, 3, 0, 2)


def test_no_probability_is_invented(company, sign_in):
    revenue(company)
    text = text_of(page(sign_in(company.executive, language="en"), company))
    assert "robab" not in text
    assert "It is not a forecast" in text
