"""Typing in the funnel: the answer to one keystroke, alone and with twenty channels, against the smallest answer."""

from benchmarks.measuring import compare, head, set_up

set_up()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from funnel.forms.channels import saved_channels, texts_of  # noqa: E402
from funnel.forms.funnels import FunnelForm  # noqa: E402
from funnel.models import Funnel  # noqa: E402
from people.models import Membership, Role  # noqa: E402

CHANNELS = 20


def main() -> None:
    kgi = Funnel.objects.select_related("kgi__organization").filter(kgi__dropped_at=None).latest("pk").kgi
    planner = Membership.objects.active().select_related("user").filter(organization=kgi.organization, role=Role.ADMIN)
    client = Client(headers={"host": "localhost"})
    client.force_login(planner[0].user, backend=settings.AUTHENTICATION_BACKENDS[0])
    address = f"/o/{kgi.organization.slug}/kgis/{kgi.pk}/funnel/"
    form = FunnelForm(kgi=kgi)
    typed = {name: str(text) for name, text in form.initial.items()} | texts_of(saved_channels(form))
    row = {"stage": "cvs", "volume_challenge": "60", "rate_challenge": "35"}
    rows = {
        f"channel-{number}-{name}": text
        for number in range(CHANNELS)
        for name, text in (row | {"name": f"{number}"}).items()
    }
    head()
    for title, sent in (
        ("funnel, one keystroke", typed),
        (f"funnel, {CHANNELS} channels", typed | rows | {"channels": str(CHANNELS)}),
    ):
        answer = client.post(address, sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200, (address, answer.status_code)
        compare(
            title,
            lambda sent=sent: client.post(address, sent, headers={"HX-Request": "true"}),
            lambda: client.get("/health/live"),
        )


if __name__ == "__main__":
    main()
