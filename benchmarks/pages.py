"""Every page an organization opens, against the smallest answer the same stack gives, with queries and weight."""

import gzip

from benchmarks.measuring import compare, head, set_up

set_up()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from people.models import Membership, Organization, Role  # noqa: E402

PAGES = ("this-week/", "objectives/", "plan/", "plan/alignment/", "plan/check/?team=all", "company/", "kgis/")


def main() -> None:
    organization = Organization.objects.filter(slug__startswith="demo-").latest("pk")
    members = Membership.objects.active().filter(organization=organization).select_related("user")
    membership = members.filter(role=Role.ADMIN).first() or members.first()
    client = Client(headers={"host": "localhost"})
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    print(f"{organization.slug}, signed in as {membership.role}\n")
    head()
    notes = []
    for page in PAGES:
        address = f"/o/{organization.slug}/{page}"
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        notes.append(f"{page} {len(queries)} queries, {len(gzip.compress(answer.content)) / 1024:,.0f} KB compressed")
        compare(page, lambda address=address: client.get(address), lambda: client.get("/health/live"))
    print("\n" + "\n".join(f"- {note}" for note in notes))


if __name__ == "__main__":
    main()
