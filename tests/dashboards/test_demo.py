"""The example company as one finds it: a small roaster in the middle of its quarter."""

from collections import Counter
from datetime import date, timedelta
from statistics import mean

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from dashboards.demo.check_ins import CHECK_INS
from dashboards.demo.days import Days, told
from dashboards.demo.goals import GOALS
from dashboards.demo.tables import fingerprint
from funnel.formulas.abm import MEASURED
from funnel.formulas.back_calculation import FunnelInput, back_calculate
from funnel.formulas.fits import FIELDS, fit_of
from funnel.models import (
    KGI,
    Candidate,
    Content,
    ContributionReport,
    CountsAs,
    HandoverStep,
    KPIReading,
    LeadMove,
    Matrix,
    Medium,
    PartnerLever,
    RoomMessage,
    StageKind,
    TouchPoint,
)
from funnel.queries.fits import rules_of
from funnel.queries.matrices import cells_on, read_board
from funnel.trees import tree_of
from objectives import rollup
from objectives.formulas.pace import zone
from objectives.formulas.scoring import check_measure
from objectives.models import (
    Action,
    ActionState,
    Activity,
    Approach,
    CheckIn,
    Conflict,
    Cycle,
    CycleState,
    Decision,
    Experiment,
    Grade,
    HealthKPI,
    Intent,
    KeyResult,
    KeyResultScore,
    Kind,
    Lesson,
    Link,
    Notice,
    Objective,
    ObjectiveSnapshot,
    ObjectiveState,
    Outcome,
    Question,
    Retrospective,
    RetrospectiveNote,
    RetrospectiveVote,
    Stage,
    TargetChange,
    Template,
)
from objectives.queries.agreement import agreements_of
from objectives.queries.journeys import picture_of
from people.models import Membership, Organization, Role, Team, User

TODAY = date(2026, 5, 20)
PASSWORD = "try-okr-planner"


@pytest.fixture(scope="module")
def example(django_db_setup, django_db_blocker):
    """Loaded once for all tests here, which only look at it, and taken back at the end."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with quick, django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", today=TODAY, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def organization(example, db, move_clock) -> Organization:
    move_clock(f"{TODAY.isoformat()}T10:00:00+09:00")
    return Organization.objects.get(slug="demo")


def member_of(organization: Organization, email: str) -> Membership:
    return organization.memberships.get(user__email=email)


def last_of(organization: Organization) -> Cycle:
    """The quarter that ended last."""
    return organization.cycles.filter(state=CycleState.CLOSED).latest("start")


def test_the_company_has_four_departments_and_twelve_people(organization):
    assert Team.objects.filter(organization=organization, parent__parent=None).exclude(parent=None).count() == 4
    assert organization.memberships.count() == 12
    assert {person.role for person in organization.memberships.all()} == set(Role.values)
    assert all(User.objects.filter(memberships__organization=organization).values_list("reading", flat=True))


def test_each_example_account_can_sign_in_with_its_role(organization):
    for role in Role.values:
        person = member_of(organization, f"{role}@demo.example")
        assert person.role == role
        assert person.user.check_password(PASSWORD)
    assert not User.objects.get(email="kudo@demo.example").has_usable_password()


def test_the_cycles_lie_around_today(organization):
    current = Cycle.objects.filter(organization=organization).current_on(TODAY)
    assert (current.start, current.end) == (date(2026, 4, 6), date(2026, 7, 5))
    assert current.name == "FY2026 Q1"
    assert organization.cycles.filter(state=CycleState.CLOSED).count() == 4
    closed = last_of(organization)
    assert (closed.start, closed.end) == (date(2026, 1, 5), date(2026, 4, 5))
    assert closed.name == "FY2025 Q4"
    assert organization.check_in_weekday == TODAY.weekday()
    assert organization.scored_on == TODAY


def test_a_cycle_off_the_fiscal_calendar_is_named_by_its_months():
    names = {name: Days(date(2026, 11, 1)).name_of(name, 4) for name in ("last", "current", "next", "year")}
    assert names["current"] == "2026.09–2026.12"
    assert names["year"] == "2026.06–2027.06"
    assert len(set(names.values())) == 4


def test_the_closed_quarter_ended_with_final_scores(organization):
    objectives = Objective.objects.filter(cycle=last_of(organization))
    found = {objective.scored.health for objective in objectives.select_related("scored")}
    assert found == {"closed"}
    zones = {zone(objective.scored.score, objective.kind) for objective in objectives}
    assert zones == {"below", "in", "above"}
    assert all(objective.state == ObjectiveState.CLOSED for objective in objectives)
    for objective in objectives:
        assert objective.snapshots.count() == 13
        assert objective.snapshots.latest("date").score == pytest.approx(objective.scored.score)


def test_the_size_is_that_of_a_small_company(organization):
    objectives = Objective.objects.filter(organization=organization)
    assert 46 <= objectives.count() <= 54
    assert 115 <= KeyResult.objects.filter(objective__in=objectives).count() <= 135
    drafts = objectives.exclude(state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED])
    assert {draft.team.name for draft in drafts} == {
        "凪雪珈琲",
        "オンライン店",
        "法人営業",
        "マーケティング",
        "焙煎・店舗",
    }
    assert {draft.state for draft in drafts} == {"draft", "proposed", "agreed"}


def test_the_next_quarter_is_being_agreed_on(organization):
    drafts = list(Objective.objects.filter(organization=organization, cycle__state=CycleState.DRAFT))
    found = {draft.title: agreement for draft in drafts for agreement in [agreements_of(drafts)[draft.pk]]}

    def of(words):
        (agreement,) = (one for title, one in found.items() if words in title)
        return agreement.asks, [person.user.name for person in agreement.waits_for]

    assert of("紹介だけで") == ("agree", ["藤原 千尋"])
    assert of("もう一度呼ばれる") == ("revise", ["森下 陽菜"])
    assert of("真似したくなる") == ("confirm", ["白石 美桜"])
    assert of("豆の値上がり") == ("agree", ["三浦 誠一郎"])
    (counter,) = (one for title, one in found.items() if "はじめての一杯" in title)
    assert counter.is_mutual
    assert not any(one.asks for title, one in found.items() if "ホテル" in title)
    told = {(row.membership.role, row.kind) for row in Notice.objects.filter(membership__organization=organization)}
    assert {("member", "sent_back"), ("manager", "proposed"), ("executive", "proposed")} <= told


def test_the_planted_duplicate_and_contradiction_are_found_and_nothing_else_is(organization):
    found = {
        (row.kind, row.first.team.name, row.second.team.name)
        for row in Conflict.objects.filter(organization=organization).select_related("first__team", "second__team")
    }
    assert found == {
        ("same_measure", "オンライン店", "マーケティング"),
        ("opposite", "オンライン店", "焙煎・店舗"),
        ("baselines", "凪雪珈琲", "法人営業"),
    }
    assert Notice.objects.filter(kind="conflict", membership=member_of(organization, "manager@demo.example")).exists()


def test_two_goals_go_on_with_baselines_from_where_they_stand(organization):
    carried = Objective.objects.filter(cycle__organization=organization, cycle__state=CycleState.DRAFT)
    carried = carried.exclude(carried_from=None)
    assert {row.title for row in carried} == {
        "雪国で焼いた一杯を、日本じゅうの朝へ",
        "「また来月も」と言いたくなる定期便にする",
    }
    share = KeyResult.objects.get(objective__in=carried, title="北海道の外からの注文の割合")
    before = KeyResult.objects.get(objective__cycle__state=CycleState.ACTIVE, title=share.title)
    assert share.start_value == before.scored.current_value != before.start_value
    box = carried.get(team__name="オンライン店")
    (parent,) = [row for row in box.parents.all() if row.link == Link.CONTRIBUTES]
    assert parent.parent_objective == carried.get(level="company")
    assert Template.objects.get(organization=organization).key_results.count() == 3


def test_every_kind_direction_link_and_intent_is_there(organization):
    key_results = KeyResult.objects.filter(objective__organization=organization)
    assert set(key_results.values_list("kind", flat=True)) == set(Kind.values)
    assert any(kr.start_value > kr.target_value for kr in key_results.filter(kind=Kind.REACH).exclude(start_value=None))
    assert key_results.exclude(weight=None).exists()
    assert key_results.filter(combine="sum").exists()
    assert key_results.filter(kpi__is_rate=True).exists()
    links = [link for objective in organization.objectives.all() for link in objective.parents.all()]
    assert {link.link for link in links} == set(Link.values)
    assert any(link.parent_key_result_id for link in links)
    assert any(objective.parents.count() > 1 for objective in organization.objectives.all())
    assert TargetChange.objects.filter(key_result__in=key_results).exclude(reason="").exists()
    corrections = CheckIn.objects.filter(key_result__in=key_results).exclude(corrects=None)
    assert corrections.count() == 1
    assert corrections.get().created_at > corrections.get().corrects.created_at


def test_every_active_objective_follows_the_rules_of_the_product(organization):
    for objective in organization.objectives.filter(state=ObjectiveState.ACTIVE):
        key_results = list(objective.key_results.all())
        assert 2 <= len(key_results) <= 5
        for key_result in key_results:
            check_measure(key_result.measure)
        assert sum(key_result.weight or 0 for key_result in key_results) <= 1


def test_a_check_in_lies_in_its_cycle_and_was_entered_on_its_day(organization):
    for check_in in CheckIn.objects.filter(key_result__objective__organization=organization).select_related(
        "key_result__objective__cycle"
    ):
        cycle = check_in.key_result.objective.cycle
        assert cycle.start <= check_in.date <= cycle.end
        assert check_in.created_at.astimezone(organization.zone).date() == check_in.date


def test_a_milestone_reports_the_weight_of_the_steps_that_are_done(organization):
    said = CheckIn.objects.filter(key_result__kind=Kind.MILESTONE).exclude(steps_done=[])
    assert said
    for row in said.prefetch_related("key_result__steps"):
        assert row.value == sum(step.weight for step in row.key_result.steps.all() if step.pk in row.steps_done)


def test_a_sum_is_what_the_objectives_below_it_have(organization):
    summed = KeyResultScore.objects.get(
        key_result__submission_key__isnull=False,
        key_result__title="新しい法人契約",
        key_result__objective__title__startswith="はたらく場所",
        key_result__objective__organization=organization,
    )
    below = KeyResultScore.objects.get(key_result__title="新しい業界との契約")
    assert summed.current_value == below.current_value


def test_the_words_are_many_and_none_is_said_twice():
    said = [
        words
        for log in CHECK_INS.values()
        for note in log.notes.values()
        for words in (note.well, note.obstacle, note.next)
        if words
    ]
    assert len(said) >= 60
    assert len(set(said)) == len(said)


def test_every_log_belongs_to_a_key_result_and_fits_its_cycle():
    weeks = {"first": 13, "second": 13, "third": 13, "last": 13, "current": 7, "year": 20}
    cycles = {result.key: goal.cycle for goal in GOALS for result in goal.results}
    assert len(cycles) == sum(len(goal.results) for goal in GOALS)
    for key, log in CHECK_INS.items():
        assert len(log.values.split()) <= weeks[cycles[key]]
        assert all(0 <= sure <= 10 for _value, sure in told(log).values())
        assert set(log.notes) <= set(told(log))


def test_the_revenue_is_a_tree_of_nine_levers_that_promises_far_too_much(organization):
    revenue = KGI.objects.get(organization=organization, name="年間売上")
    assert revenue.must_hit_value == revenue.last_year_value * 3 / 2 == 450_000_000
    assert revenue.challenge_value == revenue.last_year_value * 3 == 900_000_000
    assert not hasattr(revenue, "funnel")
    planned = tree_of(revenue)
    assert planned.beside == ()
    assert [kpi.name for kpi in planned.children(planned.goal)] == ["新規の受注", "既存のお客さまのLTV", "平均単価"]
    levers = [kpi for kpi in planned.levers if not kpi.is_locked]
    assert len(levers) == 9
    assert all(kpi.owner and kpi.source for kpi in levers)
    found = {column: planned.tree.evaluate(column)["revenue"] for column in ("current", "must_hit")}
    assert found["current"] == pytest.approx(300_000_000, rel=0.001)
    assert found["must_hit"] == pytest.approx(450_000_000, rel=0.01)
    changed = revenue.plan_changes.get()
    assert (changed.before, changed.after) == (400_000_000, 450_000_000)
    assert changed.reason


def test_the_tree_page_says_how_many_times_the_levers_make_and_how_many_are_needed(organization, sign_in):
    revenue = KGI.objects.get(organization=organization, name="年間売上")
    executive = member_of(organization, "executive@demo.example")
    text = sign_in(executive, language="en").get(f"/o/demo/kgis/{revenue.pk}/tree/").text
    for said in ("alone make 65.6×.", "Needed is 3×.", "An even 1.316× on each of the 4 is enough."):
        assert said in text
    assert "新規の受注" in text


def test_the_corporate_funnel_is_the_one_of_a_hundred_inquiries_a_month(organization):
    corporate = KGI.objects.get(organization=organization, name="法人定期便の新規売上")
    numbers = {kpi.key: kpi.challenge for kpi in corporate.kpis.all()}
    known = {name: numbers[name] for name in ("unit_price", "win_rate", "deal_rate", "cv_rate")}
    plan = back_calculate(FunnelInput(corporate.challenge_value, **known))
    assert abs(plan.visits - numbers["visits"].as_integer_ratio()[0] / numbers["visits"].as_integer_ratio()[1]) < 1
    assert round(plan.cvs / 12) == 99


def test_a_check_in_on_a_rate_fed_its_kpi(organization):
    reading = KPIReading.objects.filter(kpi__kgi__name="法人定期便の新規売上", kpi__key="win_rate").first()
    assert 0.19 < reading.value < 0.22
    assert CheckIn.objects.filter(pk=reading.source.removeprefix("check-in:")).exists()


def test_the_partner_sees_the_shared_branch_alone(organization):
    partner = member_of(organization, "partner@demo.example")
    seen = Objective.objects.visible_to(partner)
    assert [objective.title for objective in seen] == ["「北海道のコーヒー」で、最初に思い出される店になる"]
    assert KeyResult.objects.checkable_by(partner).count() == 3
    assert [kgi.name for kgi in KGI.objects.visible_to(partner)] == ["法人定期便の新規売上"]


def test_the_agency_was_chosen_for_its_questions_and_its_work_is_told_in_yen(organization):
    partner = member_of(organization, "partner@demo.example")
    states = Counter(Candidate.objects.filter(organization=organization).values_list("state", flat=True))
    assert states == {"chosen": 1, "declined": 2, "open": 1}
    chosen = Candidate.objects.get(state="chosen")
    assert chosen.membership == partner
    assert chosen.reason
    assert chosen.ratings.count() == 2
    room = partner.room
    assert not room.is_empty
    assert all((room.agreement, room.margin, room.monthly_fee))
    held = PartnerLever.objects.held(organization.today).filter(membership=partner)
    assert {row.kpi.key for row in held} == {"visits", "cv_rate"}
    reports = ContributionReport.objects.visible_to(partner).order_by("month")
    brought = [report.content["own"] for report in reports]
    assert [round(own / 10_000) for own in brought] == [22, -30, 64, 95]
    assert [report.content["profit"]["net"] > 0 for report in reports] == [False, False, True, True]
    questions = RoomMessage.objects.visible_to(partner).questions()
    assert questions.open_questions().exists()
    assert questions.exclude(settled_at=None).exists()
    steps = HandoverStep.objects.filter(partner=partner)
    assert 4 <= steps.exclude(done_at=None).count() <= steps.count() / 2


def test_the_consultants_home_shows_both_organizations_with_what_is_due(organization, sign_in):
    consultant = member_of(organization, "consultant@demo.example")
    assert consultant.user.check_password(PASSWORD)
    client = sign_in(consultant)
    answer = client.get("/organizations/")
    text, places = (
        answer.text,
        {row["place"].membership.organization.slug: row["place"] for row in answer.context["rows"]},
    )
    assert set(places) == {"demo", "demo-inn"}
    assert (places["demo"].membership.role, places["demo-inn"].membership.role) == (Role.PARTNER, Role.MANAGER)
    assert all(place.owed for place in places.values())
    assert places["demo-inn"].actions
    assert all(words in text for words in ("凪雪珈琲", "年間売上", "帆灯の宿", "直接予約の宿泊売上"))
    assert places["demo"].owed == client.get("/o/demo/room/").context["room"].due


def test_nothing_of_one_organization_is_seen_in_the_other(organization, sign_in):
    consultant = member_of(organization, "consultant@demo.example")
    inn = Organization.objects.get(slug="demo-inn")
    theirs = ("帆灯の宿", "直接予約", "葛西", "季節ごとの宿泊プラン")
    ours = ("年間売上", "法人定期便", "大西", "定期便にする", "長谷川")
    client = sign_in(consultant)
    for path in ("this-week/", "objectives/", "kgis/", "notices/", "search/?q=の", "actions/?whose=all"):
        said = client.get(f"/o/demo/{path}")
        assert said.status_code == 200, path
        assert not any(words in said.content.decode().partition("<main")[2] for words in theirs), path
        said = client.get(f"/o/demo-inn/{path}")
        assert said.status_code == 200, path
        assert not any(words in said.content.decode().partition("<main")[2] for words in ours), path
    of_the_inn, of_ours = inn.objectives.first(), Objective.objects.visible_to(consultant).first()
    assert client.get(f"/o/demo-inn/objectives/{of_the_inn.pk}/").status_code == 200
    assert client.get(f"/o/demo/objectives/{of_the_inn.pk}/").status_code == 404
    assert client.get(f"/o/demo-inn/objectives/{of_ours.pk}/").status_code == 404
    assert sign_in(member_of(organization, "admin@demo.example")).get("/o/demo-inn/this-week/").status_code == 404
    assert sign_in(inn.memberships.get(role=Role.ADMIN)).get("/o/demo/this-week/").status_code == 404


def test_the_history_reaches_to_today_and_begins_where_work_began(organization):
    current = Cycle.objects.filter(organization=organization).current_on(TODAY)
    days = ObjectiveSnapshot.objects.filter(objective__cycle=current).values_list("date", flat=True)
    assert {TODAY - timedelta(days=number) for number in range(21)} <= set(days)
    late = Objective.objects.in_cycle(current).get(activated_on__gt=current.start)
    assert late.snapshots.earliest("date").date == late.activated_on


def test_the_stored_scores_are_what_a_repair_would_find(organization):
    before = fingerprint(organization)
    rollup.rescore_organization(organization, TODAY)
    assert fingerprint(organization) == before


def test_every_objective_of_the_last_quarter_has_a_grade_and_two_were_changed_with_a_reason(organization):
    last = last_of(organization)
    grades = Grade.objects.filter(objective__cycle=last).select_related("objective__scored")
    assert grades.count() == last.objectives.count() == 5
    assert all(grade.computed == pytest.approx(grade.objective.scored.score) for grade in grades)
    changed = [grade for grade in grades if grade.is_overridden]
    assert {grade.override > grade.computed for grade in changed} == {True, False}
    assert all(len(grade.reason) > 20 for grade in changed)
    assert {grade.outcome for grade in grades} == {"carried", "finished", "dropped", "health_kpi"}
    carried = {grade.objective for grade in grades if grade.outcome == "carried"}
    assert carried == {row.carried_from for row in organization.objectives.exclude(carried_from=None)} & set(
        last.objectives.all()
    )
    assert HealthKPI.objects.get(made_from__objective__cycle=last).team.organization == organization
    steps = list(last.cycle_steps.values_list("old_state", "new_state"))
    assert steps == [("draft", "active"), ("active", "closed"), ("closed", "active"), ("active", "closed")]


def test_people_looked_back_and_what_they_learned_hangs_on_what_it_is_about(organization):
    ended = Retrospective.objects.filter(organization=organization, stage=Stage.ENDED)
    assert ended.count() == 5
    for retrospective in ended:
        notes = RetrospectiveNote.objects.filter(retrospective=retrospective)
        assert 6 <= notes.count() <= 12
        assert {note.question for note in notes} == set(Question.values)
        assert all(note.cause for note in notes if note.question == Question.MISSED)
        votes = RetrospectiveVote.objects.filter(note__in=notes)
        assert not votes.exclude(note__under=None).exists()
        by_person = Counter(votes.values_list("membership", flat=True))
        assert max(by_person.values()) <= retrospective.votes_each
        assert retrospective.summary
        assert notes.values("author").distinct().count() >= 2
    lessons = Lesson.objects.filter(organization=organization)
    assert 12 <= lessons.count() <= 15
    assert lessons.filter(kpi=None, key_result=None, measure="").count() == 0
    assert lessons.exclude(note=None).count() >= 8
    member = member_of(organization, "member@demo.example")
    assert Retrospective.objects.editable_by(member).running().get().stage == Stage.VOTING
    tried = Experiment.objects.filter(organization=organization)
    assert set(tried.values_list("decision", flat=True)) == set(Decision.values)
    assert [row.title for row in tried.running().filter(ends_on__lt=TODAY)] == [
        "産地の読みものの終わりに、淹れ方の短い動画を置く"
    ]


def test_quarter_by_quarter_the_goals_came_nearer_to_the_band(organization):
    """So that what looks across cycles has something to find."""
    cycles = organization.cycles.filter(state=CycleState.CLOSED).order_by("start")
    means = []
    for cycle in cycles:
        grades = Grade.objects.filter(objective__cycle=cycle, objective__kind=Intent.ASPIRATIONAL)
        assert grades.count() >= 3
        means.append(mean(grade.score for grade in grades))
    assert [round(each, 1) for each in means] == [0.2, 0.4, 0.7, 0.6]
    assert not Grade.objects.filter(objective__organization=organization, outcome=Outcome.OPEN).exists()


def leads_of(organization: Organization) -> Matrix:
    return organization.matrices.get(has_leads=True)


def test_a_journey_leads_from_the_first_glance_to_recommending_with_every_cell_filled(organization):
    journey = organization.journeys.get()
    phases = list(journey.phases.all())
    assert len(phases) == 5
    assert all(phase.thinks and phase.wants and phase.condition for phase in phases)
    points = TouchPoint.objects.filter(phase__journey=journey)
    assert 12 <= points.count() <= 16
    assert {point.medium for point in points} == set(Medium.values)
    assert [point.number for point in points.order_by("phase__position", "position")] == [*range(1, len(points) + 1)]
    contents = Content.objects.filter(touch_point__in=points)
    assert contents.count() >= 20
    assert contents.filter(state="done").count() >= 10
    assert contents.filter(publish_on=TODAY).exclude(state="done").exists()
    assert contents.filter(publish_on__lt=TODAY).exclude(state="done").exists()
    assert contents.filter(publish_on__gt=TODAY + timedelta(days=7)).exists()


def test_one_touch_point_leads_to_nothing_and_one_lever_has_no_touch_point(organization):
    """So that the page has a gap of each kind to show."""
    journey = organization.journeys.get()
    points = TouchPoint.objects.filter(phase__journey=journey)
    assert [point.name for point in points.filter(actions=None)] == ["ご利用中の会社への便り"]
    assert [point.name for point in points.filter(contents=None)] == ["ご利用中の会社への便り"]
    executive = member_of(organization, "executive@demo.example")
    picture = picture_of(journey, executive)
    assert [lever.kpi.key for lever in picture.findings.unserved] == ["deal_rate"]
    assert [point.row.name for point in picture.findings.bare] == ["ご利用中の会社への便り"]
    assert len(picture.findings.late) == 2


def test_the_leads_stand_where_their_moves_brought_them(organization):
    matrix = leads_of(organization)
    cells = Counter()
    last = {}
    for move in LeadMove.objects.filter(matrix=matrix).order_by("date", "id"):
        origin = (move.from_stage_id, move.from_fit)
        if move.lead_id in last:
            assert origin == last[move.lead_id][0]
            cells[origin] -= 1
        else:
            assert origin == (None, "")
        cells[move.to_stage_id, move.to_fit] += 1
        since = move.date if origin[0] != move.to_stage_id else last[move.lead_id][1]
        last[move.lead_id] = (move.to_stage_id, move.to_fit), since
    leads = list(matrix.leads.all())
    assert 220 <= len(leads) <= 260
    assert {lead.pk: ((lead.stage_id, lead.fit), lead.since) for lead in leads} == last
    assert {cell: count for cell, count in cells.items() if count} == cells_on(matrix, TODAY)
    assert {lead.version for lead in leads} >= {1, 2, 3, 4}


def test_every_lead_fits_as_the_conditions_say_unless_somebody_set_it(organization):
    matrix = leads_of(organization)
    rules = rules_of(matrix)
    assert set(rules) == {"A", "B"}
    for lead in matrix.leads.filter(fit_is_set=False):
        assert lead.fit == fit_of({name: getattr(lead, name) for name in FIELDS}, rules)
    (by_hand,) = matrix.leads.filter(fit_is_set=True)
    assert by_hand.note
    assert matrix.moves.exclude(from_fit="").exclude(from_fit__in=["A", "B"]).filter(to_fit__in=["A", "B"]).exists()


def test_twelve_weeks_of_moves_say_rates_near_those_of_the_funnel(organization):
    matrix = leads_of(organization)
    board = read_board(matrix, today=TODAY)
    kinds = {stage.pk: stage.kind for stage in board.stages}
    assert len(board.stages) == 11
    assert all(stage.criteria for stage in board.stages)
    moves = matrix.moves.exclude(from_stage=None)
    assert {(TODAY - move.date).days // 7 for move in moves} >= set(range(12))
    assert {kinds[move.to_stage_id] for move in moves} == set(StageKind.values)
    order = {stage.pk: stage.position for stage in board.stages if stage.kind == StageKind.OPEN}
    backward = [move for move in moves if order.get(move.to_stage_id, 99) < order.get(move.from_stage_id, -1)]
    assert len(backward) >= 10
    assert all(board.chain.leaving[stage].known == MEASURED for stage in board.chain.leaving)
    cv, deal, order_ = (board.counting(volume).pk for volume in (CountsAs.CV, CountsAs.DEAL, CountsAs.ORDER))
    levers = {kpi.key: float(kpi.current) for kpi in matrix.kgi.kpis.filter(key__in=["deal_rate", "win_rate"])}
    assert board.chain.rate(cv, [deal]).share == pytest.approx(levers["deal_rate"], abs=0.1)
    assert board.chain.rate(deal, [order_]).share == pytest.approx(levers["win_rate"], abs=0.06)
    assert matrix.cell_targets.exists()
    assert matrix.move_targets.exists()


def test_the_other_matrix_keeps_numbers_only_and_no_cell_is_ever_below_none(organization):
    matrix = organization.matrices.get(has_leads=False)
    assert not matrix.leads.exists()
    days = sorted(set(matrix.moves.values_list("date", flat=True)))
    assert len(days) == 12
    for day in days:
        assert min(cells_on(matrix, day).values()) >= 0
    counted = sum(matrix.cell_counts.values_list("count", flat=True))
    came = sum(matrix.moves.filter(from_stage=None).values_list("count", flat=True))
    assert sum(cells_on(matrix, TODAY).values()) == counted + came


def test_the_plans_say_where_their_ideas_come_from_and_what_became_of_them(organization):
    planned = Action.objects.filter(organization=organization).exclude(approach=Approach.UNSAID)
    assert planned.count() >= 20
    assert set(planned.values_list("approach", flat=True)) == {"same", "other", "untried"}
    assert all(action.why_nobody for action in planned.filter(approach=Approach.UNTRIED))
    begun = planned.filter(state=ActionState.OPEN).exclude(began_on=None)
    waiting = planned.filter(state=ActionState.OPEN, began_on=None)
    done, dropped = (planned.filter(state=state) for state in (ActionState.DONE, ActionState.DROPPED))
    assert min(begun.count(), waiting.count(), done.count()) >= 3
    assert dropped.get().dropped_reason
    assert all(action.starts_on > TODAY for action in waiting)
    cycle = Cycle.objects.filter(organization=organization).current_on(TODAY)
    assert all(cycle.start <= action.starts_on <= action.due_on <= cycle.end for action in planned)
    assert done.filter(actual_change=None).count() == 0
    assert sum(action.orders for action in done) >= 5
    assert sum(action.revenue for action in done) > sum(action.cost for action in done)
    tried = Experiment.objects.filter(action__in=planned)
    assert {Decision.SCALE, Decision.STOP, Decision.OPEN} <= set(tried.values_list("decision", flat=True))
    lines = Activity.objects.filter(action__in=planned)
    assert lines.count() >= 15
    assert all(line.key_result_id == line.action.key_result_id for line in lines.select_related("action"))


def test_nothing_of_the_journey_the_matrices_and_the_plans_is_dated_after_today(organization):
    days = [
        *organization.leads.values_list("since", flat=True),
        *LeadMove.objects.filter(matrix__organization=organization).values_list("date", flat=True),
        *Content.objects.exclude(published_on=None).values_list("published_on", flat=True),
        *organization.actions.exclude(began_on=None).values_list("began_on", flat=True),
        *organization.actions.exclude(closed_on=None).values_list("closed_on", flat=True),
        *organization.activities.values_list("date", flat=True),
    ]
    assert max(days) <= TODAY
    assert not any(day.weekday() > 4 for day in LeadMove.objects.values_list("date", flat=True))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_of_journey_matrix_and_plans_show_it_in_both_languages(organization, sign_in, language):
    journey, matrix = organization.journeys.get(), leads_of(organization)
    client = sign_in(member_of(organization, "manager@demo.example"), language=language)
    for path, words in (
        (f"journeys/{journey.pk}/", "ご利用中の会社への便り"),
        ("contents/", "来客用の珈琲は、何分前に淹れるか"),
        (f"matrix/{matrix.pk}/", "アポ見込み"),
        (f"matrix/{matrix.pk}/leads/", ".example"),
        ("actions/board/?whose=all", "掃除の当番がいらない契約をつくる"),
        ("actions/timeline/?whose=all", "掃除の当番がいらない契約をつくる"),
        ("actions/effects/", "決裁者を、朝七時の焙煎所に招く"),
    ):
        answer = client.get(f"/o/demo/{path}")
        assert answer.status_code == 200, path
        assert words in answer.text, path
        assert f'lang="{language}"' in answer.text
