"""What must not be written down: one-time keys, passwords in addresses, tokens, what a row held.

Plain text in, plain text out, so that logs, error reports and traces use the same as the history of changes.
"""

import re

# What follows these in an address opens something, and is kept nowhere. Two of the first steps only look like it.
SECRET_IN_PATH = re.compile(
    r"(/(?:start|invitations?/accept|reset/key|share|unsubscribe)/)(?!(?:calendar|objective)/)[^/\s\"'?]{8,}"
    r"|(/calendar/)[^/\s\"'?]{8,}(?=\.ics)"
)
PASSWORD_IN_ADDRESS = re.compile(r"(\w://)[^/\s@]*@")
BEARER = re.compile(r"(bearer\s+)[^\s\"',]+", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
QUERY = re.compile(r"(?<=[\w/])\?[\w%.~+-]+=[^\s\"']*")
# PostgreSQL quotes the row a constraint refused.
REFUSED_ROW = re.compile(r"(Failing row contains|Key \([^)]*\)=).*")


def without_secrets(path: str) -> str:
    """An address as it may be written down: one-time keys in it are left out."""
    return SECRET_IN_PATH.sub(r"\1\2…", path)


def masked(text: str) -> str:
    """A message or a traceback as it may be written down: nothing in it opens anything or says who somebody is."""
    if "/" in text:
        text = QUERY.sub("?…", PASSWORD_IN_ADDRESS.sub(r"\1…@", without_secrets(text)))
    if "@" in text:
        text = EMAIL.sub("…@…", text)
    if "earer" in text or "EARER" in text:
        text = BEARER.sub(r"\1…", text)
    if "row contains" in text or "Key (" in text:
        text = REFUSED_ROW.sub(r"\1 …", text)
    return text
