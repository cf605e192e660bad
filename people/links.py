"""Addresses that are good for one use."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from people.models import User


def way_in(user: User, site: str) -> str:
    """Where somebody begins: at choosing a password, once, or at the door where they have one already."""
    if user.has_usable_password():
        return site.rstrip("/") + reverse("home")
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return site.rstrip("/") + reverse("account_reset_password_from_key", kwargs=key)
