"""Addresses that are good for one use."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from people.models import Invitation, User

OF_INVITATIONS = "people.invitation"
OF_UNSUBSCRIBING = "people.unsubscribe"


def way_in(user: User, site: str) -> str:
    """Where somebody begins: at choosing a password, once, or at the door where they have one already."""
    if user.has_usable_password():
        return site.rstrip("/") + reverse("home")
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return site.rstrip("/") + reverse("account_reset_password_from_key", kwargs=key)


def invitation_secret(nonce: str) -> str:
    """What opens an invitation: made again whenever its mail is written, and kept nowhere."""
    return salted_hmac(OF_INVITATIONS, nonce, algorithm="sha256").hexdigest()


def invitation_link(invitation: Invitation, site: str = "") -> str:
    """Where an invitation is accepted, on the installation's own address unless another is given."""
    path = reverse("accept_invitation", args=[invitation_secret(invitation.nonce)])
    return (site or settings.SITE_URL).rstrip("/") + path


def start_link(secret: str, site: str = "") -> str:
    """Where somebody makes a new organization."""
    return (site or settings.SITE_URL).rstrip("/") + reverse("start_organization", args=[secret])


def unsubscribe_link(membership_id: int, topic: str) -> str:
    """Where somebody turns off the messages of a topic without signing in."""
    return address("unsubscribe", signing.dumps([membership_id, topic], salt=OF_UNSUBSCRIBING))


def read_unsubscribing(signed: str) -> tuple[int, str] | None:
    """Whom and what such a link is about; None for one we never made."""
    try:
        membership_id, topic = signing.loads(signed, salt=OF_UNSUBSCRIBING)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return membership_id, topic


def address(name: str, *arguments: object, query: str = "") -> str:
    """The whole address of a page on the installation's own site, as a mail or a calendar names it."""
    return settings.SITE_URL.rstrip("/") + reverse(name, args=arguments) + query
