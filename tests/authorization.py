"""Who may do what, at every address: one line each, read by `tests/test_authorization.py`.

Whoever adds an address adds its line to `TABLE`; the test names what is missing. A line says what rows the address is
about and, for each method it answers, who is let in. The rest follows from rules that hold everywhere: nobody is led to
the sign-in (API: 401), a stranger meets 404, and of those who see a row, who is not let in meets 403.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import override_settings

from funnel.models import (
    KGI,
    KPI,
    Candidate,
    Content,
    ContributionReport,
    HandoverStep,
    Journey,
    JourneyPhase,
    KPIReading,
    Lead,
    LeadImport,
    Matrix,
    MatrixStage,
    PartnerLever,
    PartnerRoom,
    RoomMessage,
    Scenario,
    TouchPoint,
)
from funnel.services.leads import add_lead
from objectives import services
from objectives.models import (
    CheckIn,
    Conflict,
    ConflictKind,
    Cycle,
    Experiment,
    HealthKPI,
    HealthKPIReading,
    KeyResult,
    Kind,
    Lesson,
    Meeting,
    MinuteLine,
    NotDoing,
    Objective,
    ObjectiveShare,
    ObjectiveState,
    Obstacle,
    Question,
    Retrospective,
    RetrospectiveNote,
    Template,
)
from objectives.services.actions import add_action
from objectives.services.activities import log_activity
from objectives.services.candidates import add_candidate, rate_candidate
from objectives.services.comments import add_comment
from objectives.services.meetings import start_meeting
from objectives.services.minutes import add_line
from objectives.services.retrospective_notes import add_note
from objectives.services.retrospectives import move_stage, start_retrospective
from people.links import invitation_secret
from people.models import (
    AuditEvent,
    Channel,
    ChannelKind,
    DayOff,
    Delivery,
    Export,
    Invitation,
    Membership,
    Organization,
    Team,
    Topic,
    Unit,
)
from people.models.doors import hash_of
from people.services import make_token
from people.services.calendar_feeds import make_feed
from people.services.saved_views import save_view
from people.services.share_links import make_share_link
from tests.cast import NOW, Cast, make_cast, person
from tests.funnel.plans import plan_funnel, share

# The people

NOBODY = "nobody"
STRANGER = "stranger"
EVERYBODY = "partner guest member colleague manager executive admin"
INSIDE = "member colleague manager executive admin"
"""A partner has no share, a guest is a partner with some. The member works in the manager's team, the colleague not."""

# The rows: `own` is the member's or the manager's, `other` another team's, `company` everybody's. `shared` and `lent`
# are open to the guest, `lent` only to be read; `elsewhere` belongs to the stranger.

Audience = str | Mapping[str, str]

SEE = "see"
"""Whoever sees the row."""
OBJECTIVE_EDITORS = {
    "own": "manager admin",
    "other": "colleague admin",
    "company": "executive admin",
    "shared": "manager admin",
    "lent": "manager admin",
}
KEY_RESULT_EDITORS = {
    "own": "member manager admin",
    "other": "colleague admin",
    "company": "executive admin",
    "shared": "manager admin",
    "lent": "manager admin",
}
SETTLERS = {"own": "colleague manager admin", "shared": "manager admin"}
"""Between the manager's goal and the colleague's, and between two goals of the manager that the guest sees."""
CHECKERS = KEY_RESULT_EDITORS | {"shared": "guest member manager admin", "lent": "member manager admin"}
ACTION_EDITORS = {"own": "member manager admin", "shared": "guest member manager admin", "lent": "member manager admin"}
"""Who is to do it, whoever leads the team, and a partner where the share says so."""
WRITER = dict.fromkeys(("own", "shared", "lent"), "member")
"""The daily log is changed by whoever wrote the line, and by nobody else."""
COMMENTERS = {"own": INSIDE, "other": INSIDE, "company": INSIDE, "shared": f"guest {INSIDE}", "lent": INSIDE}
"""Who may comment, react and offer help: everybody inside, a partner where the share says so."""
AUTHORS = {"own": "member", "shared": "member", "lent": "member"}
OWN_WORDS = {"own": "member admin", "shared": "member admin", "lent": "member admin"}
PLANNERS = "manager executive admin"
TALKERS = {"own": "member manager admin", "other": "colleague admin", "company": "executive admin"}
"""Whoever takes part in a meeting: the team, who leads it, and executives in the company's."""
LOOKERS = {"own": "manager admin", "other": "colleague admin", "company": "executive admin"}
"""Who facilitates a retrospective, and who leads the team."""
WRITERS = {"own": "member admin"}
"""Who wrote it, and administrators."""
CONTENT_EDITORS = {"own": f"member {PLANNERS}", "other": f"colleague {PLANNERS}"}
"""Who owns it, and whoever plans."""
DECIDERS = {"own": "manager admin", "other": "admin", "company": "executive admin"}
ENTERERS = {"own": "member manager admin", "other": "colleague admin", "company": "executive admin"}
PACERS = {"own": "manager admin", "other": "admin"}
LEADS = DECIDERS | {"shared": "manager admin", "lent": "manager admin"}
ADMIN = "admin"
IMPORTER = {"own": "admin"}

LEAD_EDITORS = {"own": f"member {PLANNERS}", "other": f"colleague {PLANNERS}"}
"""Who looks after a lead, and whoever plans."""

PARTNERS = "partner guest"
OTHERS = "partner guest member colleague manager executive"
SHARED_WITH_GUEST = {"shared": f"guest {INSIDE}", "lent": f"guest {INSIDE}"}
SEEN: dict[str, dict[str, str]] = {
    "objective": {"own": INSIDE, "other": INSIDE, "company": INSIDE, **SHARED_WITH_GUEST},
    "key_result": {"own": INSIDE, "other": INSIDE, "company": INSIDE, **SHARED_WITH_GUEST},
    "kgi": {"own": INSIDE, "shared": f"guest {INSIDE}"},
    "cycle": {"own": f"guest {INSIDE}", "closed": INSIDE},
    "team": {"own": INSIDE, "other": INSIDE},
    "team_by_name": {"own": f"guest {INSIDE}", "other": INSIDE},
    "member": {"own": INSIDE, "other": INSIDE, "guest": f"guest {INSIDE}"},
    "invitation": {"own": EVERYBODY},
    "day_off": {"own": INSIDE},
    "feed": {"own": "member"},
    "share_link": {"own": "member admin"},
    "saved_view": {"own": INSIDE},
    "export": {"own": "member"},
    "partner": {"own": INSIDE},
    "candidate": {"own": INSIDE},
    "partner_lever": {"own": INSIDE},
    "contribution_report": {"own": f"guest {INSIDE}"},
    "partner_talk": {"own": f"guest {INSIDE}"},
    "room_message": {"own": f"guest {INSIDE}"},
    # Of the steps of a handover one is the member's, the shared one the guest's.
    "handover_step": {"own": f"guest {INSIDE}", "shared": f"guest {INSIDE}"},
    "unit": {"own": EVERYBODY},
    "template": {"own": INSIDE},
    "token": {"own": "member admin"},
    "channel": {"own": "manager admin", "other": "colleague", "company": "admin"},
    "delivery": {"own": "member admin"},
    "check_in": {"own": INSIDE, **SHARED_WITH_GUEST},
    "kpi": {"own": INSIDE, "shared": f"guest {INSIDE}"},
    "reading": {"own": INSIDE, "shared": f"guest {INSIDE}"},
    "scenario": {"own": INSIDE, "shared": f"guest {INSIDE}"},
    "audit_event": {"own": EVERYBODY},
    "not_doing": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "obstacle": {"own": INSIDE, **SHARED_WITH_GUEST},
    "comment": {"own": INSIDE, **SHARED_WITH_GUEST},
    "action": {"own": INSIDE, **SHARED_WITH_GUEST},
    "health_kpi": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "health_reading": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "activity": {"own": INSIDE, **SHARED_WITH_GUEST},
    "conflict": {"own": INSIDE, "shared": INSIDE},
    "meeting": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "minute_line": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "retrospective": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "retrospective_note": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "lesson": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "experiment": {"own": INSIDE, "other": INSIDE, "company": INSIDE},
    "matrix": {"own": INSIDE},
    "matrix_stage": {"own": INSIDE},
    "lead": {"own": INSIDE, "other": INSIDE},
    "lead_move": {"own": INSIDE},
    # Of somebody's own file others who plan learn nothing; who may not write the matrix is told so first.
    "lead_import": {"own": "member colleague admin"},
    "journey": {"own": INSIDE},
    "journey_phase": {"own": INSIDE},
    "touch_point": {"own": INSIDE},
    "content": {"own": INSIDE, "other": INSIDE},
}


# The lines

WRITES = ("POST", "PUT", "PATCH", "DELETE")
LET_IN = frozenset({200, 201, 202, 204, 302, 303, 304, 400, 409, 422})


@dataclass(frozen=True)
class Line:
    """What `place`, `rows`, `signed_in` and `public` make of a line's words.

    `answers` are the statuses of who is let in. `blind` are people for whom there is nothing here at all: 404. Who
    is `refused` is so before a row is looked for: 403, whosever it is. `sends` is what a form says, `{team:own}` being
    the number of that row.
    """

    who: dict[str, Audience]
    noun: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    answers: frozenset[int] = frozenset()
    path: str = ""
    blind: str = ""
    refused: str = ""
    sends: Mapping[str, str] = field(default_factory=dict)


def rows(noun: str, *answers: int, hidden_from_partners: bool = False, refused: str = "", **who: Audience) -> Line:
    """An address about one row. What partners never meet answers them with 404 instead of 403."""
    seen = SEEN[noun]
    if hidden_from_partners:
        seen = dict.fromkeys(seen, INSIDE)
    allowed = LET_IN | set(answers)
    return Line(who=dict(who), noun=noun, seen=seen, refused=refused, answers=allowed)


def place(*answers: int, blind: str = "", sends: Mapping[str, str] | None = None, **who: Audience) -> Line:
    """An address of an organization that is about no single row."""
    return Line(who=dict(who), blind=blind, sends=sends or {}, answers=LET_IN | set(answers))


def signed_in(*answers: int, methods: str = "GET", **arguments: Any) -> Line:
    """Outside any organization, for whoever has signed in."""
    allowed = frozenset(answers) or LET_IN
    return Line(who=dict.fromkeys(methods.split(), EVERYBODY), answers=allowed, arguments=arguments)


def public(*answers: int, methods: str = "GET", **arguments: Any) -> Line:
    """For everybody, signed in or not, with exactly these answers."""
    return Line(
        who=dict.fromkeys(methods.split(), EVERYBODY),
        is_open=True,
        answers=frozenset(answers),
        arguments=arguments,
    )


TABLE: dict[str, Line] = {
    # The frame
    "home": signed_in(200, 302),
    "organizations": signed_in(200, 302),
    "own_room": place(GET=PARTNERS, blind=INSIDE),
    "partners": place(GET=INSIDE, blind=PARTNERS),
    "partner": rows("partner", hidden_from_partners=True, GET=INSIDE),
    "partner_room": rows("partner", hidden_from_partners=True, GET=INSIDE),
    "share_with_partner": rows("partner", hidden_from_partners=True, POST=PLANNERS),
    "edit_partner_room": rows("partner", hidden_from_partners=True, GET=PLANNERS, POST=PLANNERS),
    "candidates": place(GET=INSIDE, blind=PARTNERS),
    "new_candidate": place(GET=PLANNERS, POST=PLANNERS, blind=PARTNERS),
    "interview_sheet": place(GET=INSIDE, blind=PARTNERS),
    "candidate": rows("candidate", GET=SEE),
    "edit_candidate": rows("candidate", GET=PLANNERS, POST=PLANNERS),
    "rate_candidate": rows("candidate", GET=SEE, POST=SEE),
    "decide_candidate": rows("candidate", POST=PLANNERS),
    "connect_candidate": rows("candidate", POST=PLANNERS),
    "candidate_changes": rows("candidate", GET=SEE),
    "entrust_lever": rows("partner", hidden_from_partners=True, GET=PLANNERS, POST=PLANNERS),
    "edit_partner_lever": rows("partner_lever", hidden_from_partners=True, GET=PLANNERS, POST=PLANNERS),
    "contribution": rows("partner", hidden_from_partners=True, GET=INSIDE),
    "issue_contribution": rows("partner", hidden_from_partners=True, GET=INSIDE, POST=PLANNERS),
    "contribution_report": rows("contribution_report", GET=SEE, POST=SEE),
    "room_talk": rows("partner_talk", GET=SEE, POST=SEE),
    "edit_room_message": rows("room_message", POST=AUTHORS),
    "withdraw_room_message": rows("room_message", POST=OWN_WORDS),
    "restore_room_message": rows("room_message", POST=OWN_WORDS),
    "settle_room_question": rows("room_message", POST=INSIDE),
    "handover": rows("partner", hidden_from_partners=True, GET=INSIDE, POST=PLANNERS),
    "leave_off_handover": rows("partner", hidden_from_partners=True, POST=PLANNERS),
    "add_handover_step": rows("partner", hidden_from_partners=True, POST=PLANNERS),
    "edit_handover_step": rows("handover_step", POST=PLANNERS),
    "tick_handover_step": rows("handover_step", POST={"own": f"member {PLANNERS}", "shared": f"guest {PLANNERS}"}),
    "move_handover_step": rows("handover_step", POST=PLANNERS),
    "drop_handover_step": rows("handover_step", POST=PLANNERS),
    "restore_handover_step": rows("handover_step", POST=PLANNERS),
    "switch_theme": public(302, methods="POST"),
    "set_language": public(302, methods="GET POST"),
    "health_live": public(200),
    "health_ready": public(200, 503),
    # Accounts
    "account_login": public(200, 302, methods="GET POST"),
    "account_logout": public(200, 302, methods="GET POST"),
    "account_inactive": public(200),
    "account_signup": public(200, 302, methods="GET POST"),
    "account_reset_password": public(200, methods="GET POST"),
    "account_reset_password_done": public(200),
    "account_reset_password_from_key": public(200, methods="GET POST", uidb36="1", key="abc-def"),
    "account_reset_password_from_key_done": public(200),
    "account_email_verification_sent": public(200),
    "account_confirm_login_code": public(302, methods="GET POST"),
    "account_reauthenticate": signed_in(methods="GET POST PUT"),
    "account_change_password": signed_in(methods="GET POST PUT"),
    "account_set_password": signed_in(methods="GET POST PUT"),
    "usersessions_list": signed_in(methods="GET POST"),
    "start_organization": public(404, methods="GET POST", secret="a" * 43),
    "accept_invitation": public(404, methods="GET POST", secret="a" * 64),
    "calendar_feed": public(404, secret="a" * 43),
    "shared_company": public(404, secret="a" * 43),
    "shared_version": public(404, secret="a" * 43),
    "unsubscribe": public(404, methods="GET POST", signed="a" * 40),
    "glossary": public(200),
    # Objectives
    "this_week": place(GET=EVERYBODY),
    "plan": place(GET=EVERYBODY),
    "alignment": place(GET=EVERYBODY),
    "plan_check": place(GET=INSIDE, blind=PARTNERS),
    "last_cycle": place(GET=INSIDE, blind=PARTNERS),
    "people_suggestions": place(GET=EVERYBODY),
    "objectives": place(GET=EVERYBODY),
    "objectives_summary": place(GET=EVERYBODY),
    "new_objective": place(GET=INSIDE, POST=INSIDE),
    "coach_draft": place(POST=INSIDE),
    "draft_objective": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "objective": rows("objective", GET=SEE),
    "edit_objective": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "objective_menu": rows("objective", GET=OBJECTIVE_EDITORS),
    "change_objective_state": rows("objective", POST=OBJECTIVE_EDITORS),
    "drop_objective": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "begin_objective": rows("objective", GET=LEADS, POST=LEADS),
    "send_back_objective": rows("objective", GET=LEADS, POST=LEADS),
    "confirm_objective": rows("objective", POST=OBJECTIVE_EDITORS),
    "health_kpis": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "new_health_kpi": place(GET=PLANNERS, POST=PLANNERS),
    "undo_health_readings": place(POST=INSIDE, blind=PARTNERS),
    "health_kpi": rows("health_kpi", GET=SEE, POST=ENTERERS),
    "edit_health_kpi": rows("health_kpi", GET=DECIDERS, POST=DECIDERS),
    "retire_health_kpi": rows("health_kpi", POST=DECIDERS),
    "restore_health_kpi": rows("health_kpi", POST=DECIDERS),
    "move_health_kpi": rows("health_kpi", POST=DECIDERS),
    "act_on_health_kpi": rows("health_kpi", POST=ENTERERS),
    "health_kpi_changes": rows("health_kpi", GET=SEE),
    "notices": place(GET=EVERYBODY),
    "read_notices": place(POST=EVERYBODY),
    "restore_objective": rows("objective", hidden_from_partners=True, POST=OBJECTIVE_EDITORS),
    "align_objective": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "align_on_board": rows("objective", POST=OBJECTIVE_EDITORS),
    "objective_below": rows("objective", GET=SEE),
    "board_key_results": rows("objective", GET=SEE),
    "new_key_result": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "edit_key_result": rows("key_result", GET=KEY_RESULT_EDITORS, POST=KEY_RESULT_EDITORS),
    "drop_key_result": rows("key_result", GET=KEY_RESULT_EDITORS, POST=KEY_RESULT_EDITORS),
    "restore_key_result": rows("key_result", hidden_from_partners=True, POST=KEY_RESULT_EDITORS),
    "check_in": rows("key_result", GET=SEE, POST=CHECKERS),
    "add_not_doing": place(POST="manager admin", blind=PARTNERS, sends={"team": "{team:own}"}),
    "remove_not_doing": rows("not_doing", POST=DECIDERS),
    "cycles": place(GET=EVERYBODY),
    "new_cycle": place(GET=ADMIN, POST=ADMIN),
    "edit_cycle": rows("cycle", GET=ADMIN, POST=ADMIN),
    "change_cycle_state": rows("cycle", POST=ADMIN),
    "close_cycle": rows("cycle", GET=ADMIN, POST=ADMIN),
    "reopen_cycle": rows("cycle", GET=ADMIN, POST=ADMIN),
    "closing": place(GET=INSIDE, blind=PARTNERS),
    "team_closing": rows("team", hidden_from_partners=True, GET=SEE, POST=PACERS),
    "undo_closing": rows("team", hidden_from_partners=True, POST=PACERS),
    "close_objective": rows("objective", GET=OBJECTIVE_EDITORS, POST=OBJECTIVE_EDITORS),
    "keep_up_key_result": rows("key_result", hidden_from_partners=True, GET=PLANNERS, POST=PLANNERS),
    "change_first_steps": rows("cycle", POST=ADMIN),
    "open_next_cycle": place(GET=PLANNERS, POST=PLANNERS),
    "carry_over": rows("cycle", GET=INSIDE, POST=INSIDE),
    "undo_carrying": rows("cycle", POST=INSIDE),
    "settings": place(GET=EVERYBODY, POST=ADMIN),
    "objective_changes": rows("objective", 404, GET=SEE, POST=OBJECTIVE_EDITORS),
    "key_result_changes": rows("key_result", 404, GET=SEE, POST=KEY_RESULT_EDITORS),
    "kgi_landing": rows("kgi", GET=SEE),
    "kgi_changes": rows("kgi", 404, GET=SEE, POST=PLANNERS),
    "check_in_changes": rows("check_in", GET=SEE),
    "cycle_changes": rows("cycle", GET=SEE),
    "search": place(GET=EVERYBODY),
    # Actions and the daily log
    "obstacles": place(GET=EVERYBODY),
    "obstacle": rows("obstacle", GET=SEE),
    "offer_help": rows("obstacle", POST=COMMENTERS),
    "answer_obstacle": rows("obstacle", POST=PLANNERS),
    "take_over_obstacle": rows("obstacle", POST=COMMENTERS),
    "change_obstacle": rows("obstacle", POST=CHECKERS),
    "solve_obstacle": rows("obstacle", POST=CHECKERS),
    "reopen_obstacle": rows("obstacle", POST=CHECKERS),
    "withdraw_obstacle": rows("obstacle", POST=CHECKERS),
    "obstacle_comments": rows("obstacle", GET=SEE, POST=COMMENTERS),
    "objective_beside": rows("objective", GET=SEE),
    "objective_worth": rows("objective", GET=SEE),
    "key_result_actions": rows("key_result", GET=SEE),
    "objective_comments": rows("objective", GET=SEE, POST=COMMENTERS),
    "mention_suggestions": rows("objective", GET=SEE),
    "key_result_comments": rows("key_result", GET=SEE, POST=COMMENTERS),
    "check_in_comments": rows("check_in", GET=SEE, POST=COMMENTERS),
    "react_to_check_in": rows("check_in", POST=COMMENTERS),
    "react_to_comment": rows("comment", POST=COMMENTERS),
    "edit_comment": rows("comment", POST=AUTHORS),
    "api_obstacles": place(GET=EVERYBODY),
    "api_obstacles_detail": rows("obstacle", GET=SEE, PATCH=CHECKERS),
    "api_comments": place(GET=EVERYBODY, POST=EVERYBODY),
    "api_comments_detail": rows("comment", GET=SEE, PATCH=AUTHORS),
    "api_comments_withdraw": rows("comment", POST=OWN_WORDS),
    "api_comments_restore": rows("comment", POST=OWN_WORDS),
    "withdraw_comment": rows("comment", POST=OWN_WORDS),
    "restore_comment": rows("comment", POST=OWN_WORDS),
    "actions": place(GET=EVERYBODY, POST=EVERYBODY),
    "actions_board": place(GET=EVERYBODY),
    "actions_timeline": place(GET=EVERYBODY),
    "begin_action": rows("action", POST=ACTION_EDITORS),
    "pause_action": rows("action", POST=ACTION_EDITORS),
    "edit_action": rows("action", GET=SEE, POST=ACTION_EDITORS),
    "finish_action": rows("action", POST=ACTION_EDITORS),
    "reopen_action": rows("action", POST=ACTION_EDITORS),
    "drop_action": rows("action", GET=ACTION_EDITORS, POST=ACTION_EDITORS),
    "restore_action": rows("action", POST=ACTION_EDITORS),
    "action_changes": rows("action", GET=SEE),
    "action_outcome": rows("action", GET=SEE, POST=ACTION_EDITORS),
    "action_effects": place(GET=INSIDE, blind=PARTNERS),
    "kpi_actions": rows("kpi", hidden_from_partners=True, GET=SEE),
    "team_week": place(GET=INSIDE, blind=PARTNERS),
    "nudge": place(POST=PLANNERS, blind=PARTNERS),
    "activities": place(GET=EVERYBODY, POST=EVERYBODY),
    "activity_line": place(GET=EVERYBODY, POST=EVERYBODY),
    "edit_activity": rows("activity", GET=WRITER, POST=WRITER),
    "withdraw_activity": rows("activity", POST=WRITER),
    "restore_activity": rows("activity", POST=WRITER),
    # ABM matrices
    "matrix": rows("matrix", GET=SEE),
    "matrix_targets": rows("matrix", GET=SEE, POST=PLANNERS),
    "matrix_moves": rows("matrix", GET=SEE, POST=PLANNERS),
    "matrix_conversions": rows("matrix", GET=SEE, POST=PLANNERS),
    "matrices": place(GET=INSIDE, blind=PARTNERS),
    "new_matrix": place(GET=PLANNERS, POST=PLANNERS, blind=PARTNERS),
    "edit_matrix": rows("matrix", GET=PLANNERS, POST=PLANNERS),
    "retire_matrix": rows("matrix", POST=PLANNERS),
    "restore_matrix": rows("matrix", POST=PLANNERS),
    "matrix_fits": rows("matrix", GET=SEE, POST=PLANNERS),
    "matrix_stages": rows("matrix", GET=SEE, POST=PLANNERS),
    "edit_stage": rows("matrix_stage", GET=PLANNERS, POST=PLANNERS),
    "move_stage": rows("matrix_stage", POST=PLANNERS),
    "remove_stage": rows("matrix_stage", POST=PLANNERS),
    "leads": rows("matrix", GET=SEE),
    "new_lead": rows("matrix", GET=SEE, POST=SEE),
    "move_leads": rows("matrix", GET=SEE, POST=SEE),
    "undo_lead_moves": rows("lead_move", POST={"own": f"member {PLANNERS}"}),
    "lead": rows("lead", GET=SEE),
    "edit_lead": rows("lead", GET=LEAD_EDITORS, POST=LEAD_EDITORS),
    "remove_lead": rows("lead", POST=LEAD_EDITORS),
    "restore_lead": rows("lead", POST=LEAD_EDITORS),
    "erase_lead": rows("lead", POST=PLANNERS),
    "lead_changes": rows("lead", GET=SEE),
    "import_leads": rows("matrix", GET=PLANNERS, POST=PLANNERS),
    "lead_import": rows("lead_import", GET=IMPORTER, POST=IMPORTER),
    "wrong_leads": rows("lead_import", GET=IMPORTER),
    "drop_lead_import": rows("lead_import", POST=IMPORTER),
    "api_leads": place(GET=EVERYBODY, POST=INSIDE),
    "api_leads_batch": place(POST=PLANNERS),
    "api_leads_detail": rows("lead", GET=SEE, PATCH=LEAD_EDITORS, DELETE=LEAD_EDITORS),
    "api_matrices": place(GET=EVERYBODY),
    "api_matrices_detail": rows("matrix", GET=SEE),
    # Customer journeys and content
    "journeys": place(GET=INSIDE, blind=PARTNERS),
    "new_journey": place(GET=PLANNERS, POST=PLANNERS, blind=PARTNERS),
    "journey": rows("journey", GET=SEE),
    "edit_journey": rows("journey", GET=PLANNERS, POST=PLANNERS),
    "retire_journey": rows("journey", POST=PLANNERS),
    "restore_journey": rows("journey", POST=PLANNERS),
    "write_cells": rows("journey", POST=PLANNERS),
    "serve_lever": rows("journey", POST=PLANNERS),
    "add_phase": rows("journey", POST=PLANNERS),
    "journey_changes": rows("journey", GET=SEE),
    "edit_phase": rows("journey_phase", GET=PLANNERS, POST=PLANNERS),
    "move_phase": rows("journey_phase", POST=PLANNERS),
    "remove_phase": rows("journey_phase", GET=PLANNERS, POST=PLANNERS),
    "restore_phase": rows("journey_phase", POST=PLANNERS),
    "touch_point": rows("touch_point", GET=SEE, POST=PLANNERS),
    "add_content": rows("touch_point", POST=INSIDE),
    "move_touch_point": rows("touch_point", POST=PLANNERS),
    "remove_touch_point": rows("touch_point", POST=PLANNERS),
    "restore_touch_point": rows("touch_point", POST=PLANNERS),
    "contents": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "content": rows("content", GET=SEE, POST=CONTENT_EDITORS),
    "schedule_content": rows("content", POST=CONTENT_EDITORS),
    "drop_content": rows("content", POST=CONTENT_EDITORS),
    "restore_content": rows("content", POST=CONTENT_EDITORS),
    # Lessons and experiments
    "lessons": place(GET=INSIDE, blind=PARTNERS),
    "new_lesson": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "lesson": rows("lesson", GET=SEE),
    "edit_lesson": rows("lesson", GET=ENTERERS, POST=ENTERERS),
    "retire_lesson": rows("lesson", POST=ENTERERS),
    "restore_lesson": rows("lesson", POST=ENTERERS),
    "lesson_changes": rows("lesson", GET=SEE),
    "experiments": place(GET=INSIDE, blind=PARTNERS),
    "new_experiment": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "experiment": rows("experiment", GET=SEE),
    "edit_experiment": rows("experiment", GET=ENTERERS, POST=ENTERERS),
    "decide_experiment": rows("experiment", POST=ENTERERS),
    "scale_experiment": rows("experiment", POST=ENTERERS),
    "withdraw_experiment": rows("experiment", POST=ENTERERS),
    "restore_experiment": rows("experiment", POST=ENTERERS),
    "experiment_changes": rows("experiment", GET=SEE),
    # Retrospectives
    "retrospectives": place(GET=INSIDE, blind=PARTNERS),
    "new_retrospective": place(
        GET="member colleague manager executive admin", POST="member colleague manager executive admin", blind=PARTNERS
    ),
    "retrospective": rows("retrospective", GET=SEE),
    "retrospective_live": rows("retrospective", GET=SEE),
    "retrospective_csv": rows("retrospective", GET=SEE),
    "move_retrospective": rows("retrospective", POST=LOOKERS),
    "set_retrospective_timer": rows("retrospective", POST=LOOKERS),
    "hand_over_retrospective": rows("retrospective", POST=LOOKERS),
    "turn_to_note": rows("retrospective", POST=LOOKERS),
    "end_retrospective": rows("retrospective", POST=LOOKERS),
    "reopen_retrospective": rows("retrospective", POST=LOOKERS),
    "discard_retrospective": rows("retrospective", POST=LOOKERS),
    "say_ready": rows("retrospective", POST=TALKERS),
    "write_summary": rows("retrospective", POST=TALKERS),
    "add_retrospective_note": rows("retrospective", POST=TALKERS),
    "retrospective_note": rows("retrospective_note", GET=TALKERS, POST=TALKERS),
    "withdraw_retrospective_note": rows("retrospective_note", POST=TALKERS),
    "restore_retrospective_note": rows("retrospective_note", POST=TALKERS),
    "group_retrospective_note": rows("retrospective_note", POST=TALKERS),
    "sort_retrospective_note": rows("retrospective_note", POST=TALKERS),
    "vote_for_note": rows("retrospective_note", POST=TALKERS),
    "learn_from_note": rows("retrospective_note", GET=TALKERS, POST=TALKERS),
    "act_on_note": rows("retrospective_note", GET=TALKERS, POST=TALKERS),
    # Meetings
    "meetings": place(GET=INSIDE, blind=PARTNERS),
    "start_meeting": place(POST="member manager admin", blind=PARTNERS, sends={"team": "{team:own}"}),
    "meeting": rows("meeting", GET=SEE),
    "meeting_live": rows("meeting", GET=SEE),
    "meeting_text": rows("meeting", GET=SEE),
    "move_agenda": rows("meeting", POST=TALKERS),
    "read_minute_line": rows("meeting", GET=TALKERS),
    "add_minute_line": rows("meeting", POST=TALKERS),
    "end_meeting": rows("meeting", POST=TALKERS),
    "reopen_meeting": rows("meeting", POST=TALKERS),
    "edit_minute_line": rows("minute_line", GET=TALKERS, POST=TALKERS),
    "set_minute_line_kind": rows("minute_line", POST=TALKERS),
    "withdraw_minute_line": rows("minute_line", POST=TALKERS),
    "restore_minute_line": rows("minute_line", POST=TALKERS),
    # Settings
    "profile": place(GET=EVERYBODY, POST=EVERYBODY),
    "members": place(GET=INSIDE),
    "member": rows("member", GET=SEE, POST=ADMIN),
    "member_data": rows("member", GET={"own": "member admin", "other": "colleague admin", "guest": "guest admin"}),
    "leave": rows("member", GET=ADMIN, POST=ADMIN),
    "hand_over": rows("member", GET=ADMIN, POST=ADMIN),
    "reinstate_member": rows("member", POST=ADMIN),
    "erase_member": rows("member", GET=ADMIN, POST=ADMIN),
    "member_changes": rows("member", GET=SEE),
    "team_changes": rows("team", GET=SEE),
    "teams": place(GET=INSIDE, POST=ADMIN),
    "team": rows("team", refused=PARTNERS, GET=SEE, POST=ADMIN),
    "place_team": rows("team", POST=ADMIN),
    "merge_team": rows("team", GET=ADMIN, POST=ADMIN),
    "close_team": rows("team", POST=ADMIN),
    "reopen_team": rows("team", POST=ADMIN),
    "system": place(GET=ADMIN),
    "rhythms": place(GET=INSIDE, POST=ADMIN),
    "edit_rhythm": rows("team", refused=PARTNERS, GET=PACERS, POST=PACERS),
    "remove_day_off": rows("day_off", POST=ADMIN),
    "end_feed": rows("feed", POST=SEE),
    "restore_feed": rows("feed", POST=SEE),
    "units": place(GET=INSIDE, POST=ADMIN),
    "library": place(GET=INSIDE),
    "new_template": place(GET=INSIDE, POST=INSIDE),
    "edit_template": rows("template", hidden_from_partners=True, GET=WRITERS, POST=WRITERS),
    "retire_template": rows("template", hidden_from_partners=True, POST=WRITERS),
    "restore_template": rows("template", hidden_from_partners=True, POST=WRITERS),
    "save_as_template": rows("objective", POST=INSIDE),
    "edit_unit": rows("unit", refused=PARTNERS, GET=ADMIN, POST=ADMIN),
    "retire_unit": rows("unit", refused=PARTNERS, POST=ADMIN),
    "restore_unit": rows("unit", refused=PARTNERS, POST=ADMIN),
    "invitations": place(GET=ADMIN, POST=ADMIN),
    "renew_invitation": rows("invitation", refused=OTHERS, POST=ADMIN),
    "withdraw_invitation": rows("invitation", refused=OTHERS, POST=ADMIN),
    "channels": place(GET=INSIDE, blind=PARTNERS),
    "new_channel": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "deliveries": place(GET=ADMIN),
    "retry_delivery": rows("delivery", POST=SEE),
    "channel": rows("channel", GET=SEE, POST=SEE),
    "try_channel": rows("channel", POST=SEE),
    "switch_channel": rows("channel", POST=SEE),
    "retire_channel": rows("channel", POST=SEE),
    "restore_channel": rows("channel", POST=SEE),
    "renew_channel_secret": rows("channel", POST=SEE),
    "tokens": place(GET=EVERYBODY, POST=EVERYBODY),
    "end_token": rows("token", GET=SEE, POST=SEE),
    "audit_events": place(GET=ADMIN),
    # The first steps
    "start": place(GET=ADMIN),
    "start_calendar": place(GET=ADMIN, POST=ADMIN),
    "start_teams": place(GET=ADMIN, POST=ADMIN),
    "start_kgi": place(GET=ADMIN, POST=ADMIN),
    "start_objective": place(GET=ADMIN, POST=ADMIN),
    "start_done": place(GET=ADMIN),
    "start_own": place(404, POST=EVERYBODY),
    # KGIs
    "kgis": place(GET=EVERYBODY),
    "new_kgi": place(GET=PLANNERS, POST=PLANNERS),
    "kgi": rows("kgi", GET=SEE),
    "edit_kgi": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "drop_kgi": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "restore_kgi": rows("kgi", POST=PLANNERS),
    "write_actual": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "funnel": rows("kgi", GET=SEE, POST=SEE),
    "plan_and_actual": rows("kgi", GET=SEE),
    "readings": rows("kgi", GET=SEE, POST=PLANNERS),
    "import_readings": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "orphans": place(GET=INSIDE, blind=PARTNERS),
    "conflicts": place(GET=INSIDE, blind=PARTNERS),
    "settle_conflict": rows("conflict", GET=SETTLERS, POST=SETTLERS),
    "reopen_conflict": rows("conflict", POST=SETTLERS),
    "consistency": rows("kgi", GET=SEE, POST=PLANNERS),
    "sensitivity": rows("kgi", GET=SEE, POST=SEE),
    "kpi_tree": rows("kgi", GET=SEE),
    "add_kpi": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "kpi_gallery": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "kpi": rows("kpi", GET=SEE, POST=PLANNERS),
    "move_kpi": rows("kpi", GET=PLANNERS, POST=PLANNERS),
    "drop_kpi": rows("kpi", GET=PLANNERS, POST=PLANNERS),
    "restore_kpi": rows("kpi", POST=PLANNERS),
    "scenarios": rows("kgi", GET=SEE),
    "new_scenario": rows("kgi", GET=PLANNERS, POST=PLANNERS),
    "edit_scenario": rows("scenario", GET=PLANNERS, POST=PLANNERS),
    "adopt_scenario": rows("scenario", GET=PLANNERS, POST=PLANNERS),
    "drop_scenario": rows("scenario", POST=PLANNERS),
    "restore_scenario": rows("scenario", POST=PLANNERS),
    "likelihood": rows("kgi", GET=SEE, POST=PLANNERS),
    "make_key_results": rows("kgi", GET=INSIDE, POST=INSIDE),
    # Dashboards
    "company": place(GET=EVERYBODY),
    "company_map": place(GET=EVERYBODY),
    "company_map_list": place(404, GET=EVERYBODY),
    "departments": place(GET=EVERYBODY),
    "across_cycles": place(GET=INSIDE, blind=PARTNERS),
    "company_room": place(GET=INSIDE, blind=PARTNERS),
    "cycle_report": place(GET=INSIDE, POST=INSIDE, blind=PARTNERS),
    "exports": place(GET=EVERYBODY),
    "export": rows("export", GET=SEE),
    "download_export": rows("export", GET=SEE),
    "company_version": place(GET=EVERYBODY),
    "saved_views": place(404, GET=EVERYBODY, POST=EVERYBODY),
    "change_saved_view": rows("saved_view", GET=WRITERS, POST=WRITERS),
    "delete_saved_view": rows("saved_view", POST=WRITERS),
    "restore_saved_view": rows("saved_view", POST=WRITERS),
    "share_links": place(GET=INSIDE, POST=INSIDE),
    "end_share_link": rows("share_link", refused=PARTNERS, POST=SEE),
    "restore_share_link": rows("share_link", refused=PARTNERS, POST=SEE),
    # The API
    "api_schema": signed_in(200),
    "api_docs": signed_in(200),
    "api_back_calculation": signed_in(200, 400, methods="POST"),
    "api_evaluate": signed_in(200, 400, methods="POST"),
    "api_consistency": signed_in(200, 400, methods="POST"),
    "api_sensitivity": signed_in(200, 400, methods="POST"),
    "api_solve": signed_in(200, 400, methods="POST"),
    "api_attribution": signed_in(200, 400, methods="POST"),
    "api_simulation": signed_in(200, 400, methods="POST"),
    "api_score": signed_in(200, 400, methods="POST"),
    "api_forecast": signed_in(200, 400, methods="POST"),
    "api_roll_up": signed_in(200, 400, methods="POST"),
    "api_draft_check": signed_in(200, 400, methods="POST"),
    "api_check_ins": rows("key_result", GET=SEE, POST=CHECKERS),
    "api_check_ins_detail": rows("check_in", GET=SEE),
    "api_cycles": place(GET=EVERYBODY, POST=ADMIN),
    "api_cycles_detail": rows("cycle", GET=SEE, PATCH=ADMIN),
    "api_teams": place(GET=EVERYBODY, POST=ADMIN),
    "api_teams_detail": rows("team_by_name", GET=SEE, PATCH=ADMIN),
    "api_teams_close": rows("team_by_name", POST=ADMIN),
    "api_teams_merge": rows("team_by_name", POST=ADMIN),
    "api_teams_reopen": rows("team_by_name", POST=ADMIN),
    "api_members": place(GET=EVERYBODY),
    "api_members_detail": rows("member", GET=SEE, PATCH=ADMIN),
    "api_members_leave": rows("member", POST=ADMIN),
    "api_members_reinstate": rows("member", POST=ADMIN),
    "api_objectives": place(GET=EVERYBODY, POST=INSIDE),
    "api_objectives_detail": rows("objective", GET=SEE, PATCH=OBJECTIVE_EDITORS),
    "api_objectives_drop": rows("objective", POST=OBJECTIVE_EDITORS),
    "api_objectives_restore": rows("objective", POST=OBJECTIVE_EDITORS),
    "api_objectives_parents": rows("objective", GET=SEE, POST=OBJECTIVE_EDITORS, DELETE=OBJECTIVE_EDITORS),
    "api_key_results": place(GET=EVERYBODY, POST=INSIDE),
    "api_key_results_detail": rows("key_result", GET=SEE, PATCH=KEY_RESULT_EDITORS),
    "api_key_results_drop": rows("key_result", POST=KEY_RESULT_EDITORS),
    "api_key_results_restore": rows("key_result", POST=KEY_RESULT_EDITORS),
    "api_actions": place(GET=EVERYBODY, POST=EVERYBODY),
    "api_actions_detail": rows("action", GET=SEE, PATCH=ACTION_EDITORS),
    "api_activities": place(GET=EVERYBODY, POST=EVERYBODY),
    "api_activities_detail": rows("activity", GET=SEE, PATCH=WRITER),
    "api_activities_withdraw": rows("activity", POST=WRITER),
    "api_activities_restore": rows("activity", POST=WRITER),
    "api_kgis": place(GET=EVERYBODY, POST=PLANNERS),
    "api_kgis_detail": rows("kgi", GET=SEE, PATCH=PLANNERS),
    "api_kgis_drop": rows("kgi", POST=PLANNERS),
    "api_kgis_restore": rows("kgi", POST=PLANNERS),
    "api_kgis_funnel": rows("kgi", GET=SEE, PUT=PLANNERS),
    "api_kgis_readings": rows("kgi", POST=PLANNERS),
    "api_kpis": place(GET=EVERYBODY),
    "api_kpis_detail": rows("kpi", GET=SEE, PATCH=PLANNERS),
    "api_readings": rows("kpi", GET=SEE, POST=PLANNERS),
    "api_readings_detail": rows("reading", GET=SEE),
    "api_scenarios": place(GET=EVERYBODY, POST=PLANNERS),
    "api_scenarios_detail": rows("scenario", GET=SEE, PATCH=PLANNERS, DELETE=PLANNERS),
    "api_scenarios_adopt": rows("scenario", POST=PLANNERS),
    "api_health_kpis": place(GET=EVERYBODY, POST=PLANNERS),
    "api_health_kpis_detail": rows("health_kpi", GET=SEE, PATCH=DECIDERS),
    "api_health_readings": rows("health_kpi", GET=SEE, POST=ENTERERS),
    "api_health_readings_detail": rows("health_reading", GET=SEE, PATCH=ENTERERS, DELETE=ENTERERS),
    "api_alignment": place(GET=EVERYBODY),
    "api_dashboard": place(GET=EVERYBODY),
    "api_across_cycles": place(GET=INSIDE, blind=PARTNERS),
    "api_candidates": place(GET=EVERYBODY, POST=PLANNERS),
    "api_candidates_detail": rows("candidate", GET=SEE, PATCH=PLANNERS),
    "api_candidates_rate": rows("candidate", POST=SEE),
    "api_lessons": place(GET=EVERYBODY, POST=INSIDE),
    "api_lessons_detail": rows("lesson", GET=SEE, PATCH=ENTERERS),
    "api_experiments": place(GET=EVERYBODY, POST=INSIDE),
    "api_experiments_detail": rows("experiment", GET=SEE, PATCH=ENTERERS),
    "api_journeys": place(GET=EVERYBODY),
    "api_journeys_detail": rows("journey", GET=SEE),
    "api_contents": place(GET=EVERYBODY, POST=INSIDE),
    "api_contents_detail": rows("content", GET=SEE, PATCH=CONTENT_EDITORS),
    "api_meetings": place(GET=EVERYBODY),
    "api_meetings_detail": rows("meeting", GET=SEE),
    "api_retrospectives": place(GET=EVERYBODY, POST=INSIDE),
    "api_retrospectives_detail": rows("retrospective", GET=SEE),
    "api_retrospective_notes": rows("retrospective", GET=SEE, POST=TALKERS),
    "api_retrospective_notes_detail": rows("retrospective_note", GET=SEE),
    "api_audit_events": place(GET=ADMIN),
    "api_audit_events_detail": rows("audit_event", refused=OTHERS, GET=ADMIN),
    "api_unknown_address": Line(
        who=dict.fromkeys(("GET", *WRITES), EVERYBODY), answers=frozenset({404}), path="/api/v1/nothing/"
    ),
}


# The company they play in


@dataclass
class World:
    """The cast with one row of every kind; `said` are words of rows, with whom they may be shown to."""

    cast: Cast
    memberships: dict[str, Membership]
    rows: dict[str, dict[str, dict[str, int]]]
    said: dict[str, str]


def made_export(owner: Membership, title: str) -> Export:
    return Export.objects.create(
        organization=owner.organization,
        membership=owner,
        what="report_pdf",
        state="done",
        title=title,
        content=title.encode(),
        content_type="application/pdf",
        filename="report.pdf",
    )


def make_world() -> World:
    cast = make_cast()
    guest = person(cast.organization, "Kita Partners", "guest@kita.example", "partner")
    minami = cast.stranger.organization
    made: dict[str, dict[str, Any]] = {noun: {} for noun in SEEN}
    teams = {"own": cast.sales, "shared": cast.sales, "lent": cast.sales, "other": cast.online, "company": cast.company}
    for kind, team in teams.items():
        owner = {"other": cast.colleague, "company": cast.executive}.get(kind, cast.manager)
        keeper = {"own": cast.member, "other": cast.colleague}.get(kind, owner)
        objective = cast.objective(
            key_results=0,
            state=ObjectiveState.DRAFT,
            team=team,
            owner=owner,
            level="company" if kind == "company" else "team",
            title=f"objective-{kind}-said",
        )
        results = [
            cast.key_result(objective, owner=keeper, title=f"key-result-{kind}-{number}-said") for number in (1, 2)
        ]
        services.change_state(objective, to=ObjectiveState.ACTIVE, by=cast.admin)
        made["objective"][kind] = objective
        made["key_result"][kind] = results[0]
        if kind in SEEN["not_doing"]:
            made["not_doing"][kind] = NotDoing.objects.create(
                cycle=cast.cycle, team=team, text=f"not-doing-{kind}-said", written_by=cast.admin
            )
    for kind in ("shared", "lent"):
        ObjectiveShare.objects.create(objective=made["objective"][kind], membership=guest, may_write=kind == "shared")
    for kind, second in (("own", "other"), ("shared", "lent")):
        sides = sorted((made["objective"][kind], made["objective"][second]), key=lambda objective: objective.pk)
        made["conflict"][kind] = Conflict.objects.create(
            organization=cast.organization, kind=ConflictKind.SAME_OBJECTIVE, first=sides[0], second=sides[1]
        )
    made["cycle"]["own"] = cast.cycle
    made["cycle"]["closed"] = cast.closed_cycle
    made["team"] = made["team_by_name"] = {"own": cast.sales, "other": cast.online}
    made["partner"] = {"own": guest}
    made["candidate"] = {"own": consider(cast.admin, "own")}
    lay_room(made, guest, own=cast.member)
    made["member"] = {"own": cast.member, "other": cast.colleague, "guest": guest}
    made["invitation"]["own"] = invite(cast.organization, cast.admin)
    made["feed"]["own"] = make_feed(cast.member, name="電話")[0]
    made["saved_view"]["own"] = save_view(
        cast.member, page="objectives", name="view-own-said", query="sort=score", is_shared=True
    )
    made["share_link"]["own"] = make_share_link(cast.member, name="銀行", days=14)[0]
    made["export"]["own"] = made_export(cast.member, "export-own-said")
    made["day_off"]["own"] = DayOff.objects.create(
        organization=cast.organization, name="夏季休業", first=date(2026, 8, 12), last=date(2026, 8, 16)
    )
    made["unit"]["own"] = Unit.objects.create(organization=cast.organization, name="杯")
    made["template"]["own"] = Template.objects.create(
        organization=cast.organization, title="template-own-said", written_by=cast.member
    )
    made["token"]["own"] = make_token(cast.member, name="token-own-said")[0]
    for kind, whose in (("own", {"team": cast.sales}), ("other", {"membership": cast.colleague}), ("company", {})):
        made["channel"][kind] = Channel.objects.create(
            organization=cast.organization, kind=ChannelKind.WEBHOOK, name=f"channel-{kind}-said", is_on=False, **whose
        )
    made["delivery"]["own"] = Delivery.objects.create(
        organization=cast.organization, membership=cast.member, topic=Topic.REMINDER, occasion="own"
    )
    for kind in SEEN["check_in"]:
        key_result = made["key_result"][kind]
        made["check_in"][kind] = services.record_check_in(
            key_result,
            author=key_result.owner,
            value=Decimal(5),
            confidence=7,
            going_well=f"check-in-{kind}-said",
            obstacle=f"obstacle-{kind}-said",
        )[0]
        made["obstacle"][kind] = key_result.obstacles.get()
        made["comment"][kind] = add_comment(made["objective"][kind], by=cast.member, text=f"comment-{kind}-said")
    for kind in SEEN["action"]:
        made["action"][kind] = add_action(
            team=cast.sales,
            title=f"action-{kind}-said",
            owner=cast.member,
            due_on=None,
            by=cast.manager,
            key_result=made["key_result"][kind],
        )
        made["activity"][kind] = log_activity(
            cast.member, text=f"activity-{kind}-said", key_result=made["key_result"][kind]
        )
    for kind in ("own", "shared"):
        kgi = KGI.objects.create(
            organization=cast.organization,
            name=f"kgi-{kind}-said",
            unit="円",
            owner=cast.executive,
            period_start=date(2026, 4, 1),
            period_end=date(2027, 3, 31),
            challenge_value=Decimal(100_000_000),
        )
        plan_funnel(kgi)
        made["kgi"][kind] = kgi
        made["kpi"][kind], made["reading"][kind] = read_lever(kgi, cast.admin)
        made["scenario"][kind] = Scenario.objects.create(kgi=kgi, name=f"scenario-{kind}-said")
    entrust(made, made["kpi"]["own"], guest, own=cast.admin)
    for kind in SEEN["health_kpi"]:
        made["health_kpi"][kind], made["health_reading"][kind] = watch(
            teams[kind], f"health-kpi-{kind}-said", cast.admin
        )
    for kind in SEEN["meeting"]:
        made["meeting"][kind], made["minute_line"][kind] = meet(
            teams[kind], {"other": cast.colleague, "company": cast.executive}.get(kind, cast.manager), kind
        )
    for kind in SEEN["lesson"]:
        by = {"other": cast.colleague, "company": cast.executive}.get(kind, cast.member)
        made["lesson"][kind], made["experiment"][kind] = learn(teams[kind], by, kind)
    lay_journey(made, cast.admin, own=cast.member, other=cast.colleague)
    lay_matrix(made, cast.admin, own=cast.member, other=cast.colleague)
    for kind in SEEN["retrospective"]:
        made["retrospective"][kind], made["retrospective_note"][kind] = look_back(
            teams[kind], {"other": cast.colleague, "company": cast.executive}.get(kind, cast.manager), kind
        )
    share(made["kgi"]["shared"], guest)
    made["audit_event"]["own"] = AuditEvent.objects.filter(organization=cast.organization).first()
    for noun, row in elsewhere(minami, cast.stranger).items():
        made[noun]["elsewhere"] = row
    memberships = {
        "stranger": cast.stranger,
        "partner": cast.partner,
        "guest": guest,
        **{name: getattr(cast, name) for name in INSIDE.split()},
    }
    said = {}
    written = (
        "objective",
        "key_result",
        "kgi",
        "scenario",
        "not_doing",
        "check_in",
        "obstacle",
        "comment",
        "action",
        "minute_line",
        "retrospective_note",
        "activity",
        "health_kpi",
        "lesson",
        "experiment",
        "journey",
        "journey_phase",
        "touch_point",
        "content",
        "matrix",
        "lead",
        "room_message",
        "handover_step",
        "contribution_report",
        "candidate",
    )
    for noun in (*written, "token", "channel"):
        for kind in made[noun]:
            words = f"{noun.replace('_', '-')}-{kind}-said"
            said[words.replace("-said", "-1-said") if noun == "key_result" else words] = SEEN[noun].get(kind, "")
    return World(
        cast=cast,
        memberships=memberships,
        rows={noun: {kind: names_of(row) for kind, row in kinds.items()} for noun, kinds in made.items()},
        said=said,
    )


@contextmanager
def kept_world(clock: Path, **changes: Any) -> Iterator[World]:
    """A world for all tests of a module, on a clock of its own: each takes back what it did, this takes back the world.

    As in `tests.conftest`, passwords are hashed quickly.
    """
    clock.write_text(NOW)
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(CLOCK_FILE=str(clock), PASSWORD_HASHERS=hashers, **changes), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def names_of(row: Any) -> dict[str, int]:
    """The numbers by which an address names a row: its own, and that of the row it stands below."""
    above = (
        getattr(row, "key_result_id", None)
        or getattr(row, "health_kpi_id", None)
        or getattr(row, "retrospective_id", None)
        or (getattr(row, "kpi_id", None) if not isinstance(row, HealthKPI) else None)
        or row.pk
    )
    return {
        "pk": row.pk,
        "parent": above,
        "kgi": getattr(row, "kgi_id", None) or row.pk,
        "matrix": getattr(row, "matrix_id", 0),
        "partner": getattr(row, "membership_id", 0),
    }


def learn(team: Team, by: Membership, kind: str) -> tuple[Lesson, Experiment]:
    """A lesson and a running experiment of a team."""
    lesson = Lesson.objects.create(organization=team.organization, team=team, author=by, text=f"lesson-{kind}-said")
    experiment = Experiment.objects.create(
        organization=team.organization,
        team=team,
        owner=by,
        created_by=by,
        title=f"experiment-{kind}-said",
        starts_on=date(2026, 5, 1),
        ends_on=date(2026, 5, 29),
    )
    return lesson, experiment


def lay_journey(made: dict[str, dict[str, Any]], by: Membership, **owners: Membership) -> None:
    """A customer journey with one phase, one touch point, and a piece of content for each owner."""
    kind = next(iter(owners))
    journey = Journey.objects.create(organization=by.organization, name=f"journey-{kind}-said", created_by=by)
    phase = JourneyPhase.objects.create(journey=journey, name=f"journey-phase-{kind}-said")
    point = TouchPoint.objects.create(phase=phase, number=1, name=f"touch-point-{kind}-said")
    made["journey"][kind], made["journey_phase"][kind], made["touch_point"][kind] = journey, phase, point
    for number, (each, owner) in enumerate(owners.items(), 1):
        made["content"][each] = Content.objects.create(
            touch_point=point, number=number, title=f"content-{each}-said", owner=owner, created_by=by
        )


def lay_room(made: dict[str, dict[str, Any]], partner: Membership, **asked: Membership) -> None:
    """A partner's room in which somebody asked something, and the steps by which their work comes in-house."""
    ((kind, by),) = asked.items()
    of_room = {"organization": partner.organization, "room_of": partner}
    PartnerRoom.objects.create(organization=partner.organization, membership=partner, handover_on=date(2026, 8, 1))
    made["partner_talk"][kind] = partner
    made["room_message"][kind] = RoomMessage.objects.create(
        **of_room, author=by, is_question=True, text=f"room-message-{kind}-said"
    )
    steps = {kind: {"owner": by}} | ({"shared": {"by_partner": True}} if kind == "own" else {})
    for name, whose in steps.items():
        made["handover_step"][name] = HandoverStep.objects.create(
            organization=partner.organization, partner=partner, text=f"handover-step-{name}-said", **whose
        )


def entrust(made: dict[str, dict[str, Any]], kpi: KPI, partner: Membership, **by: Membership) -> None:
    """A lever in a partner's hands, and the report of a month that was handed to them."""
    ((kind, planner),) = by.items()
    made["partner_lever"][kind] = PartnerLever.objects.create(
        kpi=kpi, membership=partner, start_value=Decimal(10), began_on=date(2026, 4, 1)
    )
    made["contribution_report"][kind] = ContributionReport.objects.create(
        organization=partner.organization,
        membership=partner,
        kgi=kpi.kgi,
        month=date(2026, 4, 1),
        issued_by=planner,
        content=brought(f"contribution-report-{kind}-said", partner),
    )


def brought(lever: str, partner: Membership) -> dict[str, Any]:
    """What a report keeps: one lever that moved the KGI from 100 to 120, half of it theirs."""
    moved = {"start": 100.0, "end": 120.0, "gap": 20.0, "own": 10.0, "others": 10.0}
    told = {"names": {"": lever}, "unit": "", "is_rate": False, "period": "", "portion": 0.5, "leads_on": True}
    return {
        "organization": partner.organization.name,
        "kgi": {"name": "KGI", "unit": ""},
        "month": "2026-04-01",
        "is_monthly": False,
        "has_season": False,
        "method": "exact",
        **moved,
        "levers": [
            {
                **told,
                "began_on": "2026-04-01",
                "ended_on": "",
                "start": 10.0,
                "end": 12.0,
                "came_in": None,
                "value": 20.0,
                "own": 10.0,
            }
        ],
        "chain": [{"names": {"": "KGI"}, "unit": "", "is_goal": True, **moved}],
        "months": [{"month": "2026-04-01", "own": 10.0, "read": 1, "held": 1}],
        "agreement": "",
        "check_ins": 0,
        "actions": [],
        "currency": "円",
        "total": 10.0,
        "profit": None,
    }


def consider(by: Membership, kind: str) -> Candidate:
    """A company that may become a partner, with what one person noticed of it."""
    candidate = add_candidate(Candidate(name=f"candidate-{kind}-said"), by=by)[0]
    rate_candidate(candidate, by=by, answers={"profit": 2}, notes={})
    return candidate


def lay_matrix(made: dict[str, dict[str, Any]], by: Membership, **owners: Membership) -> None:
    """An ABM matrix with three stages, a lead for each owner, the first one's coming, and a file on its way."""
    today = by.organization.today
    kind = next(iter(owners))
    matrix = Matrix.objects.create(
        organization=by.organization, name=f"matrix-{kind}-said", starts_on=today, ends_on=today, created_by=by
    )
    for position, stage in enumerate(("open", "won", "lost")):
        row = MatrixStage.objects.create(matrix=matrix, name=f"matrix-{stage}", kind=stage, position=position)
    made["matrix"][kind], made["matrix_stage"][kind] = matrix, row
    for lead_kind, owner in owners.items():
        lead = Lead(matrix=matrix, company=f"lead-{lead_kind}-said", owner=owner)
        made["lead"][lead_kind] = add_lead(lead, by=owner)[0]
    made["lead_move"][kind] = made["lead"][kind].moves.get()
    made["lead_import"][kind] = LeadImport.objects.create(
        organization=by.organization,
        matrix=matrix,
        membership=by,
        headings=[{"heading": "company"}],
        mapping=["company"],
    )


def invite(organization: Organization, by: Membership) -> Invitation:
    secret = f"nonce of {organization.slug}"
    return Invitation.objects.create(
        organization=organization,
        email=f"new@{organization.slug}.example",
        nonce=secret,
        token_hash=hash_of(invitation_secret(secret)),
        invited_by=by,
    )


def read_lever(kgi: KGI, by: Membership) -> tuple[KPI, KPIReading]:
    """A lever of the KGI with one reading."""
    kpi = kgi.kpis.levers().first() or KPI.objects.create(kgi=kgi, key="visits", name="Visits")
    reading = KPIReading.objects.create(
        kpi=kpi, date=date(2026, 5, 1), value=Decimal(10), recorded_by=by, source=f"test {kgi.pk}"
    )
    return kpi, reading


def watch(team: Team, name: str, by: Membership) -> tuple[HealthKPI, HealthKPIReading]:
    """A health KPI with one reading."""
    kpi = HealthKPI.objects.create(organization=team.organization, team=team, name=name, upper=Decimal(1))
    day = date(2026, 5, 4)
    return kpi, HealthKPIReading.objects.create(health_kpi=kpi, period_start=day, value=Decimal(1), recorded_by=by)


def meet(team: Team, by: Membership, kind: str) -> tuple[Meeting, MinuteLine]:
    """A running meeting with one line."""
    meeting, _is_new = start_meeting(team, by=by)
    return meeting, add_line(meeting, f"minute-line-{kind}-said", by=by)[0]


def look_back(team: Team, by: Membership, kind: str) -> tuple[Retrospective, RetrospectiveNote]:
    """A retrospective with one note that everybody may read."""
    cycle = Cycle.objects.filter(organization=team.organization_id, start__lte=by.organization.today).latest("start")
    row, _is_new = start_retrospective(cycle, team, by=by)
    note, _is_new = add_note(row, f"retrospective-note-{kind}-said", by=by, question=Question.IMPROVE)
    return move_stage(row, "grouping"), note


def elsewhere(organization: Organization, owner: Membership) -> dict[str, Any]:
    """One row of everything in the stranger's company."""
    cycle = Cycle.objects.get(organization=organization)
    team = Team.objects.get(organization=organization)
    objective = services.save_objective(
        Objective(
            cycle=cycle, team=team, owner=owner, level="company", kind="aspirational", title="objective-elsewhere-said"
        )
    )
    key_result = services.save_key_result(
        KeyResult(
            objective=objective,
            title="key-result-elsewhere-1-said",
            kind=Kind.REACH,
            start_value=Decimal(0),
            target_value=Decimal(100),
            owner=owner,
        ),
        by=owner,
    )
    kgi = KGI.objects.create(organization=organization, name="kgi-elsewhere-said", owner=owner)
    check_in = CheckIn.objects.create(
        key_result=key_result,
        author=owner,
        date=date(2026, 5, 1),
        value=Decimal(5),
        going_well="check-in-elsewhere-said",
    )
    kpi, reading = read_lever(kgi, owner)
    beside = Objective.objects.create(
        organization=organization, cycle=cycle, team=team, owner=owner, title="objective-elsewhere-said"
    )
    conflict = Conflict.objects.create(
        organization=organization, kind=ConflictKind.SAME_OBJECTIVE, first=objective, second=beside
    )
    action = add_action(team=team, title="action-elsewhere-said", owner=owner, due_on=None, by=owner)
    meeting, minute_line = meet(team, owner, "elsewhere")
    retrospective, retrospective_note = look_back(team, owner, "elsewhere")
    watched = watch(team, "health-kpi-elsewhere-said", owner)
    lesson, experiment = learn(team, owner, "elsewhere")
    journeys: dict[str, dict[str, Any]] = defaultdict(dict)
    lay_journey(journeys, owner, elsewhere=owner)
    lay_matrix(journeys, owner, elsewhere=owner)
    outside = person(organization, "guest-elsewhere-said", "guest@elsewhere.example", "partner")
    lay_room(journeys, outside, elsewhere=owner)
    entrust(journeys, kpi, outside, elsewhere=owner)
    return {
        **{noun: kinds["elsewhere"] for noun, kinds in journeys.items()},
        "lesson": lesson,
        "experiment": experiment,
        "meeting": meeting,
        "minute_line": minute_line,
        "retrospective": retrospective,
        "retrospective_note": retrospective_note,
        "action": action,
        "obstacle": Obstacle.objects.create(
            organization=organization,
            key_result=key_result,
            raised_by=owner,
            owner=owner,
            raised_on=date(2026, 5, 1),
            text="obstacle-elsewhere-said",
        ),
        "comment": add_comment(objective, by=owner, text="comment-elsewhere-said"),
        "activity": log_activity(owner, text="activity-elsewhere-said"),
        "health_kpi": watched[0],
        "health_reading": watched[1],
        "conflict": conflict,
        "cycle": cycle,
        "team": team,
        "team_by_name": team,
        "member": owner,
        "partner": outside,
        "candidate": consider(owner, "elsewhere"),
        "invitation": invite(organization, owner),
        "feed": make_feed(owner, name="電話")[0],
        "saved_view": save_view(
            owner, page="objectives", name="view-elsewhere-said", query="sort=score", is_shared=True
        ),
        "share_link": make_share_link(owner, name="銀行", days=14)[0],
        "export": made_export(owner, "export-elsewhere-said"),
        "day_off": DayOff.objects.create(
            organization=organization, name="慰霊の日", first=date(2026, 6, 23), last=date(2026, 6, 23)
        ),
        "unit": Unit.objects.create(organization=organization, name="袋"),
        "template": Template.objects.create(organization=organization, title="template-elsewhere-said"),
        "token": make_token(owner, name="token-elsewhere-said")[0],
        "channel": Channel.objects.create(
            organization=organization, kind=ChannelKind.WEBHOOK, name="channel-elsewhere-said", is_on=False
        ),
        "delivery": Delivery.objects.create(
            organization=organization, membership=owner, topic=Topic.REMINDER, occasion="elsewhere"
        ),
        "check_in": check_in,
        "kpi": kpi,
        "reading": reading,
        "scenario": Scenario.objects.create(kgi=kgi, name="scenario-elsewhere-said"),
        "audit_event": AuditEvent.objects.filter(organization=organization).first(),
        "objective": objective,
        "key_result": key_result,
        "kgi": kgi,
        "not_doing": NotDoing.objects.create(cycle=cycle, team=team, text="not-doing-elsewhere-said", written_by=owner),
    }
