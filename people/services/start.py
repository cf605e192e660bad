"""The first start: a link that is good once, and the organization somebody makes with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from people import clock
from people.history import tell
from people.models import Membership, Organization, Role, StartLink, Team, User, normalize_email
from people.models.company import SetupStep
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services.units import seed_units


@dataclass(frozen=True)
class Founder:
    """Who makes an organization and has no account yet."""

    email: str
    name: str
    password: str


@transaction.atomic
def make_start_link(*, replace: bool = True) -> str:
    """A fresh link's secret. With `replace` the older ones that were not used no longer open."""
    unused = StartLink.objects.filter(used_at=None)
    (unused if replace else unused.filter(expires_at__lte=clock.now())).delete()
    secret = secrets.token_urlsafe(32)
    StartLink.objects.create(token_hash=hash_of(secret))
    return secret


def find_start_link(secret: str) -> StartLink | None:
    return StartLink.objects.filter(token_hash=hash_of(secret)).first()


def is_open(link: StartLink | None) -> bool:
    return link is not None and link.used_at is None and link.expires_at > clock.now()


def is_own_company_missing() -> bool:
    """Whether nobody has begun yet: there is no organization, or only the example."""
    return not Organization.objects.exclude(slug__in=settings.EXAMPLE_SLUGS).exists()


@transaction.atomic
def found_organization(link: StartLink, founder: User | Founder, *, name: str, slug: str) -> Membership:
    """Use up the link: an organization, its company as the first team, and the founder as its administrator.

    Of two at the same moment one makes it and the other is refused. Raises `Refusal`: `link_used`, `slug_taken`,
    `account_exists`, and `ValidationError` for a name, slug or address that is none.
    """
    held = StartLink.objects.select_for_update().filter(pk=link.pk).first()
    if held is None or not is_open(held):
        raise Refusal("link_used", _("This link was used already, or it is too old."))
    # The example may come later, to where everybody looks for it.
    if slug in settings.EXAMPLE_SLUGS or Organization.objects.filter(slug=slug).exists():
        raise slug_taken()
    user = make_founder(founder) if isinstance(founder, Founder) else founder
    tell(user=user.pk)
    organization = Organization(name=name, slug=slug, setup_step=SetupStep.CALENDAR)
    organization.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            organization.save()
    except IntegrityError:
        raise slug_taken() from None
    seed_units(organization, language=get_language() or "ja")
    company = Team.objects.create(organization=organization, name=name)
    membership = Membership.objects.create(organization=organization, user=user, role=Role.ADMIN)
    membership.teams.set([company])
    held.used_at = clock.now()
    held.save(update_fields=["used_at"])
    return membership


def slug_taken() -> Refusal:
    return Refusal.of_field("slug", "slug_taken", _("There is already an organization at this address."))


def make_founder(founder: Founder) -> User:
    user = User(
        email=normalize_email(founder.email), name=" ".join(founder.name.split()), language=get_language() or ""
    )
    user.set_password(founder.password)
    user.full_clean(exclude=["password"], validate_unique=False)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        sentence = _("This address has an account already. Type its password.")
        raise Refusal.of_field("password", "account_exists", sentence) from None
    return user
