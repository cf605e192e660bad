"""A KGI of the cast and what is typed into its funnel: the worked example of ¥100M."""

from datetime import date
from decimal import Decimal

from funnel.forms.funnels import FunnelForm
from funnel.models import KGI, KGIShare
from funnel.services import save_funnel

NUMBERS = {
    "unit_price_challenge": "120万",
    "win_rate_challenge": "20",
    "deal_rate_challenge": "10",
    "cv_rate_challenge": "1",
}


def make_kgi(cast, **fields) -> KGI:
    return KGI.objects.create(
        **{
            "organization": cast.organization,
            "name": "年間売上",
            "unit": "円",
            "owner": cast.executive,
            "period_start": date(2026, 4, 1),
            "period_end": date(2027, 3, 31),
            "challenge_value": Decimal(100_000_000),
        }
        | fields
    )


def typed(**changes) -> dict[str, str]:
    """What stands in the funnel page, as a browser sends it."""
    sent = (
        {"unknown": "visits", "was": "visits", "version": "0", "kgi_version": "1", "revenue_challenge": "1億"}
        | NUMBERS
        | changes
    )
    return {name: value for name, value in sent.items() if value is not None}


def plan_funnel(kgi: KGI, **changes):
    """Save a funnel as the page does."""
    form = FunnelForm(typed(**changes), kgi=kgi)
    assert form.is_valid(), form.errors
    return save_funnel(kgi, form.plan())


def share(kgi: KGI, membership) -> KGIShare:
    return KGIShare.objects.create(kgi=kgi, membership=membership)
