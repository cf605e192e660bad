"""The API's document, and the page to browse it: for whoever has signed in, refused in the one shape of the API."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class RefusingInJSON:
    """Answers in other forms than JSON, but refuses in JSON like every other address."""

    def handle_exception(self: Any, exc: Exception) -> Response:
        response = super().handle_exception(exc)  # type: ignore[misc]
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return response


class Document(RefusingInJSON, SpectacularAPIView):
    pass


class Docs(RefusingInJSON, SpectacularSwaggerSplitView):
    def handle_exception(self, exc: Exception) -> Response:
        if "text/html" in self.request.headers.get("Accept", ""):
            return super(RefusingInJSON, self).handle_exception(exc)  # a person is shown a page
        return super().handle_exception(exc)
