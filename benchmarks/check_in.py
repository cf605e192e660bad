"""How many check-ins a second eight writers bring in, against the SQL that no check-in can do without."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from decimal import Decimal

from benchmarks.measuring import set_up

set_up()

from django.db import connection, transaction  # noqa: E402

from objectives import rollup, services  # noqa: E402
from objectives.models import CheckIn, KeyResult  # noqa: E402
from people.models import Membership, Organization, Role  # noqa: E402

WRITERS, EACH, ROUNDS = 8, 20, 3
FLOOR = """
WITH held AS (SELECT id FROM objectives_objective WHERE id = %(objective)s FOR NO KEY UPDATE),
said AS (
    INSERT INTO objectives_checkin
        (key_result_id, author_id, date, value, steps_done, going_well, obstacle, next_step, submission_key, created_at)
    SELECT %(key_result)s, %(author)s, %(day)s, 41, '{}', '', '', '', gen_random_uuid(), now() FROM held RETURNING 1
)
UPDATE objectives_keyresultscore SET own_value = 41 FROM said WHERE key_result_id = %(key_result)s
"""
Act = Callable[[KeyResult, Membership], object]


def check_in(key_result: KeyResult, author: Membership) -> None:
    services.record_check_in(key_result, author=author, value=Decimal(41), confidence=7)


def write_alone(key_result: KeyResult, author: Membership) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        named = {"objective": key_result.objective_id, "key_result": key_result.pk, "author": author.pk}
        cursor.execute(FLOOR, named | {"day": author.organization.today})


def rate(act: Act, key_results: list[KeyResult], author: Membership) -> float:
    """Acts a second of eight processes, each on the key result of its own number."""
    connection.close()
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(WRITERS + 1)

    def run(number: int) -> None:
        connection.ensure_connection()
        begin.wait()
        for _ in range(EACH):
            act(key_results[number % len(key_results)], author)
        connection.close()

    writers = [context.Process(target=run, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    begin.wait()
    began = time.perf_counter()
    for writer in writers:
        writer.join()
    return WRITERS * EACH / (time.perf_counter() - began)


def main() -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    author = Membership.objects.active().filter(organization=organization, role=Role.ADMIN).select_related("user")[0]
    rows = KeyResult.objects.filter(objective__organization=organization, kind="reach").open()
    apart = list(rows.select_related("objective").order_by("objective_id", "pk").distinct("objective_id")[:WRITERS])
    newest = CheckIn.objects.latest("pk").pk
    print(f"{organization.slug}, {WRITERS} writers; the floor holds the objective, inserts and updates one score\n")
    print("| check-ins a second | ours | floor | floor ÷ ours |\n|---|---:|---:|---:|")
    for name, chosen in (("each on an objective of their own", apart), ("all on one objective", apart[:1])):
        pairs = [(rate(check_in, chosen, author), rate(write_alone, chosen, author)) for _ in range(ROUNDS)]
        ours, floor = (max(side) for side in zip(*pairs, strict=True))
        print(f"| {name} | {ours:,.0f} | {floor:,.0f} | {floor / ours:,.1f} |")
    with transaction.atomic():
        CheckIn.objects.filter(pk__gt=newest, key_result__in=apart).delete()
        for key_result in apart:
            rollup.rescore(organization, [key_result.pk], key_result.objective_id, organization.today)


if __name__ == "__main__":
    main()
