"""Who calls the API. Apart from `api`, because DRF reads its settings while its views are still being imported."""

from typing import Any

from rest_framework.authentication import SessionAuthentication


class BrowserSession(SessionAuthentication):
    """The browser's session. Naming a scheme makes a stranger's answer 401 instead of 403."""

    def authenticate_header(self, request: Any) -> str:
        return "Session"
