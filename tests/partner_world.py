"""A company of which one partner sees some branches, and beside them hidden rows of every table there is.

What is shown is laid by hand. What is hidden is made from the tables themselves, so that a new table cannot be
forgotten: every text of it bears `MARK`, every amount is `AMOUNT`, and every number by which it is named is above
`HIDDEN`. Whatever of these reaches the partner has leaked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from funnel.models import (
    KGI,
    KPI,
    ContributionReport,
    HandoverStep,
    KGIShare,
    KPIReading,
    KPIShare,
    PartnerLever,
    PartnerRoom,
    RoomMessage,
    Scenario,
)
from objectives import rollup
from objectives.forecasting import kgis
from objectives.models import (
    Action,
    Alignment,
    CheckIn,
    Cycle,
    KeyResult,
    Level,
    Link,
    Notice,
    NoticeKind,
    Objective,
    ObjectiveState,
)
from objectives.models import ObjectiveShare as Share
from objectives.services import align, record_check_in
from objectives.services.actions import add_action
from objectives.services.activities import log_activity
from objectives.services.comments import add_comment
from objectives.tasks import forecast_open
from people.live import raise_version
from people.models import Membership, Organization, Role, Team, User
from people.services import make_token
from people.services.calendar_feeds import make_feed
from people.services.saved_views import save_view
from tests.authorization import brought
from tests.cast import TODAY, Cast, make_cast, person
from tests.funnel.plans import make_kgi, plan_funnel

APPS = ("people", "funnel", "objectives")
MARK = "zqxw"
AMOUNT = Decimal(87654)
HIDDEN = 780_001
TIED = 770_001
"""Numbers from here on are those of hidden rows that shown ones hang from, laid before the partner looks first."""
NOBODYS = 789_999
"""The number of no row."""

LEAKED = re.compile(rf"{MARK}|87[,.]?654|8\.77万|8\.8万|(?<!\d)(?:77|78)00\d\d(?!\d)", re.IGNORECASE)
"""What tells of a hidden row: its words, its amounts however they are written, its number."""

DERIVED = {
    "people.AuditEvent": "written by the triggers of the tables",
    "people.SearchEntry": "written by the triggers of the tables",
    "people.StartLink": "of the installation",
    "people.Heartbeat": "of the installation",
    "people.Organization": "the one they are in",
    "people.LiveVersion": "one number of the organization, moved as acts move it",
    "people.IdempotentAnswer": "read by whoever wrote it and nobody else, through no address",
    "people.MembershipTeam": "the teams of people, laid with them",
    "objectives.KeyResultScore": "derived",
    "objectives.ObjectiveScore": "derived",
    "objectives.PendingRollUp": "work that waits, for moments",
    "objectives.PendingComparison": "work that waits, for moments",
}
"""Tables of which no row is made here, and why."""

NOUNS = {
    "team_by_name": "Team",
    "member": "Membership",
    "partner": "Membership",
    "partner_talk": "Membership",
    "feed": "CalendarFeed",
    "token": "APIToken",
    "reading": "KPIReading",
    "health_reading": "HealthKPIReading",
}
"""Nouns of the authorization table that are not called as their table is."""

OF_PARTNERS = {KGIShare, KPIShare, Share, PartnerLever, PartnerRoom, ContributionReport}
"""Tables whose `membership` is a partner: here another one."""
PARTNERS_FIELDS = {"room_of", "partner"}

ATTACHED = (
    "objectives.Objective",
    "objectives.KeyResult",
    "objectives.Action",
    "objectives.MinuteLine",
    "objectives.Retrospective",
    "objectives.RetrospectiveNote",
    "objectives.Lesson",
    "objectives.Experiment",
    "objectives.Template",
    "objectives.Conflict",
    "objectives.HealthKPI",
    "funnel.Journey",
    "funnel.JourneyPhase",
    "funnel.TouchPoint",
    "funnel.Content",
    "funnel.Matrix",
    "funnel.Lead",
)
"""Tables of which a partner sees nothing although the row is about something that is shown to them."""

BESIDE = ("objectives.CheckIn", "objectives.Obstacle", "objectives.Comment", "objectives.Action", "objectives.Activity")
"""Tables of which such a key result, hidden in a team and cycle that are shown, has rows too."""

LEFT_EMPTY = {
    "formula",
    "dropped_reason",
    "dropped_from",
    "corrects",
    "carried_from",
    "merged_into",
    "under",
    "follows",
    "question",
    "previous",
    "settled_by",
    "settled_as",
    "decided_by",
    "decided_on",
    "decision",
    "ended_by",
    "done_by",
    "dropped_by",
    "closed_by",
    "graded_by",
    "solved_by",
    "is_question",
    "current",
    "timer_ends_at",
    "address",
    "mail_due_at",
    "quota",
    "population",
    "minimum",
    "maximum",
    "assumed_rate",
    "ended_on",
    "submission_key",
    "try_at",
    "lower",
}
OF_FIELDS: dict[str, Any] = {
    "portion": Decimal("0.5"),
    "margin": Decimal("0.5"),
    "weight": Decimal("0.25"),
    "month": date(2026, 4, 1),
    "is_on": True,
    "confidence": 2,
}
OF_TABLES: dict[str, dict[str, Any]] = {
    "objectives.Objective": {"state": "active", "level": "team", "activated_on": TODAY},
    "objectives.KeyResult": {"start_value": Decimal(0), "combine": "score"},
    "objectives.TemplateKeyResult": {"start_value": Decimal(0)},
    "objectives.Grade": {"computed": 0.5, "override": 0.5, "graded_by": None},
    "objectives.RetrospectiveNote": {"question": "improve"},
    "objectives.Alignment": {"parent_objective": None},
    "objectives.Notice": {"kind": "mentioned"},
    "objectives.Comment": {"key_result": None, "check_in": None, "obstacle": None},
    "objectives.Reaction": {"check_in": None},
    "objectives.Action": {"minute_line": None, "retrospective": None, "health_kpi": None},
    "objectives.Retrospective": {"objective": None, "stage": "grouping"},
    "objectives.Conflict": {"settled_as": ""},
    "objectives.KeyResultForecast": {"score_0_6": 0.5, "score_0_7": 0.5, "must_hit": 0.5, "target": 0.5},
    "objectives.KGIForecast": {"must_hit": 0.5, "challenge": 0.5},
    "people.Membership": {"role": Role.MEMBER},
    "people.Channel": {"kind": "webhook", "team": None},
    "people.Delivery": {"channel": None},
    "people.ReminderPreference": {"channel": None},
    "people.SavedView": {"is_shared": True, "query": "sort=score"},
    "people.Export": {"what": "report_pdf", "state": "done", "content": MARK.encode(), "size": 4},
    "funnel.Matrix": {"has_leads": True},
    "funnel.LeadMove": {"from_stage": None, "from_fit": ""},
    "funnel.MoveTarget": {"from_stage": None, "from_fit": ""},
    "funnel.PlanChange": {"column": "challenge"},
}


@dataclass
class PartnerWorld:
    """The company, the partner, and what of it they are shown."""

    cast: Cast
    partner: Membership
    objective: Objective
    lent: Objective
    below: Objective
    kgi: KGI
    kpi: KPI
    """Shown by itself; its KGI is not."""
    action: Action
    parent: Objective
    """Hidden, above what is shown."""
    feed: str = ""
    """The address of the partner's calendar."""
    hidden: dict[type[models.Model], list[Any]] = field(default_factory=lambda: defaultdict(list))

    @property
    def organization(self) -> Organization:
        return self.cast.organization

    def model_of(self, noun: str) -> type[models.Model]:
        """The table whose rows an address names by this noun."""
        name = NOUNS.get(noun, noun.replace("_", "")).lower()
        found = [model for model in every_table() if model._meta.model_name == name]
        assert found, f"Say in tests/partner_world.py, NOUNS, which table the noun “{noun}” of SEEN is."
        return found[0]

    def shown_rows(self, noun: str) -> list[Any]:
        """Rows that lay there before anything hidden was made; of people the partner first."""
        rows = list(self.model_of(noun)._default_manager.filter(pk__lt=TIED).order_by("pk"))
        return sorted(rows, key=lambda row: row != self.partner)

    def hidden_rows(self, noun: str) -> list[Any]:
        """The first of those tied to what is shown, and the first of the others."""
        rows = self.model_of(noun)._default_manager.order_by("pk")
        found = [*rows.filter(pk__range=(TIED, HIDDEN - 1))[:1], *rows.filter(pk__gte=HIDDEN)[:1]]
        assert found, f"The partner's world hides no row of “{noun}”: let tests/partner_world.py make one."
        return found


@cache
def every_table() -> tuple[type[models.Model], ...]:
    return tuple(model for label in APPS for model in apps.get_app_config(label).get_models())


def number_rows_from(number: int) -> None:
    """Let the next row of every table have this number."""
    with connection.cursor() as cursor:
        for model in every_table():
            if not model._meta.proxy and isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, model._meta.pk.column])
                (sequence,) = cursor.fetchone()
                cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {number}")


# What is shown


def lay_shown(cast: Cast) -> PartnerWorld:
    """A branch to write in with another below it, one to read, a whole KGI, a single KPI, and the partner's own."""
    partner = cast.partner
    goals = [cast.objective(title=title) for title in ("紹介で広がる", "静かに続く", "紹介者と親しい")]
    objective, lent, below = goals
    result = objective.key_results.order_by("pk").first()
    assert result is not None
    align(below, to=result)
    Share.objects.create(objective=objective, membership=partner, may_write=True)
    Share.objects.create(objective=lent, membership=partner, may_write=False)
    KeyResult.objects.filter(objective=below).update(owner=partner)
    for goal in goals:
        for number, row in enumerate(goal.key_results.order_by("pk")[: 1 if goal == below else 2], 1):
            check_in = record_check_in(
                row, author=cast.member, value=Decimal(10 * number), confidence=7, going_well="順調", obstacle="人手"
            )[0]
            add_comment(check_in, by=cast.manager, text="よい進み")
        add_comment(goal, by=cast.member, text="始めよう")
        add_action(
            team=cast.sales, title="紹介を頼む", owner=cast.member, due_on=TODAY, by=cast.manager, key_result=row
        )
        log_activity(cast.member, text="三社を訪ねた", key_result=row)
    action = add_action(
        team=cast.sales, title="資料を作る", owner=cast.member, due_on=TODAY, by=cast.manager, key_result=result
    )
    log_activity(partner, text="下書きをした", key_result=result)
    add_comment(objective, by=cast.manager, text=f"@{partner} さん、見てください")
    kgi = make_kgi(cast, name="紹介の売上", owner=cast.manager)
    plan_funnel(kgi)
    for lever in kgi.kpis.levers():
        KPIReading.objects.create(kpi=lever, date=date(2026, 5, 1), value=Decimal("0.2"), recorded_by=cast.manager)
    Scenario.objects.create(kgi=kgi, name="強気", created_by=cast.manager)
    KGIShare.objects.create(kgi=kgi, membership=partner)
    lay_room(cast, kgi)
    save_view(partner, page="objectives", name="よく見る", query="sort=score", is_shared=False)
    make_token(partner, name="自社の表")
    _feed, secret = make_feed(partner, name="電話")
    Notice.objects.create(
        membership=partner, kind=NoticeKind.MENTIONED, objective=objective, by=cast.manager, occasion="shown"
    )
    return PartnerWorld(cast, partner, objective, lent, below, kgi, KPI(), action, Objective(), feed=secret)


def lay_room(cast: Cast, kgi: KGI) -> None:
    """What lies in the partner's own room."""
    of = {"organization": cast.organization}
    PartnerRoom.objects.create(**of, membership=cast.partner, customer="百人の会社", price="月四万円")
    asked = RoomMessage.objects.create(
        **of, room_of=cast.partner, author=cast.partner, is_question=True, text="単価は？"
    )
    RoomMessage.objects.create(**of, room_of=cast.partner, author=cast.manager, question=asked, text="四万円です")
    ContributionReport.objects.create(
        **of,
        membership=cast.partner,
        kgi=kgi,
        month=date(2026, 4, 1),
        issued_by=cast.manager,
        content=brought("渡した報告", cast.partner),
    )
    HandoverStep.objects.create(**of, partner=cast.partner, text="手順を書く", by_partner=True)


def tie(world: PartnerWorld) -> None:
    """Hidden rows that shown ones hang from: a parent, the KGI of a single KPI and of an objective, what came before.

    They are laid before the partner looks for the first time: each is an act upon something that is shown.
    """
    cast = world.cast
    team = Team.objects.create(organization=world.organization, parent=cast.company, name=f"{MARK} 上")
    boss = person(world.organization, f"{MARK} 長", "zqxw-boss@zqxw.example", Role.EXECUTIVE, team)
    base = {"cycle": cast.cycle, "team": team, "owner": boss, "level": Level.COMPANY}
    world.parent = cast.objective(title=f"{MARK} 親", key_results=1, **base)
    past = {**base, "cycle": cast.closed_cycle, "state": ObjectiveState.CLOSED}
    before = Objective.objects.create(organization=world.organization, title=f"{MARK} 前", **past)
    align(world.objective, to=world.parent)
    align(world.lent, to=world.parent.key_results.get(), link=Link.SUPPORTS)
    kgi = make_kgi(cast, name=f"{MARK} KGI", unit=f"{MARK}円", owner=boss, why=MARK)
    world.kpi = KPI.objects.create(kgi=kgi, key="shown", name="紹介率", unit="件", current=4, must_hit=6, challenge=8)
    lever = KPI.objects.create(kgi=kgi, key="hidden", name=f"{MARK} lever", unit=f"{MARK}", current=AMOUNT)
    KPI.objects.create(kgi=kgi, key="goal", name=f"{MARK} goal", formula="shown * hidden", is_goal=True)
    KPI.objects.filter(pk=world.kpi.pk).update(owner=boss, note=MARK, source=MARK)
    KPIReading.objects.create(kpi=world.kpi, date=date(2026, 5, 1), value=Decimal(5), recorded_by=boss, source=MARK)
    KPIShare.objects.create(kpi=world.kpi, membership=world.partner)
    PartnerLever.objects.create(
        kpi=world.kpi, membership=world.partner, start_value=Decimal(4), began_on=date(2026, 4, 6)
    )
    Objective.objects.filter(pk=world.objective.pk).update(kgi=kgi, carried_from=before)
    KeyResult.objects.filter(objective=world.objective).update(kpi=lever)
    Action.objects.filter(pk=world.action.pk).update(kpi=lever)
    PartnerRoom.objects.filter(membership=world.partner).update(margin=None)


# What is hidden


class Maker:
    """Makes a row of any table: each of its texts says `MARK`, each of its ties leads to the newest hidden row."""

    def __init__(self, world: PartnerWorld, turn: int) -> None:
        self.world = world
        self.newest: dict[type[models.Model], Any] = {}
        self.number = 1_000 * turn

    def make(self, model: type[models.Model], **given: Any) -> Any:
        self.number += 1
        fields = OF_TABLES.get(model._meta.label, {}) | given
        values = {}
        for each in model._meta.concrete_fields:
            if each.name in fields:
                values[each.name] = fields[each.name]
            elif not each.primary_key or each.is_relation:
                value = self.value_of(model, each)
                if value is not None:
                    values[each.name] = value
        row = model._default_manager.create(**values)
        self.newest[model] = row
        self.world.hidden[model].append(row)
        return row

    def value_of(self, model: type[models.Model], each: Any) -> Any:
        """None where the field is left as it is when nobody says anything."""
        if each.name in LEFT_EMPTY or isinstance(each, models.GeneratedField):
            return None
        if each.name in OF_FIELDS:
            return OF_FIELDS[each.name]
        if each.is_relation:
            return self.row_for(model, each)
        return self.plain_value(each)

    def row_for(self, model: type[models.Model], each: Any) -> Any:
        if each.related_model is Membership and (each.name in PARTNERS_FIELDS or model in OF_PARTNERS):
            is_theirs = each.name in PARTNERS_FIELDS or each.name == "membership"
            return self.world.hidden[Membership][1 if is_theirs else 0] if self.world.hidden[Membership] else None
        if each.related_model is Membership and self.world.hidden[Membership]:
            return self.world.hidden[Membership][0]
        return self.newest.get(each.related_model)

    def plain_value(self, each: Any) -> Any:
        if each.choices:
            return None if each.has_default() or each.blank else each.choices[0][0]
        match each:
            case models.EmailField():
                return f"{MARK}{self.number}@{MARK}.example"
            case models.CharField() | models.TextField():
                return f"{MARK} {self.number}"[: each.max_length or 2000] if not each.has_default() else None
            case models.JSONField():
                return None if each.has_default() or each.null else {"said": MARK}
            case models.DecimalField():
                return None if each.has_default() else AMOUNT
            case models.FloatField():
                return None if each.has_default() else float(AMOUNT)
            case models.BooleanField() | models.UUIDField() | models.BinaryField() | models.DateTimeField():
                return None if each.has_default() or each.null else self.moment(each)
            case models.DateField():
                return None if each.null or each.has_default() else TODAY
            case models.SmallIntegerField() | models.PositiveSmallIntegerField():
                return None if each.has_default() or each.null else 1
            case models.IntegerField():
                return None if each.has_default() else int(AMOUNT) if each.null else 1
        return None

    def moment(self, each: Any) -> Any:
        return self.world.organization.created_at if isinstance(each, models.DateTimeField) else None


def made_tables() -> list[type[models.Model]]:
    """Every table of which a hidden row is made, each after those that its rows must lead to."""
    left = [model for model in every_table() if model._meta.label not in DERIVED and not model._meta.proxy]
    ordered: list[type[models.Model]] = []
    while left:
        ready = [model for model in left if not needed_by(model) & set(left) - {model}]
        assert ready, f"These tables lead to each other: {left}"
        ordered += ready
        left = [model for model in left if model not in ready]
    return ordered


def needed_by(model: type[models.Model]) -> set[type[models.Model]]:
    """The tables that a row of this one leads to."""
    given = OF_TABLES.get(model._meta.label, {})
    ties = [each for each in model._meta.concrete_fields if each.is_relation and each.name not in LEFT_EMPTY]
    return {each.related_model for each in ties if given.get(each.name, 0) is not None}


def lay_hidden(world: PartnerWorld, *, times: int = 2) -> None:
    """Much more of everything, none of it shared; and hidden numbers that change."""
    cast = world.cast
    for turn in range(times):
        maker = Maker(world, turn)
        world.hidden.clear()
        maker.newest[Organization] = world.organization
        team = maker.make(Team, parent=cast.company)
        for role in (Role.MANAGER, Role.PARTNER):
            maker.make(Membership, role=role, user=maker.make(User), organization=world.organization)
        world.hidden[Membership][0].teams.add(team)
        for model in made_tables():
            if model not in {Team, User, Membership, Organization}:
                lay_one(maker, model)
        lay_attached(world, maker, turn)
        lay_ties(world, maker)
    CheckIn.objects.filter(pk__gte=HIDDEN).update(value=AMOUNT)
    move_hidden_numbers(world)
    settle(world)


def lay_one(maker: Maker, model: type[models.Model]) -> None:
    parent = maker.world.parent
    match model._meta.label:
        case "objectives.Cycle":
            maker.make(model, start=TODAY - timedelta(days=40), end=TODAY + timedelta(days=40), state="active")
        case "objectives.Conflict":
            other = maker.newest[Objective]
            maker.make(model, first=parent, second=other, first_key_result=None, second_key_result=None)
        case "objectives.Alignment":
            maker.make(model, child=maker.newest[Objective], parent_objective=parent, parent_key_result=None)
        case _:
            maker.make(model)


def lay_attached(world: PartnerWorld, maker: Maker, turn: int) -> None:
    """The same about what is shown, in the team and the cycle that are shown: still nothing for the partner."""
    goal = (world.objective, world.lent, world.below)[turn % 3]
    result = goal.key_results.order_by("pk").first()
    shown = {Objective: goal, KeyResult: result, KGI: world.kgi, Action: world.action}
    shown |= {KPI: world.kgi.kpis.levers().order_by("pk").first(), Cycle: world.cast.cycle, Team: world.cast.sales}
    for label in ATTACHED:
        model = apps.get_model(label)
        given = {
            each.name: shown[each.related_model]
            for each in model._meta.concrete_fields
            if each.related_model in shown and each.name not in LEFT_EMPTY
        }
        match label:
            case "objectives.KeyResult":
                given["objective"] = maker.newest[Objective]
            case "objectives.Action":
                given["key_result"] = None
            case "objectives.Conflict":
                given |= {"first": goal, "second": maker.newest[Objective]}
                given |= {"first_key_result": None, "second_key_result": None}
        maker.make(model, **given)
    # What is reported on a key result that measures a shown lever is the lever's own: the KGI lands by it.
    maker.make(KeyResult, kpi=None)
    for label in BESIDE:
        model = apps.get_model(label)
        given = {"team": world.cast.sales} if label == "objectives.Action" else {}
        maker.make(model, **given)


def lay_ties(world: PartnerWorld, maker: Maker) -> None:
    """Help from hidden branches, brothers below the same hidden parent, another partner's share of the same."""
    goal = world.hidden[Objective][0]
    result = world.objective.key_results.order_by("pk").first()
    other = world.hidden[Membership][1]
    Alignment.objects.create(child=goal, parent_key_result=result, link=Link.SUPPORTS)
    Alignment.objects.create(child=world.hidden[Objective][-1], parent_objective=world.below, link=Link.SUPPORTS)
    told = {"membership": world.partner, "kind": NoticeKind.MENTIONED, "objective": goal, "text": MARK}
    Notice.objects.create(**told, occasion=f"hidden {goal.pk}")
    Share.objects.create(objective=world.objective, membership=other, may_write=True)
    KGIShare.objects.create(kgi=world.kgi, membership=other)
    KPIShare.objects.create(kpi=world.kpi, membership=other)
    PartnerLever.objects.create(
        kpi=world.kpi, membership=other, start_value=AMOUNT, began_on=date(2026, 4, 6), portion=Decimal("0.3")
    )


def move_hidden_numbers(world: PartnerWorld) -> None:
    """What the shown hangs from says other numbers and words now."""
    for row in world.parent.key_results.all():
        record_check_in(row, author=world.cast.executive, value=Decimal(77), confidence=1, going_well=MARK)
    KGI.objects.filter(pk__gte=TIED).update(current_value=AMOUNT, challenge_value=AMOUNT * 2)
    KPI.objects.filter(pk__gte=TIED, formula="").exclude(pk=world.kpi.pk).update(current=AMOUNT, challenge=AMOUNT * 3)


def make_partner_world() -> PartnerWorld:
    """The company as the partner finds it at first: what is shown, and what that hangs from."""
    world = lay_shown(make_cast())
    number_rows_from(TIED)
    tie(world)
    number_rows_from(HIDDEN)
    settle(world)
    return world


def settle(world: PartnerWorld) -> None:
    """All that follows acts by and by: scores up the branches, forecasts, that something moved."""
    for each in Objective.objects.filter(organization=world.organization):
        world.cast.score(each)
    rollup.drain()
    forecast_open()
    kgis.forecast_moved()
    raise_version(world.organization.pk)
