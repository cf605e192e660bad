"""The catalogue of units: what an organization counts in."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import Better, Organization, Unit
from people.refusals import Refusal, stale
from people.services.teams import hold_tree


class Known(NamedTuple):
    """A unit most companies count in."""

    name: str
    better: str = Better.EITHER
    minimum: int | None = None
    maximum: int | None = None


# Money and counts of people, things and hours may be wanted more or less of: revenue and cost, orders and complaints.
KNOWN = {
    "ja": (
        Known("%"),
        Known("ポイント"),
        Known("円"),
        Known("万円"),
        Known("億円"),
        Known("件"),
        Known("人"),
        Known("社"),
        Known("回"),
        Known("本"),
        Known("日", Better.LOWER),
        Known("時間"),
        Known("点", Better.HIGHER),
        Known("位", Better.LOWER, 1),
        Known("NPS", Better.HIGHER, -100, 100),
        Known("点(5点満点)", Better.HIGHER, 1, 5),
    ),
    "en": (
        Known("%"),
        Known("points"),
        Known("customers"),
        Known("people"),
        Known("companies"),
        Known("leads"),
        Known("orders"),
        Known("times"),
        Known("days", Better.LOWER),
        Known("hours"),
        Known("rank", Better.LOWER, 1),
        Known("NPS", Better.HIGHER, -100, 100),
        Known("stars", Better.HIGHER, 1, 5),
    ),
}
# The currencies one can choose, and how amounts in them are written; any other goes by its code.
CURRENCIES = {
    "JPY": ("円", gettext_lazy("Japanese yen")),
    "USD": ("$", gettext_lazy("US dollar")),
    "EUR": ("€", gettext_lazy("Euro")),
    "GBP": ("£", gettext_lazy("Pound sterling")),
    "CNY": ("CNY", gettext_lazy("Chinese yuan")),
    "KRW": ("KRW", gettext_lazy("South Korean won")),
    "TWD": ("TWD", gettext_lazy("New Taiwan dollar")),
    "HKD": ("HKD", gettext_lazy("Hong Kong dollar")),
    "SGD": ("SGD", gettext_lazy("Singapore dollar")),
    "THB": ("THB", gettext_lazy("Thai baht")),
    "VND": ("VND", gettext_lazy("Vietnamese dong")),
    "IDR": ("IDR", gettext_lazy("Indonesian rupiah")),
    "MYR": ("MYR", gettext_lazy("Malaysian ringgit")),
    "PHP": ("PHP", gettext_lazy("Philippine peso")),
    "INR": ("INR", gettext_lazy("Indian rupee")),
    "AUD": ("AUD", gettext_lazy("Australian dollar")),
    "NZD": ("NZD", gettext_lazy("New Zealand dollar")),
    "CAD": ("CAD", gettext_lazy("Canadian dollar")),
    "CHF": ("CHF", gettext_lazy("Swiss franc")),
}


def unit_of_money(currency: str) -> str:
    """How amounts of a currency are written: 円, $, €, or the code itself."""
    return CURRENCIES[currency][0] if currency in CURRENCIES else currency


@transaction.atomic
def seed_units(organization: Organization, *, language: str) -> None:
    """Fill the catalogue of a new organization with what most count in; one that has units keeps them."""
    hold_tree(organization.pk)
    if Unit.objects.filter(organization=organization).exists():
        return
    known = list(KNOWN["ja" if language.startswith("ja") else "en"])
    money = unit_of_money(organization.currency)
    if money not in {unit.name for unit in known}:
        known.insert(1, Known(money))
    if money != "円":
        known = [unit for unit in known if not unit.name.endswith("円")]
    Unit.objects.bulk_create(
        Unit(
            organization=organization,
            name=unit.name,
            better=unit.better,
            minimum=None if unit.minimum is None else Decimal(unit.minimum),
            maximum=None if unit.maximum is None else Decimal(unit.maximum),
            position=position,
        )
        for position, unit in enumerate(known)
    )


@transaction.atomic
def save_unit(unit: Unit, *, expected_version: int | None = None) -> Unit:
    """Write a new or changed unit; full-width signs of its name become half-width. Goals keep their unit as a word.

    Raises `Refusal`: `unit_taken`, `stale`; and `ValidationError` for a name or a scale that is none.
    """
    hold_tree(unit.organization_id)
    unit.name = unicodedata.normalize("NFKC", unit.name).strip()
    rows = Unit.objects.filter(organization=unit.organization_id)
    if unit._state.adding:
        last = rows.order_by("-position").values_list("position", flat=True).first()
        unit.position = 0 if last is None else last + 1
    else:
        held = rows.get(pk=unit.pk)
        if is_same(held, unit):
            return held
        if expected_version is not None and held.version != expected_version:
            raise stale()
        unit.version, unit.retired_on = held.version + 1, held.retired_on
    twin = rows.filter(name__iexact=unit.name).exclude(pk=unit.pk).first()
    if twin is not None:
        sentence = _("“%(unit)s” is in the catalogue already.")
        if twin.retired_on is not None:
            sentence = _("“%(unit)s” is in the catalogue, but retired. Bring it back instead.")
        raise Refusal.of_field("name", "unit_taken", sentence % {"unit": twin.name})
    unit.full_clean(exclude=["organization"])
    unit.save()
    return unit


def offer_money(organization: Organization) -> None:
    """Offer the organization's own currency as a unit, also where it was retired."""
    name = unit_of_money(organization.currency)
    unit = Unit.objects.filter(organization=organization, name__iexact=name).first()
    if unit is None:
        save_unit(Unit(organization=organization, name=name, better=Better.EITHER))
    else:
        restore_unit(unit)


def is_same(held: Unit, wanted: Unit) -> bool:
    names = ("name", "better", "minimum", "maximum")
    return all(getattr(held, name) == getattr(wanted, name) for name in names)


@transaction.atomic
def retire_unit(unit: Unit) -> Unit:
    """Offer the unit no longer; goals that have it keep it, and are still read by its scale. Twice is harmless."""
    held = Unit.objects.select_for_update(no_key=True).select_related("organization").get(pk=unit.pk)
    if held.retired_on is None:
        held.retired_on, held.version = held.organization.today, held.version + 1
        held.save(update_fields=["retired_on", "version"])
    return held


@transaction.atomic
def restore_unit(unit: Unit) -> Unit:
    """Offer the unit again. Twice is harmless."""
    held = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if held.retired_on is not None:
        held.retired_on, held.version = None, held.version + 1
        held.save(update_fields=["retired_on", "version"])
    return held
