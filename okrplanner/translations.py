"""The words of every language: found in the code and the templates, checked, compiled. No gettext programs needed.

python -m okrplanner.translations update     after changing words: add what is new, drop what is gone
python -m okrplanner.translations check      name what is missing, not translated, fuzzy or lost a placeholder
python -m okrplanner.translations compile    write the .mo files, which are not kept in the tree
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("okrplanner", "people", "funnel", "objectives", "dashboards")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)")

Found = tuple[str, int, str | tuple[str, ...], list[str], str | None]


def catalogs() -> list[Path]:
    return sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po"))


def compile_catalogs() -> None:
    """Write the .mo beside each .po that is newer, in one step, so that a reader never sees half of it.

    Several may do so at once, each under a name of its own.
    """
    for source in catalogs():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        making = target.with_suffix(f".mo.{os.getpid()}.new")
        with making.open("wb") as file:
            write_mo(file, read(source))
        making.replace(target)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def in_python() -> Iterator[Found]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from find(path, path.read_bytes())


def in_templates() -> Iterator[Found]:
    """Django turns a template into calls, one a line; what is not a call is blanked out and may be ill-formed."""
    from django.utils.translation.template import templatize

    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            for number, line in enumerate(calls.splitlines(), 1):
                if "gettext" in line or "_(" in line:
                    for name, _, *rest in find(path, line.strip().encode()):
                        yield (name, number, *rest)  # type: ignore[misc]


def find(path: Path, code: bytes) -> Iterator[Found]:
    for line, words, comments, context in extract("python", io.BytesIO(code), KEYWORDS, ("Translators:",)):
        yield str(path.relative_to(ROOT)), line, words, comments, context


def used() -> Catalog:
    """Every message of the code and the templates, as a template catalog."""
    template = Catalog(project="okrplanner", charset="utf-8")
    for path, line, words, comments, context in (*in_python(), *in_templates()):
        template.add(words, None, [(path, line)], auto_comments=comments, context=context)
    return template


def update() -> None:
    """Bring each .po up to date with the code; what is new stands there empty, waiting for its translation."""
    template = used()
    for path in catalogs():
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalog, width=120, no_location=True, sort_output=True)


def problems() -> list[str]:
    """What a reader of another language would miss: one line each, empty when all is well."""
    found = []
    template = used()
    if not catalogs():
        return ["there is no catalog at all"]
    for path in catalogs():
        catalog = read(path)
        for message in template:
            if message.id:
                words = catalog.get(message.id, message.context)
                complaint = complain(message, words)
                if complaint:
                    where = ":".join(map(str, message.locations[0]))
                    found.append(f"{path.parent.parent.name}: {complaint}: {name(message)!r} ({where})")
    return found


def name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def complain(message: Message, words: Message | None) -> str:
    if words is None:
        return "missing"
    forms = [words.string] if isinstance(words.string, str) else list(words.string or [""])
    if not all(forms):
        return "not translated"
    if words.fuzzy:
        return "fuzzy"
    wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    if any(set(PLACEHOLDER.findall(form)) - wanted for form in forms):
        return "names a placeholder that nobody fills"
    if any(wanted - set(PLACEHOLDER.findall(form)) for form in forms[-1:]):
        return "lost a placeholder"
    return ""


def main(arguments: list[str]) -> None:
    match arguments:
        case ["compile"]:
            compile_catalogs()
        case ["update"]:
            update()
        case ["check"]:
            found = problems()
            if found:
                sys.exit("\n".join(found))
            print(f"{len(used())} messages are translated.")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
