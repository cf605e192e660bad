"""Why a message did not go, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ADDRESSES = {
    "not_an_address": gettext_lazy("This is no address of the form https://…"),
    "not_https": gettext_lazy("Only addresses that begin with https:// are called."),
    "with_password": gettext_lazy("An address with a name or password before the host is not called."),
    "private_address": gettext_lazy(
        "This address leads into a private network. For safety only public addresses are called; whoever runs "
        "the installation can allow more."
    ),
    "unknown_host": gettext_lazy("There is no server of this name. Check the spelling."),
    "host_not_allowed": gettext_lazy(
        "Whoever runs the installation allows calls to certain servers only. This is none of them."
    ),
}

REASONS = {
    **ADDRESSES,
    "timeout": gettext_lazy("The other side did not answer in time."),
    "unreachable": gettext_lazy("The other side could not be reached."),
    "tls": gettext_lazy("The certificate of the other side is not valid."),
    "busy": gettext_lazy("The other side takes no more messages for the moment."),
    "unwritten": gettext_lazy("The message could not be written. The reason stands in the log of the installation."),
    "too_late": gettext_lazy("It could not be sent for three days, and would be no news any more."),
    "no_secret": gettext_lazy("The stored secret cannot be opened any more. Put it in again."),
}


def in_words(kept: str) -> str:
    """What a row keeps of a failure, as a sentence; empty where nothing failed."""
    code, _bar, detail = kept.partition("|")
    if code == "mail":
        return _("The mail server refused: %(said)s") % {"said": detail}
    if code == "answer":
        return answer_in_words(detail)
    return str(REASONS.get(code, kept))


def answer_in_words(detail: str) -> str:
    """What a status means for whoever set the channel up; what the other side said stands behind it."""
    status = detail.partition(" ")[0]
    match status:
        case "401" | "403":
            sentence = _("The other side does not accept the secret or the room. Check both. (%(said)s)")
        case "404" | "410":
            sentence = _(
                "There is nothing at this address any more. Make a new one there and put it in here. (%(said)s)"
            )
        case _ if status.startswith("3"):
            sentence = _("The address leads on to another one, which is not followed. Put in the final one. (%(said)s)")
        case _ if status.startswith("5"):
            sentence = _("The other side has trouble of its own. (%(said)s)")
        case _:
            sentence = _("The other side does not accept the message. (%(said)s)")
    return sentence % {"said": detail}
