"""Organizations and who belongs to them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from people.models import Membership, Organization, Role, Team, User, normalize_email
from people.refusals import Refusal
from people.services.units import seed_units


@transaction.atomic
def create_organization(*, name: str, slug: str, admin_email: str, admin_name: str = "") -> Membership:
    """Make an organization with its first team, its first administrator and the units most companies count in.

    Raises `Refusal` `slug_taken`, and `ValidationError` for a name, slug or address that is none.
    """
    if Organization.objects.filter(slug=slug).exists():
        raise Refusal.of_field("slug", "slug_taken", _("There is already an organization at this address."))
    organization = Organization(name=name, slug=slug)
    organization.full_clean()
    organization.save()
    seed_units(organization, language=get_language() or "ja")
    company = Team.objects.create(organization=organization, name=name)
    return add_member(organization, email=admin_email, name=admin_name, role=Role.ADMIN, teams=[company])


@transaction.atomic
def add_member(
    organization: Organization, *, email: str, name: str = "", role: str = Role.MEMBER, teams: Iterable[Team] = ()
) -> Membership:
    """Give somebody a place in an organization; who has no account yet gets one without a password.

    Somebody known keeps name and password. Raises `Refusal` `already_member`, and `ValidationError` for an address
    that is none.
    """
    email = normalize_email(email)
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name or email.partition("@")[0])
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
    membership, created = Membership.objects.get_or_create(
        organization=organization, user=user, defaults={"role": role}
    )
    if not created:
        raise Refusal.of_field("email", "already_member", _("This person belongs to the organization already."))
    membership.teams.set(teams)
    return membership
