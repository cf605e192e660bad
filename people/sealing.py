"""Secrets of others, such as the address of a chat room's webhook: stored encrypted, because they must be read again.

The key is made from the installation's `SECRET_KEY`; after it was changed, what was sealed under one of
`SECRET_KEY_FALLBACKS` still opens, and anything else is as if it had never been told.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


@lru_cache(maxsize=8)
def keys(*secrets: str) -> MultiFernet:
    """One key for each secret, the first of which seals."""

    def key(secret: str) -> Fernet:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"okrplanner sealed").derive(secret.encode())
        return Fernet(base64.urlsafe_b64encode(derived))

    return MultiFernet([key(secret) for secret in secrets])


def seal(text: str) -> str:
    """The text as it may be stored; nothing stays nothing."""
    return keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode() if text else ""


def open_seal(sealed: str) -> str:
    """The text that was sealed; empty where it was sealed under a key that nobody has any more."""
    try:
        return keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


class SealedField(models.TextField):
    """A text that is stored sealed and read as it was written. It cannot be searched for."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(super().get_prep_value(value) or "")

    def from_db_value(self, value: str | None, *_rest: Any) -> str:
        return open_seal(value) if value else ""
