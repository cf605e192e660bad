"""Where one is signed in, and signing out everywhere else."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings


class Sessions(ListUserSessionsView):
    """The devices of the person, each with when it was last seen; a POST signs out all others."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = {"idle_days": settings.SESSION_IDLE_DAYS, "most_days": settings.SESSION_ABSOLUTE_DAYS}
        return dict(super().get_context_data(**kwargs)) | days
