"""How an act says no: a code for programs, a sentence for people, and the fields it concerns."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


class Refusal(Exception):
    """Raised by services. `detail` is a translated sentence; `fields` names what was typed wrongly, if anything was;
    `more` is what else a program is told.

    A page shows it beside the field and answers 422; the API answers 400 for `fields`, else 409.
    """

    def __init__(
        self, code: str, detail: str, fields: Mapping[str, Any] | None = None, *, more: Mapping[str, Any] | None = None
    ):
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = dict(fields or {})
        self.more = dict(more or {})

    @classmethod
    def of_field(cls, field: str, code: str, detail: str) -> "Refusal":
        return cls(code, detail, {field: [detail]})


def stale() -> Refusal:
    """Somebody else changed the row since it was read."""
    return Refusal(
        "stale", _("Someone changed this in the meantime. Look at the new state, then save again if still needed.")
    )
