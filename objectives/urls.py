"""Pages of objectives, below `/o/<slug>/`."""

from django.urls import path

from objectives.views.actions import actions, drop_action, edit_action, finish_action, reopen_action, restore_action
from objectives.views.activities import activities, activity_line, edit_activity, restore_activity, withdraw_activity
from objectives.views.agreement import begin_objective, confirm_objective, send_back_objective
from objectives.views.alignment import align_objective
from objectives.views.audit_events import audit_events
from objectives.views.board import align_on_board, board_key_results, objective_below
from objectives.views.carrying import carry_over, open_next_cycle, undo_carrying
from objectives.views.changes import (
    action_changes,
    check_in_changes,
    cycle_changes,
    health_kpi_changes,
    key_result_changes,
    kgi_changes,
    member_changes,
    objective_changes,
    team_changes,
)
from objectives.views.check_ins import check_in
from objectives.views.comments import (
    check_in_comments,
    edit_comment,
    key_result_comments,
    mention_suggestions,
    objective_comments,
    obstacle_comments,
    react_to_check_in,
    react_to_comment,
    restore_comment,
    withdraw_comment,
)
from objectives.views.conflicts import conflicts, reopen_conflict, settle_conflict
from objectives.views.cycles import change_cycle_state, change_first_steps, cycles, edit_cycle, new_cycle
from objectives.views.drafts import coach_draft, draft_objective, new_objective
from objectives.views.editing import (
    change_objective_state,
    drop_objective,
    edit_objective,
    restore_objective,
)
from objectives.views.from_funnel import make_key_results
from objectives.views.health_grid import undo_health_readings
from objectives.views.health_kpis import (
    act_on_health_kpi,
    edit_health_kpi,
    health_kpi,
    health_kpis,
    move_health_kpi,
    new_health_kpi,
    restore_health_kpi,
    retire_health_kpi,
)
from objectives.views.key_results import drop_key_result, edit_key_result, new_key_result, restore_key_result
from objectives.views.kgi_landing import kgi_landing
from objectives.views.last_cycle import last_cycle
from objectives.views.listing import objectives, objectives_summary
from objectives.views.meeting_room import (
    add_minute_line,
    edit_minute_line,
    meeting_live,
    move_agenda,
    read_minute_line,
    restore_minute_line,
    set_minute_line_kind,
    withdraw_minute_line,
)
from objectives.views.meetings import (
    end_meeting,
    meeting,
    meeting_text,
    meetings,
    reopen_meeting,
    start_meeting,
)
from objectives.views.members import (
    erase_member,
    hand_over,
    leave,
    member,
    member_data,
    members,
    reinstate_member,
)
from objectives.views.notices import notices, read_notices
from objectives.views.objective_parts import key_result_actions, objective_beside, objective_worth
from objectives.views.objectives import objective
from objectives.views.obstacles import (
    answer_obstacle,
    change_obstacle,
    obstacle,
    obstacles,
    offer_help,
    reopen_obstacle,
    solve_obstacle,
    take_over_obstacle,
    withdraw_obstacle,
)
from objectives.views.orphans import orphans
from objectives.views.picture import alignment
from objectives.views.plan import add_not_doing, objective_menu, people_suggestions, plan, remove_not_doing
from objectives.views.plan_check import plan_check
from objectives.views.profile import end_feed, profile, restore_feed
from objectives.views.rhythms import edit_rhythm, remove_day_off, rhythms
from objectives.views.search import search
from objectives.views.settings import settings
from objectives.views.start import (
    start,
    start_calendar,
    start_done,
    start_kgi,
    start_objective,
    start_own,
    start_teams,
)
from objectives.views.team_week import nudge, team_week
from objectives.views.teams import close_team, merge_team, place_team, reopen_team, team, teams
from objectives.views.templates import (
    edit_template,
    library,
    new_template,
    restore_template,
    retire_template,
    save_as_template,
)
from objectives.views.units import edit_unit, restore_unit, retire_unit, units
from objectives.views.week import this_week

urlpatterns = [
    path("this-week/", this_week, name="this_week"),
    path("actions/", actions, name="actions"),
    path("actions/<int:pk>/", edit_action, name="edit_action"),
    path("actions/<int:pk>/done/", finish_action, name="finish_action"),
    path("actions/<int:pk>/reopen/", reopen_action, name="reopen_action"),
    path("actions/<int:pk>/drop/", drop_action, name="drop_action"),
    path("actions/<int:pk>/restore/", restore_action, name="restore_action"),
    path("actions/<int:pk>/changes/", action_changes, name="action_changes"),
    path("health-kpis/", health_kpis, name="health_kpis"),
    path("health-kpis/new/", new_health_kpi, name="new_health_kpi"),
    path("health-kpis/undo/", undo_health_readings, name="undo_health_readings"),
    path("health-kpis/<int:pk>/", health_kpi, name="health_kpi"),
    path("health-kpis/<int:pk>/edit/", edit_health_kpi, name="edit_health_kpi"),
    path("health-kpis/<int:pk>/retire/", retire_health_kpi, name="retire_health_kpi"),
    path("health-kpis/<int:pk>/restore/", restore_health_kpi, name="restore_health_kpi"),
    path("health-kpis/<int:pk>/move/", move_health_kpi, name="move_health_kpi"),
    path("health-kpis/<int:pk>/actions/", act_on_health_kpi, name="act_on_health_kpi"),
    path("health-kpis/<int:pk>/changes/", health_kpi_changes, name="health_kpi_changes"),
    path("activities/", activities, name="activities"),
    path("activities/line/", activity_line, name="activity_line"),
    path("activities/<int:pk>/", edit_activity, name="edit_activity"),
    path("activities/<int:pk>/withdraw/", withdraw_activity, name="withdraw_activity"),
    path("activities/<int:pk>/restore/", restore_activity, name="restore_activity"),
    path("meetings/", meetings, name="meetings"),
    path("meetings/start/", start_meeting, name="start_meeting"),
    path("meetings/<int:pk>/", meeting, name="meeting"),
    path("meetings/<int:pk>/live/", meeting_live, name="meeting_live"),
    path("meetings/<int:pk>/agenda/", move_agenda, name="move_agenda"),
    path("meetings/<int:pk>/reading/", read_minute_line, name="read_minute_line"),
    path("meetings/<int:pk>/lines/", add_minute_line, name="add_minute_line"),
    path("meetings/<int:pk>/end/", end_meeting, name="end_meeting"),
    path("meetings/<int:pk>/reopen/", reopen_meeting, name="reopen_meeting"),
    path("meetings/<int:pk>/text/", meeting_text, name="meeting_text"),
    path("minutes/<int:pk>/", edit_minute_line, name="edit_minute_line"),
    path("minutes/<int:pk>/kind/", set_minute_line_kind, name="set_minute_line_kind"),
    path("minutes/<int:pk>/withdraw/", withdraw_minute_line, name="withdraw_minute_line"),
    path("minutes/<int:pk>/restore/", restore_minute_line, name="restore_minute_line"),
    path("obstacles/", obstacles, name="obstacles"),
    path("obstacles/<int:pk>/", obstacle, name="obstacle"),
    path("obstacles/<int:pk>/help/", offer_help, name="offer_help"),
    path("obstacles/<int:pk>/answer/", answer_obstacle, name="answer_obstacle"),
    path("obstacles/<int:pk>/take-over/", take_over_obstacle, name="take_over_obstacle"),
    path("obstacles/<int:pk>/change/", change_obstacle, name="change_obstacle"),
    path("obstacles/<int:pk>/solve/", solve_obstacle, name="solve_obstacle"),
    path("obstacles/<int:pk>/reopen/", reopen_obstacle, name="reopen_obstacle"),
    path("obstacles/<int:pk>/withdraw/", withdraw_obstacle, name="withdraw_obstacle"),
    path("obstacles/<int:pk>/comments/", obstacle_comments, name="obstacle_comments"),
    path("objectives/<int:pk>/beside/", objective_beside, name="objective_beside"),
    path("objectives/<int:pk>/worth/", objective_worth, name="objective_worth"),
    path("key-results/<int:pk>/actions/", key_result_actions, name="key_result_actions"),
    path("objectives/<int:pk>/comments/", objective_comments, name="objective_comments"),
    path("objectives/<int:pk>/mentions/", mention_suggestions, name="mention_suggestions"),
    path("key-results/<int:pk>/comments/", key_result_comments, name="key_result_comments"),
    path("check-ins/<int:pk>/comments/", check_in_comments, name="check_in_comments"),
    path("check-ins/<int:pk>/reactions/", react_to_check_in, name="react_to_check_in"),
    path("comments/<int:pk>/edit/", edit_comment, name="edit_comment"),
    path("comments/<int:pk>/withdraw/", withdraw_comment, name="withdraw_comment"),
    path("comments/<int:pk>/restore/", restore_comment, name="restore_comment"),
    path("comments/<int:pk>/reactions/", react_to_comment, name="react_to_comment"),
    path("team-week/", team_week, name="team_week"),
    path("team-week/nudge/", nudge, name="nudge"),
    path("notices/", notices, name="notices"),
    path("notices/read/", read_notices, name="read_notices"),
    path("orphans/", orphans, name="orphans"),
    path("start/", start, name="start"),
    path("start/calendar/", start_calendar, name="start_calendar"),
    path("start/teams/", start_teams, name="start_teams"),
    path("start/kgi/", start_kgi, name="start_kgi"),
    path("start/objective/", start_objective, name="start_objective"),
    path("start/done/", start_done, name="start_done"),
    path("start/own/", start_own, name="start_own"),
    path("key-results/<int:pk>/check-ins/", check_in, name="check_in"),
    path("objectives/", objectives, name="objectives"),
    path("objectives/summary/", objectives_summary, name="objectives_summary"),
    path("objectives/<int:pk>/", objective, name="objective"),
    path("objectives/<int:pk>/draft/", draft_objective, name="draft_objective"),
    path("objectives/<int:pk>/edit/", edit_objective, name="edit_objective"),
    path("objectives/<int:pk>/menu/", objective_menu, name="objective_menu"),
    path("objectives/<int:pk>/state/", change_objective_state, name="change_objective_state"),
    path("objectives/<int:pk>/begin/", begin_objective, name="begin_objective"),
    path("objectives/<int:pk>/send-back/", send_back_objective, name="send_back_objective"),
    path("objectives/<int:pk>/confirm/", confirm_objective, name="confirm_objective"),
    path("objectives/<int:pk>/drop/", drop_objective, name="drop_objective"),
    path("objectives/<int:pk>/restore/", restore_objective, name="restore_objective"),
    path("objectives/<int:pk>/align/", align_objective, name="align_objective"),
    path("objectives/<int:pk>/align/board/", align_on_board, name="align_on_board"),
    path("objectives/<int:pk>/below/", objective_below, name="objective_below"),
    path("objectives/<int:pk>/key-results/", board_key_results, name="board_key_results"),
    path("objectives/<int:pk>/key-results/new/", new_key_result, name="new_key_result"),
    path("key-results/<int:pk>/edit/", edit_key_result, name="edit_key_result"),
    path("key-results/<int:pk>/drop/", drop_key_result, name="drop_key_result"),
    path("key-results/<int:pk>/restore/", restore_key_result, name="restore_key_result"),
    path("plan/", plan, name="plan"),
    path("plan/alignment/", alignment, name="alignment"),
    path("plan/check/", plan_check, name="plan_check"),
    path("plan/last-cycle/", last_cycle, name="last_cycle"),
    path("plan/objectives/new/", new_objective, name="new_objective"),
    path("plan/objectives/coach/", coach_draft, name="coach_draft"),
    path("plan/not-doing/", add_not_doing, name="add_not_doing"),
    path("plan/not-doing/<int:pk>/remove/", remove_not_doing, name="remove_not_doing"),
    path("plan/conflicts/", conflicts, name="conflicts"),
    path("plan/conflicts/<int:pk>/", settle_conflict, name="settle_conflict"),
    path("plan/conflicts/<int:pk>/reopen/", reopen_conflict, name="reopen_conflict"),
    path("plan/people/", people_suggestions, name="people_suggestions"),
    path("kgis/<int:pk>/key-results/", make_key_results, name="make_key_results"),
    path("cycles/", cycles, name="cycles"),
    path("cycles/new/", new_cycle, name="new_cycle"),
    path("cycles/next/", open_next_cycle, name="open_next_cycle"),
    path("cycles/<int:pk>/edit/", edit_cycle, name="edit_cycle"),
    path("cycles/<int:pk>/carry-over/", carry_over, name="carry_over"),
    path("cycles/<int:pk>/carry-over/undo/", undo_carrying, name="undo_carrying"),
    path("cycles/<int:pk>/first-steps/", change_first_steps, name="change_first_steps"),
    path("cycles/<int:pk>/state/", change_cycle_state, name="change_cycle_state"),
    path("library/", library, name="library"),
    path("library/templates/new/", new_template, name="new_template"),
    path("library/templates/<int:pk>/", edit_template, name="edit_template"),
    path("library/templates/<int:pk>/retire/", retire_template, name="retire_template"),
    path("library/templates/<int:pk>/restore/", restore_template, name="restore_template"),
    path("objectives/<int:pk>/template/", save_as_template, name="save_as_template"),
    path("search/", search, name="search"),
    path("objectives/<int:pk>/changes/", objective_changes, name="objective_changes"),
    path("key-results/<int:pk>/changes/", key_result_changes, name="key_result_changes"),
    path("check-ins/<int:pk>/changes/", check_in_changes, name="check_in_changes"),
    path("kgis/<int:pk>/changes/", kgi_changes, name="kgi_changes"),
    path("kgis/<int:pk>/landing/", kgi_landing, name="kgi_landing"),
    path("cycles/<int:pk>/changes/", cycle_changes, name="cycle_changes"),
    path("teams/<int:pk>/changes/", team_changes, name="team_changes"),
    path("members/<int:pk>/changes/", member_changes, name="member_changes"),
    path("settings/", settings, name="settings"),
    path("settings/me/", profile, name="profile"),
    path("settings/me/calendar/<int:pk>/end/", end_feed, name="end_feed"),
    path("settings/me/calendar/<int:pk>/restore/", restore_feed, name="restore_feed"),
    path("settings/members/", members, name="members"),
    path("settings/members/<int:pk>/", member, name="member"),
    path("settings/members/<int:pk>/leave/", leave, name="leave"),
    path("settings/members/<int:pk>/hand-over/", hand_over, name="hand_over"),
    path("settings/members/<int:pk>/reinstate/", reinstate_member, name="reinstate_member"),
    path("settings/members/<int:pk>/data/", member_data, name="member_data"),
    path("settings/members/<int:pk>/erase/", erase_member, name="erase_member"),
    path("settings/history/", audit_events, name="audit_events"),
    path("settings/teams/", teams, name="teams"),
    path("settings/teams/<int:pk>/", team, name="team"),
    path("settings/teams/<int:pk>/place/", place_team, name="place_team"),
    path("settings/teams/<int:pk>/merge/", merge_team, name="merge_team"),
    path("settings/teams/<int:pk>/close/", close_team, name="close_team"),
    path("settings/teams/<int:pk>/reopen/", reopen_team, name="reopen_team"),
    path("settings/rhythm/", rhythms, name="rhythms"),
    path("settings/rhythm/<int:pk>/", edit_rhythm, name="edit_rhythm"),
    path("settings/rhythm/days-off/<int:pk>/remove/", remove_day_off, name="remove_day_off"),
    path("settings/units/", units, name="units"),
    path("settings/units/<int:pk>/", edit_unit, name="edit_unit"),
    path("settings/units/<int:pk>/retire/", retire_unit, name="retire_unit"),
    path("settings/units/<int:pk>/restore/", restore_unit, name="restore_unit"),
]
