"""Imports run downhill: between the apps, and between the files inside an app."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["people", "funnel", "objectives", "dashboards", "okrplanner"]
FLOORS = [
    {"formulas", "figures"},
    {"clock", "refusals", "fields", "masking", "sealing", "posts", "tables", "models"},
    {"history", "access", "exports", "letters", "links", "parsers", "rollup", "rows", "queries", "reminders", "search"}
    | {"comparing", "forecasting", "live", "messages", "pending", "rising", "sentences", "trees", "gallery"}
    | {"calling", "channels", "failures", "imports", "outbox", "reports", "waiting", "waking"},
    {"adapter", "attempts", "authentication", "sessions", "throttling"},
    {"tasks"},
    {"services", "demo"},
    {"forms"},
    {"presenters"},
    {"views", "api", "management", "admin"},
    {"urls"},
]
NO_DJANGO = ("django", "rest_framework", "celery", *(f"{app}.models" for app in APPS))


def modules(app: str) -> list[Path]:
    return [
        path
        for path in (ROOT / app).rglob("*.py")
        if not {"migrations", "embedded", "locale"} & set(path.parts) and path.name not in {"__init__.py", "apps.py"}
    ]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def floor(module: str) -> int | None:
    room = module.split(".")[1] if "." in module else ""
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_apps_below_it(app):
    above = APPS[APPS.index(app) + 1 :]
    offences = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imports(path)
        if name.split(".")[0] in above
    ]
    assert offences == []


@pytest.mark.parametrize("app", APPS[:-1])
def test_a_file_imports_only_files_to_its_left(app):
    offences = []
    for path in modules(app):
        own = floor(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in imports(path):
            other = floor(name) if name.split(".")[0] == app else None
            if own is not None and other is not None and other > own:
                offences.append(f"{path.relative_to(ROOT)} imports {name}")
    assert offences == []


def test_formulas_and_figures_know_neither_django_nor_the_database():
    pure = [path for app in APPS for path in modules(app) if {"formulas", "figures"} & set(path.parts)]
    assert pure
    offences = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in pure
        for name in imports(path)
        if name.startswith(NO_DJANGO)
    ]
    assert offences == []


def test_every_module_has_a_place_on_a_floor():
    homeless = [
        str(path.relative_to(ROOT))
        for app in APPS[:-1]
        for path in modules(app)
        if floor(".".join(path.relative_to(ROOT).with_suffix("").parts)) is None and "templatetags" not in path.parts
    ]
    assert homeless == []
