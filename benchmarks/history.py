"""What the history costs: writes with and without its triggers, its bytes, and finding events among a million."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from benchmarks.measuring import compare, head, set_up

set_up()

import pgtrigger  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from objectives import services  # noqa: E402
from objectives.models import KeyResult  # noqa: E402
from objectives.queries.changes import Cursor, Wanted, describe, events_of, listed, page_of  # noqa: E402
from people.history import told  # noqa: E402
from people.models import Audit, AuditEvent, Door, Membership, Organization, Role  # noqa: E402

EVENTS = 1_000_000
MANY = 10_000
# As many events of key results as are missing to a million, spread over two years; one in a thousand is rare.
GENERATE = """
INSERT INTO people_auditevent
    (organization_id, at, "table", "row", act, before, after, user_id, door, address, request_id)
SELECT %(organization)s, now() - n * interval '1 minute', CASE n %% 4 WHEN 0 THEN 'objectives_objective'
       WHEN 1 THEN 'objectives_checkin' ELSE 'objectives_keyresult' END,
       1 + n %% 35000, CASE WHEN n %% 1000 = 0 THEN 'delete' WHEN n %% 3 = 0 THEN 'insert' ELSE 'update' END,
       '{"title": "前の題", "target_value": 100}', '{"title": "後の題", "target_value": 120}',
       (%(users)s)[1 + n %% cardinality(%(users)s)], CASE WHEN n %% 1000 = 7 THEN 'command' ELSE 'page' END,
       '/o/example/key-results/1/edit/', md5(n::text)
FROM generate_series(1, %(count)s) AS n
"""


def rest(trigger_names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [trigger_names])


def main() -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    members = Membership.objects.active().filter(organization=organization)
    admin = members.select_related("user", "organization").filter(role=Role.ADMIN).first() or members.first()
    audits = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered() if isinstance(trigger, Audit)]
    silent = "{" + ",".join(audits) + "}"

    def taken_back(act: Callable[[], object], ignored: str = "{}") -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic():
                rest(ignored)
                with told(Door.PAGE, user=admin.user_id, address="/o/example/key-results/1/check-ins/"):
                    act()
                transaction.set_rollback(True)

        return run

    key_result = KeyResult.objects.filter(objective__organization=organization, kind="reach").open().first()
    assert key_result is not None

    def check_in() -> None:
        services.record_check_in(key_result, author=admin, value=Decimal(41), confidence=7, going_well="順調です。")

    ids = list(
        KeyResult.objects.filter(objective__organization=organization).order_by("pk").values_list("pk", flat=True)
    )[:MANY]

    def bulk() -> None:
        KeyResult.objects.filter(pk__in=ids).update(measured_how="月次の集計表")

    print(f"{organization.slug}, the floor is the same without the triggers\n")
    head()
    compare("a check-in", taken_back(check_in), taken_back(check_in, silent), rounds=31)
    compare(f"a bulk update of {len(ids):,} key results", taken_back(bulk), taken_back(bulk, silent), rounds=5)
    with transaction.atomic():
        row, rows = bytes_of(check_in, admin)
        index = fill(organization)
        print(f"\n- a check-in is {rows:g} events of {row:,.0f} bytes, and {index:,.0f} each in the indexes")
        print(f"- {EVENTS:,} events:\n")
        head()
        for name, act in searches(admin, key_result):
            compare(name, act, nothing, rounds=15)
        transaction.set_rollback(True)


def ask(statement: str) -> tuple[float, float]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        first, second = cursor.fetchone()
        return float(first), float(second)


def bytes_of(act: Callable[[], object], admin: Membership, times: int = 100) -> tuple[float, float]:
    """How large an event of these acts is, and how many events each leaves."""
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with told(Door.PAGE, user=admin.user_id, address="/o/example/key-results/1/check-ins/"):
        for _ in range(times):
            act()
    size, count = ask(f"SELECT avg(pg_column_size(event)), count(*) FROM people_auditevent event WHERE id > {newest}")
    return size, count / times


def index_bytes() -> tuple[float, float]:
    return ask("SELECT pg_indexes_size('people_auditevent'), count(*) FROM people_auditevent")


def fill(organization: Organization) -> float:
    """Make it a million events; answers how much one adds to the indexes."""
    users = list(organization.memberships.values_list("user", flat=True)[:200])
    missing = EVENTS - AuditEvent.objects.filter(organization=organization).count()
    size, count = index_bytes()
    with connection.cursor() as cursor:
        cursor.execute(GENERATE, {"organization": organization.pk, "users": users, "count": max(missing, 0)})
        cursor.execute("ANALYZE people_auditevent")
    size_now, count_now = index_bytes()
    return (size_now - size) / max(count_now - count, 1)


def nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def searches(admin: Membership, key_result: KeyResult) -> list[tuple[str, Callable[[], object]]]:
    everything = listed(admin, Wanted())
    middle = everything[EVENTS // 2]
    name = admin.organization.memberships.select_related("user").last().user.name

    def page(wanted: Wanted, after: Cursor | None = None) -> Callable[[], object]:
        return lambda: describe(page_of(listed(admin, wanted), after).events, admin)

    return [
        ("the newest 50, in words", page(Wanted())),
        ("50 from the middle of the list", page(Wanted(), Cursor(middle.at, middle.pk))),
        ("50 of one kind", page(Wanted(kind="objectives"))),
        ("50 of a kind there is none of", page(Wanted(kind="tokens"))),
        ("50 by a door few come through", page(Wanted(door=Door.COMMAND))),
        ("50 removals", page(Wanted(act="delete"))),
        ("50 of one person", page(Wanted(who=name))),
        ("the changes of one key result", lambda: describe(page_of(events_of(key_result, admin), None).events, admin)),
    ]


if __name__ == "__main__":
    main()
