"""Doctests are looked for only where there are some: reading a file is quicker than importing and searching it."""

from pathlib import Path

HERE = Path(__file__).resolve().parent


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over the modules of the product without an example. None leaves the question to others."""
    if collection_path.suffix != ".py" or HERE in collection_path.parents:
        return None
    return True if ">>>" not in collection_path.read_text() else None
