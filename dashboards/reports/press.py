"""The press: a process of its own that turns a document into a PDF and ends.

It takes hundreds of megabytes for a moment, which go with it, and never more than its limit. It knows neither Django
nor the database, fetches nothing from the network, and reads no file but this folder's style sheet and the fonts.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path

NO_PANGO = 3
MOST_BYTES = 3 * 1024**3
# Below the four minutes after which a task is ended: the file then fails with a reason.
LONGEST = 180


def limit() -> None:
    """As far as the system lets limits be set: where the worker that waits is killed, it still ends."""
    for name, most in (("RLIMIT_AS", MOST_BYTES), ("RLIMIT_CPU", LONGEST)):
        with suppress(ImportError, AttributeError, ValueError, OSError):
            import resource

            resource.setrlimit(getattr(resource, name), (most, most))


def main() -> int:
    """Read a document in UTF-8, write the PDF."""
    limit()
    logging.disable(logging.ERROR)
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except OSError:  # what the linker says where Pango is not installed
        return NO_PANGO

    class Refusing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> object:
            raise ValueError("A report fetches nothing.")

    fetcher = Refusing(allowed_protocols=())
    style = weasyprint.CSS(string=Path(__file__).with_name("paper.css").read_text(), url_fetcher=fetcher)
    document = weasyprint.HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    sys.stdout.buffer.write(document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
