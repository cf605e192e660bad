"""Search in a large company, as a fragment is answered to somebody typing, and what it costs a check-in."""

from __future__ import annotations

from statistics import median

from benchmarks.measuring import compare, head, seconds, set_up

set_up()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from objectives import services  # noqa: E402
from objectives.models import KeyResult, Level, Objective, ObjectiveShare  # noqa: E402
from people.models import Membership, Organization, Role  # noqa: E402

TYPED = {
    "a word of many objectives": "お客さま",
    "a word of one objective": "お客さま 4017",
    "two characters that half of all rows hold": "割合",
    "one character that nearly everything holds": "る",
    "three words": "現場 気づき 12",
    "a whole title": "満足と答えた方の割合",
    "a person": "社員 1234",
    "what was said": "決裁",
    "nothing found": "xyzzy",
}
LONGEST = 0.05
SAID = "お客さまの決裁を待っている。来週、現場でもう一度お話しする。"


def main() -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_searchentry")
    slowest = {}
    for role in (Role.ADMIN, Role.PARTNER):
        membership = organization.memberships.select_related("user").get(
            role=role, user__email__endswith="@demo.example"
        )
        with transaction.atomic():
            if role == Role.PARTNER:
                share_some(organization, membership)
            print(f"\n{organization.slug}, typed by the {role}\n")
            head()
            slowest |= {f"{role}: {name}": took for name, took in typed_by(membership).items()}
            transaction.set_rollback(True)
    name, took = max(slowest.items(), key=lambda item: item[1])
    print(f"\nSlowest: {name}, {took * 1000:,.1f} ms; promised are {LONGEST * 1000:,.0f} ms.")
    print(f"\nThe triggers cost a check-in with words {cost_of_triggers(organization):.1%}.")


def share_some(organization: Organization, membership: Membership) -> None:
    """A partner sees a department's branch: an eleventh of the company."""
    department = Objective.objects.filter(organization=organization, level=Level.TEAM).earliest("pk")
    ObjectiveShare.objects.get_or_create(objective=department, membership=membership)


def typed_by(membership: Membership) -> dict[str, float]:
    client = Client(headers={"host": "localhost", "hx-request": "true"})
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    address = f"/o/{membership.organization.slug}/search/"
    assert client.get(address, {"q": "お客さま"}).status_code == 200
    slowest = {}
    for name, words in TYPED.items():
        answers: list[float] = []

        def search(words: str = words, answers: list[float] = answers) -> None:
            answers.append(seconds(lambda: client.get(address, {"q": words})))

        compare(f"{name}: {words}", search, lambda: client.get("/health/live"))
        slowest[name] = median(answers)
    return slowest


def cost_of_triggers(organization: Organization, rounds: int = 60) -> float:
    """The share by which a check-in with words takes longer than the same with the index's trigger switched off."""
    key_result = KeyResult.objects.filter(objective__organization=organization).select_related("owner").latest("pk")

    def check_in() -> None:
        services.record_check_in(key_result, author=key_result.owner, value=1, obstacle=SAID)

    def rolled_back(indexed: bool) -> float:
        with transaction.atomic():
            with connection.cursor() as cursor:
                act = "ENABLE" if indexed else "DISABLE"
                cursor.execute(f"ALTER TABLE objectives_checkin {act} TRIGGER pgtrigger_search_c_68fde")
            took = seconds(check_in)
            transaction.set_rollback(True)
        return took

    rolled_back(True), rolled_back(False)
    pairs = [(rolled_back(True), rolled_back(False)) for _round in range(rounds)]
    with_index, without = (median(side) for side in zip(*pairs, strict=True))
    return with_index / without - 1


if __name__ == "__main__":
    main()
