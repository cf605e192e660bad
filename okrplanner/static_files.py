"""Static files by hashed name, compressed once."""

import os
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CompressOnce(Compressor):
    """Leaves alone what an earlier collection compressed: the name holds the hash of the content.

    The last tenth of brotli takes twenty times as long, which pays only for what travels through a network.
    """

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=9 if settings.EMBEDDED else 11))

    def compress(self, path: str) -> list[str]:
        if os.path.exists(f"{path}.gz"):
            return []
        return super().compress(path)


class HashedFiles(CompressedManifestStaticFilesStorage):
    """The drawing library takes seconds to compress and changes only when the lock does, so it is done once.

    An `import` between our own modules is rewritten to the hashed name as well; other people's name packages.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1])  # type: ignore[attr-defined]

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return CompressOnce(**kwargs)


class OurStaticFiles(StaticFilesConfig):
    """Without what the drawing library's package holds besides the library."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "datasets", "widgetbundle.js", "plotly*.json"]
