"""What every address of the API does before it looks at anything: who asks, and in which organization."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView

from people.access import get_membership
from people.api.once import answer_once, keep_body
from people.models import Membership


class Door(APIView):
    """An address of the API. Below `/o/<slug>/` it has the `membership` of who asks before its own code runs.

    Not signed in is 401 before anything else, a stranger 404. A write with an `Idempotency-Key` is done once, and its
    answer is given again to whoever repeats it. A door that `changes_nothing` may be used with a read-only token.
    """

    membership: Membership
    changes_nothing = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        keep_body(request)
        # Before the form of the answer is agreed on: who is not signed in learns nothing else.
        self.perform_authentication(request)
        self.check_permissions(request)
        super().initial(request, *args, **kwargs)
        if "slug" in kwargs:
            self.membership = get_membership(request, kwargs["slug"])  # type: ignore[arg-type]
        answer_once(self, request)


class Calculator(Door):
    """A door behind which no row is read or written."""

    changes_nothing = True


class UnknownAddress(Door):
    """Any address the API does not know: 401 for whoever has not signed in, else 404 in the one shape."""

    changes_nothing = True
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        super().initial(request, *args, **kwargs)
        raise Http404
