"""What tables and their columns are called where people read the history."""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people.models import Audit, AuditEvent

ROWS = {
    "people_organization": _("the organization"),
    "people_team": _("team"),
    "people_membership": _("member"),
    "people_membership_teams": _("place in a team"),
    "people_user": _("account"),
    "people_invitation": _("invitation"),
    "people_apitoken": _("API token"),
    "people_unit": _("unit"),
    "funnel_kgi": "KGI",
    "funnel_kgishare": _("sharing of a KGI"),
    "funnel_funnel": _("funnel"),
    "funnel_kpi": "KPI",
    "funnel_kpireading": _("reading of a KPI"),
    "funnel_funnelchannel": _("channel of a stage"),
    "funnel_scenario": _("scenario"),
    "funnel_scenariovalue": _("value of a scenario"),
    "funnel_planchange": _("changed number of a plan"),
    "objectives_cycle": _("cycle"),
    "objectives_notdoing": _("entry of what we will not do"),
    "objectives_objective": _("objective"),
    "objectives_objectiveshare": _("sharing of an objective"),
    "objectives_keyresult": _("key result"),
    "objectives_step": _("step of a milestone"),
    "objectives_phase": _("value along the way"),
    "objectives_targetchange": _("change of a target"),
    "objectives_alignment": _("connection"),
    "objectives_checkin": _("check-in"),
    "objectives_statechange": _("step towards agreement"),
    "objectives_template": _("template"),
    "objectives_templatekeyresult": _("key result of a template"),
    "objectives_conflict": _("conflict of goals"),
}

# Columns whose field has no name of its own, because no form asks for it; with a table where a word would mislead.
COLUMNS = {
    "activated_on": _("Under way since"),
    "adopted_as": _("Adopted as"),
    "adopted_at": _("Adopted on"),
    "after": _("From then on"),
    "before": _("Until then"),
    "accepted_at": _("Accepted on"),
    "author_id": _("Written by"),
    "by_id": _("Said by"),
    "carried_from_id": _("Carried over from"),
    "changed_by_id": _("Changed by"),
    "changed_at": _("Changed on"),
    "changed_on": _("Changed on"),
    "challenge_rate": _("Challenge rate"),
    "challenge_volume": _("Challenge volume"),
    "child_id": _("Objective"),
    "column": _("Which number"),
    "closed_on": _("Closed on"),
    "combine": _("How contributions count"),
    "corrects_id": _("Corrects"),
    "created_by_id": _("Written by"),
    "currency": _("Currency"),
    "current_rate": _("Rate now"),
    "current_volume": _("Volume now"),
    "cycle_id": _("Cycle"),
    "date": _("Day"),
    "dropped_at": pgettext_lazy("history", "Dropped on"),
    "dropped_by_id": pgettext_lazy("history", "Dropped by"),
    "dropped_reason": _("Why it is dropped"),
    "email": _("E-mail address"),
    "ended_at": _("Ended on"),
    "erased_at": _("Erased on"),
    "expires_at": _("Good until"),
    "first_id": _("First objective"),
    "first_key_result_id": _("First key result"),
    "failure": _("Why it was not sent"),
    "funnel_id": _("Funnel"),
    "invited_by_id": _("Invited by"),
    "is_goal": _("Goal of the tree"),
    "is_active": _("May sign in"),
    "is_staff": _("May use the database pages"),
    "is_superuser": _("May do everything on the database pages"),
    "key_result_id": _("Key result"),
    "kgi_id": "KGI",
    "kpi_id": "KPI",
    "language": _("Language"),
    "left_on": _("Left on"),
    "link": pgettext_lazy("connection", "How it counts"),
    "may_write": _("May check in"),
    "made_from_id": _("Made from"),
    "membership_id": pgettext_lazy("history", "Person"),
    "merged_into_id": _("Merged into"),
    "must_hit_rate": _("Must-hit rate"),
    "must_hit_volume": _("Must-hit volume"),
    "new_must_hit": _("New must-hit target"),
    "new_share": _("New weight"),
    "new_start": _("New baseline"),
    "new_target": _("New challenge target"),
    "objective_id": _("Objective"),
    "old_state": _("State until then"),
    "open_points": _("Open when it began"),
    "old_must_hit": _("Must-hit target until then"),
    "old_share": _("Weight until then"),
    "old_start": _("Baseline until then"),
    "old_target": _("Challenge target until then"),
    "owner_id": _("Owner"),
    "parent_id": _("Belongs to"),
    "parent_key_result_id": _("Key result it helps"),
    "parent_objective_id": _("Objective it helps"),
    "password": _("Password"),
    "position": _("Order"),
    "recorded_by_id": _("Written by"),
    "retired_at": _("Retired on"),
    "retired_on": _("Retired on"),
    "role": _("Role"),
    "scenario_id": _("Scenario"),
    "second_id": _("Second objective"),
    "second_key_result_id": _("Second key result"),
    "sent_at": _("Sent on"),
    "settled_at": _("Settled on"),
    "settled_by_id": _("Settled by"),
    "setup_step": _("Step of the first set-up"),
    "span": _("Covers"),
    "slug": _("Address of the organization"),
    "steps_done": _("Steps finished"),
    "team_id": _("Team"),
    "template_id": _("template"),
    "user_id": pgettext_lazy("history", "Person"),
    "value": _("Value"),
    "weight": _("Weight"),
    "what": _("What else changed"),
    "withdrawn_at": _("Withdrawn on"),
    "written_by_id": _("Written by"),
}

# What says nothing to a reader.
SILENT = {"id", "created_at", "organization_id", "submission_key", "source", "beginning", "is_staff", "is_superuser"}
SILENT |= {"dropped_from"}
# What a new or removed row says by its place and its name already.
SAID_BY_PLACE = {
    "position",
    "setup_step",
    "erased_at",
    "objectives_objective.title",
    "objectives_keyresult.title",
    "objectives_keyresult.objective_id",
    "objectives_step.title",
    "objectives_step.key_result_id",
    "objectives_phase.key_result_id",
    "objectives_targetchange.key_result_id",
    "objectives_targetchange.changed_by_id",
    "objectives_targetchange.changed_on",
    "objectives_checkin.key_result_id",
    "objectives_checkin.author_id",
    "objectives_checkin.date",
    "objectives_alignment.child_id",
    "objectives_alignment.parent_objective_id",
    "objectives_alignment.parent_key_result_id",
    "objectives_objectiveshare.objective_id",
    "objectives_objectiveshare.membership_id",
    "objectives_notdoing.text",
    "objectives_statechange.objective_id",
    "objectives_statechange.by_id",
    "objectives_template.title",
    "objectives_templatekeyresult.title",
    "objectives_templatekeyresult.template_id",
    "objectives_cycle.name",
    "funnel_kgi.name",
    "funnel_kgishare.kgi_id",
    "funnel_kgishare.membership_id",
    "funnel_funnel.kgi_id",
    "funnel_kpi.name",
    "funnel_kpi.kgi_id",
    "funnel_kpi.key",
    "funnel_kpireading.kpi_id",
    "funnel_funnelchannel.funnel_id",
    "funnel_funnelchannel.name",
    "funnel_scenario.kgi_id",
    "funnel_scenario.name",
    "funnel_scenariovalue.scenario_id",
    "funnel_scenariovalue.kpi_id",
    "funnel_planchange.kgi_id",
    "funnel_planchange.kpi_id",
    "funnel_planchange.changed_by_id",
    "funnel_planchange.changed_at",
    "funnel_kpireading.date",
    "people_team.name",
    "people_membership.user_id",
    "people_membership_teams.membership_id",
    "people_membership_teams.team_id",
    "people_user.password",
    "people_unit.name",
    "people_invitation.email",
    "people_apitoken.name",
}


@cache
def tables() -> dict[str, type[models.Model]]:
    """Every table whose changes are kept, with its model."""
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if any(isinstance(trigger, Audit) for trigger in getattr(model._meta, "triggers", ()))
    }


@cache
def fields_of(table: str) -> dict[str, models.Field]:
    """The columns of a table in the order of the model."""
    return {str(field.column): field for field in tables()[table]._meta.concrete_fields}


def label_of(table: str, column: str) -> str:
    """What a column is called: by the model's field, or by the list here."""
    field = fields_of(table).get(column)
    if field is not None and getattr(field, "_verbose_name", None):
        return str(field.verbose_name)
    return str(COLUMNS.get(column, column))


def is_silent(table: str, column: str, act: str) -> bool:
    """Whether a column is left out of what people read about an act."""
    if column in SILENT:
        return True
    return act != AuditEvent.Act.UPDATE and bool({column, f"{table}.{column}"} & SAID_BY_PLACE)
