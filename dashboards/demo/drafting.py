"""Let the next quarter be drafted, as far as it is today."""

from __future__ import annotations

from dashboards.demo.company import Company, key, number
from dashboards.demo.days import DAY
from dashboards.demo.goals import GOALS
from dashboards.demo.steps import CARRIED, STEPS, TEMPLATES
from dashboards.demo.story import Adjusted, Kept, Said
from objectives import comparing, rollup, services
from objectives.models import KeyResult, Objective, PendingRollUp, Template, TemplateKeyResult

COPIED = (
    "title",
    "kind",
    "unit",
    "start_value",
    "must_hit_value",
    "target_value",
    "limit",
    "quota",
    "period",
    "population",
    "measured_how",
    "measure_type",
    "position",
)


def draft_next_quarter(company: Company) -> None:
    """Each step by the act that people take for it, in the story's time; then scored as of today."""
    for kept in TEMPLATES:
        keep(company, kept)
    for step in STEPS:
        take(company, step)
    for goal, person, days, at in CARRIED:
        moment = company.at(company.days.today - days * DAY, at)
        with company.acting(person, moment) as by:
            services.carry_over(
                company.cycles["next"],
                chosen=[company.objectives[goal].pk],
                by=by,
                submission_key=key("carried", goal),
            )
    with company.acting("ishiguro", company.at(company.days.today - DAY, "08:00")):
        comparing.compare_organization(company.organization)
    settle(company)


def take(company: Company, step: Said | Adjusted) -> None:
    moment = company.at(company.days.today - step.days * DAY, step.at)
    with company.acting(step.by, moment) as by:
        if isinstance(step, Said):
            services.change_state(company.objectives[step.goal], to=step.to, by=by, comment=step.comment)
        else:
            key_result = KeyResult.objects.get(pk=company.key_results[step.result].pk)
            key_result.must_hit_value = number(step.must)
            services.save_key_result(key_result, by=by, reason=step.reason)


def keep(company: Company, kept: Kept) -> None:
    """An objective that proved itself, as the organization's own template."""
    goal = next(goal for goal in GOALS if goal.key == kept.goal)
    moment = company.at(company.days.today - kept.days * DAY, "17:30")
    with company.acting(kept.by, moment) as by:
        template = Template.objects.create(
            organization=company.organization,
            title=goal.title,
            why=goal.why,
            kind=goal.kind,
            area=kept.area,
            note=kept.note,
            written_by=by,
            made_from=company.objectives[goal.key],
            submission_key=key("template", goal.key),
        )
        TemplateKeyResult.objects.bulk_create(
            TemplateKeyResult(
                template=template, **{name: getattr(company.key_results[result.key], name) for name in COPIED}
            )
            for result in goal.results
        )


def settle(company: Company) -> None:
    """Score the drafts as of today, with nothing left for the worker to do."""
    drafts = Objective.objects.filter(cycle=company.cycles["next"])
    key_results = KeyResult.objects.filter(objective__in=drafts).values_list("pk", flat=True)
    rollup.rescore_key_results(company.organization, key_results, company.days.today)
    rollup.roll_up(company.organization, list(drafts.values_list("pk", flat=True)), company.days.today)
    PendingRollUp.objects.filter(organization=company.organization).delete()
