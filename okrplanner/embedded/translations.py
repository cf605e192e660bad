"""Compiles the catalogs with Babel, because a bare machine has no msgfmt and .mo files are not kept in the tree."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from okrplanner.embedded.places import CHECKOUT


def compile_catalogs(checkout: Path = CHECKOUT) -> None:
    """Write the .mo beside each .po that is newer, in one step, so that a reader never sees half of it."""
    for source in checkout.glob("*/locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name)
        making = target.with_suffix(".mo.new")
        with making.open("wb") as file:
            write_mo(file, catalog)
        making.replace(target)


if __name__ == "__main__":
    compile_catalogs()
