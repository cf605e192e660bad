"""The roll-up of a whole company, and of one check-in's ancestors."""

from datetime import timedelta

from benchmarks.measuring import compare, head, set_up

set_up()

from django.db import connection, transaction  # noqa: E402

from objectives import rollup  # noqa: E402
from objectives.models import ObjectiveScore, PendingRollUp  # noqa: E402
from people.models import Organization  # noqa: E402

REWRITE = {
    "objectives_objectivescore": "objective_id IN (SELECT id FROM objectives_objective WHERE organization_id = %s)",
    "objectives_keyresultscore": """key_result_id IN (
        SELECT kr.id FROM objectives_keyresult kr JOIN objectives_objective o ON o.id = kr.objective_id
        WHERE o.organization_id = %s)""",
}


def main() -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    ids = rollup.open_objective_ids(organization)
    today = organization.today

    def rolled_back(act):
        with transaction.atomic():
            act()
            transaction.set_rollback(True)

    def rewrite() -> None:
        with connection.cursor() as cursor:
            for table, rows in REWRITE.items():
                cursor.execute(f"UPDATE {table} SET score = 0.5 WHERE {rows}", [organization.pk])  # noqa: S608

    deepest = ObjectiveScore.objects.filter(objective__in=ids).latest("pk").objective

    def one_check_in() -> None:
        PendingRollUp.objects.create(organization=organization, objective=deepest)
        rollup.drain()

    def one_row() -> None:
        ObjectiveScore.objects.filter(pk=deepest.pk).update(score=deepest.scored.score)

    print(f"{organization.slug}: {len(ids):,} open objectives\n")
    head()
    compare(
        "all scores, as after midnight (every pace moves)",
        lambda: rolled_back(lambda: rollup.roll_up(organization, ids, today + timedelta(days=1))),
        lambda: rolled_back(rewrite),
        rounds=3,
    )
    compare("the ancestors of one check-in, drained with their snapshots", one_check_in, one_row)


if __name__ == "__main__":
    main()
