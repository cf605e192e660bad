"""The drawing library with only what is drawn: it has every trace a figure names, and is taken only when current."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from okrplanner.bundle import SOURCES, bundled, place
from okrplanner.embedded.places import CHECKOUT

FOLDER = CHECKOUT / "bundle"
IN_CORE = {"scatter"}
KIND = re.compile(r"""["']?\btype["']?\s*[:=]\s*["'](\w+)["']""")


@pytest.fixture
def folder(tmp_path):
    for name in SOURCES:
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def build(folder: Path) -> Path:
    made = place(folder)
    made.parent.mkdir(parents=True)
    made.write_text("drawn")
    return made


def test_it_has_every_trace_that_a_figure_names_and_no_other():
    package = Path(importlib.util.find_spec("plotly").origin).parent
    known = {path.stem.removeprefix("_") for path in (package / "graph_objs").glob("_*.py")}
    sources = [path for app in ("dashboards", "objectives", "funnel") for path in (CHECKOUT / app).rglob("*.py")]
    sources += (CHECKOUT / "static" / "js").glob("*.js")
    drawn = {kind for path in sources for kind in KIND.findall(path.read_text())} & known
    taken = re.findall(r'import (\w+) from "plotly\.js/lib/\1"', (FOLDER / "plotly.js").read_text())
    assert {"bar", "icicle"} <= drawn
    assert drawn - IN_CORE == set(taken)


def test_it_is_of_the_version_that_serves_without_it():
    whole = Path(finders.find("plotly/plotly.min.js", find_all=True)[-1]).read_text(errors="replace")[:60]
    version = re.search(r"plotly\.js v([\d.]+)", whole)[1]
    assert f'"plotly.js": "{version}"' in (FOLDER / "package.json").read_text()


def test_a_bundle_is_taken_before_the_whole_library(folder):
    made = build(folder)
    assert bundled(folder) == [("plotly", made.parent)]


def test_none_is_taken_where_none_was_built_or_its_sources_are_missing(folder, tmp_path):
    assert bundled(folder) == []
    (folder / SOURCES[0]).unlink()
    assert bundled(folder) == []
    assert bundled(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("name", SOURCES)
def test_one_of_other_sources_is_not_taken(folder, name):
    build(folder)
    (folder / name).write_text((folder / name).read_text() + "\n")
    assert bundled(folder) == []


def test_its_lock_names_versions_and_no_addresses():
    lock = (FOLDER / "package-lock.json").read_text()
    assert "://" not in re.sub(r'"(url|funding)": "[^"]*"|"funding": \[[^]]*\]', "", lock)
    assert '"integrity"' in lock
