"""The drawing library as `make bundle` builds it, where it was built from the sources as they are now."""

from __future__ import annotations

import hashlib
from pathlib import Path

SOURCES = ("package.json", "package-lock.json", "plotly.js", "build.mjs")


def place(folder: Path) -> Path:
    """Where the bundle stands that is made of the sources in the folder; one of others is never found."""
    stamp = hashlib.sha256()
    for name in SOURCES:
        stamp.update((folder / name).read_bytes())
    return folder / "made" / stamp.hexdigest()[:12] / "plotly.min.js"


def bundled(folder: Path) -> list[tuple[str, Path]]:
    """The bundle's folder for STATICFILES_DIRS, before that of the whole library; nothing where it was not built."""
    try:
        found = place(folder)
    except FileNotFoundError:
        return []
    return [("plotly", found.parent)] if found.exists() else []
