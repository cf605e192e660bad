"""Why a message did not go: a code that is kept, and what is said of it in the reader's language."""

from __future__ import annotations


class Failure(Exception):
    """A message did not go, by this way and this time.

    `is_final`: the way is set up wrongly, and trying soon again helps nobody. `is_of_way`: the next message would fail
    in the same way, so it is not tried in the same round. `pause` is what the other side asked to wait, in seconds.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        is_final: bool = False,
        is_of_way: bool = True,
        pause: float | None = None,
    ):
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.is_final = is_final
        self.is_of_way = is_of_way
        self.pause = pause

    @property
    def kept(self) -> str:
        """What a row keeps: the code and, where there is one, what the other side said."""
        return f"{self.code}|{self.detail}"[:200] if self.detail else self.code
