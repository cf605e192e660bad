"""An objective as its page shows it, by four statements: itself, its key results, a course, a page of its record.

What lies further down the page (connections, comments, what a key result is worth, its actions) is asked for when it
comes into view, and has statements of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from funnel.models import KGI
from objectives.formulas.bar import TRAIL_LENGTH
from objectives.formulas.idle import IDLE_DAYS, quiet_since
from objectives.formulas.rhythm import RoundTold, rounds_told
from objectives.models import (
    CheckIn,
    Combine,
    Cycle,
    Grade,
    KeyResult,
    KeyResultForecast,
    KeyResultScore,
    Kind,
    Objective,
    ObjectiveScore,
    ObjectiveState,
    Obstacle,
    Phase,
    ReactionKind,
    Step,
)
from objectives.models.shares import SHARED_BRANCH
from objectives.queries.bars import monday_of
from objectives.queries.comments import Toggle
from objectives.queries.listing import IDLE, TRAIL, trail_of
from objectives.queries.paging import Paged
from people.formulas.rhythm import Rhythm
from people.models import Membership, Team, User
from people.queries.rhythms import DECIDED, DaysOff, Decision, resolved, rhythm_of
from people.rows import Part, columns, taken

LOG_PAGE = 8
ADDED_KINDS = {Kind.CUMULATIVE, Kind.QUOTA}
SHARED = f"IN ({SHARED_BRANCH.format(may_write='').replace('%s', '%(person)s')})"
WRITABLE = f"IN ({SHARED_BRANCH.format(may_write='AND may_write').replace('%s', '%(person)s')})"

OF_OBJECTIVE = (
    Part(Objective, "o"),
    Part(Cycle, "c"),
    Part(Team, "t"),
    Part(Membership, "m"),
    Part(User, "u", "id", "name", "reading", "is_active"),
    Part(ObjectiveScore, "s"),
    Part(KGI, "kgi", "id", "name", "dropped_at", "organization_id"),
    Part(Membership, "dm", "id", "user_id"),
    Part(User, "du", "id", "name"),
    Part(Objective, "f", "id", "cycle_id"),
    Part(Cycle, "fc", "id", "name"),
    Part(Grade, "g"),
    Part(Membership, "gm", "id", "user_id"),
    Part(User, "gu", "id", "name"),
)
# The nearest team above that decided something decides the rhythm.
CADENCES = f"""
WITH RECURSIVE upwards(id, parent_id) AS (
    SELECT id, parent_id FROM people_team WHERE id = o.team_id
    UNION ALL SELECT p.id, p.parent_id FROM people_team p JOIN upwards ON p.id = upwards.parent_id
)
SELECT json_agg(json_build_array(upwards.id, upwards.parent_id, {", ".join(f"k.{name}" for name in DECIDED.values())}))
FROM upwards LEFT JOIN people_cadence k ON k.team_id = upwards.id
"""  # noqa: S608 (names of columns)
OBJECTIVE = f"""
SELECT {columns(OF_OBJECTIVE)}, ({TRAIL})::text, {IDLE},
    (SELECT json_agg(json_build_array(above.id, above.title, above.cycle_id, ac.name) ORDER BY a.id)
     FROM objectives_alignment a
     LEFT JOIN objectives_keyresult over ON over.id = a.parent_key_result_id
     JOIN objectives_objective above ON above.id = coalesce(a.parent_objective_id, over.objective_id)
     JOIN objectives_cycle ac ON ac.id = above.cycle_id
     WHERE a.child_id = o.id AND a.link = 'contributes' AND above.dropped_at IS NULL {{above}})::text,
    (SELECT json_agg(a.parent_key_result_id)
     FROM objectives_keyresult own
     JOIN objectives_alignment a ON a.parent_key_result_id = own.id AND a.link = 'contributes'
     JOIN objectives_objective child ON child.id = a.child_id AND child.dropped_at IS NULL
     WHERE own.objective_id = o.id)::text,
    ({CADENCES})::text,
    (SELECT json_agg(json_build_array(first, last, name))
     FROM people_dayoff WHERE organization_id = o.organization_id)::text,
    (SELECT json_build_array(sc.new_state, sc.content)
     FROM objectives_statechange sc WHERE sc.objective_id = o.id AND sc.by_id = o.owner_id ORDER BY sc.id DESC LIMIT 1),
    (SELECT array_agg(DISTINCT sc.content) FROM objectives_statechange sc
     WHERE sc.objective_id = o.id AND sc.by_id <> o.owner_id AND sc.new_state IN ('agreed', 'active')),
    EXISTS (SELECT 1 FROM objectives_conflict x
            WHERE (x.first_id = o.id OR x.second_id = o.id) AND x.settled_as = '' AND x.gone_at IS NULL),
    {{in_branch}}, {{is_writable}}
FROM objectives_objective o
JOIN objectives_cycle c ON c.id = o.cycle_id
JOIN people_team t ON t.id = o.team_id
JOIN people_membership m ON m.id = o.owner_id
JOIN people_user u ON u.id = m.user_id
LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
LEFT JOIN funnel_kgi kgi ON kgi.id = o.kgi_id
LEFT JOIN people_membership dm ON dm.id = o.dropped_by_id
LEFT JOIN people_user du ON du.id = dm.user_id
LEFT JOIN objectives_objective f ON f.id = o.carried_from_id
LEFT JOIN objectives_cycle fc ON fc.id = f.cycle_id
LEFT JOIN objectives_grade g ON g.objective_id = o.id
LEFT JOIN people_membership gm ON gm.id = g.graded_by_id
LEFT JOIN people_user gu ON gu.id = gm.user_id
WHERE o.id = %(pk)s AND o.organization_id = %(organization)s {{readable}}
"""  # noqa: S608 (constants)
BRANCH = """
o.team_id IN (
    WITH RECURSIVE branch(id) AS (
        SELECT id FROM people_team WHERE id = ANY(%(own)s::bigint[])
        UNION SELECT below.id FROM people_team below JOIN branch ON below.parent_id = branch.id
    ) SELECT id FROM branch
)
"""


@dataclass
class Standing:
    """The objective, and what its page knows of it besides; `facts` is all of it as one text."""

    objective: Objective
    facts: str
    trail: list[float | None]
    idle_since: date | None
    above: list[Objective]
    helpers: Counter[int]
    rhythm: Rhythm
    owner_said: tuple[str, str] | None
    agreed_to: frozenset[str]
    has_conflicts: bool
    in_branch: bool
    is_writable: bool
    key_results: list[KeyResult] = field(default_factory=list)
    dropped: list[KeyResult] = field(default_factory=list)


def standing_of(membership: Membership, pk: int) -> Standing | None:
    """The objective if the person may read it: one statement."""
    organization = membership.organization
    today = organization.today
    monday = monday_of(today)
    partner = membership.is_partner
    sql = OBJECTIVE.format(
        above=f"AND above.id {SHARED}" if partner else "",
        in_branch=BRANCH if membership.is_manager else "false",
        is_writable=f"o.id {WRITABLE}" if partner else "true",
        readable=f"AND o.dropped_at IS NULL AND o.id {SHARED}" if partner else "",
    )
    values = {
        "pk": pk,
        "organization": organization.pk,
        "person": membership.pk,
        "own": membership.team_ids,
        "first": monday - timedelta(weeks=TRAIL_LENGTH),
        "monday": monday,
        # The latest day that can count as quiet; which one does is known with the days off.
        "quiet": today - timedelta(days=IDLE_DAYS),
        "zone": organization.time_zone,
    }
    # A cycle's days are compared where they stand.
    sql = sql.replace("%(runs)s", "(c.state <> 'closed' AND %(today)s::date BETWEEN c.start AND c.\"end\")")
    sql = sql.replace("%(start)s::date", "c.start")
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"today": today})
        row = cursor.fetchone()
    if row is None:
        return None
    parts, more = taken(OF_OBJECTIVE, row)
    found = objective_from(parts)
    found.organization = organization
    weekly, active_on, above, helpers, cadences, free, said, agreed_to, has_conflicts, in_branch, writable = more
    given = tuple((day(first), day(last), name) for first, last, name in read(free))
    days_off = DaysOff(organization.holidays, given)
    is_idle = active_on is not None and active_on <= quiet_since(today, days_off)
    return Standing(
        objective=found,
        facts=repr(row),
        trail=trail_of(read(weekly)),
        idle_since=active_on if is_idle else None,
        above=[
            Objective(pk=pk, title=title, cycle=Cycle(pk=cycle, name=name)) for pk, title, cycle, name in read(above)
        ],
        helpers=Counter(read(helpers)),
        rhythm=rhythm_of(decided(found.team_id, read(cadences)), organization, days_off),
        owner_said=tuple(said) if said else None,
        agreed_to=frozenset(agreed_to or ()),
        has_conflicts=has_conflicts,
        in_branch=bool(in_branch),
        is_writable=writable,
    )


def read(text: str | None) -> list[Any]:
    return orjson.loads(text) if text else []


def day(text: str) -> date:
    return date.fromisoformat(text)


def objective_from(parts: Sequence[Any]) -> Objective:
    found, cycle, team, owner, user, scored, kgi, dropped_by, dropper, carried_from, carried_cycle, *graded = parts
    owner.user = user
    found.cycle, found.team, found.owner, found.kgi = cycle, team, owner, kgi
    found._state.fields_cache["scored"] = scored
    if dropped_by is not None:
        dropped_by.user = dropper
    found.dropped_by = dropped_by
    if carried_from is not None:
        carried_from.cycle = carried_cycle
    found.carried_from = carried_from
    grade, grader, grading_user = graded
    if grade is not None and grader is not None:
        grader.user = grading_user
        grade.graded_by = grader
    found._state.fields_cache["grade"] = grade
    return found


def decided(team_id: int, rows: Sequence[Sequence[Any]]) -> dict[str, Decision]:
    own: dict[int, tuple[int | None, dict[str, Decision]]] = {}
    for pk, parent, *values in rows:
        named = zip(DECIDED, values, strict=True)
        own[pk] = (parent, {name: Decision(value, pk) for name, value in named if value is not None and value != ""})
    return resolved(team_id, own)


OF_KEY_RESULT = (
    Part(KeyResult, "kr"),
    Part(KeyResultScore, "s"),
    Part(KeyResultForecast, "fo"),
    Part(Membership, "m", "id", "user_id"),
    Part(User, "u", "id", "name"),
    Part(Membership, "dm", "id", "user_id"),
    Part(User, "du", "id", "name"),
)
# Whoever carries a sum reports its value, so it has no rounds of its own (`rollup.key_results.CARRIERS`).
CARRIED = """
kr.combine = 'sum' AND EXISTS (
    SELECT 1 FROM objectives_alignment a
    JOIN objectives_objective child ON child.id = a.child_id AND child.dropped_at IS NULL
         AND child.state IN ('active', 'closed')
    JOIN objectives_keyresult part ON part.objective_id = child.id AND part.dropped_at IS NULL AND part.unit = kr.unit
    WHERE a.parent_key_result_id = kr.id AND a.link = 'contributes')
"""
KEY_RESULTS = f"""
SELECT {columns(OF_KEY_RESULT)},
    (SELECT json_agg(json_build_array(st.id, st.title, st.weight::text, st.done_on, st.position)
                     ORDER BY st.position, st.id)
     FROM objectives_step st WHERE st.key_result_id = kr.id)::text,
    (SELECT json_agg(json_build_array(ph.id, ph.date, ph.value::text) ORDER BY ph.date)
     FROM objectives_phase ph WHERE ph.key_result_id = kr.id)::text,
    (SELECT json_agg(DISTINCT ci.date) FROM objectives_checkin ci
     WHERE ci.key_result_id = kr.id
     AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = ci.id))::text,
    (SELECT count(*) FROM objectives_comment co WHERE co.key_result_id = kr.id AND co.withdrawn_at IS NULL
     AND co.check_in_id IS NULL AND co.obstacle_id IS NULL),
    (SELECT count(*) FROM objectives_action ac WHERE ac.key_result_id = kr.id AND ac.state = 'open'),
    {CARRIED},
    (SELECT string_agg(concat(tc.id, ' ', cu.name), ', ' ORDER BY tc.id) FROM objectives_targetchange tc
     LEFT JOIN people_membership cm ON cm.id = tc.changed_by_id LEFT JOIN people_user cu ON cu.id = cm.user_id
     WHERE tc.key_result_id = kr.id)
FROM objectives_keyresult kr
LEFT JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
LEFT JOIN objectives_keyresultforecast fo ON fo.key_result_id = kr.id
LEFT JOIN people_membership m ON m.id = kr.owner_id
LEFT JOIN people_user u ON u.id = m.user_id
LEFT JOIN people_membership dm ON dm.id = kr.dropped_by_id
LEFT JOIN people_user du ON du.id = dm.user_id
WHERE kr.objective_id = %s ORDER BY kr.position, kr.id
"""  # noqa: S608 (constants)


def read_key_results(standing: Standing, today: date) -> None:
    """Fill in the key results, and those that were dropped: one statement.

    Each has `facts`, all it says as one text, `comment_count`, `action_count`, `rounds`, `helpers`, `has_changes`.
    """
    found = standing.objective
    with connection.cursor() as cursor:
        cursor.execute(KEY_RESULTS, [found.pk])
        rows = cursor.fetchall()
    for row in rows:
        (one, scored, forecast, owner, user, dropped_by, dropper), more = taken(OF_KEY_RESULT, row)
        steps, phases, days, comments, actions, is_carried, changed_by = more
        one.objective = found
        for name, other, person in (("owner", owner, user), ("dropped_by", dropped_by, dropper)):
            if other is not None:
                other.user = person
            setattr(one, name, other)
        one._state.fields_cache |= {"scored": scored, "forecast": forecast}
        keep(one, "steps", [step_from(one, *each) for each in read(steps)], Step)
        keep(one, "phases", [Phase(pk=pk, date=day(on), value=Decimal(value)) for pk, on, value in read(phases)], Phase)
        one.facts = repr(row)
        one.comment_count, one.action_count = comments, actions
        one.has_changes, one.helpers = changed_by is not None, standing.helpers[one.pk]
        has_rounds = found.activated_on is not None and not (one.combine == Combine.SUM and is_carried)
        one.rounds = rounds_from(standing, read(days), today) if has_rounds else None
        (standing.key_results if one.dropped_at is None else standing.dropped).append(one)
    standing.dropped.sort(key=lambda row: row.dropped_at, reverse=True)  # type: ignore[arg-type,return-value]


def rounds_from(standing: Standing, days: Sequence[str], today: date) -> list[RoundTold]:
    found = standing.objective
    said = [day(each) for each in days]
    return rounds_told(said, found.cycle.span, standing.rhythm, today, found.activated_on)


def step_from(row: KeyResult, pk: int, title: str, weight: str, done_on: str | None, position: int) -> Step:
    done = day(done_on) if done_on else None
    return Step(pk=pk, key_result=row, title=title, weight=Decimal(weight), done_on=done, position=position)


def keep(row: KeyResult, name: str, found: list[Any], model: type[Step] | type[Phase]) -> None:
    """As `prefetch_related` keeps what it found."""
    rows: Any = model._default_manager.all()
    rows._result_cache, rows._prefetch_done = found, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = rows


COURSE = """
SELECT json_agg(json_build_array(
    ci.id, ci.date, ci.value::text, ci.confidence, u.name, ci.going_well, ci.obstacle, ci.next_step
) ORDER BY ci.date, ci.created_at, ci.id)::text
FROM objectives_checkin ci
JOIN people_membership m ON m.id = ci.author_id JOIN people_user u ON u.id = m.user_id
WHERE ci.key_result_id = %s AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = ci.id)
"""


def course_facts(key_result: KeyResult) -> str:
    """Every check-in that counts, the oldest first, as one text: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(COURSE, [key_result.pk])
        return cursor.fetchone()[0] or ""


def check_ins_from(facts: str) -> list[CheckIn]:
    return [
        CheckIn(
            pk=pk,
            author=Membership(user=User(name=name)),
            date=day(on),
            value=Decimal(value),
            confidence=confidence,
            going_well=well,
            obstacle=obstacle,
            next_step=step,
        )
        for pk, on, value, confidence, name, well, obstacle, step in read(facts)
    ]


LOG = f"""
WITH page AS (
    SELECT ci.id, count(*) OVER () AS total, row_number() OVER (ORDER BY date DESC, created_at DESC, id DESC) AS place
    FROM objectives_checkin ci WHERE ci.key_result_id = ANY(%(key_results)s::bigint[]) {{narrowed}}
    ORDER BY date DESC, created_at DESC, id DESC LIMIT {LOG_PAGE} OFFSET %(skip)s
)
SELECT max(page.total), json_agg(json_build_array(
    ci.id, ci.key_result_id, ci.author_id, u.name, ci.date, ci.value::text, ci.steps_done, ci.confidence,
    ci.going_well, ci.obstacle, ci.next_step, ci.corrects_id, ci.created_at,
    (SELECT json_build_array(later.id, lu.name, later.created_at) FROM objectives_checkin later
     JOIN people_membership lm ON lm.id = later.author_id JOIN people_user lu ON lu.id = lm.user_id
     WHERE later.corrects_id = ci.id),
    (SELECT before.value::text FROM objectives_checkin before
     WHERE before.key_result_id = ci.key_result_id
     AND (before.date, before.created_at, before.id) < (ci.date, ci.created_at, ci.id)
     AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = before.id)
     ORDER BY before.date DESC, before.created_at DESC, before.id DESC LIMIT 1),
    (SELECT json_agg(json_build_array(r.kind, r.membership_id, ru.name) ORDER BY r.created_at, r.id)
     FROM objectives_reaction r JOIN people_membership rm ON rm.id = r.membership_id
     JOIN people_user ru ON ru.id = rm.user_id WHERE r.check_in_id = ci.id),
    (SELECT count(*) FROM objectives_comment co WHERE co.check_in_id = ci.id AND co.withdrawn_at IS NULL),
    (SELECT json_build_array(ob.id, ob.state, ob.solution) FROM objectives_obstacle ob
     WHERE ob.check_in_id = ci.id ORDER BY ob.id DESC LIMIT 1)
) ORDER BY page.place)::text
FROM page
JOIN objectives_checkin ci ON ci.id = page.id
JOIN people_membership m ON m.id = ci.author_id
JOIN people_user u ON u.id = m.user_id
"""  # noqa: S608 (constants)
# Of those that stand: what a correction took back is no obstacle.
OBSTACLES = (
    "AND ci.obstacle <> '' AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = ci.id)"
)


@dataclass(frozen=True)
class Record(Paged):
    """A page of what was reported: `facts` is all it says, as one text."""

    size = LOG_PAGE
    facts: str
    count: int
    number: int
    has_next: bool

    @property
    def end_index(self) -> int:
        return min(self.number * LOG_PAGE, self.count)


def record_of(key_results: Sequence[KeyResult], number: int, *, only_obstacles: bool) -> Record:
    """A page of the record, past the last one the last: one statement."""
    sql = LOG.format(narrowed=OBSTACLES if only_obstacles else "")
    values: dict[str, Any] = {"key_results": [row.pk for row in key_results], "skip": (number - 1) * LOG_PAGE}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        count, facts = cursor.fetchone()
        if count is None and number > 1:
            cursor.execute(sql, values | {"skip": 0})
            last = -(-(cursor.fetchone()[0] or 0) // LOG_PAGE) or 1
            return record_of(key_results, last, only_obstacles=only_obstacles)
    count = count or 0
    return Record(facts or "", count, number, number * LOG_PAGE < count)


def check_ins_of(record: Record, key_results: Sequence[KeyResult], membership: Membership) -> list[CheckIn]:
    """The check-ins of a page of the record, each with `change`, `is_mine`, `toggles`, `comment_count` and `named`."""
    by_id = {row.pk: row for row in key_results}
    return [one_of(values, by_id, membership) for values in read(record.facts)]


def one_of(values: Sequence[Any], by_id: dict[int, KeyResult], membership: Membership) -> CheckIn:
    (pk, key_result_id, author_id, name, on, value, steps, confidence, well, obstacle, next_step, corrects_id, made) = (
        values[:13]
    )
    later, before, reactions, comments, named = values[13:]
    row = CheckIn(
        pk=pk,
        key_result=by_id[key_result_id],
        author=Membership(pk=author_id, user=User(name=name)),
        date=day(on),
        value=Decimal(value),
        steps_done=steps,
        confidence=confidence,
        going_well=well,
        obstacle=obstacle,
        next_step=next_step,
        corrects_id=corrects_id,
        created_at=datetime.fromisoformat(made),
    )
    row._state.fields_cache["corrected_by"] = later and CheckIn(
        pk=later[0], author=Membership(user=User(name=later[1])), created_at=datetime.fromisoformat(later[2])
    )
    is_level = row.key_result.kind not in {*ADDED_KINDS, Kind.MILESTONE}
    row.change = row.value - Decimal(before) if is_level and before is not None and later is None else None  # type: ignore[attr-defined]
    row.is_mine = author_id == membership.pk  # type: ignore[attr-defined]
    row.comment_count = comments  # type: ignore[attr-defined]
    row.named = named and Obstacle(pk=named[0], state=named[1], solution=named[2])  # type: ignore[attr-defined]
    row.toggles = [toggle_of(kind, reactions or (), membership) for kind in ReactionKind]  # type: ignore[attr-defined]
    return row


def toggle_of(kind: ReactionKind, reactions: Sequence[Sequence[Any]], membership: Membership) -> Toggle:
    said = [(person, name) for of_kind, person, name in reactions if of_kind == kind]
    is_mine = any(person == membership.pk for person, _name in said)
    return Toggle(kind.value, str(kind.label), tuple(name for _person, name in said), is_mine)


def owner_is_asked(standing: Standing, content: str) -> bool:
    """Whether the owner of an active objective may be awaited: somebody else agreed to it as it stands, they did not.

    What `formulas.agreement` then makes of it needs everything that was said.
    """
    yes = {ObjectiveState.PROPOSED, ObjectiveState.AGREED, ObjectiveState.ACTIVE}
    said = standing.owner_said
    has_agreed = said is not None and said[0] in yes and said[1] == content
    return content in standing.agreed_to and not has_agreed
